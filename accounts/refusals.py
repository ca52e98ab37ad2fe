from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why an action of this app says no."""

    STATE_CHANGED = "STATE_CHANGED", _("Someone was faster: this has changed. Look at it again.")
    NOT_ALLOWED_NOW = "NOT_ALLOWED_NOW", _("That is no longer possible: the present state is “%(state)s”.")
    ALREADY_PENDING = "ALREADY_PENDING", _("You already have a check-in under review.")
    ALREADY_CHECKED_IN = "ALREADY_CHECKED_IN", _("You are already checked in to %(community)s.")
    COMMUNITY_CLOSED = "COMMUNITY_CLOSED", _("This community no longer takes check-ins. Choose another one.")
    FOREIGN_COMPOUND = "FOREIGN_COMPOUND", _("This compound is not part of %(community)s.")
    FOREIGN_UNIT = "FOREIGN_UNIT", _("This work unit belongs to another city.")
    REASON_MISSING = "REASON_MISSING", _("Say why, so that the person knows what to do.")
    ONESELF = "ONESELF", _("You cannot decide on yourself. Another appointee of the community can.")
    NOBODY_TO_REMIND = (
        "NOBODY_TO_REMIND",
        _("Nobody is left to remind today. Call those without an account, or come back tomorrow."),
    )
    WRONG_KIND = "WRONG_KIND", _("This role does not go with this kind of organization.")
    WRONG_PARENT = "WRONG_PARENT", _("A %(kind)s cannot stand below this organization.")
