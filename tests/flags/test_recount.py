"""The report recounted in plain Python, from the same rows and by no code of the report's own: the answers agree.

Histories are drawn: stays in units with moves and gaps, exemptions that overlap and begin in the middle of months,
retirements and returns to work, awards, reversals and reinstatements on both sides of New Year and on February 29,
and two accounts of one person that were merged.
"""

import os
from collections import defaultdict
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Exemption, Member, Organization, PastRetirement, UnitMembership, User
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceRow, FlagAward
from flags.queries.compliance import compliance_rows
from tasks.models import YearRule
from tests.factories import UnitFactory

pytestmark = pytest.mark.django_db
TODAY = date(2025, 2, 20)
YEARS = (2025, 2024)  # the running one, and one that is over, with a February 29: of that the report is built
MEMBERS = 40
EXAMPLES = 100 if os.environ.get("LONG") == "1" else 25  # 25 of 40 are a thousand histories
CATEGORIES = ("COMMUNITY_ACTIVITY", "MICRO_WISH", "RED_STEWARD", "HELPER_GROUP", "SUGGESTION", "OTHER")


@pytest.fixture(autouse=True)
def february() -> Iterator[None]:
    with time_machine.travel(datetime(2025, 2, 20, 12, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        yield


@pytest.fixture
def units(cast: SimpleNamespace) -> list[Organization]:
    return [UnitFactory(parent=cast.city) for _ in range(3)]


EDGES = [date(2023, 12, 31), date(2024, 1, 1), date(2024, 2, 29), date(2024, 12, 31), date(2025, 1, 1), TODAY]
MIDDLES = [date(2024, month, day) for month in (1, 6, 12) for day in (14, 15, 16)]


def a_day(rng: Random) -> date:
    """Any from the middle of 2023 on; every third time one at which something turns."""
    if rng.random() < 0.33:
        return rng.choice(EDGES + MIDDLES)
    return TODAY - timedelta(days=rng.randrange((TODAY - date(2023, 7, 1)).days + 1))


def a_history(rng: Random) -> dict[str, Any]:
    return {
        "stays": [
            (rng.randrange(3), rng.randint(1, 400), rng.choice([0, rng.randint(0, 60)]))
            for _ in range(rng.randint(1, 3))
        ],
        "left": rng.random() < 0.2,
        "exempt": [(a_day(rng), rng.choice([None, rng.randint(0, 400)])) for _ in range(rng.randint(0, 3))],
        # each with how often it was taken back and given again, and under which of two accounts it was earned
        "awards": [
            (a_day(rng), rng.randint(1, 5), rng.choice(CATEGORIES), rng.choice([0, 0, 1, 2]), rng.random() < 0.4)
            for _ in range(rng.randint(0, 5))
        ],
        "retired": a_day(rng) if rng.random() < 0.15 else None,
        "worked_again": (a_day(rng), rng.randint(0, 300)) if rng.random() < 0.2 else None,
        "two_accounts": rng.random() < 0.2,
    }


# --- writing a history ----------------------------------------------------------------------


def write(cast: SimpleNamespace, units: list[Organization], drawn: list[dict[str, Any]]) -> None:
    """The rows of all histories, a table at a time."""
    n = Member.objects.count()
    users = User.objects.bulk_create(User(username=f"h{n}-{i}", name=f"党员{i}") for i in range(2 * len(drawn)))
    members = Member.objects.bulk_create(
        Member(user=user, number=f"H{user.pk:09d}", retired_on=drawn[i // 2]["retired"] if i % 2 == 0 else None)
        for i, user in enumerate(users)
    )
    kept, others = members[::2], members[1::2]
    pairs = list(zip(kept, others, drawn, strict=True))
    for own, other, history in pairs:
        other.merged_into = own if history["two_accounts"] else None
    Member.objects.bulk_update(others, ["merged_into"])
    UnitMembership.objects.bulk_create(stay for own, _, history in pairs for stay in stays(own, units, history))
    Exemption.objects.bulk_create(
        Exemption(
            member=own,
            reason="ILLNESS",
            starts_on=first,
            ends_on=None if length is None else first + timedelta(days=length),
        )
        for own, _, history in pairs
        for first, length in history["exempt"]
    )
    PastRetirement.objects.bulk_create(
        PastRetirement(member=own, starts_on=first, ends_on=first + timedelta(days=length))
        for own, _, history in pairs
        if history["worked_again"]
        for first, length in [history["worked_again"]]
    )
    given_again(cast, pairs)


def stays(member: Member, units: list[Organization], history: dict[str, Any]) -> Iterator[UnitMembership]:
    """One stay after the other, with a gap between; the last goes on unless the member has left."""
    first = date(2023, 6, 1)
    for number, (unit, length, gap) in enumerate(history["stays"], start=1):
        goes_on = number == len(history["stays"]) and not history["left"]
        ends_on = None if goes_on else first + timedelta(days=length)
        yield UnitMembership(member=member, unit=units[unit], starts_on=first, ends_on=ends_on)
        first = first + timedelta(days=length + gap)


def given_again(cast: SimpleNamespace, pairs: list[tuple[Member, Member, dict[str, Any]]]) -> None:
    """Awards; then who took which of them back, and which of those were given again."""
    lines, again = [], []
    for own, other, history in pairs:
        for day, value, category, turns, second in history["awards"]:
            earner = other if second and history["two_accounts"] else own
            lines.append(line(cast, earner, day, value, category))
            again.append(turns)
    lines = FlagAward.objects.bulk_create(lines)
    for turn in (1, 2):
        followed = [(former, turns) for former, turns in zip(lines, again, strict=True) if turns >= turn]
        again = [turns for _, turns in followed]
        lines = FlagAward.objects.bulk_create(
            line(cast, former.member, former.served_on, -former.value, former.category, reverses=former)
            for former, _ in followed
        )


def line(cast: SimpleNamespace, member: Member, day: date, value: int, category: str, **fields: Any) -> FlagAward:
    return FlagAward(
        member=member,
        served_on=day,
        year=day.year,
        value=value,
        category=category,
        unit=cast.unit,
        community=cast.community,
        **fields,
    )


# --- counting again -------------------------------------------------------------------------


def recount(year: int, minimum: int, pro_rating: bool, units: list[Organization]) -> dict[int, dict[str, Any]]:
    """Each member whom one of the units answers for, by key, from the rows as they stand in the tables."""
    day = min(date(year, 12, 31), TODAY)
    in_units, freed, retired, earned = defaultdict(list), defaultdict(list), defaultdict(list), defaultdict(list)
    for stay in UnitMembership.objects.all():
        in_units[stay.member_id].append(stay)
    for exemption in Exemption.objects.all():
        freed[exemption.member_id].append((exemption.starts_on, exemption.ends_on or date.max))
    for past in PastRetirement.objects.all():
        retired[past.member_id].append((past.starts_on, past.ends_on))
    accounts = {member.pk: member for member in Member.objects.all()}
    for award in FlagAward.objects.all():
        if award.year == year:
            earned[accounts[award.member_id].merged_into_id or award.member_id].append(award)
    found = {}
    for key, member in accounts.items():
        here = [s for s in in_units[key] if s.starts_on <= day and (s.ends_on is None or day < s.ends_on)]
        if member.merged_into_id or not here or here[-1].unit not in units:
            continue
        is_retired = (member.retired_on is not None and member.retired_on <= day) or any(
            first <= day < last for first, last in retired[key]
        )
        found[key] = counted(earned[key]) | owed(
            year, minimum, pro_rating, is_retired, in_units[key], freed[key], sum(a.value for a in earned[key])
        )
        found[key]["unit"] = here[-1].unit_id
    return found


def counted(awards: list[FlagAward]) -> dict[str, int]:
    """Flags and services, by quarter and by category: what was taken back counts less, what was given again more."""
    figures = defaultdict(int)
    for award in awards:
        figures["flags"] += award.value
        figures["services"] += 1 if award.value > 0 else -1
        figures[f"q{(award.served_on.month + 2) // 3}"] += award.value
        figures[award.category.lower()] += award.value
    names = ["flags", "services", "q1", "q2", "q3", "q4", *map(str.lower, CATEGORIES)]
    return {name: figures[name] for name in names}


def owed(year, minimum, pro_rating, is_retired, stays, freed, flags) -> dict[str, Any]:
    """What is asked of a member, month by month, and where that leaves them."""
    exempt_months = active_months = 0
    for month in range(1, 13):
        middle = date(year, month, 15)
        is_free = any(first <= middle <= last for first, last in freed)
        belongs = any(s.starts_on <= middle and (s.ends_on is None or middle < s.ends_on) for s in stays)
        exempt_months += is_free
        active_months += belongs and not is_free
    required = minimum
    if pro_rating:
        required = 0
        while required * 12 < minimum * active_months:
            required += 1
    if is_retired:
        required, state = 0, "NOT_APPLICABLE"
    elif active_months == 0 if pro_rating else exempt_months >= 6:
        required, state = 0, "EXEMPT"
    else:
        state = "MET" if flags >= required else "NOT_MET"
    return {"required": required, "exempt_months": exempt_months, "state": state}


@settings(max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32), minimum=st.integers(1, 12), pro_rating=st.booleans())
def test_the_report_agrees_with_a_recount_of_any_histories(cast, units, seed, minimum, pro_rating):
    rng = Random(seed)
    drawn = [a_history(rng) for _ in range(MEMBERS)]
    with transaction.atomic():
        write(cast, units, drawn)
        for year in YEARS:
            YearRule.objects.create(city=cast.city, year=year, minimum=minimum, pro_rating=pro_rating)
            expected = recount(year, minimum, pro_rating, units)
            assert answered(units, year) == expected
        assert written(cast, units, year) == expected
        transaction.set_rollback(True)


Answers = dict[int, dict[str, Any]]
FIGURES = (
    "flags",
    "services",
    "q1",
    "q2",
    "q3",
    "q4",
    *map(str.lower, CATEGORIES),
    "required",
    "exempt_months",
    "state",
)


def answered(units: list[Organization], year: int) -> Answers:
    """What the statement says of each member, unit by unit."""
    rows = [row for unit in units for row in compliance_rows(unit.path, year)]
    return {row.member_id: {n: getattr(row, n) for n in FIGURES} | {"unit": row.unit_id} for row in rows}


def written(cast: SimpleNamespace, units: list[Organization], year: int) -> Answers:
    """What the report has of each member once it is built."""
    build_reports(request_report(cast.city, year, by=cast.city_officer).pk)
    rows = ComplianceRow.objects.filter(report__year=year, report__unit__in=units).select_related("report")
    return {row.member_id: {n: getattr(row, n) for n in FIGURES} | {"unit": row.report.unit_id} for row in rows}
