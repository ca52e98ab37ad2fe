"""How far the check-in has come, unit by unit and community by community: figures only, never a person."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import NamedTuple

from accounts.models import Organization
from accounts.queries.matching import COUNTED
from accounts.queries.three_clear import Side, fetch, of_homes, of_units


class Coverage(NamedTuple):
    """One unit or community; `group` is the unit's category or the community's street."""

    code: str
    name: str
    group: str
    lines: int
    not_checked_in: int
    differs: int
    not_on_roster: int
    agrees: int

    @property
    def checked_in(self) -> int:
        return self.lines - self.not_checked_in


@dataclass
class Sum:
    """Several of them with what they make together."""

    name: str
    parts: list[Coverage] = field(default_factory=list)

    @property
    def total(self) -> Coverage:
        return Coverage(
            code="",
            name=self.name,
            group="",
            lines=sum(part.lines for part in self.parts),
            not_checked_in=sum(part.not_checked_in for part in self.parts),
            differs=sum(part.differs for part in self.parts),
            not_on_roster=sum(part.not_on_roster for part in self.parts),
            agrees=sum(part.agrees for part in self.parts),
        )


# Those without a line stand there too: a unit that has no roster yet is the first to be asked. Closed ones only
# while they still have lines.
COVERAGE = """
SELECT place.code, place.name, {group}, {counted}
FROM accounts_organization place
JOIN accounts_organization parent ON parent.id = place.parent_id
LEFT JOIN line ON line.{key} = place.id
WHERE place.path LIKE %(below)s AND place.kind = '{kind}'
GROUP BY place.id, place.code, place.name, place.closed_on, {group}, parent.path, place.path
HAVING place.closed_on IS NULL OR COUNT(line.state) > 0
ORDER BY parent.path, place.path
"""


def units_coverage(organization: Organization) -> list[Sum]:
    """The units at or below `organization`, by category; one query."""
    rows = _rows(of_units(organization), key="unit_id", kind=Organization.Kind.WORK_UNIT, group="place.category")
    categories = {code: str(label) for code, label in Organization.Category.choices}
    groups = {group.name: group for group in _grouped(rows)}
    return [Sum(label, groups[code].parts) for code, label in categories.items() if code in groups]


def communities_coverage(organization: Organization) -> list[Sum]:
    """The communities at or below `organization`, by street; one query."""
    rows = _rows(of_homes(organization), key="community_id", kind=Organization.Kind.COMMUNITY, group="parent.name")
    return _grouped(rows)


def together(name: str, sums: Iterable[Sum]) -> Coverage:
    """What all of them make."""
    return Sum(name, [part for group in sums for part in group.parts]).total


def _rows(side: Side, *, key: str, kind: str, group: str) -> list[Coverage]:
    question = COVERAGE.format(counted=COUNTED, key=key, kind=kind, group=group)
    return [Coverage(*row) for row in fetch(side.sql + question, side.params)]


def _grouped(rows: list[Coverage]) -> list[Sum]:
    groups: dict[str, Sum] = {}
    for row in rows:
        groups.setdefault(row.group, Sum(row.group)).parts.append(row)
    return list(groups.values())
