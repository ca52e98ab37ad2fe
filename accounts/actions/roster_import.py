"""What a unit's officer does with an uploaded list; the long work stands in roster_checking and roster_writing."""

from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.roster_writing import take_back
from accounts.models import Organization, RosterImport, RosterImportLine
from accounts.queries.roster_import import is_outdated, line_counts
from accounts.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.sheet import MEGABYTE, MOST_BYTES
from vanguard.lib.waking import wake

Status, Kind = RosterImport.Status, RosterImportLine.Kind
NAME_LENGTH = RosterImport._meta.get_field("file_name").max_length or 0


@transaction.atomic
def upload_roster(unit: Organization, *, file_name: str, content: bytes, by: Actor) -> RosterImport:
    """Take a list in to be checked; nothing on the roster changes before the officer says so.

    A list that was checked and not imported gives way to the new one, its lines are erased. Refused for more than
    5 MB, and while another list of the unit is being checked or written.
    """
    by.require(Ability.KEEP_ROSTER, unit)
    assert by.user is not None, "who has an ability is somebody"
    if len(content) > MOST_BYTES:
        raise Refused(Reason.FILE_TOO_BIG, limit=MOST_BYTES // MEGABYTE)
    _discard_all(RosterImport.objects.filter(unit=unit, status=Status.READY), by=by)
    try:
        with transaction.atomic():
            uploaded = RosterImport.objects.create(
                unit=unit,
                file_name=file_name[-NAME_LENGTH:],
                content=content,
                requested_by=by.user,
                appointment=by.appointment,
            )
    except IntegrityError:
        raise Refused(Reason.IMPORT_UNDER_WAY) from None
    record(uploaded, "uploaded", by=by, new=uploaded.status)
    _wake_checker(uploaded)
    return uploaded


@transaction.atomic
def recheck_roster_import(roster_import: RosterImport, *, by: Actor) -> None:
    """Compare a checked list anew with a roster that has changed since, from the lines that are kept of it."""
    by.require(Ability.KEEP_ROSTER, roster_import.unit)
    _move_alone(roster_import, Status.WAITING, by=by, lines_done=0, checked_version=None, faults=[])
    _wake_checker(roster_import)


@transaction.atomic
def apply_roster_import(roster_import: RosterImport, *, remove_missing: bool, by: Actor) -> None:
    """Have a checked list written to the roster, all of it or nothing; a worker does it.

    `remove_missing` also takes off whom the list lacks. Refused while a line is wrong, where nothing would change,
    and when the roster has changed since the check.
    """
    by.require(Ability.KEEP_ROSTER, roster_import.unit)
    if roster_import.status == Status.READY:
        _refuse_unfit(roster_import, remove_missing)
    _move_alone(roster_import, Status.APPLYING, by=by, remove_missing=remove_missing, leased_until=None, faults=[])
    from accounts.jobs import write_roster_import

    wake(write_roster_import, roster_import.pk)


@transaction.atomic
def undo_roster_import(roster_import: RosterImport, *, by: Actor) -> None:
    """Put the roster back as it was before this import; its lines are erased with that.

    Refused once the roster has changed since: then the way forward is another list.
    """
    by.require(Ability.KEEP_ROSTER, roster_import.unit)
    move(roster_import, Status.UNDONE, by=by)
    take_back(roster_import)
    roster_import.lines.all().delete()


@transaction.atomic
def discard_roster_import(roster_import: RosterImport, *, by: Actor) -> None:
    """Drop a list that is not wanted after all: the file, if it is still there, and its lines."""
    by.require(Ability.KEEP_ROSTER, roster_import.unit)
    move(roster_import, Status.DISCARDED, by=by, content=None)
    roster_import.lines.all().delete()


def _refuse_unfit(roster_import: RosterImport, remove_missing: bool) -> None:
    counts = line_counts(roster_import)
    if Kind.WRONG in counts:
        raise Refused(Reason.LINES_WRONG, n=counts[Kind.WRONG])
    if is_outdated(roster_import):
        raise Refused(Reason.ROSTER_CHANGED)
    if not (counts.keys() & {Kind.NEW, Kind.CHANGED} or remove_missing and Kind.MISSING in counts):
        raise Refused(Reason.NOTHING_TO_IMPORT)


def _discard_all(imports: QuerySet[RosterImport], *, by: Actor) -> None:
    discarded = move_all(imports, Status.DISCARDED, by=by)
    RosterImportLine.objects.filter(roster_import__in=discarded).delete()


def _move_alone(roster_import: RosterImport, to: str, *, by: Actor, **fields: Any) -> None:
    """A move to a state that one list of a unit at a time may have."""
    try:
        move(roster_import, to, by=by, **fields)
    except IntegrityError:
        raise Refused(Reason.IMPORT_UNDER_WAY) from None


def _wake_checker(roster_import: RosterImport) -> None:
    from accounts.jobs import check_roster_import

    wake(check_roster_import, roster_import.pk)
