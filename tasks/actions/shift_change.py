"""The shifts of a published task, changed: other hours, more or fewer places, one more, one less."""

from datetime import datetime

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.calling_off import call_off_claims
from tasks.actions.new_hours import give_new_hours
from tasks.actions.place import hold_shift
from tasks.actions.task import CAPACITY_AT_MOST, check_opening, check_shifts
from tasks.actions.task_offer import ShiftTime
from tasks.actions.waiting import pass_on
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_publishing import TAKERS_AT_MOST
from tasks.models import Claim, Shift, Task
from tasks.queries.shift_change import shift_seen, who_has_places
from tasks.refusals import Reason
from vanguard.lib.days import last_day_before
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words


@transaction.atomic
def change_shift(shift: Shift, *, time: ShiftTime, seen: str, by: Actor) -> bool:
    """Give a shift other hours or places, of `time`; `seen` is the `shift_seen` of what it is changed from.

    Whether anything changed comes back; if not, nothing has been written. More places go to who waits. Fewer than are
    taken are refused by the names of who has them. With other hours each claim is checked again, see `give_new_hours`.
    Refused: what has begun or is over, what somebody else has changed meanwhile, hours that could not be published,
    and hours where the time is by agreement (domain rules 2 and 3).
    """
    by.require(Ability.PUBLISH, shift.task.publisher)
    shift, now = _hold(shift), timezone.now()
    _refuse_unless_to_come(shift, now)
    if seen != shift_seen(shift):
        raise Refused(AccountsReason.STATE_CHANGED)
    moved = (time.starts_at, time.ends_at) != (shift.starts_at, shift.ends_at)
    if not moved and time.capacity == shift.capacity:
        return False
    before = _in_words(shift)
    _check_capacity(shift, time.capacity)
    if moved:
        _check_hours(shift, time)
    _write(shift, time)
    record(shift, "changed", by=by, why=f"{before} → {_in_words(shift)}")
    if moved:
        give_new_hours(shift, now, by=by)
    pass_on(shift, now)
    return True


@transaction.atomic
def add_shift(task: Task, *, time: ShiftTime, by: Actor) -> Shift:
    """One more shift for a published task.

    Refused: a task that is over or has no shift left open, one that communities host or whose time is by agreement,
    and hours that could not be published with the others.
    """
    by.require(Ability.PUBLISH, task.publisher)
    if task.is_passed_down:
        raise Refused(Reason.NO_OWN_SHIFTS)
    others = _hold_open(task.pk)
    task = Task.objects.select_related("parent").select_for_update(of=("self",), no_key=True).get(pk=task.pk)
    if task.status not in Task.ANNOUNCED or not others:
        raise Refused(Reason.NOT_OPEN)
    shift = Shift(task=task, **time._asdict())
    if shift.by_agreement or task.shifts.filter(by_agreement=True).exists():
        raise Refused(Reason.BY_AGREEMENT)
    _check_hours(shift, time)
    shift.save()
    record(shift, "added", by=by, new=Shift.Status.OPEN)
    return shift


@transaction.atomic
def cancel_shift(shift: Shift, *, reason: str, by: Actor) -> None:
    """Call one shift off: its places are freed, and who has one, waits for one or claimed for a group is told why.

    Refused: without a reason, what has begun or is over, and the only shift left open.
    """
    by.require(Ability.PUBLISH, shift.task.publisher)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    shift, now = _hold(shift), timezone.now()
    _refuse_unless_to_come(shift, now)
    others = Shift.objects.filter(task=shift.task_id, status=Shift.Status.OPEN, ends_at__gt=now).exclude(pk=shift.pk)
    if not others.exists():
        raise Refused(Reason.LAST_SHIFT)
    move(shift, Shift.Status.CANCELLED, by=by, why=reason, taken=0)
    people = call_off_claims(Claim.objects.filter(shift=shift), by=by)
    hand_back_wishes(shift.task, by=by)
    notify(
        people,
        Notice.Kind.SHIFT_CANCELLED,
        link=reverse("task", args=[shift.task_id]),
        task=shift.task.title,
        time=shift.starts_at,
        reason=reason,
    )


def _hold(shift: Shift) -> Shift:
    """The shift as it is now, with the task's others: whether they overlap, or one is left, is asked of them together."""
    _hold_open(shift.task_id, besides=shift.pk)
    return hold_shift(shift)


def _hold_open(task: int, *, besides: int | None = None) -> list[int]:
    rows = Shift.objects.filter(Q(status=Shift.Status.OPEN) | Q(pk=besides), task=task).order_by("pk")
    return list(rows.select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))


def _refuse_unless_to_come(shift: Shift, now: datetime) -> None:
    if shift.task.status not in Task.ANNOUNCED:
        raise Refused(Reason.NOT_OPEN)
    if not Shift.objects.in_time(now).filter(pk=shift.pk).exists():
        raise Refused(Reason.SHIFT_OVER)


def _check_capacity(shift: Shift, capacity: int) -> None:
    if shift.by_agreement and not 1 <= capacity <= TAKERS_AT_MOST:
        raise Refused(Reason.WISH_PLACES, most=TAKERS_AT_MOST)
    if not 1 <= capacity <= CAPACITY_AT_MOST:
        raise Refused(Reason.CAPACITY, most=CAPACITY_AT_MOST)
    if capacity < shift.taken:
        raise Refused(Reason.BELOW_TAKEN, taken=shift.taken, names=who_has_places(shift))


def _check_hours(shift: Shift, time: ShiftTime) -> None:
    """As at publication, and beside the task's other shifts; two for other skills may be at the same time."""
    if shift.by_agreement:
        raise Refused(Reason.BY_AGREEMENT)
    check_shifts([time])
    task = shift.task
    check_opening(task.opens_at, [time])
    refuse_after_host_by(task.parent, time)
    others = task.shifts.exclude(pk=shift.pk).exclude(status=Shift.Status.CANCELLED).filter(skill=shift.skill_id)
    if others.filter(starts_at__lt=time.ends_at, ends_at__gt=time.starts_at).exists():
        raise Refused(Reason.SHIFTS_OVERLAP)


def refuse_after_host_by(parent: Task | None, time: ShiftTime) -> None:
    """What a community hosts of the city ends on the city's last day at the latest."""
    if parent and parent.host_by and last_day_before(time.ends_at) > parent.host_by:
        raise Refused(Reason.AFTER_HOST_BY, day=day_words(parent.host_by), shift=time)


def _write(shift: Shift, time: ShiftTime) -> None:
    """One conditional statement: whatever was taken meanwhile, never fewer places than are taken."""
    fields = {"starts_at": time.starts_at, "ends_at": time.ends_at, "capacity": time.capacity}
    if not Shift.objects.filter(pk=shift.pk, taken__lte=time.capacity).update(**fields):
        shift.refresh_from_db(fields=["taken"])
        raise Refused(Reason.BELOW_TAKEN, taken=shift.taken, names=who_has_places(shift))
    for name, value in fields.items():
        setattr(shift, name, value)


def _in_words(shift: Shift) -> str:
    begin, end = timezone.localtime(shift.starts_at), timezone.localtime(shift.ends_at)
    return f"{begin:%Y-%m-%d %H:%M}–{end:%Y-%m-%d %H:%M}, {shift.capacity}"
