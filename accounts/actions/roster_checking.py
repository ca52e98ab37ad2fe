"""The check of an uploaded list, in batches under a lease: whoever closes the page finds it further on."""

from contextlib import suppress
from itertools import islice
from typing import Any

from django.urls import reverse

from accounts.access import CLOCK
from accounts.actions.lease import LeaseLost, holding, take
from accounts.actions.move import move
from accounts.actions.notice import notify
from accounts.actions.roster_comparing import compared, entries_of
from accounts.actions.roster_lines import LineChecker
from accounts.actions.roster_reading import Listed, read_roster, stored_list
from accounts.models import Notice, RosterImport, RosterImportLine
from accounts.queries.roster_import import version_of
from accounts.roster_faults import RosterFault
from vanguard.lib.sheet import Fault, Unreadable

LINES_A_BATCH = 500
Status = RosterImport.Status


def check_roster(import_id: int) -> None:
    """Check the list of an import and store what each line would do; nothing on the roster changes.

    May run twice: a lease lets one worker through, and where one has died another goes on after the batches that are
    stored. A roster that has changed in the meantime makes it begin anew. A file that is no list makes the import
    UNREADABLE; the content is dropped either way, and who uploaded it is told.
    """
    roster_import = RosterImport.objects.select_related("unit", "requested_by").filter(pk=import_id).first()
    if roster_import is None or not take(roster_import):
        return
    try:
        _check(roster_import)
    except LeaseLost:
        return
    except Unreadable as unreadable:
        with suppress(LeaseLost):
            _finish(roster_import, Status.UNREADABLE, faults=[fault.as_json for fault in unreadable.faults])
    except Exception:
        with suppress(LeaseLost):
            _finish(roster_import, Status.UNREADABLE, faults=[Fault(RosterFault.NOT_CHECKED).as_json])
        raise


def _check(roster_import: RosterImport) -> None:
    version = version_of(roster_import.unit)  # before the roster is read: a change after that is noticed when applying
    listed = _listed(roster_import)
    _begin(roster_import, listed, version)
    checker = LineChecker(roster_import.unit, listed)
    lines = [checker.check(line) for line in listed.lines]
    rows = compared(lines, entries_of(roster_import.unit))
    stored = list(islice(rows, len(lines)))
    while roster_import.lines_done < len(stored):
        _store_batch(roster_import, stored[roster_import.lines_done :][:LINES_A_BATCH])
    _finish(roster_import, Status.READY, missing=list(rows), faults=[])


def _listed(roster_import: RosterImport) -> Listed:
    """From the file, or, once that has been dropped, from the lines that are stored of it."""
    if roster_import.content is None:
        return stored_list(roster_import)
    return read_roster(bytes(roster_import.content))


def _begin(roster_import: RosterImport, listed: Listed, version: int) -> None:
    same = roster_import.checked_version == version
    done = roster_import.lines_done if same else 0
    read = {"lines_total": len(listed.lines), "headings": listed.headings, "ignored_columns": listed.ignored}
    with holding(roster_import, checked_version=version, lines_done=done, **read):
        pass


def _store_batch(roster_import: RosterImport, batch: list[RosterImportLine]) -> None:
    """Put these lines in the place of those with their row numbers, if a check before has stored any."""
    with holding(roster_import, lines_done=roster_import.lines_done + len(batch)):
        roster_import.lines.filter(row__gte=batch[0].row, row__lte=batch[-1].row).delete()
        _store(roster_import, batch)


def _store(roster_import: RosterImport, lines: list[RosterImportLine]) -> None:
    for line in lines:
        line.roster_import = roster_import
    RosterImportLine.objects.bulk_create(lines, batch_size=LINES_A_BATCH)


def _finish(
    roster_import: RosterImport,
    status: str,
    *,
    faults: list[dict[str, Any]],
    missing: list[RosterImportLine] | None = None,
) -> None:
    with holding(roster_import):
        replaced = roster_import.lines.filter(row=None) if status == Status.READY else roster_import.lines.all()
        replaced.delete()
        _store(roster_import, missing or [])
        move(roster_import, status, by=CLOCK, content=None, leased_until=None, faults=faults)
        notify(
            [roster_import.requested_by],
            Notice.Kind.ROSTER_CHECKED,
            link=reverse("roster_import", args=[roster_import.pk]),
            once=f"roster-checked-{roster_import.pk}-{roster_import.checked_version}",
            file=roster_import.file_name,
        )
