"""Services of a past year, as confirming leaves them, for what is written of the year."""

from datetime import date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from flags.models import FlagAward
from tasks.models import Claim
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory
from tests.flags.ledger import award


def last_year() -> int:
    return timezone.localdate().year - 1


def served(cast: SimpleNamespace, day: date, *, hours: float = 2, companions: int = 0, **fields: Any) -> FlagAward:
    """One confirmed service of 张小明 in 荷风 from 14:00 on; `task` are fields of its task."""
    task = TaskFactory(**{"publisher": cast.community, **fields.pop("task", {})})
    starts_at = timezone.make_aware(datetime.combine(day, time(14)))
    shift = ShiftFactory(task=task, starts_at=starts_at, ends_at=starts_at + timedelta(hours=hours), status="SETTLED")
    member = fields.pop("member", cast.member.member)
    claim = ClaimFactory(shift=shift, member=member, status=Claim.Status.CONFIRMED, companions=companions)
    defaults = {"category": task.category, "value": task.flag_value, "by_user": cast.secretary.user, "claim": claim}
    return award(cast, member, day, **defaults | fields)


def taken_back(line: FlagAward) -> FlagAward:
    """The reversing line, with what it has to carry of the original."""
    return FlagAward.objects.create(
        reverses=line,
        value=-line.value,
        **{
            name: getattr(line, name)
            for name in ("member", "category", "served_on", "year", "unit", "community", "by_user", "claim")
        },
    )
