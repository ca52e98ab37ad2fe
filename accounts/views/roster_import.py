from collections.abc import Iterator
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST
from django_htmx.http import HttpResponseClientRefresh

from accounts.access import Ability, Request
from accounts.actions.roster_import import (
    apply_roster_import,
    discard_roster_import,
    recheck_roster_import,
    undo_roster_import,
    upload_roster,
)
from accounts.forms.roster_import import ApplyForm, UploadForm
from accounts.models import Organization, RosterImport, RosterImportLine
from accounts.queries.roster_import import can_be_undone, import_lines, is_outdated, line_counts, roster_imports
from accounts.roster_columns import Column, template_headings
from vanguard.lib.attempting import attempt
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_response, xlsx_response

RELOAD_SECONDS = 2
Status, Kind = RosterImport.Status, RosterImportLine.Kind
UNDER_WAY = (Status.WAITING, Status.RUNNING, Status.APPLYING)


def roster_import_new(request: Request) -> HttpResponse:
    """Upload a list of the unit, and the lists uploaded before."""
    unit = _unit(request)
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        file = form.cleaned_data["file"]
        try:
            uploaded = upload_roster(unit, file_name=file.name, content=file.read(), by=request.actor)
        except Refused as refused:
            form.add_error("file", refused.sentence)
        else:
            return redirect("roster_import", uploaded.pk)
    page = page_of(request, roster_imports(request.actor))
    return render(request, "accounts/roster_import/new.html", {"form": form, "unit": unit, "page": page})


@require_GET
def roster_template_xlsx(request: Request) -> HttpResponse:
    """An empty list with the headings that are understood, its cells ready to be typed into."""
    request.actor.require(Ability.KEEP_ROSTER)
    return xlsx_response("roster-template", template_headings(get_language()), [], columns_of_text=True)


@require_GET
def roster_template_csv(request: Request) -> HttpResponse:
    request.actor.require(Ability.KEEP_ROSTER)
    return csv_response("roster-template", template_headings(get_language()), [])


@require_GET
def roster_import(request: Request, pk: int) -> HttpResponse:
    """How far a list has come; once it is checked, what each line would do. The progress asks for itself."""
    shown = _import(request, pk)
    under_way = shown.status in UNDER_WAY
    if request.htmx and not under_way:
        return HttpResponseClientRefresh()
    context = {"roster_import": shown, "under_way": under_way, "seconds": RELOAD_SECONDS}
    if request.htmx:
        return render(request, "accounts/roster_import/_progress.html", context)
    return render(request, "accounts/roster_import/page.html", context | _lines_shown(request, shown))


def _lines_shown(request: Request, shown: RosterImport) -> dict[str, Any]:
    counts, kind = line_counts(shown), request.GET.get("kind", "")
    return {
        "counts": counts,
        "kinds": [(name, Kind(name).label, n) for name, n in counts.items()],
        "all": sum(counts.values()),
        "changing": counts.get(Kind.NEW, 0) + counts.get(Kind.CHANGED, 0),
        "kind": kind,
        "page": page_of(request, import_lines(shown, kind=kind)),
        "outdated": shown.status == Status.READY and is_outdated(shown),
        "undoable": can_be_undone(shown),
    }


@require_POST
def roster_import_apply(request: Request, pk: int) -> HttpResponse:
    """The officer says so: the list is written, all of it or nothing."""
    shown, form = _import(request, pk), ApplyForm(request.POST)
    form.is_valid()
    ticked = form.cleaned_data["remove_missing"]
    attempt(request, lambda: apply_roster_import(shown, remove_missing=ticked, by=request.actor))
    return redirect("roster_import", pk)


@require_POST
def roster_import_recheck(request: Request, pk: int) -> HttpResponse:
    """Check it anew, against the roster as it has become."""
    shown = _import(request, pk)
    attempt(request, lambda: recheck_roster_import(shown, by=request.actor))
    return redirect("roster_import", pk)


@require_POST
def roster_import_undo(request: Request, pk: int) -> HttpResponse:
    """Take back what it has written."""
    shown, said = _import(request, pk), _("The roster is again as it was before this import.")
    attempt(request, lambda: undo_roster_import(shown, by=request.actor), said)
    return redirect("roster_import", pk)


@require_POST
def roster_import_discard(request: Request, pk: int) -> HttpResponse:
    """Throw the list away, unwritten."""
    shown, said = _import(request, pk), _("The list has been discarded. The roster is unchanged.")
    if attempt(request, lambda: discard_roster_import(shown, by=request.actor), said):
        return redirect("roster_import_new")
    return redirect("roster_import", pk)


@require_GET
def roster_import_wrong(request: Request, pk: int) -> HttpResponse:
    """The wrong lines as a sheet to mend by: row, column and what to do beside what stands there."""
    shown = _import(request, pk)
    kept = [column for column in Column if column in shown.headings]
    header = [_("Row"), _("Column"), _("What to do"), *(shown.headings[column] for column in kept)]
    return xlsx_response(f"roster-import-{shown.pk}-wrong", header, _wrong_rows(shown, kept))


def _wrong_rows(shown: RosterImport, kept: list[Column]) -> Iterator[list[Any]]:
    for line in import_lines(shown, kind=Kind.WRONG):
        for column, sentence in line.problems:
            yield [line.row, column, sentence, *(line.values.get(name, "") for name in kept)]


def _unit(request: Request) -> Organization:
    """The unit whose roster this hat keeps."""
    request.actor.require(Ability.KEEP_ROSTER)
    assert request.actor.organization is not None, "who keeps a roster acts for a unit"
    return request.actor.organization


def _import(request: Request, pk: int) -> RosterImport:
    request.actor.require(Ability.KEEP_ROSTER)
    return get_object_or_404(roster_imports(request.actor), pk=pk)
