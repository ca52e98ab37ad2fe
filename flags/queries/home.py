from datetime import datetime, timedelta
from typing import Any

from django.db.models import Q, Sum

from accounts.access import Ability, Actor
from accounts.models import CheckIn
from flags.queries.appeal import appeals_to_show
from flags.queries.confirm import shifts_to_settle
from flags.queries.late_entry import entries_to_approve
from flags.queries.wall import progress_of
from tasks.models import Claim, Shift, Wish
from tasks.queries.activity_report import reports_due
from tasks.queries.claim import claims_to_come, group_offers_to, offers_to
from tasks.queries.fitting import shifts_that_fit
from tasks.queries.group_request import late_requests, requests_awaiting
from tasks.queries.shift import standings
from tasks.queries.steward_log import logs_to_confirm
from tasks.queries.steward_post import applications_to_decide
from tasks.queries.suggestion import late_suggestions, suggestions_to_answer
from tasks.queries.task import shifts_open_to
from tasks.queries.wish import wishes_to_handle
from tasks.queries.wish_time import late_wishes

FITTING_SHOWN = 3
OPEN_SHOWN = 8  # what fits among it


def member_home(actor: Actor, now: datetime) -> dict[str, Any]:
    """What has to be answered first, then own duty, the next shifts, what fits and what else is open."""
    member = actor.member
    assert member is not None
    fitting = list(shifts_that_fit(member, now)[:FITTING_SHOWN])
    others = shifts_open_to(member, now).exclude(Q(mine=True) | Q(pk__in=[shift.pk for shift in fitting]))
    rows = standings([*fitting, *others[: OPEN_SHOWN - len(fitting)]], member, now)
    to_answer = Q(group_claim=None) | Q(group_claim__group__leader=member)  # these offers stand above, to be answered
    return {
        "offers": offers_to(member, now),
        "group_offers": group_offers_to(member, now),
        "progress": progress_of(member, now.year),
        "coming": claims_to_come(member, now).exclude(to_answer, status=Claim.Status.OFFERED)[:3],
        "fitting": rows[: len(fitting)],
        "open": rows[len(fitting) :],
        "now": now,
        "pending": CheckIn.objects.filter(member=member)
        .exclude(status__in=[CheckIn.Status.APPROVED, CheckIn.Status.ENDED])
        .select_related("community")
        .first(),
    }


def staff_home(actor: Actor, now: datetime) -> dict[str, Any]:
    """What awaits a community's or a branch's staff, and how full the coming week is."""
    week = Shift.objects.published_within(actor.home_paths).filter(
        status=Shift.Status.OPEN, starts_at__gte=now, starts_at__lt=now + timedelta(days=7)
    )
    places = week.aggregate(places=Sum("capacity", default=0), taken=Sum("taken", default=0))
    counts: dict[str, Any] = {"to_settle": shifts_to_settle(actor, now).count(), "week": week.count(), **places}
    counts["applications"] = applications_to_decide(actor).count()
    counts["reports_due"] = reports_due(actor, now).count()
    if actor.can(Ability.CONFIRM):
        counts["logs"] = logs_to_confirm(actor).count()
    if actor.can(Ability.KEEP_LEDGER):
        counts["entries"] = entries_to_approve(actor).count()
    if actor.can(Ability.REVIEW_CHECK_INS):
        counts["check_ins"] = CheckIn.objects.visible_to(actor).pending().count()
    if actor.can(Ability.HANDLE_WISHES):
        counts["wishes"] = wishes_to_handle(actor).count()
        counts["late"] = late_wishes(actor).count()
        counts["reopened"] = Wish.objects.visible_to(actor).filter(status=Wish.Status.REOPENED).count()
        counts["to_ask"] = Wish.objects.visible_to(actor).filter(status=Wish.Status.FULFILLED).count()
    if actor.can(Ability.ANSWER_SUGGESTIONS):
        counts["suggestions"] = suggestions_to_answer(actor).count()
        counts["late_suggestions"] = late_suggestions(actor).count()
    if actor.can(Ability.ANSWER_APPEALS):
        counts |= appeals_to_show(actor)
    if actor.can(Ability.KEEP_GROUPS):
        counts["group_requests"] = requests_awaiting(actor).count()
        counts["late_group_requests"] = late_requests(actor).count()
    return counts
