"""When things happened: days and hours of service in local time, and rows that keep the time they are given."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db import models
from django.utils import timezone

HOURS = ((time(9), time(11)), (time(14), time(16)), (time(19), time(20, 30)))


@dataclass(frozen=True, order=True)
class Slot:
    """A time in which a community holds one shift; two slots never overlap."""

    starts_at: datetime
    ends_at: datetime

    @property
    def day(self) -> date:
        return self.starts_at.date()


def at(day: date, hour: int = 9, minute: int = 0) -> datetime:
    return datetime.combine(day, time(hour, minute), tzinfo=timezone.get_default_timezone())


def slot(day: date, starts: time, ends: time) -> Slot:
    return Slot(at(day, starts.hour, starts.minute), at(day, ends.hour, ends.minute))


def days(first: date, last: date) -> list[date]:
    """Every day from `first` to `last`, both included; none where the order is wrong."""
    return [first + timedelta(days=n) for n in range((last - first).days + 1)]


def slots(on: list[date]) -> list[Slot]:
    return [slot(day, *hours) for day in on for hours in HOURS]


@contextmanager
def written_then(*kinds: type[models.Model]) -> Iterator[None]:
    """Let new rows of `kinds` keep the times they are given, where `auto_now_add` would write today's.

    Ledgers and records refuse a later UPDATE, so their time must be right when they are inserted.
    """
    stamps = [field for kind in kinds for field in kind._meta.fields if getattr(field, "auto_now_add", False)]
    for field in stamps:
        field.auto_now_add = False  # type: ignore[attr-defined]
    try:
        yield
    finally:
        for field in stamps:
            field.auto_now_add = True  # type: ignore[attr-defined]
