from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why an action of this app says no."""

    NOT_OVER = "NOT_OVER", _("The shift ends on %(time)s; services can be confirmed from then on.")
    ONESELF = "ONESELF", _("Nobody confirms a service of their own: another appointee of the community does it.")
    NOT_ATTENDED = "NOT_ATTENDED", _("Only who attended can be confirmed; %(name)s is marked “%(state)s”.")
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED", _("This service has been confirmed already; its flags are lit.")
    NO_HOME_THAT_DAY = "NO_HOME_THAT_DAY", _("%(name)s was not checked in anywhere on that day.")
