"""A task before it is published: written bit by bit, looked at, published or thrown away."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.models import Organization
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import check_opening, check_shift, check_shifts
from tasks.actions.task_offer import (
    NEVER_EMPTY,
    ShiftTime,
    check_numbers,
    check_offer,
    column_of,
    content_of,
    name_of,
    once,
    time_of,
    write_draft,
    write_shifts,
)
from tasks.models import Shift, Task
from tasks.models.task import FLAGS_AT_MOST
from tasks.queries.task import audiences_of
from tasks.queries.task_change import draft_seen
from tasks.queries.task_repeat import later, shifts_to_repeat, weeks_until_to_come
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@once
@transaction.atomic
def save_draft(*, by: Actor, shifts: Sequence[ShiftTime] = (), **fields: Any) -> Task:
    """Write a task down in the name of the actor's organization, for its own people alone to go on with.

    `fields` are those of `Task`; only `title` is needed. What else is missing or wrong is said when it is published;
    without `audience` it is for the own members, without `opens_at` it opens at once. Sent again with the same
    `sent_once`, it is the same draft. Refused: no title, a shift that
    ends before it starts or has no possible number of places, more flags, companions or first minutes than there can
    ever be (domain rule 2).
    """
    by.require(Ability.PUBLISH)
    publisher = by.organization
    assert publisher is not None
    asked = {"title": "", "audience": None, "opens_at": None, **fields}
    return write_draft(by=by, shifts=shifts, **_kept(asked, shifts, publisher))


@transaction.atomic
def change_draft(
    task: Task, *, by: Actor, shifts: Sequence[ShiftTime] | None = None, seen: str | None = None, **fields: Any
) -> Task:
    """Write a draft anew: `fields` instead of what they said, `shifts`, if given, instead of all it had.

    `seen` is the `draft_seen` of what it was changed from. Refused as in `save_draft`, what is no draft any more, and
    what somebody else has changed meanwhile. The draft as it is now comes back.
    """
    draft = _hold(task, seen, by=by)
    _write(draft, shifts, fields)
    record(draft, "changed", by=by)
    return draft


@transaction.atomic
def publish_draft(
    task: Task, *, by: Actor, shifts: Sequence[ShiftTime] | None = None, seen: str | None = None, **fields: Any
) -> Task:
    """Publish a draft, changed in the same step where `shifts` or `fields` are given; it is as it is now, then.

    Whatever a draft may lack is asked for here. An opening time that has passed means at once. Refused: what is no
    draft any more or not as it was `seen`, what is empty, and whatever `publish_task` refuses (domain rule 2).
    """
    draft = _hold(task, seen, by=by)
    if fields or shifts is not None:
        _write(draft, shifts, fields)
    now = timezone.now()
    draft.opens_at = max(draft.opens_at, now)
    _refuse_unready(draft, by=by)
    move(draft, Task.Status.SCHEDULED if draft.opens_at > now else Task.Status.OPEN, by=by, opens_at=draft.opens_at)
    return draft


@transaction.atomic
def discard_draft(task: Task, *, by: Actor) -> None:
    """Throw a draft away with its shifts; only the record stays. Refused of what is no draft any more."""
    draft = _hold(task, None, by=by)
    record(draft, "discarded", by=by, old=draft.status)
    draft.shifts.all().delete()
    draft.delete()


@transaction.atomic
def copy_task(task: Task, *, by: Actor) -> Task:
    """A draft of the actor's organization that says the same, opens at once and is its own task.

    The shifts keep weekday and hour and come whole weeks later, so that the first is still to come. Of what was called
    off all are copied, else those that were not. Refused: what has no fixed hours.
    """
    by.require(Ability.PUBLISH, task.publisher)
    publisher = by.organization
    assert publisher is not None
    shifts = shifts_to_repeat(task)
    if any(shift.by_agreement for shift in shifts):
        raise Refused(Reason.NO_FIXED_HOURS)
    now = timezone.now()
    weeks = weeks_until_to_come(shifts, now)
    audience = task.audience if task.audience in audiences_of(publisher) else publisher
    times = [later_by(time_of(shift), weeks) for shift in shifts]
    return write_draft(by=by, audience=audience, shifts=times, opens_at=now, **content_of(task))


def later_by(time: ShiftTime, weeks: int) -> ShiftTime:
    return time._replace(starts_at=later(time.starts_at, weeks), ends_at=later(time.ends_at, weeks))


def what_is_amiss(draft: Task, *, by: Actor) -> list[str]:
    """Why the draft cannot be published as it stands, in sentences: all that is missing, else the first that is wrong."""
    missing = [Refused(Reason.FIELD_MISSING, field=name).sentence for name in _missing_in(draft)]
    if not draft.shifts.exists():
        missing.append(Refused(Reason.NO_SHIFT).sentence)
    if missing:
        return missing
    try:
        _refuse_unready(draft, by=by)
    except Refused as refused:
        return [refused.sentence]
    return []


def _hold(task: Task, seen: str | None, *, by: Actor) -> Task:
    """The draft as it is now and, where asked for, as it was seen, held: its shifts first, as everybody holds them."""
    by.require(Ability.PUBLISH, task.publisher)
    list(Shift.objects.filter(task=task.pk).order_by("pk").select_for_update(of=("self",)).values_list("pk"))
    rows = Task.objects.filter(pk=task.pk).select_related("publisher", "audience", "boundary_line")
    draft = rows.select_for_update(of=("self",)).first()
    if draft is None or draft.status != Task.Status.DRAFT:
        raise Refused(Reason.NOT_A_DRAFT)
    if seen is not None and seen != draft_seen(draft):
        raise Refused(AccountsReason.STATE_CHANGED, now=draft_seen(draft))
    return draft


def _write(draft: Task, shifts: Sequence[ShiftTime] | None, fields: Mapping[str, Any]) -> None:
    for name, value in _kept(fields, shifts or (), draft.publisher).items():
        setattr(draft, name, value)
    draft.save(update_fields=list(fields))
    if shifts is not None:
        draft.shifts.all().delete()
        write_shifts(draft, shifts)


def _kept(fields: Mapping[str, Any], shifts: Sequence[ShiftTime], publisher: Organization) -> dict[str, Any]:
    """What a row can keep of a draft; what was left empty is as if nobody had been asked."""
    if not fields.get("title", "-").strip():
        raise Refused(Reason.TITLE_MISSING)
    for shift in shifts:
        check_shift(shift)
    kept = {name: _else_default(name, value, publisher) for name, value in fields.items()}
    check_numbers(
        FLAGS_AT_MOST, kept.get("flag_value", 1), kept.get("companions_at_most", 0), kept.get("first_minutes", 0)
    )
    return kept


def _else_default(name: str, value: Any, publisher: Organization) -> Any:
    if value not in (None, ""):
        return value
    own = {"audience": publisher, "opens_at": timezone.now()}
    return own[name] if name in own else column_of(name).get_default()


def _refuse_unready(draft: Task, *, by: Actor) -> None:
    """All that publishing asks of a task with its shifts."""
    for name in _missing_in(draft):
        raise Refused(Reason.FIELD_MISSING, field=name)
    check_offer(by=by, publisher=draft.publisher, audience=draft.audience, **content_of(draft))
    shifts = [time_of(shift) for shift in draft.shifts.select_related("skill")]
    check_shifts(shifts)
    check_opening(draft.opens_at, shifts)


def _missing_in(draft: Task) -> list[str]:
    return [name_of(field) for field in NEVER_EMPTY if not getattr(draft, field).strip()]
