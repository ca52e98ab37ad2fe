"""What every way of publishing a task has in common: who may offer it to whom, and how it is written."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.models import Organization
from tasks.models import Shift, Task
from tasks.queries.task import audiences_of, most_flags_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


class ShiftTime(NamedTuple):
    """When a shift is and how many people it takes; by agreement, from when until when it may be claimed."""

    starts_at: datetime
    ends_at: datetime
    capacity: int
    by_agreement: bool = False


def check_offer(
    *,
    by: Actor,
    audience: Organization,
    flag_value: int = 1,
    boundary_line: Any = None,
    justification: str = "",
    **_others: Any,
) -> None:
    """Refuse what nobody may publish: to foreign ears, beyond the year's flags, unjustified (domain rule 2)."""
    by.require(Ability.PUBLISH)
    publisher = by.organization
    assert publisher is not None
    if audience not in audiences_of(publisher):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=audience)
    most = most_flags_of(publisher)
    if not 1 <= flag_value <= most:
        raise Refused(Reason.FLAG_VALUE, most=most)
    if boundary_line and not justification.strip():
        raise Refused(Reason.JUSTIFICATION_MISSING, line=boundary_line)


def write_offer(*, by: Actor, audience: Organization, shifts: Sequence[ShiftTime], **fields: Any) -> Task:
    """The task with its shifts, open or scheduled; `check_offer` and the checks of its times come before."""
    publisher = by.organization
    assert publisher is not None
    task = Task.objects.create(publisher=publisher, audience=audience, **fields)
    record(task, "written", by=by, new=Task.Status.DRAFT)
    Shift.objects.bulk_create(Shift(task=task, **time._asdict()) for time in shifts)
    move(task, Task.Status.OPEN if task.opens_at <= timezone.now() else Task.Status.SCHEDULED, by=by)
    return task
