"""A task held again in other weeks, each time as a task of its own."""

from collections.abc import Collection, Sequence
from datetime import date, datetime

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.refusals import Reason as AccountsReason
from tasks.actions.hosting import refuse_unless_asked
from tasks.actions.shift_change import refuse_after_host_by
from tasks.actions.task import check_opening, check_shifts
from tasks.actions.task_draft import later_by
from tasks.actions.task_offer import ShiftTime, check_offer, content_of, time_of, write_offer
from tasks.models import Shift, Task
from tasks.queries.task_repeat import days_held, later, shifts_to_repeat, weeks_until_to_come
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

WEEKS_AT_MOST = 53  # none lies further ahead than a year, whatever is asked for


@transaction.atomic
def repeat_task(task: Task, *, weeks: Collection[int], by: Actor) -> list[Task]:
    """Publish a task again, so many weeks later for each of `weeks`: all of them, or none.

    Each says the same to the same people at the same weekday and hours, with the boundary line and its justification,
    and `repeats` the first of the series. It opens as long before it begins as the task did, at once where that has
    passed. Refused: no week, a day on which the series is held already, past or more than a year ahead; a draft, what
    was called off, has no fixed hours or is hosted by communities; and whatever `publish_task` refuses by then. What a
    community hosts of the city is hosted again, for as long as the city asks for it and with the city's flags.
    """
    by.require(Ability.PUBLISH, task.publisher)
    task = _hold(task)
    shifts = shifts_to_repeat(task)
    refuse_unrepeatable(task, shifts)
    if not weeks:
        raise Refused(Reason.NO_DAY_CHOSEN)
    now = timezone.now()
    if max(weeks) > weeks_until_to_come(shifts, now) + WEEKS_AT_MOST:
        raise Refused(Reason.SHIFT_TOO_FAR)
    said = content_of(task)
    if task.parent:
        refuse_unless_asked(task.parent)
        said["flag_value"] = 1  # whatever the city gives for it, and the community's own limit is
    check_offer(by=by, publisher=task.publisher, audience=task.audience, **said)
    held, times = days_held(task), [time_of(shift) for shift in shifts]
    return [_repeat(task, times, number, by=by, now=now, held=held) for number in sorted(set(weeks))]


def _hold(task: Task) -> Task:
    """The task as it is now, with what the city passed down and the first of its series.

    Who repeats another of the series in this moment waits here.
    """
    keys = {task.pk, task.repeats_id or task.pk, task.parent_id or task.pk}
    seen_with = ("publisher", "audience", "boundary_line", "parent")
    rows = Task.objects.filter(pk__in=keys).select_related(*seen_with).order_by("pk")
    held = {row.pk: row for row in rows.select_for_update(of=("self",), no_key=True)}
    return held[task.pk]


def refuse_unrepeatable(task: Task, shifts: Sequence[Shift]) -> None:
    """Refuse what is not published, does not stand any more, or has no hours of its own."""
    if task.is_passed_down:
        raise Refused(Reason.NO_OWN_SHIFTS)
    if any(shift.by_agreement for shift in shifts):
        raise Refused(Reason.NO_FIXED_HOURS)
    if task.status == Task.Status.DRAFT:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=task.get_status_display())
    if task.status == Task.Status.CANCELLED:
        raise Refused(Reason.NOT_OPEN)


def _repeat(task: Task, times: Sequence[ShiftTime], weeks: int, *, by: Actor, now: datetime, held: set[date]) -> Task:
    shifts = [later_by(time, weeks) for time in times]
    day = timezone.localdate(min(shift.starts_at for shift in shifts))
    if day in held:
        raise Refused(Reason.SHIFT_DAY_TAKEN, day=day_words(day))
    opens_at = max(later(task.opens_at, weeks), now)
    check_shifts(shifts)
    for shift in shifts:
        refuse_after_host_by(task.parent, shift)
    check_opening(opens_at, shifts)
    return write_offer(
        by=by,
        publisher=task.publisher,
        audience=task.audience,
        shifts=shifts,
        opens_at=opens_at,
        repeats=task.repeats or task,
        parent=task.parent,
        **content_of(task),
    )
