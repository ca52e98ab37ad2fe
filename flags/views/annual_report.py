"""The secretary's annual report (述职材料): a year on the screen, and on two printed pages."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.forms.report import year_asked, years_offered
from flags.queries.annual_report import AnnualReport, unit_year
from flags.queries.annual_report_community import community_year
from flags.views.service_record import community_asked
from vanguard.lib.printing import CHINESE, CannotPrint, pdf_of, pdf_response


@require_GET
def unit_annual_report(request: Request, code: str) -> HttpResponse:
    return _page(request, unit_year(_unit(request, code), year_asked(request.GET)), "unit_annual_report")


@require_GET
def unit_annual_report_pdf(request: Request, code: str) -> HttpResponse:
    unit, year = _unit(request, code), year_asked(request.GET)
    with translation.override(CHINESE):
        report = unit_year(unit, year)
    return _printed(request, report, "unit_annual_report")


@require_GET
def community_annual_report(request: Request, code: str) -> HttpResponse:
    community, year = community_asked(request, code), year_asked(request.GET)
    return _page(request, community_year(community, year, actor=request.actor), "community_annual_report")


@require_GET
def community_annual_report_pdf(request: Request, code: str) -> HttpResponse:
    community, year = community_asked(request, code), year_asked(request.GET)
    with translation.override(CHINESE):
        report = community_year(community, year, actor=request.actor)
    return _printed(request, report, "community_annual_report")


def _page(request: Request, report: AnnualReport, name: str) -> HttpResponse:
    context = {
        "report": report,
        "years": years_offered(),
        "pdf": f"{reverse(f'{name}_pdf', args=[report.place.code])}?year={report.year}",
        "back": reverse("unit_of" if name == "unit_annual_report" else "service_lines", args=[report.place.code]),
    }
    return render(request, "flags/annual_report/page.html", context)


def _printed(request: Request, report: AnnualReport, name: str) -> HttpResponse:
    try:
        with translation.override(CHINESE):
            context = {"report": report, "printed_on": timezone.localdate()}
            body = pdf_of("flags/annual_report/paper.html", context)
    except CannotPrint:
        messages.warning(request, _("This server cannot make a PDF. Print this page from your browser instead."))
        return redirect(f"{reverse(name, args=[report.place.code])}?year={report.year}")
    return pdf_response(body, f"annual-report-{report.place.code}-{report.year}")


def _unit(request: Request, code: str) -> Organization:
    request.actor.require(Ability.SEE_UNITS)
    return get_object_or_404(Organization.objects.units().within(*request.actor.unit_paths), code=code)
