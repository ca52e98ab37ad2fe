"""What a checked list would do to the roster: which line is whose, and who is missing from it."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import Any

from accounts.actions.roster_lines import CheckedLine
from accounts.models import Organization, RosterEntry, RosterImportLine
from accounts.roster_columns import Column

Kind = RosterImportLine.Kind
COMPARED = (Column.NAME.value, Column.PHONE.value, "community_id", "compound_id", Column.ADDRESS.value)


def entries_of(unit: Organization) -> list[RosterEntry]:
    """The unit's roster as it stands, with all that a comparison needs."""
    return list(RosterEntry.objects.current().filter(unit=unit).select_related("community", "compound").order_by("pk"))


def compared(lines: list[CheckedLine], entries: list[RosterEntry]) -> Iterator[RosterImportLine]:
    """A row to be stored for each line, in their order, and then for each entry that no line is about."""
    found = _matched(lines, entries)
    for line in lines:
        yield _import_line(line, found.get(line.row))
    listed = {entry.pk for entry in found.values()}
    for entry in entries:
        if entry.pk not in listed:
            yield RosterImportLine(kind=Kind.MISSING, before=_before(entry), entry=entry)


def _matched(lines: list[CheckedLine], entries: list[RosterEntry]) -> dict[int, RosterEntry]:
    """The entry that a line is about: the same phone, or else a name that one line and one entry alone have left.

    Wrong lines take part: who stands in the list with a fault is not missing from it.
    """
    by_phone = {entry.phone: entry for entry in entries}
    found: dict[int, RosterEntry] = {}
    for line in lines:
        entry = by_phone.pop(line.values[Column.PHONE], None)
        if entry:
            found[line.row] = entry
    left = [line for line in lines if line.row not in found]
    alone = _only_once((line.values[Column.NAME], line) for line in left)
    unclaimed = _only_once((entry.name, entry) for entry in by_phone.values())
    found.update({line.row: unclaimed[name] for name, line in alone.items() if name in unclaimed})
    return found


def _only_once(named: Iterable[tuple[str, Any]]) -> dict[str, Any]:
    pairs = list(named)
    times = Counter(name for name, _row in pairs)
    return {name: row for name, row in pairs if times[name] == 1}


def _import_line(line: CheckedLine, entry: RosterEntry | None) -> RosterImportLine:
    before = _before(entry) if entry else {}
    if entry and not line.faults:
        _leave_the_old_compound(line.values, before)
    return RosterImportLine(
        row=line.row, kind=_kind(line, before), values=line.values, before=before, faults=line.faults, entry=entry
    )


def _leave_the_old_compound(values: dict[str, Any], before: dict[str, Any]) -> None:
    """Who lives in another community now lives in no compound of the old one, even where the list has no such column."""
    if "community_id" in values and "compound_id" not in values and values["community_id"] != before["community_id"]:
        values |= {"compound_id": None, "compound_name": ""}


def _kind(line: CheckedLine, before: dict[str, Any]) -> Kind:
    if line.faults:
        return Kind.WRONG
    if not before:
        return Kind.NEW
    same = all(line.values[part] == before[part] for part in COMPARED if part in line.values)
    return Kind.SAME if same else Kind.CHANGED


def _before(entry: RosterEntry) -> dict[str, Any]:
    """The entry as it is, to be shown beside the new values and to be restored from."""
    return {
        "name": entry.name,
        "phone": entry.phone,
        "community_id": entry.community_id,
        "community_name": entry.community.name if entry.community else "",
        "compound_id": entry.compound_id,
        "compound_name": entry.compound.name if entry.compound else "",
        "address": entry.address,
        "address_key": entry.address_key,
        "member_id": entry.member_id,
    }
