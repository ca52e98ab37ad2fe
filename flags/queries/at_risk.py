"""Who is at risk of missing the year: behind the calendar, counted by what is lit (domain rule 7).

At risk is who owes flags and has fewer than the part of the year that is over would ask for; after the year's end, who is
short of them all. What awaits confirmation is said beside it and counts once it is confirmed: until then it may fall away.
"""

from collections.abc import Iterable
from datetime import date
from math import ceil
from typing import Protocol

from django.db.models import F, IntegerField, Q, QuerySet
from django.db.models.functions import Cast
from django.utils import timezone

from flags.models import ComplianceRow
from flags.models.report import State
from flags.queries.compliance import deciding_day


class Counted(Protocol):
    """A line of a report, or a standing."""

    @property
    def member_id(self) -> int: ...
    @property
    def state(self) -> str: ...
    @property
    def flags(self) -> int: ...
    @property
    def required(self) -> int: ...


def those_behind(lines: Iterable[Counted], year: int) -> set[int]:
    """Who of these is behind, by the member's key."""
    gone, whole = _days(year)
    return {
        line.member_id for line in lines if line.state == State.NOT_MET and line.flags * whole < line.required * gone
    }


def lacking(counted: Counted) -> int:
    """How many flags are still needed; none where none is owed."""
    return max(0, counted.required - counted.flags)


def weeks_left(year: int) -> int:
    """Weeks until December 31 of `year`, the one that has begun included; none once it is over."""
    days = (date(year, 12, 31) - timezone.localdate()).days + 1
    return max(0, ceil(days / 7))


def rows_behind(rows: QuerySet[ComplianceRow], year: int) -> QuerySet[ComplianceRow]:
    """Those lines of a report that are behind, asked of the database."""
    gone, whole = _days(year)
    figures = rows.annotate(
        have=Cast(F("flags"), IntegerField()) * whole, due=Cast(F("required"), IntegerField()) * gone
    )
    return figures.filter(Q(state=State.NOT_MET) & Q(have__lt=F("due")))


def _days(year: int) -> tuple[int, int]:
    """How many days of the year are over with today, and how many it has."""
    first = date(year, 1, 1)
    return (deciding_day(year) - first).days + 1, (date(year, 12, 31) - first).days + 1
