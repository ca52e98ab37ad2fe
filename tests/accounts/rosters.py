"""Rosters for tests: a line that stands there, a list that was uploaded, checked and imported."""

from typing import Any

from accounts.access import Actor
from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_import import apply_roster_import, upload_roster
from accounts.actions.roster_writing import write_roster
from accounts.models import Organization, RosterEntry, RosterImport
from tests import sheets
from vanguard.lib.addressing import address_key


def entry(unit: Organization, name: str, phone: str, **fields: Any) -> RosterEntry:
    key = address_key(fields.get("address", ""))
    return RosterEntry.objects.create(unit=unit, name=name, phone=phone, address_key=key, **fields)


def uploaded(by: Actor, *rows: Any, content: bytes | None = None) -> RosterImport:
    """A list with our own headings and these rows, or the bytes given, waiting to be checked."""
    assert by.organization
    content = sheets.csv(sheets.HEADINGS, *rows) if content is None else content
    return upload_roster(by.organization, file_name="名册.csv", content=content, by=by)


def checked(by: Actor, *rows: Any, content: bytes | None = None) -> RosterImport:
    roster_import = uploaded(by, *rows, content=content)
    check_roster(roster_import.pk)
    return fresh(roster_import)


def applied(by: Actor, *rows: Any, remove_missing: bool = False, content: bytes | None = None) -> RosterImport:
    roster_import = checked(by, *rows, content=content)
    apply_roster_import(roster_import, remove_missing=remove_missing, by=by)
    write_roster(roster_import.pk)
    return fresh(roster_import)


def fresh(roster_import: RosterImport) -> RosterImport:
    """As the next request finds it."""
    return RosterImport.objects.get(pk=roster_import.pk)


def roster_of(unit: Organization) -> list[tuple]:
    """All that stands on the roster today, in a fixed order."""
    lines = RosterEntry.objects.current().filter(unit=unit).order_by("phone")
    return list(
        lines.values_list("name", "phone", "community__name", "compound__name", "address", "address_key", "member")
    )
