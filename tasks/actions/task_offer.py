"""What every way of publishing a task has in common: who may offer it to whom, and how it is written."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import wraps
from typing import Any, NamedTuple, cast
from uuid import UUID

from django.db import IntegrityError, models, transaction
from django.utils import timezone
from django.utils.text import capfirst

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.models import Organization, Skill
from tasks.models import Shift, Task
from tasks.models.task import COMPANIONS_AT_MOST, FIRST_MINUTES_AT_MOST
from tasks.queries.task import audiences_of, most_flags_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

NEVER_EMPTY = ("title", "content", "place", "served", "contact_name", "contact_phone")
# What a task says, whoever publishes it to whom and whenever it opens.
CONTENT = (
    *NEVER_EMPTY,
    "category",
    "flag_value",
    "requirements",
    "risk_note",
    "companions_at_most",
    "sign_in",
    "first_minutes",
    "boundary_line",
    "justification",
)


class ShiftTime(NamedTuple):
    """When a shift is and how many people it takes; by agreement, from when until when it may be claimed.

    With a `skill` its places are for who has it.
    """

    starts_at: datetime
    ends_at: datetime
    capacity: int
    by_agreement: bool = False
    skill: Skill | None = None


def time_of(shift: Shift) -> ShiftTime:
    return ShiftTime(shift.starts_at, shift.ends_at, shift.capacity, shift.by_agreement, shift.skill)


def content_of(task: Task) -> dict[str, Any]:
    """What another task has to say to be the same."""
    return {name: getattr(task, name) for name in CONTENT}


def column_of(name: str) -> models.Field:
    return cast(models.Field, Task._meta.get_field(name))


def name_of(field: str) -> str:
    """What the form calls a field of a task."""
    return str(capfirst(column_of(field).verbose_name))


def check_offer(
    *,
    by: Actor,
    audience: Organization,
    publisher: Organization | None = None,
    flag_value: int = 1,
    boundary_line: Any = None,
    justification: str = "",
    companions_at_most: int = 0,
    first_minutes: int = 0,
    **_others: Any,
) -> None:
    """Refuse what nobody may publish: to foreign ears, beyond the year's flags, unjustified (domain rule 2).

    `publisher` is in whose name, the actor's own organization unless another is given.
    """
    publisher = publisher or by.organization
    by.require(Ability.PUBLISH, publisher)
    assert publisher is not None
    if audience not in audiences_of(publisher):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=audience)
    check_numbers(most_flags_of(publisher), flag_value, companions_at_most, first_minutes)
    if boundary_line and not justification.strip():
        raise Refused(Reason.JUSTIFICATION_MISSING, line=boundary_line)


def check_numbers(most_flags: int, flag_value: int, companions_at_most: int, first_minutes: int) -> None:
    """Refuse more flags, companions or minutes than there can be."""
    if not 1 <= flag_value <= most_flags:
        raise Refused(Reason.FLAG_VALUE, most=most_flags)
    if not 0 <= companions_at_most <= COMPANIONS_AT_MOST:
        raise Refused(Reason.COMPANIONS, most=COMPANIONS_AT_MOST)
    if not 0 <= first_minutes <= FIRST_MINUTES_AT_MOST:
        raise Refused(Reason.FIRST_MINUTES, most=FIRST_MINUTES_AT_MOST)


def once(write: Callable[..., Task]) -> Callable[..., Task]:
    """Let an action that writes a task take `sent_once`, which identifies what was sent: sent again, it gives that task back."""

    @wraps(write)
    def write_once(*args: Any, by: Actor, sent_once: UUID | None = None, **fields: Any) -> Task:
        written = Task.objects.filter(sent_once=sent_once, publisher=by.organization)
        if sent_once is None:
            return write(*args, by=by, **fields)
        try:
            with transaction.atomic():
                return written.first() or write(*args, by=by, sent_once=sent_once, **fields)
        except IntegrityError:  # both may have arrived at once
            task = written.first()
            if task is None:
                raise
            return task

    return write_once


def write_offer(
    *,
    by: Actor,
    audience: Organization,
    shifts: Sequence[ShiftTime],
    publisher: Organization | None = None,
    **fields: Any,
) -> Task:
    """The task with its shifts, open or scheduled; `check_offer` and the checks of its times come before."""
    task = write_draft(by=by, audience=audience, shifts=shifts, publisher=publisher, **fields)
    move(task, Task.Status.OPEN if task.opens_at <= timezone.now() else Task.Status.SCHEDULED, by=by)
    return task


def write_draft(
    *,
    by: Actor,
    audience: Organization,
    shifts: Sequence[ShiftTime],
    publisher: Organization | None = None,
    **fields: Any,
) -> Task:
    """The task with its shifts, which nobody sees yet but those who publish in the same name."""
    publisher = publisher or by.organization
    assert publisher is not None
    task = Task.objects.create(publisher=publisher, audience=audience, **fields)
    record(task, "written", by=by, new=Task.Status.DRAFT)
    write_shifts(task, shifts)
    return task


def write_shifts(task: Task, shifts: Sequence[ShiftTime]) -> None:
    Shift.objects.bulk_create(Shift(task=task, **time._asdict()) for time in shifts)
