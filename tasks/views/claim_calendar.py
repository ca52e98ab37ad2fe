from datetime import date

from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.queries.claim_calendar import By, Span, days_of, span_of

YEARS = range(2000, 2100)


@require_GET
def claim_calendar(request: Request) -> HttpResponse:
    """My places by week or month, and what is open to me; what the address asks for in vain falls back to today."""
    request.actor.require(Ability.CLAIM)
    member, now = request.actor.member, timezone.now()
    assert member is not None
    by = By.MONTH if request.GET.get("by") == By.MONTH else By.WEEK
    span = span_of(by, _day_in(request.GET.get("day", ""), timezone.localdate(now)))
    own_only = request.GET.get("own") == "1"
    context = {
        "span": span,
        "title": _title(span),
        "days": days_of(span, member, now, own_only=own_only),
        "own_only": own_only,
    }
    return render(request, "tasks/calendar/page.html", context)


def _day_in(text: str, today: date) -> date:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return today
    return day if day.year in YEARS else today


def _title(span: Span) -> str:
    if span.by == By.MONTH:
        return date_format(span.begins, "YEAR_MONTH_FORMAT")
    is_in_one_year = span.begins.year == span.ends.year
    return f"{date_format(span.begins)} – {date_format(span.ends, 'MONTH_DAY_FORMAT' if is_in_one_year else None)}"
