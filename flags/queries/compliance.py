"""Where every member stands in a year: the one statement behind dashboards, reports and the command.

Domain rules 7 and 8. A member counts for the unit of the deciding day with the whole year's flags, wherever earned.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NamedTuple

from django.db import connection
from django.utils import timezone

from accounts.models import Member, UnitMembership
from accounts.queries.membership import BELONGS
from flags.models.report import State
from flags.queries.year import has_begun
from tasks.models import YearRule
from tasks.models.task import Category

EXEMPT_FROM_MONTHS = 6
EVERY_UNIT = (0, 2**63 - 1)

# The parts of a year's flags, each with what makes an award belong to it.
PARTS = {
    "q1": "award.served_on < %(april)s",
    "q2": "award.served_on >= %(april)s AND award.served_on < %(july)s",
    "q3": "award.served_on >= %(july)s AND award.served_on < %(october)s",
    "q4": "award.served_on >= %(october)s",
    **{category.lower(): f"award.category = '{category}'" for category in Category.values},
}

EARNED = ("flags", "services", *PARTS)

# What a report's line says of its member, in the order in which it is written, compared and digested.
FIGURES = (*EARNED, "required", "exempt_months", "state")


class Standing(NamedTuple):
    """One member in one year. Flags and services count reversals off; exempt months are calendar months."""

    unit_id: int
    unit_code: str
    member_id: int
    member_number: str
    name: str
    exempt_months: int
    required: int
    state: str
    flags: int
    services: int
    q1: int
    q2: int
    q3: int
    q4: int
    community_activity: int
    micro_wish: int
    red_steward: int
    helper_group: int
    suggestion: int
    other: int

    @property
    def label(self) -> str:
        return str(State(self.state).label)


class UnitStanding(NamedTuple):
    """One unit in one year. Flags and services of members to whom the rule does not apply stand apart (domain rule 7)."""

    unit_id: int
    unit_code: str
    unit_name: str
    members: int
    not_applicable: int
    exempt: int
    met: int
    not_met: int
    flags_apart: int
    services_apart: int
    flags: int
    services: int
    q1: int
    q2: int
    q3: int
    q4: int
    community_activity: int
    micro_wish: int
    red_steward: int
    helper_group: int
    suggestion: int
    other: int

    @property
    def owing(self) -> int:
        """How many members owe flags: those who have met what is asked and those who have not."""
        return self.met + self.not_met


def columns(text: str, names: Iterable[str]) -> str:
    """`text` once for each of `names`, as a list of columns."""
    return ", ".join(text.format(name) for name in names)


# A reversal carries its original's day and a negative value: it takes back flags, service and quarter alike.
SUMS = ", ".join(
    [
        "SUM(award.value) AS flags",
        "SUM(CASE WHEN award.value > 0 THEN 1 ELSE -1 END) AS services",
        *(f"SUM(award.value) FILTER (WHERE {fits}) AS {part}" for part, fits in PARTS.items()),
    ]
)


# Read from top to bottom: who belongs, which months count, what was earned, what follows. The middles of months are
# bound, not computed, because SQLite and PostgreSQL have no date arithmetic in common. NOT MATERIALIZED lets
# PostgreSQL see through to the tables' statistics, without which it overestimates a city hundredfold.
def _standing(*, only: str = "") -> str:
    """The statement for whoever belongs, or for those `only` of whom a further condition holds."""
    return f"""
WITH belonging AS NOT MATERIALIZED (
    SELECT membership.member_id, unit.id AS unit_id, unit.code AS unit_code
    FROM accounts_unitmembership membership
    JOIN accounts_organization unit ON unit.id = membership.unit_id
    WHERE unit.path LIKE %(below)s AND unit.id BETWEEN %(first_unit)s AND %(last_unit)s
      AND {BELONGS} {only}
      AND NOT EXISTS (
        SELECT 1 FROM accounts_member member WHERE member.id = membership.member_id AND member.merged_into_id IS NOT NULL)
),
months (middle) AS (VALUES {columns("(%(middle_{})s)", map(str, range(1, 13)))}),
exempted AS (
    -- A month is exempt when its 15th is: overlapping exemptions count once, half months even out.
    SELECT exemption.member_id, COUNT(DISTINCT months.middle) AS months
    FROM accounts_exemption exemption
    JOIN belonging ON belonging.member_id = exemption.member_id
    JOIN months ON exemption.starts_on <= months.middle
               AND (exemption.ends_on IS NULL OR exemption.ends_on >= months.middle)
    GROUP BY exemption.member_id
),
active AS (
    -- The months in any unit less the exempt ones; only a pro-rating city asks for them.
    SELECT membership.member_id, COUNT(DISTINCT months.middle) AS months
    FROM accounts_unitmembership membership
    JOIN belonging ON belonging.member_id = membership.member_id
    JOIN months ON membership.starts_on <= months.middle
               AND (membership.ends_on IS NULL OR membership.ends_on > months.middle)
    WHERE %(pro_rating)s AND NOT EXISTS (
        SELECT 1 FROM accounts_exemption exemption
        WHERE exemption.member_id = membership.member_id AND exemption.starts_on <= months.middle
          AND (exemption.ends_on IS NULL OR exemption.ends_on >= months.middle))
    GROUP BY membership.member_id
),
account AS (
    SELECT award.member_id, {SUMS}
    FROM flags_flagaward award
    JOIN belonging ON belonging.member_id = award.member_id
    WHERE award.year = %(year)s
    GROUP BY award.member_id
),
merged AS (
    -- Who had two accounts earned with both: the one that was merged counts for the one that was kept. They are few.
    SELECT belonging.member_id, {SUMS}
    FROM belonging
    JOIN accounts_member other ON other.merged_into_id = belonging.member_id AND other.merged_into_id IS NOT NULL
    JOIN flags_flagaward award ON award.member_id = other.id
    WHERE award.year = %(year)s
    GROUP BY belonging.member_id
),
asked AS (
    -- Rounded up, one active month of a minimum of at least one never asks for less than one flag.
    SELECT belonging.unit_id, belonging.unit_code, belonging.member_id, member.number, member.user_id,
           {columns("COALESCE(account.{0}, 0) + COALESCE(merged.{0}, 0) AS {0}", EARNED)},
           COALESCE(exempted.months, 0) AS exempt_months,
           CASE WHEN %(pro_rating)s THEN (%(minimum)s * COALESCE(active.months, 0) + 11) / 12
                ELSE %(minimum)s END AS minimum,
           CASE WHEN member.retired_on <= %(day)s OR EXISTS (
                    SELECT 1 FROM accounts_pastretirement past
                    WHERE past.member_id = member.id AND past.starts_on <= %(day)s AND past.ends_on > %(day)s)
                THEN 'NOT_APPLICABLE'
                WHEN %(pro_rating)s AND active.months IS NULL THEN 'EXEMPT'
                WHEN NOT %(pro_rating)s AND exempted.months >= %(exempt_from_months)s THEN 'EXEMPT'
                ELSE '' END AS freed
    FROM belonging
    JOIN accounts_member member ON member.id = belonging.member_id
    LEFT JOIN account ON account.member_id = belonging.member_id
    LEFT JOIN merged ON merged.member_id = belonging.member_id
    LEFT JOIN exempted ON exempted.member_id = belonging.member_id
    LEFT JOIN active ON active.member_id = belonging.member_id
),
standing AS (
    SELECT asked.*,
           CASE WHEN freed = '' THEN minimum ELSE 0 END AS required,
           CASE WHEN freed <> '' THEN freed WHEN flags >= minimum THEN 'MET' ELSE 'NOT_MET' END AS state
    FROM asked
)
"""


STANDING = _standing()
STANDING_OF_ONE = _standing(only="AND membership.member_id = %(member)s")

ROWS = f"""
SELECT standing.unit_id, standing.unit_code, standing.member_id, standing.number, person.name,
       {columns("standing.{}", Standing._fields[5:])}
FROM standing
JOIN accounts_user person ON person.id = standing.user_id
ORDER BY standing.unit_code, standing.number
"""

# PostgreSQL makes the sum of a sum a decimal: the cast keeps it a whole number.
SUMMARY = f"""
SELECT standing.unit_id, unit.code, unit.name, COUNT(*),
       {columns("COUNT(CASE WHEN standing.state = '{}' THEN 1 END)", State.values)},
       {
    columns(
        "CAST(SUM(CASE WHEN standing.state = 'NOT_APPLICABLE' THEN standing.{} ELSE 0 END) AS bigint)",
        ["flags", "services"],
    )
},
       {
    columns(
        "CAST(SUM(CASE WHEN standing.state = 'NOT_APPLICABLE' THEN 0 ELSE standing.{} END) AS bigint)",
        EARNED,
    )
}
FROM standing
JOIN accounts_organization unit ON unit.id = standing.unit_id
GROUP BY standing.unit_id, unit.code, unit.name
ORDER BY unit.code
"""

OUTCOME = f"""
SELECT {columns("COUNT(CASE WHEN standing.state = '{}' THEN 1 END)", State.values)} FROM standing
"""


def deciding_day(year: int) -> date:
    """The day whose unit counts for `year`: December 31, or today while the year is running."""
    return min(date(year, 12, 31), timezone.localdate())


def has_members(path: str, year: int) -> bool:
    """Whether anybody belongs to a unit at or below `path` on the deciding day; never for a year still to come."""
    if not has_begun(year):
        return False
    return UnitMembership.objects.on(deciding_day(year)).filter(unit__path__startswith=path).exists()


def compliance_rows(path: str, year: int) -> list[Standing]:
    """Each member whom a unit at or below `path`, inside one city, answers for in `year` (domain rule 7).

    States in order: not applicable (retired by the deciding day), exempt, met, not met. By unit code and number.
    """
    return list(map(Standing._make, _answers(STANDING + ROWS, question(path, year))))


def standing_of(member: Member, year: int, *, rule: YearRule | None = None) -> Standing | None:
    """Where one member stands in `year`; nothing for who belongs to no unit on the deciding day. `rule` saves asking for it."""
    units = UnitMembership.objects.on(deciding_day(year)).filter(member=member).values_list("unit__path", flat=True)
    asked = ({**question(path, year, rule=rule), "member": member.pk} for path in units)
    rows = (row for params in asked for row in _answers(STANDING_OF_ONE + ROWS, params))
    return next(map(Standing._make, rows), None)


def compliance_summary(path: str, year: int) -> list[UnitStanding]:
    """The same, counted for each unit that has members on the deciding day; by unit code."""
    return list(map(UnitStanding._make, _answers(STANDING + SUMMARY, question(path, year))))


class Outcome(NamedTuple):
    """How many members stand where, in the order of `State`."""

    not_applicable: int
    exempt: int
    met: int
    not_met: int

    @property
    def members(self) -> int:
        return sum(self)

    @property
    def owing(self) -> int:
        return self.met + self.not_met


def outcome(path: str, year: int, rule: YearRule) -> Outcome:
    """Where the members of a year would stand under `rule`; nothing is written."""
    [row] = _answers(STANDING + OUTCOME, question(path, year, rule=rule))
    return Outcome(*row)


def question(
    path: str, year: int, *, units: tuple[int, int] = EVERY_UNIT, rule: YearRule | None = None
) -> dict[str, Any]:
    """What STANDING binds: the units at or below `path` whose keys lie in `units`, the year and its city's rule."""
    rule = rule or YearRule.of(path.split("/", 1)[0] + "/", year)
    return {
        "below": f"{path}%",
        "first_unit": units[0],
        "last_unit": units[1],
        "year": year,
        "day": deciding_day(year),
        "april": date(year, 4, 1),
        "july": date(year, 7, 1),
        "october": date(year, 10, 1),
        "minimum": rule.minimum,
        "pro_rating": rule.pro_rating,
        "exempt_from_months": EXEMPT_FROM_MONTHS,
        **{f"middle_{month}": date(year, month, 15) for month in range(1, 13)},
    }


def _answers(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
