from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.forms.report import year_asked, years_offered
from flags.queries.service import awards_behind, services_seen, together
from vanguard.lib.choosing import one_of
from vanguard.lib.paging import page_of

WHO = {
    "all": _("Everybody"),
    "service": _("Members in service"),
    "retired": _("Retired members"),
    "companions": _("With companions"),
}


@require_GET
def service_figures(request: Request) -> HttpResponse:
    """Who served in a year: members in service, the retired and those whom they brought, each counted apart."""
    request.actor.require_any(Ability.SEE_FIGURES, Ability.CONFIRM)
    year = year_asked(request.GET)
    streets = services_seen(request.actor, year)
    context = {
        "year": year,
        "years": years_offered(),
        "streets": streets,
        "together": together(streets),
        "sees_lines": request.actor.can(Ability.SEE_RESIDENT_MEMBERS),
        "oversees": request.actor.can(Ability.SEE_FIGURES),
    }
    return render(request, "flags/service/page.html", context)


@require_GET
def service_lines(request: Request, code: str) -> HttpResponse:
    """The lines of the ledger behind a community's numbers."""
    request.actor.require(Ability.SEE_RESIDENT_MEMBERS)
    communities = Organization.objects.communities().within(*request.actor.home_paths)
    community = get_object_or_404(communities, code=code)
    year, who = year_asked(request.GET), one_of(WHO, request.GET.get("who"), default="all")
    context = {
        "community": community,
        "year": year,
        "who": who,
        "choices": WHO.items(),
        "page": page_of(request, awards_behind(community, year, who=who)),
    }
    return render(request, "flags/service/lines.html", context)
