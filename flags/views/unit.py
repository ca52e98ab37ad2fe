from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from accounts.queries.matching import counts_of
from accounts.queries.three_clear import of_units
from accounts.queries.unit_news import news_of_units
from flags.forms.report import year_asked, years_offered
from flags.queries.appeal import appeals_waiting
from flags.queries.at_risk import weeks_left
from flags.queries.explanation import explain
from flags.queries.unit import (
    awards_of,
    chosen,
    earned_together,
    members_seen,
    reported_of,
    standing_seen,
    unit_figures,
    unit_members,
    with_months,
)
from vanguard.lib.choosing import one_of
from vanguard.lib.paging import page_of

FILTERS = {
    "all": _("Everybody"),
    "away": _("Not checked in"),
    "short": _("Short of the minimum"),
    "risk": _("At risk"),
    "retired": _("Retired"),
}
PERIODS = {"year": _("Year"), "quarter": _("Quarters"), "month": _("Months")}


@require_GET
def unit_dashboard(request: Request) -> HttpResponse:
    """My unit's members; a hat that is no unit's has no such page, and opens a unit by its code."""
    request.actor.require(Ability.SEE_UNITS)
    unit = request.actor.organization
    if unit is None or unit.kind != Organization.Kind.WORK_UNIT:
        raise Http404
    return _dashboard(request, unit)


@require_GET
def unit_of(request: Request, code: str) -> HttpResponse:
    """One unit's members, as its own officer sees them."""
    request.actor.require(Ability.SEE_UNITS)
    units = Organization.objects.units().within(*request.actor.unit_paths)
    return _dashboard(request, get_object_or_404(units, code=code))


def _dashboard(request: Request, unit: Organization) -> HttpResponse:
    year, search = year_asked(request.GET), request.GET.get("q", "").strip()
    running = year == timezone.localdate().year
    only = one_of(FILTERS, request.GET.get("only"), default="all")
    by = one_of(PERIODS, request.GET.get("by"), default="year")
    people = unit_members(unit, year)
    months, companions = earned_together(people, year)
    counts = counts_of(of_units(unit)) if running else None
    figures = unit_figures(people, counts, companions=companions)
    page = page_of(request, chosen(people, only=only, search=search))
    if by == "month":
        page.object_list = with_months(page.object_list, year)
    context = {
        "unit": unit,
        "year": year,
        "years": years_offered(),
        "figures": figures,
        "weeks": weeks_left(year),
        "sees_roster": running and request.actor.can(Ability.SEE_MATCHING, unit),
        "months": months,
        "most": max(months) or 1,
        "page": page,
        "filters": FILTERS.items(),
        "only": only,
        "periods": PERIODS.items(),
        "by": by,
        "search": search,
        "appeals": appeals_waiting(request.actor).count() if request.actor.can(Ability.ANSWER_APPEALS) else None,
        "unread_news": news_of_units(request.actor).unread().count()
        if request.actor.can(Ability.KEEP_ROSTER, unit)
        else None,
    }
    return render(request, "flags/unit/page.html", context)


@require_GET
def unit_member(request: Request, number: str) -> HttpResponse:
    """What stands behind a member's number: each award of the year, and what awaits confirmation."""
    request.actor.require(Ability.SEE_UNITS)
    year = year_asked(request.GET)
    member = get_object_or_404(members_seen(request.actor, year).select_related("user", "home"), number=number)
    told = explain(member, year, own=False)
    standing = standing_seen(request.actor, told.standing)
    context = {
        "member": member,
        "year": year,
        "years": years_offered(),
        "standing": standing,
        "reported": reported_of(request.actor, member, year),
        "sees_dossier": request.actor.can(Ability.SEE_DOSSIERS),
        "keeps_standing": request.actor.can(Ability.KEEP_STANDING),
        "page": page_of(request, list(awards_of(member, year))),
        "why": told.reasons if standing else [],
        "awaiting": told.awaiting_of_year,
    }
    return render(request, "flags/unit/member.html", context)
