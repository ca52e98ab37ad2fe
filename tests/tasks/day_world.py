"""A shift on its day, with people who have places there."""

from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from tasks.actions.attendance import Tap
from tasks.models import Attendance, Claim, Mark, Shift
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory

HOUR = timedelta(hours=1)


def shift_of_today(publisher: Any, *, begun: timedelta = HOUR, **changed: Any) -> Shift:
    """Begun an hour ago, for two hours; `begun` less than nothing is still to come. `task__` fields are the task's."""
    of_task = {name.removeprefix("task__"): changed.pop(name) for name in list(changed) if name.startswith("task__")}
    task = TaskFactory(publisher=publisher, **of_task)
    return ShiftFactory(task=task, starts_at=timezone.now() - begun, **changed)


def place_in(shift: Shift, cast: SimpleNamespace, **changed: Any) -> Claim:
    member = changed.pop("member", None) or MemberFactory(community=cast.community, unit=cast.unit)
    return ClaimFactory(shift=shift, member=member, **changed)


def tap(claim: Claim, mark: str = Mark.ATTENDED, *, at: datetime | None = None, key: UUID | None = None) -> Tap:
    return Tap(key or uuid4(), claim.pk, mark, at or timezone.now())


def says(claim: Claim) -> str:
    """What the day says of a place."""
    attendance = Attendance.objects.filter(claim=claim).first()
    return attendance.says if attendance else str(Mark.NONE)
