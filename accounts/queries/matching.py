"""Three clear (三清): whether home address, work unit and contact of everybody are known and agree with the roster.

One statement behind lists, counts, coverage, exports and reminders (domain rule 1).
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple
from unicodedata import normalize

from django.db import connection
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.queries.membership import BELONGS
from vanguard.lib.masking import mask_phone


class Match(TextChoices):
    """How a line stands. Who has no approved check-in has not checked in, whether the roster has them or not."""

    NOT_CHECKED_IN = "NOT_CHECKED_IN", _("Not checked in")
    DIFFERS = "DIFFERS", _("Differs")
    NOT_ON_ROSTER = "NOT_ON_ROSTER", _("Not on the roster")
    AGREES = "AGREES", _("Agrees")


class Detail(TextChoices):
    """What may differ; the address is compound, building and room."""

    NAME = "NAME", _("Name")
    PHONE = "PHONE", _("Mobile phone")
    UNIT = "UNIT", _("Work unit")
    COMMUNITY = "COMMUNITY", _("Community")
    ADDRESS = "ADDRESS", _("Address")


class Progress(TextChoices):
    """How far somebody who has not checked in has come, as far as name and phone tell."""

    NO_ACCOUNT = "NO_ACCOUNT", _("No account yet")
    ACCOUNT = "ACCOUNT", _("Has an account, no check-in")
    SUBMITTED = "SUBMITTED", _("Check-in under review")
    RETURNED = "RETURNED", _("Check-in returned")
    APPROVED = "APPROVED", _("Checked in, not linked to this line")


# The lines of units: what their rosters say today, and whom they answer for without having them on it.
LINES_OF_UNITS = """
    SELECT entry.id AS entry_id, entry.member_id
    FROM accounts_rosterentry entry
    JOIN accounts_organization unit ON unit.id = entry.unit_id
    WHERE unit.path LIKE %(below)s AND entry.removed_on IS NULL
    UNION ALL
    SELECT NULL, belonging.member_id
    FROM belonging
    JOIN accounts_organization unit ON unit.id = belonging.unit_id
    WHERE unit.path LIKE %(below)s AND NOT EXISTS (
        SELECT 1 FROM accounts_rosterentry entry
        WHERE entry.member_id = belonging.member_id AND entry.unit_id = belonging.unit_id AND entry.removed_on IS NULL)
"""

# The lines of communities: who is checked in there, each once, and whom a roster says to live there. Of several
# rosters that have a person, the one of the unit of today speaks, else the oldest line.
LINES_OF_HOMES = """
    -- Of several rosters that have a person, the one of the unit of today speaks, else the oldest line.
    SELECT COALESCE(MIN(CASE WHEN entry.unit_id = belonging.unit_id THEN entry.id END), MIN(entry.id)) AS entry_id,
           home.member_id
    FROM accounts_checkin home
    JOIN accounts_organization place ON place.id = home.community_id
    LEFT JOIN belonging ON belonging.member_id = home.member_id
    LEFT JOIN accounts_rosterentry entry ON entry.member_id = home.member_id AND entry.removed_on IS NULL
    WHERE place.path LIKE %(below)s AND home.status = 'APPROVED'
    GROUP BY home.member_id
    UNION ALL
    SELECT entry.id, entry.member_id
    FROM accounts_rosterentry entry
    JOIN accounts_organization place ON place.id = entry.community_id
    WHERE place.path LIKE %(below)s AND entry.removed_on IS NULL AND NOT EXISTS (
        SELECT 1 FROM accounts_checkin home
        WHERE home.member_id = entry.member_id AND home.status = 'APPROVED')
"""

# Read from top to bottom: who belongs where, which lines there are, what both sides say, what follows. A retired
# member needs no unit. What a unit's officer sees of somebody who belongs to another unit by now is that alone.
LINES = """
WITH belonging AS NOT MATERIALIZED (
    SELECT membership.member_id, membership.unit_id
    FROM accounts_unitmembership membership
    WHERE {belongs}
),
pair AS ({pairs}),
known AS (
    SELECT pair.entry_id, pair.member_id, member.number,
           entry.name AS roster_name, entry.phone AS roster_phone, entry.unit_id AS roster_unit_id,
           entry.community_id AS roster_community_id, entry.compound_id AS roster_compound_id,
           entry.address AS roster_address, entry.address_key AS roster_address_key,
           person.name AS own_name, person.phone AS own_phone, belonging.unit_id AS own_unit_id,
           home.id AS home_id, home.community_id AS own_community_id, home.compound_id AS own_compound_id,
           home.address AS own_address, home.address_key AS own_address_key,
           CASE WHEN member.retired_on <= %(day)s THEN 1 ELSE 0 END AS retired,
           CASE WHEN entry.unit_id = belonging.unit_id THEN 0
                WHEN entry.id IS NULL OR home.id IS NULL THEN 0
                WHEN member.retired_on <= %(day)s AND belonging.unit_id IS NULL THEN 0
                ELSE 1 END AS unit_differs,
           COALESCE(CASE WHEN person.is_active THEN person.id END, namesake.id) AS account_id,
           CASE WHEN approved.id IS NOT NULL THEN 'APPROVED'
                WHEN person.is_active OR namesake.id IS NOT NULL THEN COALESCE(pending.status, 'ACCOUNT')
                ELSE 'NO_ACCOUNT' END AS progress
    FROM pair
    LEFT JOIN accounts_rosterentry entry ON entry.id = pair.entry_id
    LEFT JOIN accounts_member member ON member.id = pair.member_id
    LEFT JOIN accounts_user person ON person.id = member.user_id
    LEFT JOIN belonging ON belonging.member_id = pair.member_id
    LEFT JOIN accounts_checkin home ON home.member_id = pair.member_id AND home.status = 'APPROVED'
    -- A line that is linked to nobody is the account's that has exactly its name and phone.
    LEFT JOIN accounts_user namesake ON pair.member_id IS NULL AND namesake.is_active
                                    AND namesake.phone = entry.phone AND namesake.name = entry.name
    LEFT JOIN accounts_member applicant ON applicant.user_id = namesake.id
    LEFT JOIN accounts_checkin pending ON pending.member_id = COALESCE(pair.member_id, applicant.id)
                                      AND pending.status IN ('SUBMITTED', 'RETURNED')
    LEFT JOIN accounts_checkin approved ON approved.member_id = applicant.id AND approved.status = 'APPROVED'
),
compared AS (
    SELECT known.*,
           CASE WHEN {silent} THEN 0 WHEN own_name <> roster_name THEN 1 ELSE 0 END AS name_differs,
           CASE WHEN {silent} THEN 0
                WHEN COALESCE(own_phone, '') <> roster_phone THEN 1 ELSE 0 END AS phone_differs,
           CASE WHEN {silent} THEN 0
                WHEN own_community_id <> roster_community_id THEN 1 ELSE 0 END AS community_differs,
           CASE WHEN {silent} OR roster_compound_id IS NULL AND roster_address_key = '' THEN 0
                WHEN roster_compound_id IS NOT NULL AND COALESCE(own_compound_id, 0) <> roster_compound_id THEN 1
                WHEN own_address_key <> '' AND roster_address_key <> '' AND own_address_key <> roster_address_key
                THEN 1 ELSE 0 END AS address_differs
    FROM known
),
line AS (
    SELECT compared.*,
           COALESCE(roster_unit_id, own_unit_id) AS unit_id,
           CASE WHEN {foreign} THEN NULL WHEN home_id IS NULL THEN roster_community_id
                ELSE own_community_id END AS community_id,
           CASE WHEN {foreign} THEN NULL WHEN home_id IS NULL THEN roster_compound_id
                ELSE own_compound_id END AS compound_id,
           {name} AS name,
           {phone} AS phone,
           CASE WHEN {foreign} THEN NULL ELSE {other_name} END AS other_name,
           CASE WHEN {foreign} THEN NULL ELSE {other_phone} END AS other_phone,
           CASE WHEN home_id IS NULL THEN 'NOT_CHECKED_IN'
                WHEN entry_id IS NULL AND retired = 1 AND own_unit_id IS NULL THEN 'AGREES'
                WHEN entry_id IS NULL THEN 'NOT_ON_ROSTER'
                WHEN name_differs + phone_differs + unit_differs + community_differs + address_differs > 0
                THEN 'DIFFERS' ELSE 'AGREES' END AS state
    FROM compared
)
"""

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


@dataclass(frozen=True)
class Side:
    """Whose lines: those of the units, or those of the communities, at or below a path of the tree."""

    path: str
    of_units: bool

    @property
    def sql(self) -> str:
        """LINES as this side reads it: a unit knows people by its roster, a community by their check-in."""
        foreign = "unit_differs = 1" if self.of_units else "1 = 0"
        first, second = "COALESCE(roster_{0}, own_{0})", "COALESCE(own_{0}, roster_{0})"
        prefer, other = (first, second) if self.of_units else (second, first)
        return LINES.format(
            belongs=BELONGS,
            pairs=LINES_OF_UNITS if self.of_units else LINES_OF_HOMES,
            foreign=foreign,
            silent=f"entry_id IS NULL OR home_id IS NULL OR {foreign}",
            name=prefer.format("name"),
            phone=prefer.format("phone"),
            other_name=other.format("name"),
            other_phone=other.format("phone"),
        )

    @property
    def params(self) -> dict[str, Any]:
        return {"below": f"{self.path}%", "day": timezone.localdate()}


def of_units(organization: Organization) -> Side:
    """The lines of a unit, or of all units of a city."""
    return Side(organization.path, of_units=True)


def of_homes(organization: Organization) -> Side:
    """The lines of a community, or of all communities of a street or city."""
    return Side(organization.path, of_units=False)


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


def fetch(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
