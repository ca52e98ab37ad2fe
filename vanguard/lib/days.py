"""Days of the platform's calendar as moments: where one begins, and which one a moment ends."""

from calendar import monthrange
from datetime import date, datetime, time, timedelta

from django.utils import timezone

A_YEAR = timedelta(days=366)  # the longest there is, so that the same date a year ahead is always within it


def beginning_of(day: date) -> datetime:
    """The midnight with which `day` begins, in the local time of the platform."""
    return timezone.make_aware(datetime.combine(day, time.min))


def last_day_before(end: datetime) -> date:
    """The day that `end` ends, which at midnight is the day before."""
    return timezone.localdate(end - timedelta(microseconds=1))


def months_after(day: date, months: int) -> date:
    """The same day of the month so many months later, or the last day of a month that has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))
