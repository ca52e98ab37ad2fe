from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.actions.roster_duplicate import merge_entries, tell_apart
from accounts.models import Organization, RosterEntry
from accounts.queries.roster_duplicate import (
    also_listed_elsewhere,
    merged_lines,
    namesakes,
    pairs_of_namesakes,
    pairs_of_shared_phones,
    shared_phones,
)
from vanguard.lib.attempting import attempt
from vanguard.lib.paging import page_of

LATEST = 10
SHOWN_ELSEWHERE = 50  # each goes as soon as it is mended, and the next comes up


@require_GET
def roster_duplicates(request: Request) -> HttpResponse:
    """Which lines may be one person: in the own unit by name; for the city, across its units by phone."""
    request.actor.require(Ability.MERGE_ROSTERS)
    organization = request.actor.organization
    assert organization is not None, "who merges rosters acts for an organization"
    is_unit = organization.kind == Organization.Kind.WORK_UNIT
    found = _of_unit(request, organization) if is_unit else _of_city(request, organization)
    context = {"merged": merged_lines(request.actor)[:LATEST], "is_unit": is_unit, **found}
    return render(request, "accounts/roster_duplicate/list.html", context)


def _of_unit(request: Request, unit: Organization) -> dict[str, Any]:
    page = page_of(request, namesakes(unit))
    elsewhere = also_listed_elsewhere(unit)[:SHOWN_ELSEWHERE]
    return {"page": page, "pairs": pairs_of_namesakes(unit, page), "elsewhere": elsewhere}


def _of_city(request: Request, city: Organization) -> dict[str, Any]:
    page = page_of(request, shared_phones(city))
    return {"page": page, "pairs": pairs_of_shared_phones(city, page)}


@require_POST
def roster_merge(request: Request, kept: int, other: int) -> HttpResponse:
    """Keep one line of a pair; the other is taken off and points to it."""
    one, two = _entry(request, kept), _entry(request, other)
    said = _("%(name)s now stands there once.") % {"name": one.name}
    attempt(request, lambda: merge_entries(one, two, by=request.actor), said)
    return redirect("roster_duplicates")


@require_POST
def roster_distinct(request: Request, one: int, other: int) -> HttpResponse:
    """They are two people: the pair is not shown again."""
    first, second = _entry(request, one), _entry(request, other)
    attempt(request, lambda: tell_apart(first, second, by=request.actor), _("Noted: two people."))
    return redirect("roster_duplicates")


def _entry(request: Request, pk: int) -> RosterEntry:
    request.actor.require(Ability.MERGE_ROSTERS)
    return get_object_or_404(RosterEntry.objects.visible_to(request.actor).select_related("unit"), pk=pk)
