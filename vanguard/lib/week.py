"""The parts of a week in which people say they are free: mornings, afternoons and evenings, kept as bits.

A week has 28 quarters of six hours and begins on Monday at 06:00, in the local time of the platform. A morning and an
afternoon are one quarter each. An evening is two: it lasts until six in the morning, so that what goes on past midnight
is of the evening on which it began.
"""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import NamedTuple

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from vanguard.lib.saying import WEEKDAYS

QUARTER = 6 * 60 * 60  # seconds
QUARTERS = 28  # of a week
WHOLE_WEEK = 2**QUARTERS - 1
A_MONDAY = 4 * 24 * 60 * 60 + QUARTER  # 1970-01-05 06:00, in seconds of a clock that shows local time

DAYS = dict(zip(("MON", "TUE", "WED", "THU", "FRI", "SAT", "SUN"), WEEKDAYS, strict=True))
PARTS = {
    "MORNING": gettext_lazy("morning"),
    "AFTERNOON": gettext_lazy("afternoon"),
    "EVENING": gettext_lazy("evening"),
}
OWN_BITS = {"MORNING": 0b0001, "AFTERNOON": 0b0010, "EVENING": 0b1100}  # of a day's four quarters

# The 21 parts of a week with the quarters of each.
BITS = {f"{day}_{part}": OWN_BITS[part] << 4 * n for n, day in enumerate(DAYS) for part in PARTS}


class Part(NamedTuple):
    day: str
    part: str

    @property
    def words(self) -> str:
        """`周六上午`"""
        return _("%(day)s %(part)s") % {"day": DAYS[self.day], "part": PARTS[self.part]}


def parts() -> Iterator[tuple[str, str]]:
    """Every part with its words, in the order of the week."""
    return ((code, Part(*code.split("_")).words) for code in BITS)


def seconds_before_monday() -> int:
    """From the first moment of Unix time to the first Monday at 06:00 here; the platform's clock is never put forward."""
    offset = timezone.localtime().utcoffset() or timedelta(0)
    return A_MONDAY - round(offset.total_seconds())


def quarter_at(moment: datetime) -> int:
    """Which quarter it is, counted from that Monday; its remainder by 28 is its place in the week."""
    return (int(moment.timestamp()) - seconds_before_monday()) // QUARTER


def quarters_between(starts: datetime, ends: datetime) -> int:
    """The bits of all quarters of the week into which a span reaches."""
    first, last = quarter_at(starts), quarter_at(ends - timedelta(seconds=1))
    reached = 0
    for quarter in range(first, min(last, first + QUARTERS - 1) + 1):
        reached |= 1 << quarter % QUARTERS
    return reached


def part_at(moment: datetime) -> Part:
    """The part of the week in which a moment lies."""
    day, quarter = divmod(quarter_at(moment) % QUARTERS, 4)
    return Part(list(DAYS)[day], list(PARTS)[min(quarter, 2)])
