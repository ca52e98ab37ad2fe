"""What notices are about, as people choose which to get: every kind belongs to one topic."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

from accounts.models.appointment import Role
from accounts.models.notice import Notice

K = Notice.Kind


class Topic(TextChoices):
    """In the order of the page on which people choose."""

    PLACES = "PLACES", _("My places")
    TOMORROW = "TOMORROW", _("The day before")
    WAITING = "WAITING", _("Waiting list and offers")
    STAND_INS = "STAND_INS", _("Stand-ins")
    FITTING = "FITTING", _("Tasks that fit me and lack people")
    FLAGS = "FLAGS", _("Flags and confirmation")
    GROUPS = "GROUPS", _("Helper groups")
    KEPT_GROUPS = "KEPT_GROUPS", _("Helper groups I lead or keep")
    SERVING = "SERVING", _("Wishes I serve")
    STEWARD = "STEWARD", _("My steward posts")
    STEWARD_TERMS = "STEWARD_TERMS", _("Terms of steward posts")
    POSTS = "POSTS", _("Steward posts of my community")
    DESK = "DESK", _("Wishes and suggestions to answer")
    SHIFTS = "SHIFTS", _("Shifts to look after")
    HOSTING = "HOSTING", _("Tasks to host")
    CHASING = "CHASING", _("Communities that answer late")
    UNIT = "UNIT", _("Roster and news of my unit")
    REPORTS = "REPORTS", _("Reports")
    APPEALS = "APPEALS", _("Appeals to answer or decide")
    DOSSIERS = "DOSSIERS", _("Opinions I have written")
    ASKED = "ASKED", _("What I have wished and suggested")
    MYSELF = "MYSELF", _("Check-in, unit and appointments")


KINDS: dict[Topic, tuple[Notice.Kind, ...]] = {
    Topic.PLACES: (
        K.CLAIM_MADE,
        K.TASK_CHANGED,
        K.SHIFT_MOVED,
        K.SHIFT_MOVED_ASKED,
        K.SHIFT_CANCELLED,
        K.TASK_CANCELLED,
        K.WALKED_IN,
    ),
    Topic.TOMORROW: (K.SHIFT_TOMORROW,),
    Topic.WAITING: (K.PLACE_FREED, K.PLACE_OFFERED, K.OFFER_EXPIRED),
    Topic.STAND_INS: (K.STAND_IN_SOUGHT, K.STAND_IN_FOUND),
    Topic.FITTING: (K.FITTING_TASK, K.FITTING_TASKS),
    Topic.FLAGS: (
        K.CLAIM_CONFIRMED,
        K.CLAIM_ABSENT,
        K.FLAG_AWARDED,
        K.FLAG_REVOKED,
        K.FLAG_REINSTATED,
        K.SUGGESTION_BEYOND_TWO,
        K.APPEAL_ANSWERED,
        K.APPEAL_DECIDED,
        K.OPINION_WRITTEN,
        K.DOSSIER_REPLACED,
    ),
    Topic.GROUPS: (
        K.GROUP_INVITED,
        K.GROUP_LED,
        K.GROUP_PLACE,
        K.GROUP_PLACES,
        K.GROUP_PLACE_DECLINED,
        K.GROUP_CALLED_OFF,
        K.GROUP_WAITS,
        K.GROUP_WAITS_NO_MORE,
        K.GROUP_JOINED,
        K.GROUP_NOT_JOINED,
        K.GROUP_TO_LEAD,
        K.GROUP_DISSOLVED,
        K.GROUP_REQUESTED,
        K.GROUP_ASKED_AGAIN,
        K.GROUP_REQUEST_OFF,
    ),
    Topic.KEPT_GROUPS: (
        K.GROUP_ASKED_TO_JOIN,
        K.GROUP_LED_BY,
        K.GROUP_LED_IN_VAIN,
        K.GROUP_END_WISHED,
        K.GROUP_ACCEPTED,
        K.GROUP_DECLINED,
        K.GROUP_REQUEST_LATE,
    ),
    Topic.SERVING: (K.WISH_TAKEN, K.WISH_THANKS),
    Topic.STEWARD: (
        K.STEWARD_APPROVED,
        K.STEWARD_DECLINED,
        K.STEWARD_TAKEN,
        K.STEWARD_ASKED,
        K.STEWARD_HANDED_OVER,
        K.STEWARD_CHANGED,
        K.STEWARD_CLOSED,
        K.STEWARD_ENDED,
        K.STEWARD_LOG_DUE,
        K.STEWARD_LOG_MISSING,
        K.STEWARD_LOG_CONFIRMED,
        K.STEWARD_LOG_RETURNED,
    ),
    Topic.STEWARD_TERMS: (K.STEWARD_ENDS_SOON, K.STEWARD_OVER, K.STEWARD_ASKED_IN_VAIN),
    Topic.POSTS: (K.STEWARD_APPLIED, K.STEWARD_GIVEN_UP, K.STEWARD_LOG_SENT),
    Topic.DESK: (
        K.WISH_LATE,
        K.WISH_UNCLAIMED,
        K.WISH_REPORTED,
        K.WISH_HANDED_BACK,
        K.WISH_REOPENED,
        K.SUGGESTION_LATE,
    ),
    Topic.SHIFTS: (
        K.LATE_WITHDRAWAL,
        K.SHIFT_UNCONFIRMED,
        K.ACTIVITY_REPORT_DUE,
        K.LATE_ENTRY_WAITS,
        K.LATE_ENTRY_DECLINED,
    ),
    Topic.HOSTING: (K.TASK_PASSED_DOWN, K.HOSTING_REMINDER, K.HOSTED_CANCELLED),
    Topic.CHASING: (K.WISH_LATE_STREET, K.SUGGESTION_LATE_STREET, K.UNCONFIRMED_STREET),
    Topic.UNIT: (K.UNIT_NEWS, K.ROSTER_CHECKED, K.ROSTER_APPLIED),
    Topic.REPORTS: (K.REPORT_READY, K.REPORT_LOCKED, K.REPORT_CORRECTED),
    Topic.APPEALS: (K.APPEAL_SENT, K.APPEAL_TO_DECIDE, K.APPEAL_LATE, K.APPEAL_UNDECIDED),
    Topic.DOSSIERS: (K.OPINION_ANSWERED,),
    Topic.ASKED: (K.WISH_NEWS, K.SUGGESTION_ANSWERED, K.SUGGESTION_DECIDED, K.SUGGESTION_OUTCOME),
    Topic.MYSELF: (
        K.CHECK_IN_APPROVED,
        K.CHECK_IN_RETURNED,
        K.CHECK_IN_REMINDER,
        K.STANDING_CHANGED,
        K.COMMUNITY_MERGED,
        K.MEMBERS_MERGED,
        K.APPOINTED,
        K.APPOINTMENT_ENDED,
    ),
}

# The hats that a topic can reach, as `Actor.role` names them; a topic not named here reaches everybody.
REACHES: dict[Topic, frozenset[str]] = {
    **dict.fromkeys(
        (
            Topic.PLACES,
            Topic.TOMORROW,
            Topic.WAITING,
            Topic.STAND_INS,
            Topic.FITTING,
            Topic.FLAGS,
            Topic.GROUPS,
            Topic.SERVING,
            Topic.STEWARD,
        ),
        frozenset({"MEMBER"}),
    ),
    Topic.STEWARD_TERMS: frozenset({"MEMBER", Role.SECRETARY, Role.BRANCH_SECRETARY}),
    Topic.POSTS: frozenset({Role.SECRETARY, Role.BRANCH_SECRETARY}),
    Topic.KEPT_GROUPS: frozenset({"MEMBER", Role.SECRETARY}),
    Topic.DESK: frozenset({Role.SECRETARY, Role.CITY_OFFICER}),
    Topic.SHIFTS: frozenset({Role.SECRETARY, Role.BRANCH_SECRETARY, Role.CITY_OFFICER}),
    Topic.HOSTING: frozenset({Role.SECRETARY}),
    Topic.CHASING: frozenset({Role.STREET_OFFICER}),
    Topic.UNIT: frozenset({Role.UNIT_OFFICER}),
    Topic.REPORTS: frozenset({Role.UNIT_OFFICER, Role.CITY_OFFICER}),
    Topic.APPEALS: frozenset({Role.SECRETARY, Role.UNIT_OFFICER, Role.CITY_OFFICER}),
    Topic.DOSSIERS: frozenset({Role.SECRETARY, Role.UNIT_OFFICER}),
}

# Waits for an answer, or says what was decided over one: always told in the app. Its mail may be off.
ALWAYS_TOLD = frozenset(
    {
        K.SHIFT_MOVED,
        K.SHIFT_MOVED_ASKED,
        K.SHIFT_CANCELLED,
        K.TASK_CANCELLED,
        K.PLACE_FREED,
        K.PLACE_OFFERED,
        K.STAND_IN_FOUND,
        K.CLAIM_ABSENT,
        K.GROUP_INVITED,
        K.GROUP_LED,
        K.GROUP_PLACE,
        K.GROUP_PLACE_DECLINED,
        K.GROUP_CALLED_OFF,
        K.GROUP_NOT_JOINED,
        K.GROUP_TO_LEAD,
        K.GROUP_DISSOLVED,
        K.GROUP_REQUESTED,
        K.GROUP_ASKED_AGAIN,
        K.STEWARD_APPROVED,
        K.STEWARD_DECLINED,
        K.STEWARD_TAKEN,
        K.STEWARD_ASKED,
        K.STEWARD_HANDED_OVER,
        K.STEWARD_CHANGED,
        K.STEWARD_CLOSED,
        K.STEWARD_ENDED,
        K.STEWARD_LOG_RETURNED,
        K.WISH_HANDED_BACK,
        K.WISH_REOPENED,
        K.TASK_PASSED_DOWN,
        K.HOSTING_REMINDER,
        K.HOSTED_CANCELLED,
        K.WISH_NEWS,
        K.SUGGESTION_DECIDED,
        K.CHECK_IN_APPROVED,
        K.CHECK_IN_RETURNED,
        K.CHECK_IN_REMINDER,
        K.STANDING_CHANGED,
        K.COMMUNITY_MERGED,
        K.MEMBERS_MERGED,
        K.APPOINTED,
        K.APPOINTMENT_ENDED,
        K.WALKED_IN,
        K.FLAG_REVOKED,
        K.FLAG_REINSTATED,
        K.LATE_ENTRY_WAITS,
        K.APPEAL_ANSWERED,
        K.APPEAL_DECIDED,
        K.OPINION_WRITTEN,
        K.DOSSIER_REPLACED,
    }
)


def topics_for(roles: set[str]) -> list[Topic]:
    """The topics that can reach a person with hats of these roles."""
    return [topic for topic in Topic if topic not in REACHES or REACHES[topic] & roles]
