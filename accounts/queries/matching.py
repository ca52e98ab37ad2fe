"""Lists and counts of three clear: what a page asks for, its lines, and how many there are."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import normalize

from accounts.queries.three_clear import Detail, Match, Progress, Side, fetch
from vanguard.lib.masking import mask_phone

PLACES = ("unit", "community", "compound")
SIDES = ("roster_unit", "own_unit", "roster_community", "own_community", "roster_compound", "own_compound")


def names_of(keys: Iterable[str]) -> str:
    """Joins for the names of the organizations that a line points to."""
    return "\n".join(f"LEFT JOIN accounts_organization {key} ON {key}.id = line.{key}_id" for key in keys)


# A page is cut first, and only its lines are given all their names.
ROWS = f"""
SELECT line.entry_id, line.member_id, line.account_id, line.number, line.state, line.progress, line.retired,
       line.name, line.phone, unit.name, community.name, compound.name,
       line.name_differs, line.phone_differs, line.unit_differs, line.community_differs, line.address_differs,
       line.roster_name, line.own_name, line.roster_phone, line.own_phone, {", ".join(f"{key}.name" for key in SIDES)},
       line.roster_address, line.own_address
FROM (
    SELECT line.* FROM line
    {names_of(PLACES)}{{where}}{{order}}{{limit}}
) line
{names_of([*PLACES, *SIDES])}{{order}}
"""

BY_KEY = "COALESCE(line.entry_id, 0), COALESCE(line.member_id, 0)"
# What needs a hand comes first.
URGENCY = " ".join(f"WHEN '{state}' THEN {n}" for n, state in enumerate(Match.values))
BY_STATE = f"CASE line.state {URGENCY} END"
SORTS = {
    "name": f"line.name, {BY_KEY}",
    "unit": f"unit.name, line.name, {BY_KEY}",
    "community": f"community.name, compound.name, line.name, {BY_KEY}",
    "state": f"{BY_STATE}, line.name, {BY_KEY}",
}
CHECKED_IN = "CHECKED_IN"
SHOWN = {CHECKED_IN: "line.state <> 'NOT_CHECKED_IN'", **{state: f"line.state = '{state}'" for state in Match.values}}
FOUND = """(LOWER(line.name) LIKE LOWER(%(part)s) ESCAPE '!' OR LOWER(line.other_name) LIKE LOWER(%(part)s) ESCAPE '!'
  OR %(search)s IN (line.phone, line.other_phone, line.number))"""
COUNTED = ", ".join(
    [
        "COUNT(line.state)",
        *(f"COUNT(CASE WHEN line.state = '{state}' THEN 1 END)" for state in Match.values),
    ]
)
COUNTED_DETAILS = ", ".join(f"COALESCE(SUM(line.{detail.lower()}_differs), 0)" for detail in Detail.values)


class Difference(NamedTuple):
    """One detail on which roster and check-in disagree, with what each of them says."""

    detail: Detail
    roster: str
    own: str


class Line(NamedTuple):
    """One person as roster and check-in know them; `roster_…` is what the unit's list says, `own_…` the check-in."""

    entry_id: int | None
    member_id: int | None
    account_id: int | None
    number: str | None
    state: str
    progress: str
    retired: int
    name: str
    phone: str | None
    unit: str | None
    community: str | None
    compound: str | None
    name_differs: int
    phone_differs: int
    unit_differs: int
    community_differs: int
    address_differs: int
    roster_name: str | None
    own_name: str | None
    roster_phone: str | None
    own_phone: str | None
    roster_unit: str | None
    own_unit: str | None
    roster_community: str | None
    own_community: str | None
    roster_compound: str | None
    own_compound: str | None
    roster_address: str | None
    own_address: str | None

    @property
    def label(self) -> str:
        return str(Match(self.state).label)

    @property
    def progress_label(self) -> str:
        """How far one has come who has not checked in; nothing for the others."""
        return str(Progress(self.progress).label) if self.state == Match.NOT_CHECKED_IN else ""

    @property
    def differences(self) -> list[Difference]:
        """What differs, both sides beside each other, in the order of `Detail`."""
        told = {
            Detail.NAME: (self.roster_name, self.own_name),
            Detail.PHONE: (self.roster_phone, self.own_phone),
            Detail.UNIT: (self.roster_unit, self.own_unit),
            Detail.COMMUNITY: (self.roster_community, self.own_community),
            Detail.ADDRESS: (
                _joined(self.roster_compound, self.roster_address),
                _joined(self.own_compound, self.own_address),
            ),
        }
        flags = (
            self.name_differs,
            self.phone_differs,
            self.unit_differs,
            self.community_differs,
            self.address_differs,
        )
        return [
            Difference(detail, roster or "", own or "")
            for (detail, (roster, own)), differs in zip(told.items(), flags, strict=True)
            if differs
        ]

    def masked(self) -> "Line":
        """For hats that need no contact (domain rule 10): that phones or addresses differ, not what they are."""
        phones: dict[str, Any] = {name: mask_phone(value) for name in PHONES if (value := getattr(self, name))}
        addresses: dict[str, Any] = {name: "****" for name in ADDRESSES if getattr(self, name)}
        return self._replace(**phones, **addresses)


PHONES = ("phone", "roster_phone", "own_phone")
ADDRESSES = ("roster_address", "own_address")


def _joined(*parts: str | None) -> str:
    return " ".join(part for part in parts if part)


@dataclass(frozen=True)
class Asked:
    """What of the lines is wanted; a value that is not one of the choices asks for all, or for the first order."""

    show: str = ""
    detail: str = ""
    search: str = ""
    progress: tuple[str, ...] = ()
    sort: str = "name"

    def where(self) -> str:
        conditions = [SHOWN[self.show]] if self.show in SHOWN else []
        if self.detail in Detail.values:
            conditions.append(f"line.{self.detail.lower()}_differs = 1")
        if self.progress:
            listed = ", ".join(f"'{Progress(progress)}'" for progress in self.progress)
            conditions.append(f"line.state = 'NOT_CHECKED_IN' AND line.progress IN ({listed})")
        if self.search:
            conditions.append(FOUND)
        return f"\nWHERE {' AND '.join(conditions)}" if conditions else ""

    def order(self) -> str:
        return f"\nORDER BY {SORTS.get(self.sort, SORTS['name'])}"

    @property
    def params(self) -> dict[str, str]:
        search = normalize("NFKC", self.search).strip()
        part = search.replace("!", "!!").replace("%", "!%").replace("_", "!_")
        return {"search": search, "part": f"%{part}%"}


@dataclass(frozen=True)
class Lines:
    """The lines of a side, asked for when they are needed: counting is one query, and so is any slice.

    `masked` is for hats that need no phones and addresses; a `total` that is known already is not counted again.
    """

    side: Side
    asked: Asked = Asked()
    masked: bool = False
    total: int | None = None

    ordered = True

    def count(self) -> int:
        if self.total is not None:
            return self.total
        return self._fetch("\nSELECT COUNT(*) FROM line" + self.asked.where())[0][0]

    def __getitem__(self, part: slice) -> list[Line]:
        start = part.start or 0
        limit = "" if part.stop is None else f"\nLIMIT {max(0, part.stop - start):d} OFFSET {start:d}"
        rows = self._fetch(ROWS.format(where=self.asked.where(), order=self.asked.order(), limit=limit))
        return [Line(*row).masked() if self.masked else Line(*row) for row in rows]

    def __iter__(self) -> Iterator[Line]:
        return iter(self[0:])

    def _fetch(self, question: str) -> list[tuple[Any, ...]]:
        return fetch(self.side.sql + question, self.side.params | self.asked.params)


class Counts(NamedTuple):
    """How many lines there are in all, in each state, and with each detail differing."""

    lines: int
    not_checked_in: int
    differs: int
    not_on_roster: int
    agrees: int
    name: int
    phone: int
    unit: int
    community: int
    address: int

    @property
    def checked_in(self) -> int:
        return self.lines - self.not_checked_in

    def left_by(self, asked: Asked) -> int | None:
        """How many lines a state or a detail leaves; None for both at once, which has to be counted."""
        state, detail = asked.show in SHOWN, asked.detail in Detail.values
        if detail:
            return getattr(self, asked.detail.lower()) if not state or asked.show == Match.DIFFERS else None
        return getattr(self, asked.show.lower()) if state else self.lines


def progress_of(side: Side) -> dict[str, int]:
    """How far those have come who have not checked in: how many lines there are of each `Progress`; one query."""
    question = f"\nSELECT line.progress, COUNT(*) FROM line WHERE {SHOWN[Match.NOT_CHECKED_IN]} GROUP BY line.progress"
    return dict(fetch(side.sql + question, side.params))


def counts_of(side: Side, search: str = "") -> Counts:
    """The figures of a side in one query; with `search` those of the lines it finds."""
    asked = Asked(search=search)
    question = f"\nSELECT {COUNTED}, {COUNTED_DETAILS} FROM line" + asked.where()
    return Counts(*fetch(side.sql + question, side.params | asked.params)[0])
