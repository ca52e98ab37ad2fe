from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Interest(TextChoices):
    """The kinds of service among which members say what they like: those of tasks, and those of residents' wishes.

    A member's are kept as bits, one for each in this order: a new one goes to the end.
    """

    COMMUNITY_ACTIVITY = "COMMUNITY_ACTIVITY", _("Community activity")
    RED_STEWARD = "RED_STEWARD", _("Red steward")
    HELPER_GROUP = "HELPER_GROUP", _("Helper group")
    SCHOOL = "SCHOOL", _("Help with school")
    ELDERLY = "ELDERLY", _("Help for the elderly")
    REPAIR = "REPAIR", _("Repairs")
    GOODS = "GOODS", _("Things needed")
    GETTING_AROUND = "GETTING_AROUND", _("Getting around")
    PUBLIC = "PUBLIC", _("Public places")
    ADVICE = "ADVICE", _("Advice")


INTEREST_BITS = {interest.value: 1 << n for n, interest in enumerate(Interest)}
EVERY_INTEREST = 2 ** len(Interest) - 1
