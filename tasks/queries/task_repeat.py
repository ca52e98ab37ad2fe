"""A task held again: in which weeks, and what holds it already."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db.models import Min, Q, QuerySet
from django.utils import timezone

from tasks.models import Shift, Task
from vanguard.lib.days import A_YEAR, beginning_of
from vanguard.lib.working_days import is_public_holiday

WEEK = timedelta(weeks=1)
WEEKS_AHEAD = 12


@dataclass(frozen=True)
class Week:
    """One week in which a task could be held again: how many weeks after it, on which day first."""

    number: int
    day: date
    is_holiday: bool
    is_taken: bool

    @property
    def is_offered(self) -> bool:
        return not (self.is_holiday or self.is_taken)


def shifts_to_repeat(task: Task) -> list[Shift]:
    """The shifts of a task as they were meant, in order: one called off by itself is left out."""
    shifts = list(task.shifts.select_related("skill").order_by("starts_at", "pk"))
    return [shift for shift in shifts if shift.status != Shift.Status.CANCELLED] or shifts


def can_be_repeated(task: Task, shifts: Sequence[Shift]) -> bool:
    """Whether it is published and stands, with fixed hours of its own."""
    standing = task.status not in (Task.Status.DRAFT, Task.Status.CANCELLED)
    return standing and bool(shifts) and not any(shift.by_agreement for shift in shifts)


def weeks_until_to_come(shifts: Sequence[Shift], now: datetime) -> int:
    """How many whole weeks later the first of the shifts is still to come; none if it is."""
    first = min((shift.starts_at for shift in shifts), default=now + WEEK)
    return max(0, (now - first) // WEEK + 1)


def later(moment: datetime, weeks: int) -> datetime:
    """The same weekday and hour so many weeks later, as the clock on the wall shows it."""
    return timezone.localtime(moment) + weeks * WEEK


def weeks_to_come(task: Task, shifts: Sequence[Shift], now: datetime) -> list[Week]:
    """The next weeks in which the task can be held again, as far as a shift may lie ahead, or the city asks for it."""
    taken, end = days_held(task), now + A_YEAR
    if task.parent and task.parent.host_by:
        end = min(end, beginning_of(task.parent.host_by + timedelta(days=1)))
    soonest = max(1, weeks_until_to_come(shifts, now))
    return [
        _week(number, shifts, taken)
        for number in range(soonest, soonest + WEEKS_AHEAD)
        if max(later(shift.ends_at, number) for shift in shifts) <= end
    ]


def _week(number: int, shifts: Sequence[Shift], taken: set[date]) -> Week:
    days = {timezone.localdate(later(shift.starts_at, number)) for shift in shifts}
    first = min(days)
    return Week(number, first, is_holiday=any(map(is_public_holiday, days)), is_taken=first in taken)


def series_of(task: Task) -> QuerySet[Task]:
    """The task that this one repeats, or this one, with all that repeat it, in order, with when each begins."""
    begins = Min("shifts__starts_at", filter=~Q(shifts__status=Shift.Status.CANCELLED))
    return _series(task).annotate(first_at=begins).order_by("first_at", "pk")


def _series(task: Task) -> QuerySet[Task]:
    first = task.repeats_id or task.pk
    return Task.objects.filter(Q(pk=first) | Q(repeats=first))


@dataclass(frozen=True)
class Again:
    """What else there is of a task: the others of its series, and whether it can be held again."""

    series: list[Task]
    can_be_copied: bool
    can_be_repeated: bool


def again(task: Task) -> Again:
    """For the task's page; in as many queries for a series of thirty as for a task that stands alone."""
    shifts = shifts_to_repeat(task)
    return Again(
        series=list(series_of(task).exclude(pk=task.pk)),
        can_be_copied=not any(shift.by_agreement for shift in shifts),
        can_be_repeated=can_be_repeated(task, shifts),
    )


def days_held(task: Task) -> set[date]:
    """The days on which the series begins, but for what was called off."""
    shifts = Shift.objects.exclude(status=Shift.Status.CANCELLED)
    shifts = shifts.filter(task__in=_series(task).exclude(status=Task.Status.CANCELLED))
    begins = shifts.order_by().values_list("task").annotate(first_at=Min("starts_at"))
    return {timezone.localdate(first_at) for _task, first_at in begins}
