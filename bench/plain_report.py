"""The yardstick of the yearly report: its question as one plain statement, sent through psycopg as it is.

Written for PostgreSQL alone and for this one question: no other database, no batches of units, no half-read rule. It
asks for the same columns in the same order as the platform's own statement, so that both answers can be compared.
"""

from datetime import date
from typing import Any

CATEGORIES = ("COMMUNITY_ACTIVITY", "MICRO_WISH", "RED_STEWARD", "HELPER_GROUP", "SUGGESTION", "OTHER")
QUARTERS = (1, 2, 3, 4)
BY_CATEGORY = ",\n".join(f"SUM(value) FILTER (WHERE category = '{name}') AS {name.lower()}" for name in CATEGORIES)
BY_QUARTER = ",\n".join(
    f"SUM(value) FILTER (WHERE served_on >= make_date(%(year)s, {3 * n - 2}, 1)"
    f" AND served_on < make_date(%(year)s, {3 * n - 2}, 1) + interval '3 months') AS q{n}"
    for n in QUARTERS
)
PARTS = [*(f"q{n}" for n in QUARTERS), *(name.lower() for name in CATEGORIES)]
FIGURES = ["flags", "services", *PARTS]
TOGETHER = ", ".join(f"(COALESCE(account.{name}, 0) + COALESCE(folded.{name}, 0))::int AS {name}" for name in FIGURES)

# Per account first, because there are as many groups as members; the few merged accounts are folded in afterwards.
PLAIN = f"""
WITH account AS (
    SELECT member_id, SUM(value) AS flags, SUM(sign(value)) AS services, {BY_QUARTER}, {BY_CATEGORY}
    FROM flags_flagaward WHERE year = %(year)s GROUP BY member_id
),
folded AS (
    SELECT other.merged_into_id AS member_id, {", ".join(f"SUM({figure}) AS {figure}" for figure in FIGURES)}
    FROM account JOIN accounts_member other ON other.id = account.member_id
    WHERE other.merged_into_id IS NOT NULL GROUP BY 1
),
freed AS (
    SELECT member_id, COUNT(DISTINCT month) AS months
    FROM accounts_exemption, generate_series(1, 12) AS month
    WHERE starts_on <= make_date(%(year)s, month, 15)
      AND (ends_on IS NULL OR ends_on >= make_date(%(year)s, month, 15))
    GROUP BY member_id
)
SELECT *, CASE WHEN state IN ('NOT_APPLICABLE', 'EXEMPT') THEN 0 ELSE %(minimum)s END AS required FROM (
    SELECT unit.code, member.number, person.name,
           {TOGETHER},
           CASE WHEN member.retired_on <= %(day)s OR past.member_id IS NOT NULL THEN 'NOT_APPLICABLE'
                WHEN freed.months >= 6 THEN 'EXEMPT'
                WHEN COALESCE(account.flags, 0) + COALESCE(folded.flags, 0) >= %(minimum)s THEN 'MET'
                ELSE 'NOT_MET' END AS state
    FROM accounts_unitmembership belonging
    JOIN accounts_organization unit ON unit.id = belonging.unit_id
    JOIN accounts_member member ON member.id = belonging.member_id AND member.merged_into_id IS NULL
    JOIN accounts_user person ON person.id = member.user_id
    LEFT JOIN account ON account.member_id = member.id
    LEFT JOIN folded ON folded.member_id = member.id
    LEFT JOIN freed ON freed.member_id = member.id
    LEFT JOIN (SELECT DISTINCT member_id FROM accounts_pastretirement
               WHERE starts_on <= %(day)s AND ends_on > %(day)s) past ON past.member_id = member.id
    WHERE belonging.starts_on <= %(day)s AND (belonging.ends_on IS NULL OR belonging.ends_on > %(day)s)
) line
ORDER BY code, number
"""


def plain_answer(connection: Any, *, year: int, minimum: int) -> list[tuple[Any, ...]]:
    """Every line of every unit, through a connection of psycopg's own: code, number, name, figures, state, required."""
    params = {"year": year, "minimum": minimum, "day": date(year, 12, 31)}
    with connection.cursor() as cursor:
        return list(cursor.execute(PLAIN, params).fetchall())


def as_plain(standing: Any) -> tuple[Any, ...]:
    """What the platform says of a member, in the columns of the plain statement."""
    figures = [getattr(standing, figure) for figure in FIGURES]
    return (standing.unit_code, standing.member_number, standing.name, *figures, standing.state, standing.required)
