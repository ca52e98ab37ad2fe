"""When a shift or a place in it is, in words; by agreement it may have no hours yet."""

from datetime import date, datetime, timedelta
from typing import Any

from django import template
from django.utils import timezone
from django.utils.translation import gettext as _

from tasks.models import Claim, Shift
from tasks.queries.claim import next_step
from tasks.queries.claim_calendar import Item
from vanguard.lib.days import last_day_before
from vanguard.lib.saying import day_words, until

register = template.Library()


@register.filter
def hours_of(place: Shift | Claim) -> Any:
    """`明天 14:00–16:00`; by agreement until when, as long as no time is agreed."""
    shift = place if isinstance(place, Shift) else place.shift
    if isinstance(place, Claim) and place.starts_at:
        return until(place.starts_at, place.ends_at)
    if shift.by_agreement:
        return by_agreement_until(shift.ends_at)
    return until(shift.starts_at, shift.ends_at)


@register.filter
def hours_on(item: Item, day: date) -> str:
    """`14:00–16:00`; of what lasts over midnight the part that falls on `day`."""
    if item.starts_at is None:
        return _("By agreement, until this day")
    first, last = item.days
    begin = f"{timezone.localtime(item.starts_at):%H:%M}" if first == day else "00:00"
    end = f"{timezone.localtime(item.ends_at):%H:%M}" if last == day else "24:00"
    return f"{begin}–{'24:00' if end == '00:00' else end}"


@register.filter
def by_agreement_until(end: datetime) -> str:
    return _("time by agreement, until %(day)s") % {"day": day_words(last_day_before(end))}


@register.filter
def milliseconds_after(moment: datetime, now: datetime) -> int:
    """How long it still is by the server's clock, which is the one that decides."""
    return max(0, round((moment - now) / timedelta(milliseconds=1)))


@register.filter
def last_day_of(shift: Shift) -> str:
    return day_words(shift.last_day)


@register.filter
def next_words(claim: Claim) -> str:
    step = next_step(claim, timezone.now())
    return str(step.label) if step else ""
