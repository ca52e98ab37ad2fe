from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task_offer import ShiftTime, check_offer, write_offer
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_publishing import join_task
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.task import CAN_BE_WIDENED, audiences_above, wider_audiences
from tasks.refusals import Reason
from vanguard.lib.days import A_YEAR
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

CAPACITY_AT_MOST = 10_000


@transaction.atomic
def publish_task(
    *, by: Actor, audience: Organization, shifts: Sequence[ShiftTime], wishes: Sequence[Wish] = (), **fields: Any
) -> Task:
    """Publish a task with its shifts to the members of `audience`, in the name of the actor's organization.

    `fields` are those of `Task`; `opens_at` to come makes it scheduled. `wishes` become published with it, all or none.
    Refused: a flag value outside the year's limits, an audience not one's own, shifts that are none, past,
    backwards, overlapping or a year ahead, an opening time after one begins, a boundary line without a
    justification (domain rule 2).
    """
    check_offer(by=by, audience=audience, **fields)
    _check_shifts(shifts)
    fields["opens_at"] = fields.get("opens_at") or timezone.now()
    if fields["opens_at"] >= min(time.starts_at for time in shifts):
        raise Refused(Reason.OPENS_TOO_LATE, time=moment_words(fields["opens_at"]))
    task = write_offer(by=by, audience=audience, shifts=shifts, **fields)
    join_task(wishes, task, by=by)
    return task


def _check_shifts(shifts: Sequence[ShiftTime]) -> None:
    if not shifts:
        raise Refused(Reason.NO_SHIFT)
    now = timezone.now()
    in_order = sorted(shifts)
    for shift in in_order:
        if shift.ends_at <= shift.starts_at:
            raise Refused(Reason.SHIFT_BACKWARDS)
        if shift.starts_at <= now:
            raise Refused(Reason.SHIFT_PAST, time=moment_words(shift.starts_at))
        if shift.ends_at > now + A_YEAR:
            raise Refused(Reason.SHIFT_TOO_FAR)
        if not 1 <= shift.capacity <= CAPACITY_AT_MOST:
            raise Refused(Reason.CAPACITY, most=CAPACITY_AT_MOST)
    if any(earlier.ends_at > later.starts_at for earlier, later in pairwise(in_order)):
        raise Refused(Reason.SHIFTS_OVERLAP)


@transaction.atomic
def widen_audience(task: Task, *, to: Organization, by: Actor) -> None:
    """Offer an own task to more people: a community's to its street or city (domain rule 2).

    Refused: an audience not one's own, one that is no wider than before, a task that is over; and when somebody
    else was faster.
    """
    by.require(Ability.PUBLISH, task.publisher)
    if to not in audiences_above(task):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=to)
    if task.status not in CAN_BE_WIDENED:
        raise Refused(Reason.NOT_OPEN)
    if to not in wider_audiences(task):
        raise Refused(Reason.NOT_WIDER, audience=to)
    before = task.audience
    if not Task.objects.filter(pk=task.pk, status__in=CAN_BE_WIDENED, audience=before).update(audience=to):
        raise Refused(AccountsReason.STATE_CHANGED)
    task.audience = to
    record(task, "widened", by=by, why=f"{before} → {to}")


@transaction.atomic
def cancel_task(task: Task, *, reason: str, by: Actor) -> None:
    """Call off what is not over: shifts and claims are cancelled, places freed, claimers told.

    What has been served stays, to be confirmed. Refused without a reason.
    """
    by.require(Ability.PUBLISH, task.publisher)
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
    told = move_all(Claim.objects.filter(called_off, shift__task=task), Claim.Status.CANCELLED, by=by)
    hand_back_wishes(task, by=by)
    notify(
        claimers(told), Notice.Kind.TASK_CANCELLED, link=reverse("task", args=[task.pk]), task=task.title, reason=reason
    )


def _hold(shifts: QuerySet[Shift]) -> None:
    """Before anything is asked of their claims: a report that was being written meanwhile is seen then."""
    list(shifts.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def claimers(claims: Iterable[int]) -> Iterable[User]:
    return User.objects.filter(member__claims__in=list(claims)).distinct()
