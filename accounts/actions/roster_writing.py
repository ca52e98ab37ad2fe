"""A checked list becomes the roster, or the roster becomes what it was: each in one transaction and few statements."""

from collections.abc import Iterator
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK
from accounts.actions.lease import lease
from accounts.actions.move import move
from accounts.actions.notice import notify
from accounts.actions.roster import link_entries, raise_version, unlink_strangers
from accounts.models import Member, Notice, RosterEntry, RosterImport, RosterImportLine
from accounts.models.roster import RosterEntryQuerySet
from accounts.refusals import Reason
from accounts.roster_faults import RosterFault
from vanguard.lib.addressing import address_key
from vanguard.lib.refused import Refused
from vanguard.lib.sheet import Fault

LINES_A_BATCH = 250
Status, Kind = RosterImport.Status, RosterImportLine.Kind
WRITTEN = ["name", "phone", "community_id", "compound_id", "address", "address_key"]
FIELDS = [name.removesuffix("_id") for name in WRITTEN]


def write_roster(import_id: int) -> None:
    """Write a list that the officer has said to import: all of it or nothing.

    May run twice and by two workers: the state's conditional update lets one of them write. Where the roster has
    changed since the check the import goes back to READY, to be checked anew.
    """
    roster_import = RosterImport.objects.select_related("unit", "requested_by").filter(pk=import_id).first()
    if roster_import is None or not _take(roster_import):
        return
    try:
        _write(roster_import)
    except Refused:
        _give_back(import_id)
    except Exception:
        _give_back(import_id, faults=[Fault(RosterFault.NOT_WRITTEN).as_json])
        raise


def _take(roster_import: RosterImport) -> bool:
    """Lease it to this worker; while another holds it, or once it is written, no."""
    free = Q(leased_until=None) | Q(leased_until__lte=timezone.now())
    waiting = RosterImport.objects.filter(free, pk=roster_import.pk, status=Status.APPLYING)
    return bool(waiting.update(leased_until=lease()))


@transaction.atomic
def _write(roster_import: RosterImport) -> None:
    version = raise_version(roster_import.unit, seen=roster_import.checked_version)
    if version is None or roster_import.lines.filter(kind=Kind.WRONG).exists():
        raise Refused(Reason.ROSTER_CHANGED)
    now = timezone.now()
    move(roster_import, Status.APPLIED, by=CLOCK, applied_version=version, applied_at=now, leased_until=None)
    if roster_import.remove_missing:
        _entries_of(roster_import, Kind.MISSING).update(removed_on=timezone.localdate(now))
    _change(roster_import, Kind.CHANGED, "values")
    unlink_strangers(_entries_of(roster_import, Kind.CHANGED))
    _add(roster_import)
    link_entries(RosterEntry.objects.filter(unit=roster_import.unit))
    _erase_older_lines(roster_import)
    notify(
        [roster_import.requested_by],
        Notice.Kind.ROSTER_APPLIED,
        link=reverse("roster_import", args=[roster_import.pk]),
        once=f"roster-applied-{roster_import.pk}",
        file=roster_import.file_name,
    )


@transaction.atomic
def _give_back(import_id: int, *, faults: list[dict[str, Any]] | None = None) -> None:
    """To READY, with what went wrong, unless another worker has written it after all."""
    roster_import = RosterImport.objects.get(pk=import_id)
    if roster_import.status == Status.APPLYING:
        move(roster_import, Status.READY, by=CLOCK, leased_until=None, faults=faults or [])


def take_back(roster_import: RosterImport) -> None:
    """Undo what an import has written, in the transaction of its caller; refused once the roster has changed since.

    The new lines go first and the removed ones come back last, so that no phone stands there twice in between. Members
    come back to their lines where nothing has become of them since.
    """
    unit = roster_import.unit
    if raise_version(unit, seen=roster_import.applied_version) is None:
        raise Refused(Reason.UNDO_TOO_LATE)
    for batch in _batches(roster_import, Kind.NEW):
        added = RosterEntry.objects.current().filter(unit=unit, phone__in=[line.values["phone"] for line in batch])
        added.update(removed_on=timezone.localdate(), member=None)
    _change(roster_import, Kind.CHANGED, "before")
    _entries_of(roster_import, Kind.CHANGED).update(member=None)
    _give_members_back(roster_import, Kind.CHANGED)
    if roster_import.remove_missing:
        _entries_of(roster_import, Kind.MISSING).update(removed_on=None, member=None)
        _give_members_back(roster_import, Kind.MISSING)
    link_entries(RosterEntry.objects.filter(unit=unit))


def _entries_of(roster_import: RosterImport, kind: str) -> RosterEntryQuerySet:
    return RosterEntry.objects.filter(pk__in=roster_import.lines.filter(kind=kind).values("entry"))


def _change(roster_import: RosterImport, kind: str, to: str) -> None:
    """Give the entries of the lines of one kind what stands under `values`, or under `before`."""
    for batch in _batches(roster_import, kind):
        entries = []
        for line in batch:
            if line.entry:
                _set(line.entry, getattr(line, to))
                entries.append(line.entry)
        RosterEntry.objects.bulk_update(entries, FIELDS)


def _give_members_back(roster_import: RosterImport, kind: str) -> None:
    """To the lines of one kind, but for who has another line of the unit by now, or is another member by now."""
    listed = RosterEntry.objects.current().filter(unit=roster_import.unit, member__isnull=False)
    for batch in _batches(roster_import, kind):
        members = Member.objects.filter(pk__in=[line.before["member_id"] for line in batch], merged_into=None)
        free = set(members.exclude(pk__in=listed.values("member")).values_list("pk", flat=True))
        entries = []
        for line in batch:
            if line.entry and line.before["member_id"] in free:
                line.entry.member_id = line.before["member_id"]
                free.remove(line.before["member_id"])
                entries.append(line.entry)
        RosterEntry.objects.bulk_update(entries, ["member"])


def _add(roster_import: RosterImport) -> None:
    for batch in _batches(roster_import, Kind.NEW):
        entries = [RosterEntry(unit=roster_import.unit) for _line in batch]
        for entry, line in zip(entries, batch, strict=True):
            _set(entry, line.values)
        RosterEntry.objects.bulk_create(entries)


def _set(entry: RosterEntry, values: dict[str, Any]) -> None:
    """What the list says; a column that it lacks leaves the entry as it is."""
    if "address" in values and "address_key" not in values:
        values = {**values, "address_key": address_key(values["address"])}
    for name in WRITTEN:
        if name in values:
            setattr(entry, name, values[name])


def _batches(roster_import: RosterImport, kind: str) -> Iterator[list[RosterImportLine]]:
    lines = roster_import.lines.filter(kind=kind).select_related("entry")
    last = 0
    while batch := list(lines.filter(pk__gt=last).order_by("pk")[:LINES_A_BATCH]):
        last = batch[-1].pk
        yield batch


def _erase_older_lines(roster_import: RosterImport) -> None:
    """Lists that can no longer be undone are kept without their people."""
    RosterImportLine.objects.filter(roster_import__unit=roster_import.unit).exclude(
        roster_import=roster_import
    ).delete()
