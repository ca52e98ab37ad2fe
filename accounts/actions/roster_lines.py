"""Is a line of a unit's list right? Each fault names row and column and says what to do; nothing is written here."""

from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError

from accounts.actions.roster_reading import Listed, ListedLine
from accounts.models import Organization, RosterEntry
from accounts.queries.roster_places import Places
from accounts.roster_columns import Column
from accounts.roster_faults import RosterFault
from vanguard.lib.naming import clean_name
from vanguard.lib.phone import clean_phone
from vanguard.lib.sheet import Fault

Kind = Organization.Kind
ADDRESS_LENGTH = RosterEntry._meta.get_field("address").max_length or 0
COMPOUNDS_NAMED = 10


@dataclass
class CheckedLine:
    """A line with its values written one way; a column that the list lacks has no value here, not an empty one."""

    row: int
    values: dict[str, Any]
    faults: list[dict[str, Any]] = field(default_factory=list)

    def is_wrong_in(self, heading: str) -> bool:
        return any(fault["column"] == heading for fault in self.faults)


class LineChecker:
    """Checks the lines of one list in their order: of two with one phone, the later is the wrong one."""

    def __init__(self, unit: Organization, listed: Listed) -> None:
        self.unit = unit
        self.headings = listed.headings
        self.places = Places(unit)
        for kind, column in ((Kind.WORK_UNIT, Column.UNIT), (Kind.COMMUNITY, Column.COMMUNITY)):
            self.places.look_elsewhere(kind, (line.texts.get(column, "") for line in listed.lines))
        self.row_of_phone: dict[str, int] = {}
        self.checks = {
            Column.NAME: self._name,
            Column.PHONE: self._phone,
            Column.UNIT: self._unit,
            Column.COMMUNITY: self._community,
            Column.COMPOUND: self._compound,
            Column.ADDRESS: self._address,
        }

    def check(self, line: ListedLine) -> CheckedLine:
        checked = CheckedLine(line.row, {str(column): text for column, text in line.texts.items()}, [*line.faults])
        for column, check in self.checks.items():
            if column in line.texts and not checked.is_wrong_in(self.headings[column]):
                check(checked, line.texts[column])
        return checked

    def _wrong(self, line: CheckedLine, column: Column, code: RosterFault, **details: Any) -> None:
        line.faults.append(Fault(code, line.row, self.headings[column], details).as_json)

    def _name(self, line: CheckedLine, text: str) -> None:
        try:
            line.values[Column.NAME] = clean_name(text)
        except ValidationError:
            self._wrong(line, Column.NAME, RosterFault.NAME_INVALID if text else RosterFault.NAME_MISSING)

    def _phone(self, line: CheckedLine, text: str) -> None:
        try:
            phone = clean_phone(text)
        except ValidationError:
            self._wrong(line, Column.PHONE, RosterFault.PHONE_INVALID if text else RosterFault.PHONE_MISSING)
            return
        line.values[Column.PHONE] = phone
        first = self.row_of_phone.setdefault(phone, line.row)
        if first != line.row:
            self._wrong(line, Column.PHONE, RosterFault.PHONE_TWICE, first=first)

    def _unit(self, line: CheckedLine, text: str) -> None:
        if not text or self.places.is_own(text):
            return
        if self.places.is_unit_here(text):
            code = RosterFault.UNIT_OTHER
        elif self.places.is_elsewhere(Kind.WORK_UNIT, text):
            code = RosterFault.UNIT_ELSEWHERE
        else:
            code = RosterFault.UNIT_UNKNOWN
        self._wrong(line, Column.UNIT, code, unit=text, own=self.unit.name)

    def _community(self, line: CheckedLine, text: str) -> None:
        called = self.places.communities_called(text) if text else []
        line.values |= {"community_id": None, "community_name": ""}
        if not text:
            return
        if len(called) == 1 and called[0].closed_on is None:
            line.values |= {"community_id": called[0].pk, "community_name": called[0].name}
        elif len(called) > 1:
            self._wrong(line, Column.COMMUNITY, RosterFault.COMMUNITY_TWO, community=text)
        elif not called:
            there = self.places.is_elsewhere(Kind.COMMUNITY, text)
            code = RosterFault.COMMUNITY_ELSEWHERE if there else RosterFault.COMMUNITY_UNKNOWN
            self._wrong(line, Column.COMMUNITY, code, community=text)
        elif called[0].merged_into:
            new = called[0].merged_into.name
            self._wrong(line, Column.COMMUNITY, RosterFault.COMMUNITY_MERGED, community=called[0].name, new=new)
        else:
            self._wrong(line, Column.COMMUNITY, RosterFault.COMMUNITY_CLOSED, community=called[0].name)

    def _compound(self, line: CheckedLine, text: str) -> None:
        line.values |= {"compound_id": None, "compound_name": ""}
        if not text or line.is_wrong_in(self.headings.get(Column.COMMUNITY, "")):
            return
        community, name = line.values.get("community_id"), line.values.get("community_name")
        if community is None:
            self._wrong(line, Column.COMPOUND, RosterFault.COMPOUND_ALONE)
            return
        compound, others = self.places.compound_called(text, community), self.places.compounds_of(community)
        if compound:
            line.values |= {"compound_id": compound.pk, "compound_name": compound.name}
        elif others:
            named = ", ".join(others[:COMPOUNDS_NAMED])
            self._wrong(line, Column.COMPOUND, RosterFault.COMPOUND_UNKNOWN, community=name, compounds=named)
        else:
            self._wrong(line, Column.COMPOUND, RosterFault.COMPOUND_NONE, community=name)

    def _address(self, line: CheckedLine, text: str) -> None:
        address = " ".join(text.split())
        line.values[Column.ADDRESS] = address
        if len(address) > ADDRESS_LENGTH:
            self._wrong(line, Column.ADDRESS, RosterFault.ADDRESS_TOO_LONG, limit=ADDRESS_LENGTH)
