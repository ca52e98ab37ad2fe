from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from flags.actions.report import request_report
from flags.forms.report import ReportRequestForm
from flags.models import ComplianceReport, ReportRun
from flags.models.report import State
from flags.queries.compliance import PARTS
from flags.queries.report import report_rows, reports_of_run, reports_seen, row_counts, runs_under_way
from tasks.models.task import Category
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_response, xlsx_response

RELOAD_SECONDS = 2


@require_GET
def report_list(request: Request) -> HttpResponse:
    """The reports of my units, what is being built, and the way to have one built."""
    request.actor.require(Ability.SEE_UNITS)
    form = ReportRequestForm(organization=request.actor.organization, initial={"year": timezone.localdate().year})
    return _list(request, form)


@require_POST
def report_request(request: Request) -> HttpResponse:
    """Have a report built; what was typed stays where it cannot be."""
    request.actor.require(Ability.BUILD_REPORTS)
    form = ReportRequestForm(request.POST, organization=request.actor.organization)
    if form.is_valid():
        try:
            run = request_report(form.scope, form.cleaned_data["year"], by=request.actor)
        except Refused as refused:
            form.add_error("year", refused.sentence)
        else:
            return redirect("report_run", run.pk)
    return _list(request, form)


def _list(request: Request, form: ReportRequestForm) -> HttpResponse:
    page = page_of(request, reports_seen(request.actor))
    context = {
        "page": page,
        "counts": row_counts(page),
        "runs": runs_under_way(request.actor),
        "form": form if request.actor.can(Ability.BUILD_REPORTS) else None,
    }
    return render(request, "flags/report/list.html", context)


@require_GET
def report_run(request: Request, pk: int) -> HttpResponse:
    """How far a run has come. The progress asks for itself every two seconds; without script there is a link."""
    request.actor.require(Ability.SEE_UNITS)
    run = get_object_or_404(ReportRun.objects.visible_to(request.actor).select_related("scope"), pk=pk)
    page = page_of(request, reports_of_run(run))
    context = {"run": run, "finished": run.status not in ReportRun.NEXT, "page": page, "counts": row_counts(page)}
    template = "flags/report/_progress.html" if request.htmx else "flags/report/run.html"
    return render(request, template, context | {"seconds": RELOAD_SECONDS})


@require_GET
def report(request: Request, pk: int) -> HttpResponse:
    """One unit's year, line by line, all or those of one state."""
    report = _report(request, pk)
    state = request.GET.get("state", "")
    context = {
        "report": report,
        "counts": row_counts([report]).get(report.pk, {}),
        "states": State.choices,
        "state": state,
        "page": page_of(request, report_rows(report, state=state)),
    }
    return render(request, "flags/report/page.html", context)


@require_GET
def report_csv(request: Request, pk: int) -> HttpResponse:
    report = _report(request, pk)
    return csv_response(_file_name(report), _header(), _lines(report))


@require_GET
def report_xlsx(request: Request, pk: int) -> HttpResponse:
    report = _report(request, pk)
    return xlsx_response(_file_name(report), _header(), _lines(report))


def _report(request: Request, pk: int) -> ComplianceReport:
    request.actor.require(Ability.SEE_UNITS)
    return get_object_or_404(reports_seen(request.actor), pk=pk)


def _file_name(report: ComplianceReport) -> str:
    return f"report-{report.year}-{slugify(report.unit.code)}"


def _header() -> list[str]:
    return [
        _("Member number"),
        _("Name"),
        _("Flags"),
        _("Services"),
        _("Quarter 1"),
        _("Quarter 2"),
        _("Quarter 3"),
        _("Quarter 4"),
        *map(str, Category.labels),
        _("Exempt months"),
        _("Required"),
        _("State"),
    ]


def _lines(report: ComplianceReport) -> Iterator[list[Any]]:
    for row in report_rows(report):
        parts = [getattr(row, part) for part in PARTS]
        figures = [row.flags, row.services, *parts, row.exempt_months, row.required]
        yield [row.member_number, str(getattr(row, "name", "")), *figures, row.get_state_display()]
