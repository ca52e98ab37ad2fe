from collections.abc import Iterable
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db import models, transaction

from accounts.access import Actor
from accounts.models import Record, RecordReason
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


def record(obj: models.Model, verb: str, *, by: Actor, old: str = "", new: str = "", why: str = "") -> Record:
    """Write who did what, under which hat; `why` goes into a row of its own."""
    return _records([(obj.pk, old)], type(obj), verb, by=by, new=new, why=why)[0]


def require_step(obj: Any, to: str) -> None:
    """Refuse a step that the NEXT table does not know from where `obj` stands."""
    if to not in obj.NEXT.get(obj.status, ()):
        raise Refused(Reason.NOT_ALLOWED_NOW, state=obj.get_status_display())


def record_all(
    model: type[models.Model], keys: Iterable[int], verb: str, *, by: Actor, new: str = "", why: str = ""
) -> None:
    """As `record`, for many rows of one kind, in a fixed number of statements."""
    _records([(key, "") for key in keys], model, verb, by=by, new=new, why=why)


@transaction.atomic
def move(obj: Any, to: str, *, by: Actor, why: str = "", **fields: Any) -> None:
    """Change `obj.status` to `to` where its NEXT table allows it, and set `fields` in the same statement.

    Refuses a step the table does not know, and one that somebody else took in the meantime.
    """
    old = obj.status
    require_step(obj, to)
    if not type(obj)._default_manager.filter(pk=obj.pk, status=old).update(status=to, **fields):
        raise Refused(Reason.STATE_CHANGED)
    for name, value in {"status": to, **fields}.items():
        setattr(obj, name, value)
    record(obj, "moved", by=by, old=old, new=to, why=why)


@transaction.atomic
def move_all(objects: models.QuerySet, to: str, *, by: Actor, why: str = "", **fields: Any) -> list[int]:
    """Move every row of `objects` that may go to `to`, in a fixed number of statements; their keys come back.

    Rows whose state does not lead there are left alone, so a second call moves nothing.
    """
    model: Any = objects.model
    sources = [state for state, targets in model.NEXT.items() if to in targets]
    rows = objects.filter(status__in=sources).order_by("pk").select_for_update(of=("self",), no_key=True)
    moved = list(rows.values_list("pk", "status"))
    if moved:
        model._default_manager.filter(pk__in=[pk for pk, _ in moved]).update(status=to, **fields)
        _records(moved, model, "moved", by=by, new=to, why=why)
    return [pk for pk, _ in moved]


def _records(
    rows: Iterable[tuple[int, str]], model: type[models.Model], verb: str, *, by: Actor, new: str, why: str
) -> list[Record]:
    subject_type = ContentType.objects.get_for_model(model)
    written = Record.objects.bulk_create(
        Record(
            subject_type=subject_type,
            subject_id=pk,
            verb=verb,
            old_status=old,
            new_status=new,
            user=by.user,
            appointment=by.appointment,
        )
        for pk, old in rows
    )
    if why:
        RecordReason.objects.bulk_create(RecordReason(record=row, text=why[:500]) for row in written)
    return written
