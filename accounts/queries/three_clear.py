"""Three clear (三清): whether home address, work unit and contact of everybody are known and agree with the roster.

The one statement behind lists, counts, coverage, downloads and reminders (domain rule 1).
"""

from dataclasses import dataclass
from typing import Any

from django.db import connection
from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Organization
from accounts.queries.membership import BELONGS


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
# member needs no unit. What a unit's officer sees of somebody on the roster who does not belong to the unit is, at most,
# where they belong now: their home and their words are no longer the unit's.
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
           CASE WHEN entry.id IS NULL OR pair.member_id IS NULL OR entry.unit_id = belonging.unit_id THEN 0
                ELSE 1 END AS is_foreign,
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
           CASE WHEN home_id IS NULL THEN roster_community_id WHEN {foreign} THEN NULL
                ELSE own_community_id END AS community_id,
           CASE WHEN home_id IS NULL THEN roster_compound_id WHEN {foreign} THEN NULL
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


@dataclass(frozen=True)
class Side:
    """Whose lines: those of the units, or those of the communities, at or below a path of the tree."""

    path: str
    of_units: bool

    @property
    def sql(self) -> str:
        """LINES as this side reads it: a unit knows people by its roster, a community by their check-in."""
        foreign = "is_foreign = 1" if self.of_units else "1 = 0"
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


def fetch(sql: str, params: dict[str, Any]) -> list[tuple[Any, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
        return cursor.fetchall()
