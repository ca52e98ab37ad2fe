from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from flags.queries.wall import awaiting_confirmation, progress_of, wall_of, years_of
from vanguard.lib.paging import page_of


@require_GET
def flag_wall(request: Request) -> HttpResponse:
    """Every flag of mine: what, when, where, who confirmed; and what is still awaited."""
    request.actor.require(Ability.CLAIM)
    member = request.actor.member
    assert member is not None
    years = years_of(member)
    year = {str(year): year for year in years}.get(request.GET.get("year", ""), timezone.localdate().year)
    context = {
        "progress": progress_of(member, year),
        "page": page_of(request, wall_of(member, year)),
        "awaiting": awaiting_confirmation(member),
        "years": years,
        "year": year,
    }
    return render(request, "flags/wall/page.html", context)
