"""Quarters of the calendar year, by which stewards keep their logs."""

from datetime import date, timedelta
from typing import NamedTuple

from django.utils.translation import gettext as _

EVERY = (1, 2, 3, 4)


class Quarter(NamedTuple):
    year: int
    number: int

    def __str__(self) -> str:
        return _("quarter %(number)s of %(year)s") % {"number": self.number, "year": self.year}

    @property
    def first_day(self) -> date:
        return date(self.year, 3 * self.number - 2, 1)

    @property
    def last_day(self) -> date:
        return self.next.first_day - timedelta(days=1)

    @property
    def next(self) -> "Quarter":
        return Quarter(self.year + 1, 1) if self.number == EVERY[-1] else Quarter(self.year, self.number + 1)

    @property
    def before(self) -> "Quarter":
        return Quarter(self.year - 1, EVERY[-1]) if self.number == 1 else Quarter(self.year, self.number - 1)


def quarter_of(day: date) -> Quarter:
    return Quarter(day.year, (day.month + 2) // 3)
