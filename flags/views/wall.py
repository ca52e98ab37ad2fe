from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from flags.queries.appeal_subject import YEARS_BACK
from flags.queries.explanation import explain
from flags.queries.wall import flags_of, years_of
from vanguard.lib.paging import page_of


@require_GET
def flag_wall(request: Request) -> HttpResponse:
    """Every flag of mine: what, when, where, who confirmed; what is awaited, and why the number is what it is."""
    request.actor.require(Ability.CLAIM)
    member = request.actor.member
    assert member is not None
    years, this_year = years_of(member), timezone.localdate().year
    year = {str(year): year for year in years}.get(request.GET.get("year", ""), this_year)
    told = explain(member, year)
    context = {
        "explanation": told,
        "page": page_of(request, flags_of(member, year, appeals=told.appeals)),
        "years": years,
        "year": year,
        "may_be_missing": this_year - year < YEARS_BACK,
    }
    return render(request, "flags/wall/page.html", context)
