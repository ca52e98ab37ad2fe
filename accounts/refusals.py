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
    UNIT_AMBIGUOUS = (
        "UNIT_AMBIGUOUS",
        _("More than one roster names this person: %(units)s. Return it and ask which unit it is."),
    )
    UNIT_UNKNOWN = (
        "UNIT_UNKNOWN",
        _("No work unit was chosen and no roster names this person. Return it and ask for the unit."),
    )
    COMMUNITY_CLOSED = "COMMUNITY_CLOSED", _("This community no longer takes check-ins. Choose another one.")
    FOREIGN_COMPOUND = "FOREIGN_COMPOUND", _("This compound is not part of %(community)s.")
    FOREIGN_UNIT = "FOREIGN_UNIT", _("This work unit belongs to another city.")
    REASON_MISSING = "REASON_MISSING", _("Say why, so that the person knows what to do.")
    ONESELF = "ONESELF", _("You cannot decide on yourself. Somebody else who is in charge can.")
    ENDS_TOO_EARLY = "ENDS_TOO_EARLY", _("The last day lies before the first one.")
    DAY_TO_COME = "DAY_TO_COME", _("This day is still to come. Enter it when it has come.")
    BEFORE_JOINING = "BEFORE_JOINING", _("The member joined the unit on %(day)s. Choose a day after that.")
    ALREADY_RETIRED = "ALREADY_RETIRED", _("%(member)s has retired already.")
    NOT_RETIRED = "NOT_RETIRED", _("%(member)s has not retired.")
    EXEMPTION_OVER = "EXEMPTION_OVER", _("This exemption has ended already.")
    NOBODY_TO_REMIND = (
        "NOBODY_TO_REMIND",
        _("Nobody is left to remind today. Call those without an account, or come back tomorrow."),
    )
    PAST_DAY = "PAST_DAY", _("The last day has to be today or later.")
    HELD_ALREADY = "HELD_ALREADY", _("%(person)s already has this role for %(organization)s at that time.")
    APPOINTMENT_OVER = "APPOINTMENT_OVER", _("This appointment is over already.")
    OWN_APPOINTMENT = (
        "OWN_APPOINTMENT",
        _("You cannot appoint yourself or end your own appointment. Another city officer or an administrator can."),
    )
    ADMINISTRATOR_ONLY = "ADMINISTRATOR_ONLY", _("Only an administrator can do this, in the administration.")
    OTHER_NAME = (
        "OTHER_NAME",
        _("The phone %(phone)s belongs to somebody of another name. Check the number and how the name is written."),
    )
    ACCOUNT_CLOSED = "ACCOUNT_CLOSED", _("The account of %(name)s is closed. An administrator can open it again.")
    HAS_PASSWORD = (
        "HAS_PASSWORD",
        _("This person has a password. If it is forgotten, an administrator issues a new link."),
    )
    ORGANIZATION_CLOSED = "ORGANIZATION_CLOSED", _("%(organization)s is closed. Choose another one.")
    CLOSED_BY_THEN = "CLOSED_BY_THEN", _("%(organization)s is closed. Nobody acts for it after today.")
    CLOSED_ALREADY = "CLOSED_ALREADY", _("%(organization)s is closed already. What happened there is kept as it is.")
    CODE_TAKEN = "CODE_TAKEN", _("The code %(code)s is taken. Choose another one.")
    CODE_PERMANENT = "CODE_PERMANENT", _("A community's code is on its posters and stays.")
    PARENT_CLOSED = "PARENT_CLOSED", _("%(parent)s is closed: nothing can stand below it any more.")
    IN_USE_BELOW = "IN_USE_BELOW", _("Organizations below it are in use: %(n)s. Close them first.")
    MEMBERS_LIVE_HERE = (
        "MEMBERS_LIVE_HERE",
        _("Members live here: %(n)s. Merge the community into another one, or wait until they have moved."),
    )
    CHECK_INS_PENDING = (
        "CHECK_INS_PENDING",
        _("Check-ins that name it are not finished: %(n)s. The community approves or returns them first."),
    )
    MEMBERS_BELONG = (
        "MEMBERS_BELONG",
        _("Members belong to this unit: %(n)s. They change units first, each with the own community."),
    )
    MERGED_AWAY = "MERGED_AWAY", _("%(organization)s is part of %(into)s now and stays closed.")
    ONLY_COMMUNITIES = "ONLY_COMMUNITIES", _("Only two communities can be merged.")
    SAME_COMMUNITY = "SAME_COMMUNITY", _("A community cannot be merged into itself. Choose another one.")
    OTHER_CITY = "OTHER_CITY", _("%(community)s belongs to another city. Choose one of this city.")
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
