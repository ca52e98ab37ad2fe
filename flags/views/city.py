from django.http import HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.queries.review import pending_check_ins
from flags.forms.report import year_asked, years_offered
from flags.queries.appeal import appeals_to_show
from flags.queries.city import community_figures, units_figures
from flags.queries.late_entry import entries_to_approve
from flags.queries.service import Services, services_by_community
from tasks.queries.activity_report import reports_due
from tasks.queries.suggestion import suggestions_to_answer
from vanguard.lib.paging import page_of


@require_GET
def city_figures(request: Request) -> HttpResponse:
    """Streets and communities of my city or street; for who may look into units, each unit's year."""
    request.actor.require(Ability.SEE_FIGURES)
    year = year_asked(request.GET)
    context = {
        "year": year,
        "years": years_offered(),
        "streets": community_figures(request.actor, year),
        "page": page_of(request, units_figures(request.actor, year)),
        "check_ins": pending_check_ins(request.actor).count() if request.actor.can(Ability.STAND_IN) else 0,
        "suggestions": suggestions_to_answer(request.actor).count() if request.actor.can(Ability.STAND_IN) else 0,
        **(appeals_to_show(request.actor) if request.actor.can(Ability.DECIDE_APPEALS) else {"appeals": None}),
        "sees_lines": request.actor.can(Ability.SEE_RESIDENT_MEMBERS),
        "sees_units": request.actor.can(Ability.SEE_UNITS),
        "served": sum(services_by_community(request.actor.home_paths, year).values(), Services()),
        "reports_due": reports_due(request.actor, timezone.now()).count(),
        "entries": entries_to_approve(request.actor).count() if request.actor.can(Ability.KEEP_LEDGER) else 0,
        "keeps_ledger": request.actor.can(Ability.KEEP_LEDGER),
        "governs": request.actor.can(Ability.KEEP_ORGANIZATIONS),
    }
    return render(request, "flags/city/page.html", context)
