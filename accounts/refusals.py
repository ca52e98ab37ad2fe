from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why an action of this app says no."""

    STATE_CHANGED = "STATE_CHANGED", _("Someone was faster: this has changed. Look at it again.")
    NOT_ALLOWED_NOW = "NOT_ALLOWED_NOW", _("That is no longer possible: the present state is “%(state)s”.")
    ALREADY_PENDING = "ALREADY_PENDING", _("You already have a check-in under review.")
    NOTHING_CHANGED = (
        "NOTHING_CHANGED",
        _("%(community)s has already approved exactly this. Change what is no longer right."),
    )
    PHONE_TAKEN = "PHONE_TAKEN", _("The phone %(phone)s belongs to another account. Check the number.")
    UNIT_UNKNOWN = (
        "UNIT_UNKNOWN",
        _("No work unit was chosen and no roster names this person. Return it and ask for the unit."),
    )
    COMMUNITY_CLOSED = "COMMUNITY_CLOSED", _("This community no longer takes check-ins. Choose another one.")
    FOREIGN_COMPOUND = "FOREIGN_COMPOUND", _("This compound is not part of %(community)s.")
    FOREIGN_UNIT = "FOREIGN_UNIT", _("This work unit belongs to another city.")
    REASON_MISSING = "REASON_MISSING", _("Say why, so that the person knows what to do.")
    ONESELF = "ONESELF", _("You cannot decide on yourself. Another appointee of the community can.")
    ENDS_TOO_EARLY = "ENDS_TOO_EARLY", _("The last day lies before the first one.")
    DAY_TO_COME = "DAY_TO_COME", _("This day is still to come. Enter it when it has come.")
    ALREADY_RETIRED = "ALREADY_RETIRED", _("%(member)s has retired already.")
    NOT_RETIRED = "NOT_RETIRED", _("%(member)s has not retired.")
    EXEMPTION_OVER = "EXEMPTION_OVER", _("This exemption has ended already.")
    NOBODY_TO_REMIND = (
        "NOBODY_TO_REMIND",
        _("Nobody is left to remind today. Call those without an account, or come back tomorrow."),
    )
    WRONG_KIND = "WRONG_KIND", _("This role does not go with this kind of organization.")
    WRONG_PARENT = "WRONG_PARENT", _("A %(kind)s cannot stand below this organization.")
    FILE_TOO_BIG = "FILE_TOO_BIG", _("The file is larger than %(limit)s MB. Leave out pictures and other sheets.")
    IMPORT_UNDER_WAY = "IMPORT_UNDER_WAY", _("Another list of your unit is being worked on. Wait until that is done.")
    LINES_WRONG = "LINES_WRONG", _("%(n)s lines are still wrong. Mend them in your file and upload it again.")
    NOTHING_TO_IMPORT = "NOTHING_TO_IMPORT", _("This list changes nothing on the roster. Discard it.")
    ROSTER_CHANGED = "ROSTER_CHANGED", _("The roster has changed since this list was checked. Have it checked again.")
    UNDO_TOO_LATE = "UNDO_TOO_LATE", _("The roster has changed since this import, which can no longer be undone.")
    PHONE_ON_ROSTER = "PHONE_ON_ROSTER", _("%(name)s is on your roster with this phone. Change that line instead.")
    NOT_ON_ROSTER = "NOT_ON_ROSTER", _("This line has been taken off the roster in the meantime.")
    NOT_ALIKE = "NOT_ALIKE", _("These two lines share neither a name within a unit nor a phone.")
    TWO_MEMBERS = (
        "TWO_MEMBERS",
        _(
            "Each line belongs to a member of its own. If that is one person with two accounts, the city can merge them."
        ),
    )
