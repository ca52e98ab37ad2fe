from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from flags.forms.report import year_asked, years_offered
from flags.queries.wish_figures import wish_figures_of


@require_GET
def wish_figures(request: Request) -> HttpResponse:
    """How long residents wait for an answer, for somebody to help and for the end of it; by kind and by community."""
    request.actor.require(Ability.SEE_FIGURES)
    year = year_asked(request.GET)
    context = {"year": year, "years": years_offered(), "figures": wish_figures_of(request.actor, year)}
    return render(request, "flags/wish_figures/page.html", context)
