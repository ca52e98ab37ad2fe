from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why no city is made."""

    CITY_EXISTS = "CITY_EXISTS", _("There is already a city in this database. Seed into an empty one.")
    NEGATIVE = "NEGATIVE", _("Members and flags cannot be fewer than none.")
    TOO_MANY_MEMBERS = "TOO_MANY_MEMBERS", _("One city takes at most %(most)s members.")
    TOO_MANY_FLAGS = (
        "TOO_MANY_FLAGS",
        _("%(members)s members can earn at most %(most)s flags in a year (%(services)s services each, of at most 3)."),
    )
    YEAR_OUT_OF_RANGE = "YEAR_OUT_OF_RANGE", _("The year must lie between %(first)s and %(last)s.")
