"""A year of reports as a whole: what it says, taking it along, locking it, and correcting it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Organization
from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year, require_lockable
from flags.forms.correction import CorrectionForm
from flags.forms.report import years_offered
from flags.models.report import State
from flags.queries.correction import pending_changes
from flags.queries.report import reports_current, row_counts, rows_of_year, still_unconfirmed, year_counts
from flags.queries.report_table import header, lines
from flags.queries.year import has_begun, is_locked
from tasks.models import YearRule
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_response, xlsx_response

UNITS_A_PAGE = 10
CHANGES_SHOWN = 20  # of a unit


@require_GET
def report_year(request: Request, year: int) -> HttpResponse:
    """The reports of one year; for the city what is still unconfirmed, and the way to lock it or to correct it."""
    organization = _organization(request, year)
    locked = is_locked(organization.city_path, year)
    page = page_of(request, reports_current(request.actor, year))
    context = {
        "year": year,
        "years": years_offered(),
        "counts_of_year": year_counts(request.actor, year),
        "states": State.choices,
        "page": page,
        "counts": row_counts(page),
        "locked": locked,
        "rule": YearRule.of(organization.city_path, year),
        "locks": request.actor.can(Ability.LOCK_YEAR),
    }
    if context["locks"] and not locked:
        context |= {"unconfirmed": still_unconfirmed(organization, year), "not_yet": _not_yet(organization, year)}
    return render(request, "flags/report_year/page.html", context)


@require_POST
def report_lock(request: Request, year: int) -> HttpResponse:
    request.actor.require(Ability.LOCK_YEAR)
    city = _organization(request, year)
    said = _("%(year)s is locked. Its reports are numbered, and the units have been told.") % {"year": year}
    attempt(request, lambda: lock_year(city, year, by=request.actor), said)
    return redirect("report_year", year)


def report_correct(request: Request, year: int) -> HttpResponse:
    """What has changed since the year was locked, unit by unit, and the form that makes it the next version."""
    request.actor.require(Ability.LOCK_YEAR)
    city = _organization(request, year)
    form = CorrectionForm(request.POST or None, city=city)
    if request.method == "POST" and attempt_with(form, lambda: _correct(request, year, form)):
        return redirect("report_year", year)
    if not is_locked(city.path, year):
        raise Http404
    pending = pending_changes(city, year)
    units = Organization.objects.filter(pk__in=pending).order_by("code")
    page = page_of(request, [(unit, pending[unit.pk]) for unit in units], per_page=UNITS_A_PAGE)
    context = {"year": year, "form": form, "page": page, "shown": f":{CHANGES_SHOWN}", "most": CHANGES_SHOWN}
    return render(request, "flags/report_year/correct.html", context)


@require_GET
def report_year_csv(request: Request, year: int) -> HttpResponse:
    _organization(request, year)
    return csv_response(f"reports-{year}", header(), lines(rows_of_year(request.actor, year), year))


@require_GET
def report_year_xlsx(request: Request, year: int) -> HttpResponse:
    _organization(request, year)
    return xlsx_response(f"reports-{year}", header(), lines(rows_of_year(request.actor, year), year))


def _organization(request: Request, year: int) -> Organization:
    """For whom the year is looked at; a year to come and one before all calendars has no page."""
    request.actor.require(Ability.SEE_UNITS)
    if not has_begun(year) or request.actor.organization is None:
        raise Http404
    return request.actor.organization


def _not_yet(city: Organization, year: int) -> str:
    """Why the year cannot be locked now, in words; nothing where it can."""
    try:
        require_lockable(city, year)
    except Refused as refused:
        return refused.sentence
    return ""


def _correct(request: Request, year: int, form: CorrectionForm) -> None:
    reports = correct_reports(form.scope, year, reason=form.cleaned_data["reason"], by=request.actor)
    said = ngettext("%(n)s report has a new version.", "%(n)s reports have a new version.", len(reports))
    messages.success(request, said % {"n": len(reports)})
