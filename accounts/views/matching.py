"""Three clear, list by list: what pages and downloads of the lines have in common, the unit's page, and coverage."""

from collections.abc import Iterator
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.utils.text import slugify
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.forms.matching import SORT_WORDS, asked_in, details_offered, states_offered
from accounts.models import Organization
from accounts.queries.coverage import communities_coverage, together, units_coverage
from accounts.queries.matching import Line, Lines, counts_of
from accounts.queries.three_clear import Detail, Side, of_units
from vanguard.lib.paging import page_of
from vanguard.lib.spreadsheet import csv_response, xlsx_response


@require_GET
def roster(request: Request) -> HttpResponse:
    """My unit's roster beside the check-ins; a hat that is no unit's opens a unit by its code."""
    request.actor.require(Ability.SEE_MATCHING)
    unit = request.actor.organization
    if unit is None or unit.kind != Organization.Kind.WORK_UNIT:
        raise Http404
    return _roster(request, unit)


@require_GET
def unit_roster(request: Request, code: str) -> HttpResponse:
    """One unit's roster beside the check-ins, as its own officer sees it, without the phones for the city."""
    return _roster(request, _unit(request, code))


@require_GET
def unit_roster_csv(request: Request, code: str) -> HttpResponse:
    unit = _unit(request, code)
    return csv_response(file_name("roster", unit), *sheet(request, of_units(unit)))


@require_GET
def unit_roster_xlsx(request: Request, code: str) -> HttpResponse:
    unit = _unit(request, code)
    return xlsx_response(file_name("roster", unit), *sheet(request, of_units(unit)))


@require_GET
def coverage(request: Request) -> HttpResponse:
    """How far the check-in has come in my city or street: figures, which only the city may open."""
    request.actor.require(Ability.SEE_FIGURES)
    organization = request.actor.organization
    assert organization is not None, "figures are seen under an appointment"
    streets = communities_coverage(organization)
    categories = units_coverage(organization) if request.actor.can(Ability.SEE_UNITS) else []
    context = {
        "streets": streets,
        "homes": together(_("Communities"), streets),
        "categories": categories,
        "units": together(_("Work units"), categories),
        "sees_units": request.actor.can(Ability.SEE_UNITS),
        "opens": request.actor.can(Ability.SEE_MATCHING),
        "merges_rosters": request.actor.can(Ability.MERGE_ROSTERS),
        "merges_members": request.actor.can(Ability.MERGE_MEMBERS),
    }
    return render(request, "accounts/matching/coverage.html", context)


def lines_in(request: Request, side: Side, *, total: int | None = None) -> Lines:
    """The lines that the address asks for, with phones and addresses only for hats that need them."""
    return Lines(side, asked_in(request.GET), masked=not request.actor.sees_contacts, total=total)


def list_context(request: Request, side: Side) -> dict[str, Any]:
    """What a page of lines shows: figures of the whole, filters with what each leaves of the search, one page."""
    asked, whole = asked_in(request.GET), counts_of(side)
    counts = counts_of(side, asked.search) if asked.search else whole
    return {
        "page": page_of(request, lines_in(request, side, total=counts.left_by(asked))),
        "whole": whole,
        "asked": asked,
        "states": states_offered(counts),
        "details": details_offered(counts),
        "sorts": SORT_WORDS.items(),
        "of_units": side.of_units,
    }


def file_name(what: str, organization: Organization) -> str:
    return f"{what}-{slugify(organization.code)}-{timezone.localdate():%Y%m%d}"


def sheet(request: Request, side: Side) -> tuple[list[str], Iterator[list[Any]]]:
    """Heading and rows of a download: the same lines as on the page, all of them."""
    heading = [_("Name"), _("Member number"), _("Mobile phone"), _("Work unit"), _("Community"), _("Compound")]
    heading += [_("State"), _("How far")]
    for detail in Detail.labels:
        heading += [_("%(detail)s: roster") % {"detail": detail}, _("%(detail)s: check-in") % {"detail": detail}]
    return heading, map(_cells, lines_in(request, side))


def _cells(line: Line) -> list[Any]:
    said = {difference.detail: (difference.roster, difference.own) for difference in line.differences}
    both = [words for detail in Detail for words in said.get(detail, ("", ""))]
    person = [line.name, line.number, line.phone, line.unit, line.community, line.compound]
    return [*(value or "" for value in person), line.label, line.progress_label, *both]


def _unit(request: Request, code: str) -> Organization:
    request.actor.require(Ability.SEE_MATCHING)
    return get_object_or_404(Organization.objects.units().within(*request.actor.unit_paths), code=code)


def _roster(request: Request, unit: Organization) -> HttpResponse:
    context = list_context(request, of_units(unit))
    may = {"reminds": request.actor.can(Ability.REMIND, unit), "keeps": request.actor.can(Ability.KEEP_ROSTER, unit)}
    return render(request, "accounts/matching/roster.html", {**context, **may, "unit": unit})
