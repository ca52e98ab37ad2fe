from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Reason(TextChoices):
    """Why an action of this app says no."""

    NOT_OVER = "NOT_OVER", _("The shift ends on %(time)s; services can be confirmed from then on.")
    NOT_REPORTED = (
        "NOT_REPORTED",
        _("%(name)s has not reported it as done. Ask them to, or write their report down; then confirm it."),
    )
    LAST_DAY_TO_COME = "LAST_DAY_TO_COME", _("%(name)s has until %(day)s to do it. Wait until that day is over.")
    ONESELF = "ONESELF", _("Nobody confirms a service of their own: another appointee of the community does it.")
    NOT_ATTENDED = "NOT_ATTENDED", _("Only who attended can be confirmed; %(name)s is marked “%(state)s”.")
    ALREADY_CONFIRMED = "ALREADY_CONFIRMED", _("This service has been confirmed already; its flags are lit.")
    FUTURE_YEAR = "FUTURE_YEAR", _("%(year)s has not begun yet. Choose this year or an earlier one.")
    YEAR_WITHOUT_DATA = (
        "YEAR_WITHOUT_DATA",
        _("There is nothing to report for %(year)s: no member belonged to a unit then. Choose another year."),
    )
    MERGED_ALREADY = "MERGED_ALREADY", _("These two have been merged already, or one of them has.")
    MEMBERS_NOT_ALIKE = "MEMBERS_NOT_ALIKE", _("These two share no name within one unit, so they stay two people.")
    UNSETTLED_CLAIMS = (
        "UNSETTLED_CLAIMS",
        _("%(name)s (%(number)s) has places that are not settled. Let them be confirmed or withdrawn first."),
    )
    KEEP_THE_HOME = "KEEP_THE_HOME", _("Only one of the two is checked in. Keep that one.")
    KEPT_IS_CLOSED = "KEPT_IS_CLOSED", _("Nobody can log in to the account that would be kept. Keep the other one.")
    UNKNOWN_UNIT = "UNKNOWN_UNIT", _("There is no work unit with the code %(code)s. Look the code up among the units.")
    YEAR_LOCKED = (
        "YEAR_LOCKED",
        _(
            "%(year)s is locked: its reports stay as they are. What has changed since goes into a correction by the city."
        ),
    )
    YEAR_NOT_OVER = "YEAR_NOT_OVER", _("%(year)s is not over yet. Lock it once its confirmation deadline has passed.")
    DEADLINE_TO_COME = (
        "DEADLINE_TO_COME",
        _("Services of %(year)s may be confirmed until %(day)s. Lock the year on a later day."),
    )
    YEAR_NOT_LOCKED = (
        "YEAR_NOT_LOCKED",
        _("%(year)s is not locked: its drafts can be built anew, without a correction."),
    )
    NOTHING_DIFFERS = (
        "NOTHING_DIFFERS",
        _("Nothing differs from the locked reports of %(year)s, so there is nothing to correct."),
    )
    CORRECTION_UNEXPLAINED = "CORRECTION_UNEXPLAINED", _("Say why the reports are corrected: the units read it.")
    MINIMUM_BELOW_ONE = "MINIMUM_BELOW_ONE", _("At least one flag has to be required.")
    LIMITS_OUT_OF_ORDER = (
        "LIMITS_OUT_OF_ORDER",
        _("A task is worth between 1 and 5 flags, and the city's limit cannot be below the community's."),
    )
    DEADLINE_WITHIN_YEAR = (
        "DEADLINE_WITHIN_YEAR",
        _("The confirmation deadline has to be after the end of %(year)s."),
    )
    DEADLINE_PAST = "DEADLINE_PAST", _("This day is over. Choose a confirmation deadline from today on.")
    RULE_TOO_EARLY = (
        "RULE_TOO_EARLY",
        _("The rule can be set for this year, the next one and years that are not locked."),
    )
    TAKEN_BACK_ALREADY = "TAKEN_BACK_ALREADY", _("These flags have been taken back already.")
    LIT_AGAIN_ALREADY = "LIT_AGAIN_ALREADY", _("These flags are lit again already.")
    NOT_TAKEN_BACK = "NOT_TAKEN_BACK", _("Only what was taken back can be lit again.")
    MATTER_GIVEN_TWICE = (
        "MATTER_GIVEN_TWICE",
        _("%(name)s has two flags for “%(matter)s” in %(year)s already: one matter gives no more in a year."),
    )
    SUGGESTIONS_GIVEN_TWICE = (
        "SUGGESTIONS_GIVEN_TWICE",
        _("%(name)s has two flags for adopted suggestions in %(year)s already: a year gives no more."),
    )
    MATTER_NOT_THEN = "MATTER_NOT_THEN", _("“%(matter)s” does not count on %(day)s. Choose another day or matter.")
    NOT_CHECKED_IN_THEN = "NOT_CHECKED_IN_THEN", _("%(name)s was checked in nowhere on %(day)s. Choose a later day.")
    YEAR_OVER = (
        "YEAR_OVER",
        _("Flags of %(year)s could be lit until %(day)s. Ask %(city)s: it still can, and says why."),
    )
    AWARD_IN_LOCKED_YEAR = (
        "AWARD_IN_LOCKED_YEAR",
        _("The reports of %(year)s are locked. Ask %(city)s: it can correct them, and says why."),
    )
    YEAR_NEEDS_REASON = (
        "YEAR_NEEDS_REASON",
        _("The deadline of %(year)s is over. Say why this is done now; the reason stands beside the flags."),
    )
    ENTERED_BY_ONESELF = "ENTERED_BY_ONESELF", _("You have entered this yourself: a second person looks at it.")
    NOT_SERVED_YET = "NOT_SERVED_YET", _("This time is still to come. Enter it when it is over.")
    HOURS_WRONG = "HOURS_WRONG", _("The end has to come after the beginning, within a day of it.")
    VALUE_OUTSIDE = "VALUE_OUTSIDE", _("In %(year)s a service is worth 1 to %(most)s flags here.")
    SERVED_ELSEWHERE = (
        "SERVED_ELSEWHERE",
        _("%(name)s has another service at that time. Check the hours, or take that one back first."),
    )
    ENTRIES_WAITING = (
        "ENTRIES_WAITING",
        _("Services entered afterwards still wait for a second person: %(n)s. Approve or decline them first."),
    )
    MATTER_NAMED_ALREADY = "MATTER_NAMED_ALREADY", _("“%(name)s” is on the list already. Choose another name.")
    MATTER_DAYS_WRONG = "MATTER_DAYS_WRONG", _("The last day lies before the first one.")
    LIVED_ELSEWHERE = (
        "LIVED_ELSEWHERE",
        _("%(name)s lived in another community on %(day)s: that one awards it, or the city."),
    )
    APPEAL_WORDS_MISSING = "APPEAL_WORDS_MISSING", _("Say in your own words what is wrong.")
    NOTHING_TO_APPEAL = (
        "NOTHING_TO_APPEAL",
        _("There is nothing to appeal against here any more: look at how it stands now."),
    )
    APPEAL_OPEN = "APPEAL_OPEN", _("You have appealed about this already, and it is not decided yet.")
    APPEAL_DECIDED = "APPEAL_DECIDED", _("The city has decided on your appeal about this. Its decision stands.")
    APPEAL_TOO_LATE = "APPEAL_TOO_LATE", _("You could appeal about this until %(day)s.")
    OWN_APPEAL = "OWN_APPEAL", _("Nobody answers or decides an appeal of their own: somebody else in charge does.")
    APPEAL_INVOLVED = (
        "APPEAL_INVOLVED",
        _("You have had your say in this already. Another officer of the city decides."),
    )
    APPEAL_ANSWER_MISSING = "APPEAL_ANSWER_MISSING", _("Write your reasons: the member reads them.")
    APPEAL_UNANSWERED = (
        "APPEAL_UNANSWERED",
        _("%(organization)s has not answered yet. Decide once it has, or once its time is over."),
    )
    REMEDY_MISSING = "REMEDY_MISSING", _("Say what is to be put right, or the decision would change nothing.")
    APPEALS_UNANSWERED = "APPEALS_UNANSWERED", _("Appeals are waiting for its answer: %(n)s. They come first.")
    YEAR_NOT_SEALABLE = (
        "YEAR_NOT_SEALABLE",
        _("%(year)s is not over. It can be sealed from January 1 on; until then print the draft."),
    )
    NOTHING_TO_SEAL = "NOTHING_TO_SEAL", _("There is nothing of %(year)s to seal. Choose another year.")
    OPINION_ON_ONESELF = "OPINION_ON_ONESELF", _("Nobody writes an opinion on oneself. Ask another appointee.")
    OPINION_CHANGED = (
        "OPINION_CHANGED",
        _("Somebody has written a newer opinion in the meantime; it stands below. Send yours again if it still holds."),
    )
    OPINION_NOT_OPEN = "OPINION_NOT_OPEN", _("This opinion has been shared already, or there is a newer one.")
