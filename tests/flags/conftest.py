"""A wish taken by agreement, at noon of a day in December: what its report, confirmation and outcome begin with."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine

from tasks.actions.claim import claim_shift
from tasks.models import Claim, Shift, Wish
from tests.factories import ShiftFactory, TaskFactory, WishFactory

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 12, 10, 12, tzinfo=SHANGHAI)
LAST = datetime(2027, 1, 10, tzinfo=SHANGHAI)
HOUR = timedelta(hours=1)


@pytest.fixture
def clock() -> Iterator[Any]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def shift(cast: SimpleNamespace) -> Shift:
    task = TaskFactory(publisher=cast.community, title="修厨房的灯", category="MICRO_WISH")
    return ShiftFactory(task=task, by_agreement=True, starts_at=NOON, ends_at=LAST, capacity=2)


@pytest.fixture
def wish(cast: SimpleNamespace, shift: Shift) -> Wish:
    return WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)


@pytest.fixture
def claim(cast: SimpleNamespace, wish: Wish, shift: Shift) -> Claim:
    return claim_shift(shift, by=cast.member)
