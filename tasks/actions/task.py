from collections.abc import Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization
from accounts.refusals import Reason as AccountsReason
from tasks.actions.calling_off import call_off_claims
from tasks.actions.task_offer import ShiftTime, check_offer, once, write_offer
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_publishing import join_task
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.hosting import staff_of_hosts
from tasks.queries.task import audiences_above, wider_audiences
from tasks.refusals import Reason
from vanguard.lib.days import A_YEAR
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

CAPACITY_AT_MOST = 10_000
FIRST_YEAR = 1900  # a slip of the hand; and the first hours of year 1 cannot be written down at all


@once
@transaction.atomic
def publish_task(
    *, by: Actor, audience: Organization, shifts: Sequence[ShiftTime], wishes: Sequence[Wish] = (), **fields: Any
) -> Task:
    """Publish a task with its shifts to the members of `audience`, in the name of the actor's organization.

    `fields` are those of `Task`; `opens_at` to come makes it scheduled. `wishes` become published with it, all or none.
    Sent again with the same `sent_once`, it is the task that it was the first time.
    Refused: a flag value outside the year's limits, an audience not one's own, shifts that are none, past,
    backwards, overlapping or a year ahead, an opening time after one begins, a boundary line without a
    justification, more companions or first minutes than there can be (domain rule 2).
    """
    check_offer(by=by, audience=audience, **fields)
    fields["opens_at"] = fields.get("opens_at") or timezone.now()
    check_shifts(shifts)
    check_opening(fields["opens_at"], shifts)
    task = write_offer(by=by, audience=audience, shifts=shifts, **fields)
    join_task(wishes, task, by=by)
    return task


def check_shifts(shifts: Sequence[ShiftTime]) -> None:
    """Refuse shifts that nobody could hold or tell apart: none, backwards, past, too far or too large, overlapping.

    Two may be at the same time if they ask for different skills. The refusal carries the `shift` that it is about.
    """
    if not shifts:
        raise Refused(Reason.NO_SHIFT)
    now = timezone.now()
    for shift in shifts:
        check_shift(shift)
        if shift.starts_at <= now:
            raise Refused(Reason.SHIFT_PAST, time=moment_words(shift.starts_at), shift=shift)
        if shift.ends_at > now + A_YEAR:
            raise Refused(Reason.SHIFT_TOO_FAR, shift=shift)
    in_order = sorted(shifts, key=lambda shift: (shift.skill.pk if shift.skill else 0, shift.starts_at))
    for earlier, later in pairwise(in_order):
        if earlier.skill == later.skill and earlier.ends_at > later.starts_at:
            raise Refused(Reason.SHIFTS_OVERLAP, shift=later)


def check_opening(opens_at: datetime, shifts: Sequence[ShiftTime]) -> None:
    """Refuse an opening that finds a shift begun."""
    if opens_at >= min(shift.starts_at for shift in shifts):
        raise Refused(Reason.OPENS_TOO_LATE, time=moment_words(opens_at))


def check_shift(shift: ShiftTime) -> None:
    """Refuse what is no shift whenever it is: one that ends before it starts, of another age, for nobody or a whole city."""
    if shift.ends_at <= shift.starts_at:
        raise Refused(Reason.SHIFT_BACKWARDS, shift=shift)
    if shift.starts_at.year < FIRST_YEAR:
        raise Refused(Reason.SHIFT_PAST, time=moment_words(shift.starts_at), shift=shift)
    if not 1 <= shift.capacity <= CAPACITY_AT_MOST:
        raise Refused(Reason.CAPACITY, most=CAPACITY_AT_MOST, shift=shift)


@transaction.atomic
def widen_audience(task: Task, *, to: Organization, by: Actor) -> None:
    """Offer an own task to more people: a community's to its street or city (domain rule 2).

    Refused: an audience not one's own, one that is no wider than before, a task that is over; and when somebody
    else was faster.
    """
    by.require(Ability.PUBLISH, task.publisher)
    if to not in audiences_above(task):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=to)
    if task.status not in Task.ANNOUNCED:
        raise Refused(Reason.NOT_OPEN)
    if to not in wider_audiences(task):
        raise Refused(Reason.NOT_WIDER, audience=to)
    before = task.audience
    if not Task.objects.filter(pk=task.pk, status__in=Task.ANNOUNCED, audience=before).update(audience=to):
        raise Refused(AccountsReason.STATE_CHANGED)
    task.audience = to
    record(task, "widened", by=by, why=f"{before} → {to}")


@transaction.atomic
def cancel_task(task: Task, *, reason: str, by: Actor) -> None:
    """Call off what is not over: shifts and claims are cancelled, places freed; who had one or waited is told.

    What has been served stays, to be confirmed. Of what the city passed down the communities that host it are told;
    their tasks are theirs to decide about. Refused without a reason, and of a draft, which is thrown away.
    """
    by.require(Ability.PUBLISH, task.publisher)
    if task.status == Task.Status.DRAFT:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=task.get_status_display())
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    # Shifts before the task, in the order of the clock that ends them: else the two could wait for each other.
    to_come = task.shifts.filter(ends_at__gt=timezone.now())
    _hold(to_come)
    served = Claim.objects.filter(shift=OuterRef("pk"), reported_at__isnull=False).unsettled()
    ended = move_all(to_come.filter(Exists(served), by_agreement=True), Shift.Status.ENDED, by=by)
    move_all(to_come, Shift.Status.CANCELLED, by=by, taken=0)
    move(task, Task.Status.CANCELLED, by=by, why=reason, cancel_reason=reason)
    called_off = Q(shift__status=Shift.Status.CANCELLED) | Q(shift__in=ended, reported_at=None)
    people = call_off_claims(Claim.objects.filter(called_off, shift__task=task), by=by)
    hand_back_wishes(task, by=by)
    link, told = reverse("task", args=[task.pk]), dict[str, Any](task=task.title, reason=reason)
    notify(people, Notice.Kind.TASK_CANCELLED, link=link, **told)
    if task.is_passed_down:
        notify(staff_of_hosts(task), Notice.Kind.HOSTED_CANCELLED, link=link, **told)


def _hold(shifts: QuerySet[Shift]) -> None:
    """Before anything is asked of their claims: a report that was being written meanwhile is seen then."""
    list(shifts.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))
