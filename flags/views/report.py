import re
from hashlib import sha256

from django.contrib import messages
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from flags.actions.report import request_report
from flags.forms.report import ReportRequestForm, years_offered
from flags.models import ComplianceReport, ReportRun
from flags.models.report import State
from flags.queries.at_risk import rows_behind, weeks_left
from flags.queries.correction import changes_of, versions_of
from flags.queries.digest import agrees
from flags.queries.report import (
    AT_RISK,
    can_be_at_risk,
    explain,
    report_rows,
    reports_current,
    reports_of_run,
    reports_seen,
    row_counts,
    runs_under_way,
)
from flags.queries.report_table import header, lines
from vanguard.lib.paging import page_of
from vanguard.lib.printing import CannotPrint, pdf_of
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_response, xlsx_response

RELOAD_SECONDS = 2
PDF_KEPT = 3600  # seconds


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
    page = page_of(request, reports_current(request.actor))
    context = {
        "page": page,
        "counts": row_counts(page),
        "runs": runs_under_way(request.actor),
        "years": years_offered(),
        "keeps_rule": request.actor.can(Ability.KEEP_RULE),
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
    """One unit's year, line by line, all, those of one state or those at risk; its versions and what they changed."""
    report = _report(request, pk)
    state = request.GET.get("state", "")
    at_risk = can_be_at_risk(report)
    page = page_of(request, report_rows(report, state=state))
    page.object_list = explain(page.object_list, report)
    is_draft = report.status == ComplianceReport.Status.DRAFT
    context = {
        "report": report,
        "counts": row_counts([report]).get(report.pk, {}),
        "states": State.choices,
        "state": state,
        "page": page,
        "at_risk": rows_behind(report.rows.all(), report.year).count() if at_risk else None,
        "at_risk_choice": AT_RISK,
        "weeks": weeks_left(report.year) if at_risk else 0,
        "agrees": None if is_draft else agrees(report),
        "versions": [] if is_draft else versions_of(report),
        "changes": changes_of(report),
    }
    return render(request, "flags/report/page.html", context)


@require_GET
def report_csv(request: Request, pk: int) -> HttpResponse:
    report = _report(request, pk)
    return csv_response(_file_name(report), header(), lines(report.rows.all(), report.year))


@require_GET
def report_xlsx(request: Request, pk: int) -> HttpResponse:
    report = _report(request, pk)
    return xlsx_response(_file_name(report), header(), lines(report.rows.all(), report.year))


@require_GET
def report_pdf(request: Request, pk: int) -> HttpResponse:
    """The report on paper; where the machine cannot make a PDF, the page is there to be printed."""
    report = _report(request, pk)
    key = _pdf_key(report)
    body = cache.get(key)
    try:
        body = body or pdf_of("flags/report/print.html", _on_paper(report))
    except CannotPrint:
        messages.warning(request, _("This server cannot make a PDF. Print this page from your browser instead."))
        return redirect("report", report.pk)
    cache.set(key, body, PDF_KEPT)
    disposition = f'attachment; filename="{_file_name(report)}.pdf"'
    return HttpResponse(body, headers={"Content-Type": "application/pdf", "Content-Disposition": disposition})


def _pdf_key(report: ComplianceReport) -> str:
    """Anew whenever its lines are, or a name on it has been erased."""
    names = report.rows.filter(name__isnull=False).count()
    shown = [report.pk, report.built_at, report.status, report.unit.name, names, get_language()]
    return f"report-pdf-{sha256(repr(list(map(str, shown))).encode()).hexdigest()}"


def _on_paper(report: ComplianceReport) -> dict[str, object]:
    return {
        "report": report,
        "rows": explain(report_rows(report), report),
        "counts": row_counts([report]).get(report.pk, {}),
        "states": State.choices,
        "language": get_language(),
        "page_words": re.split(r"\{\w+\}", _("Page {page} of {pages}")),
    }


def _report(request: Request, pk: int) -> ComplianceReport:
    request.actor.require(Ability.SEE_UNITS)
    return get_object_or_404(reports_seen(request.actor), pk=pk)


def _file_name(report: ComplianceReport) -> str:
    return f"report-{slugify(report.number) if report.number else f'{report.year}-{slugify(report.unit.code)}'}"
