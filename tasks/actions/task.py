from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import step
from tasks.models import Claim, Shift, Task, Wish, WishContact
from tasks.queries.task import audiences_of, most_flags_of
from tasks.queries.wish import is_stranded
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

CAPACITY_AT_MOST = 10_000
AHEAD_AT_MOST = timedelta(days=366)


class ShiftTime(NamedTuple):
    """When a shift is and how many people it takes."""

    starts_at: datetime
    ends_at: datetime
    capacity: int


@transaction.atomic
def publish_task(
    *, by: Actor, audience: Organization, shifts: Sequence[ShiftTime], wishes: Sequence[Wish] = (), **fields: Any
) -> Task:
    """Publish a task with its shifts to the members of `audience`, in the name of the actor's organization.

    `fields` are those of `Task`; `opens_at` to come makes it scheduled. `wishes` become published with it.
    Refused: a flag value outside the year's limits, an audience not one's own, shifts that are none, past,
    backwards, overlapping or a year ahead, an opening time after one begins, a boundary line without a
    justification (domain rule 2).
    """
    by.require(Ability.PUBLISH)
    publisher = by.organization
    assert publisher is not None
    if audience not in audiences_of(publisher):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=audience)
    _check_flag_value(fields.get("flag_value", 1), publisher)
    _check_shifts(shifts)
    line = fields.get("boundary_line")
    if line and not fields.get("justification", "").strip():
        raise Refused(Reason.JUSTIFICATION_MISSING, line=line)
    fields["opens_at"] = fields.get("opens_at") or timezone.now()
    if fields["opens_at"] >= min(time.starts_at for time in shifts):
        raise Refused(Reason.OPENS_TOO_LATE, time=moment_words(fields["opens_at"]))
    task = Task.objects.create(publisher=publisher, audience=audience, **fields)
    record(task, "written", by=by, new=Task.Status.DRAFT)
    Shift.objects.bulk_create(Shift(task=task, **time._asdict()) for time in shifts)
    move(task, Task.Status.OPEN if task.opens_at <= timezone.now() else Task.Status.SCHEDULED, by=by)
    for wish in wishes:
        _publish_wish(wish, task, by=by)
    return task


def _check_flag_value(value: int, publisher: Organization) -> None:
    most = most_flags_of(publisher)
    if not 1 <= value <= most:
        raise Refused(Reason.FLAG_VALUE, most=most)


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
        if shift.ends_at > now + AHEAD_AT_MOST:
            raise Refused(Reason.SHIFT_TOO_FAR)
        if not 1 <= shift.capacity <= CAPACITY_AT_MOST:
            raise Refused(Reason.CAPACITY, most=CAPACITY_AT_MOST)
    if any(earlier.ends_at > later.starts_at for earlier, later in pairwise(in_order)):
        raise Refused(Reason.SHIFTS_OVERLAP)


def _publish_wish(wish: Wish, task: Task, *, by: Actor) -> None:
    """A wish whose task came to nothing stays published and gets its new task; otherwise it moves on."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    _refuse_naming(wish, task)
    if is_stranded(wish):
        if not Wish.objects.filter(pk=wish.pk, task=wish.task, status=Wish.Status.PUBLISHED).update(task=task):
            raise Refused(AccountsReason.STATE_CHANGED)
        record(wish, "published again", by=by)
    elif wish.status in (Wish.Status.ACCEPTED, Wish.Status.REOPENED):
        step(wish, Wish.Status.PUBLISHED, by=by, task=task)
    else:
        raise Refused(Reason.WISH_NOT_READY)


def _refuse_naming(wish: Wish, task: Task) -> None:
    """What everybody can read must not say who asked (domain rule 10); one character alone is no name."""
    contact = WishContact.objects.filter(wish=wish).first()
    public = f"{task.title}\n{task.content}\n{task.place}\n{task.served}"
    for words in (contact.phone, contact.name.strip()) if contact else ():
        if len(words) > 1 and words in public:
            raise Refused(Reason.NAMES_RESIDENT, words=words)


@transaction.atomic
def cancel_task(task: Task, *, reason: str, by: Actor) -> None:
    """Call off what is not over: shifts and claims are cancelled, places freed, claimers told.

    What has been served stays, to be confirmed. Refused without a reason.
    """
    by.require(Ability.PUBLISH, task.publisher)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    # Shifts before the task, in the order of the clock that ends them: else the two could wait for each other.
    move_all(task.shifts.filter(ends_at__gt=timezone.now()), Shift.Status.CANCELLED, by=by, taken=0)
    move(task, Task.Status.CANCELLED, by=by, why=reason, cancel_reason=reason)
    told = move_all(
        Claim.objects.filter(shift__task=task, shift__status=Shift.Status.CANCELLED),
        Claim.Status.CANCELLED,
        by=by,
    )
    hand_back_wishes(task, by=by)
    notify(
        claimers(told), Notice.Kind.TASK_CANCELLED, link=reverse("task", args=[task.pk]), task=task.title, reason=reason
    )


def claimers(claims: Iterable[int]) -> Iterable[User]:
    return User.objects.filter(member__claims__in=list(claims)).distinct()
