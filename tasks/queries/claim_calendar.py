"""A week or a month of one member: their places, and what is open to them."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from django.db.models import Q
from django.utils import timezone

from accounts.models import Member
from tasks.models import Claim, Shift
from tasks.queries.claim import is_gone, when_it_begins
from tasks.queries.task import search, shifts_open_to
from vanguard.lib.days import beginning_of, last_day_before, months_after

A_DAY, A_WEEK = timedelta(days=1), timedelta(days=7)


class By(StrEnum):
    WEEK = "week"
    MONTH = "month"


OPEN_A_DAY = {By.WEEK: 12, By.MONTH: 3}


class Span(NamedTuple):
    """The week or month of a day; `first` to `last` are whole weeks, from Monday on."""

    by: By
    begins: date
    ends: date

    @property
    def first(self) -> date:
        return self.begins - timedelta(days=self.begins.weekday())

    @property
    def last(self) -> date:
        return self.ends + timedelta(days=6 - self.ends.weekday())

    @property
    def before(self) -> date:
        """A day of the one before."""
        return self.begins - A_DAY

    @property
    def after(self) -> date:
        return self.ends + A_DAY


def span_of(by: By, day: date) -> Span:
    if by == By.WEEK:
        monday = day - timedelta(days=day.weekday())
        return Span(by, monday, monday + A_WEEK - A_DAY)
    first = day.replace(day=1)
    return Span(by, first, months_after(first, 1) - A_DAY)


class Item(NamedTuple):
    """A place of the member's own, or a shift open to them; without hours it stands on its last day."""

    place: Any  # Claim or Shift
    starts_at: datetime | None
    ends_at: datetime

    @property
    def days(self) -> tuple[date, date]:
        """The first and the last day that it touches."""
        last = last_day_before(self.ends_at)
        return (timezone.localdate(self.starts_at) if self.starts_at else last, last)

    @property
    def is_own(self) -> bool:
        return isinstance(self.place, Claim)

    @property
    def shift(self) -> Shift:
        return self.place.shift if isinstance(self.place, Claim) else self.place


class Day(NamedTuple):
    """`more` is how many open shifts of that day are not listed."""

    date: date
    items: list[Item]
    more: int
    is_within: bool
    is_today: bool


def days_of(span: Span, member: Member, now: datetime, *, own_only: bool = False) -> list[Day]:
    """Every day of the weeks of `span` with what stands on it, in order; what lasts over midnight stands on each day.

    A member's own places are all listed; of what is open only the first few of a day.
    """
    own = _by_day(_own(span, member, now), span)
    open_ = {} if own_only else _by_day(_open(span, member, now), span)
    most, today = OPEN_A_DAY[span.by], timezone.localdate(now)
    days = []
    for n in range((span.last - span.first).days + 1):
        day = span.first + timedelta(days=n)
        offered = open_.get(day, [])
        items = sorted([*own.get(day, []), *offered[:most]], key=_place_in_day)
        is_within = span.begins <= day <= span.ends
        days.append(Day(day, items, len(offered[most:]), is_within, day == today))
    return days


def _place_in_day(item: Item) -> tuple[bool, datetime, bool]:
    """By its beginning, what has no hours at the end; one's own before what is open."""
    return (item.starts_at is None, item.starts_at or item.ends_at, not item.is_own)


def _own(span: Span, member: Member, now: datetime) -> Iterable[Item]:
    begin, end = beginning_of(span.first), beginning_of(span.last + A_DAY)
    agreed = Q(starts_at__lt=end, ends_at__gt=begin)
    of_shift = Q(shift__starts_at__lt=end, shift__ends_at__gt=begin)
    fixed = Q(starts_at=None, shift__by_agreement=False) & of_shift
    by_last_day = Q(starts_at=None, shift__by_agreement=True, shift__ends_at__gt=begin, shift__ends_at__lte=end)
    claims = Claim.objects.living().filter(agreed | fixed | by_last_day, member=member).exclude(is_gone(now))
    for claim in claims.select_related("shift__task").order_by(when_it_begins(), "pk"):
        shift = claim.shift
        starts_at = claim.starts_at or (None if shift.by_agreement else shift.starts_at)
        yield Item(claim, starts_at, claim.ends_at or shift.ends_at)


def _open(span: Span, member: Member, now: datetime) -> Iterable[Item]:
    """At fixed hours: what has its time by agreement can be done on any day, so it stands on none."""
    shifts = shifts_open_to(member, now).filter(mine=False, by_agreement=False)
    for shift in search(shifts, days=(span.first, span.last)):
        yield Item(shift, shift.starts_at, shift.ends_at)


def _by_day(items: Iterable[Item], span: Span) -> dict[date, list[Item]]:
    days: dict[date, list[Item]] = defaultdict(list)
    for item in items:
        first, last = item.days
        day = max(first, span.first)
        while day <= min(last, span.last):
            days[day].append(item)
            day += A_DAY
    return days
