"""Domain rules 7 and 8: who counts, for which unit, with how many flags, and what follows."""

from collections.abc import Iterator
from datetime import date, datetime
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Exemption, Member, Organization, UnitMembership
from flags.queries.compliance import (
    Standing,
    compliance_rows,
    compliance_summary,
    deciding_day,
    has_members,
    standing_of,
)
from tasks.models import YearRule
from tests.factories import MemberFactory, OrganizationFactory, UnitFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def summer_2026() -> Iterator[None]:
    """2025 is over and 2026 is running."""
    with time_machine.travel(datetime(2026, 6, 30, 12, tzinfo=SHANGHAI), tick=False):
        yield


def exempt(member: Member, starts_on: date, ends_on: date | None = None) -> None:
    Exemption.objects.create(member=member, reason=Exemption.Reason.ILLNESS, starts_on=starts_on, ends_on=ends_on)


def pro_rate(cast: SimpleNamespace, year: int = 2025) -> None:
    YearRule.objects.create(city=cast.city, year=year, pro_rating=True)


def standing(cast: SimpleNamespace, member: Member, year: int = 2025) -> Standing:
    [found] = [row for row in compliance_rows(cast.city.path, year) if row.member_id == member.pk]
    return found


@pytest.fixture
def member(cast: SimpleNamespace) -> Member:
    return cast.member.member


# --- figures ------------------------------------------------------------------------------


def test_it_adds_up_flags_services_quarters_and_categories(cast, member):
    award(cast, member, date(2025, 3, 31), value=2, category="MICRO_WISH")
    award(cast, member, date(2025, 4, 1), value=3)
    award(cast, member, date(2025, 9, 30))
    award(cast, member, date(2025, 12, 31), category="OTHER")
    row = standing(cast, member)
    assert (row.flags, row.services) == (7, 4)
    assert (row.q1, row.q2, row.q3, row.q4) == (2, 3, 1, 1)
    assert (row.micro_wish, row.community_activity, row.other) == (2, 4, 1)
    assert (row.red_steward, row.helper_group, row.suggestion) == (0, 0, 0)


def test_a_line_names_its_member_and_unit(cast, member):
    row = standing(cast, member)
    assert (row.unit_id, row.unit_code) == (cast.unit.pk, "CZJ")
    assert (row.member_number, row.name) == ("0000000001", "张小明")


def test_flags_of_another_year_do_not_count(cast, member):
    award(cast, member, date(2024, 12, 31), value=5)
    award(cast, member, date(2026, 1, 1), value=5)
    assert standing(cast, member).flags == 0


def test_a_reversal_takes_back_flags_service_quarter_and_category(cast, member):
    given = award(cast, member, date(2025, 5, 1), value=5)
    assert standing(cast, member).state == "MET"
    award(cast, member, date(2025, 5, 1), value=-5, reverses=given)
    row = standing(cast, member)
    assert (row.flags, row.services, row.q2, row.community_activity, row.state) == (0, 0, 0, 0, "NOT_MET")


# --- states, and their order --------------------------------------------------------------


def test_five_flags_meet_the_default_rule_and_four_do_not(cast, member):
    award(cast, member, date(2025, 5, 1), value=4)
    assert (standing(cast, member).required, standing(cast, member).state) == (5, "NOT_MET")
    award(cast, member, date(2025, 5, 2))
    assert standing(cast, member).state == "MET"


def test_the_minimum_is_the_citys_of_that_year(cast, member):
    YearRule.objects.create(city=cast.city, year=2025, minimum=2)
    award(cast, member, date(2025, 5, 1), value=2)
    award(cast, member, date(2026, 5, 1), value=2)
    assert (standing(cast, member).required, standing(cast, member).state) == (2, "MET")
    assert (standing(cast, member, 2026).required, standing(cast, member, 2026).state) == (5, "NOT_MET")


def test_another_citys_rule_does_not_apply(cast, member):
    YearRule.objects.create(city=OrganizationFactory(), year=2025, minimum=1)
    assert standing(cast, member).required == 5


def test_retired_goes_before_exempt(cast, member):
    Member.objects.filter(pk=member.pk).update(retired_on=date(2025, 12, 31))
    exempt(member, date(2025, 1, 1))
    award(cast, member, date(2025, 5, 1), value=5)
    assert (standing(cast, member).required, standing(cast, member).state) == (0, "NOT_APPLICABLE")


def test_who_retires_after_the_deciding_day_still_owes_that_year(cast, member):
    Member.objects.filter(pk=member.pk).update(retired_on=date(2026, 1, 1))
    assert standing(cast, member).state == "NOT_MET"
    assert standing(cast, member, 2026).state == "NOT_APPLICABLE"


def test_a_retired_member_without_a_unit_stands_in_no_report(cast, member):
    Member.objects.filter(pk=member.pk).update(retired_on=date(2025, 6, 1))
    UnitMembership.objects.filter(member=member).update(ends_on=date(2025, 6, 1))
    assert member.pk not in [row.member_id for row in compliance_rows(cast.city.path, 2025)]


def test_exempt_goes_before_met(cast, member):
    exempt(member, date(2025, 1, 10), date(2025, 7, 10))
    award(cast, member, date(2025, 9, 1), value=5)
    row = standing(cast, member)
    assert (row.required, row.state, row.exempt_months, row.flags) == (0, "EXEMPT", 6, 5)


# --- months of exemption ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "months", "state"),
    [
        ([(date(2025, 1, 10), date(2025, 7, 10))], 6, "EXEMPT"),
        ([(date(2025, 1, 15), date(2025, 6, 15))], 6, "EXEMPT"),
        ([(date(2025, 1, 16), date(2025, 6, 30))], 5, "NOT_MET"),
        ([(date(2025, 1, 1), date(2025, 6, 14))], 5, "NOT_MET"),
        ([(date(2025, 1, 1), date(2025, 4, 30)), (date(2025, 3, 1), date(2025, 5, 31))], 5, "NOT_MET"),
        ([(date(2025, 1, 1), date(2025, 3, 31)), (date(2025, 10, 1), date(2025, 12, 31))], 6, "EXEMPT"),
        ([(date(2024, 1, 1), None)], 12, "EXEMPT"),
        ([(date(2024, 1, 1), date(2024, 12, 31))], 0, "NOT_MET"),
        ([(date(2026, 1, 1), None)], 0, "NOT_MET"),
    ],
)
def test_a_month_is_exempt_when_its_fifteenth_is(cast, member, spans, months, state):
    for starts_on, ends_on in spans:
        exempt(member, starts_on, ends_on)
    assert (standing(cast, member).exempt_months, standing(cast, member).state) == (months, state)


# --- pro-rating ---------------------------------------------------------------------------


def test_without_pro_rating_a_newcomer_owes_the_whole_minimum(cast):
    newcomer = MemberFactory()
    UnitMembership.objects.create(member=newcomer, unit=cast.unit, starts_on=date(2025, 12, 20))
    assert (standing(cast, newcomer).required, standing(cast, newcomer).state) == (5, "NOT_MET")


@pytest.mark.parametrize(
    ("joined", "required"),
    [
        (date(2025, 1, 15), 5),
        (date(2025, 3, 15), 5),
        (date(2025, 7, 1), 3),
        (date(2025, 11, 15), 1),
        (date(2025, 12, 15), 1),
    ],
)
def test_pro_rated_by_months_in_a_unit_and_rounded_up(cast, joined, required):
    pro_rate(cast)
    newcomer = MemberFactory()
    UnitMembership.objects.create(member=newcomer, unit=cast.unit, starts_on=joined)
    assert standing(cast, newcomer).required == required


def test_pro_rated_six_exempt_months_halve_what_is_asked(cast, member):
    pro_rate(cast)
    exempt(member, date(2025, 1, 10), date(2025, 7, 10))
    award(cast, member, date(2025, 9, 1), value=3)
    assert (standing(cast, member).required, standing(cast, member).state) == (3, "MET")


def test_pro_rated_months_of_two_units_add_up_and_an_overlap_counts_once(cast, member):
    pro_rate(cast)
    UnitMembership.objects.filter(member=member).update(starts_on=date(2025, 7, 1))
    UnitMembership.objects.create(
        member=member, unit=cast.other_unit, starts_on=date(2025, 1, 1), ends_on=date(2025, 9, 1)
    )
    assert standing(cast, member).required == 5


def test_pro_rated_only_a_year_without_active_months_is_exempt(cast, member):
    pro_rate(cast)
    exempt(member, date(2025, 1, 1), date(2025, 11, 30))
    assert (standing(cast, member).required, standing(cast, member).state) == (1, "NOT_MET")
    exempt(member, date(2025, 12, 1), date(2025, 12, 31))
    assert (standing(cast, member).required, standing(cast, member).state) == (0, "EXEMPT")


# --- the unit and the day that decide -----------------------------------------------------


def test_the_unit_of_december_31_gets_the_whole_years_flags(cast, member):
    award(cast, member, date(2025, 2, 1), value=5)
    UnitMembership.objects.filter(member=member).update(ends_on=date(2025, 12, 31))
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=date(2025, 12, 31))
    assert compliance_rows(cast.unit.path, 2025) == []
    assert (standing(cast, member).unit_code, standing(cast, member).flags) == ("JYJ", 5)
    assert standing(cast, member, 2024).unit_code == "CZJ"


def test_in_the_running_year_today_decides(cast, member):
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 7, 1))
    assert standing(cast, member, 2026).unit_code == "CZJ"
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 6, 30))
    assert compliance_rows(cast.unit.path, 2026) == []


def test_overlapping_memberships_count_once_for_the_one_begun_last(cast, member):
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 3, 1))
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=date(2025, 8, 1))
    assert compliance_rows(cast.unit.path, 2025) == []
    assert standing(cast, member).unit_code == "JYJ"


def test_a_unit_sees_its_own_members_only_even_where_a_path_begins_alike(cast, member):
    twin = UnitFactory(parent=cast.city)
    Organization.objects.filter(pk=twin.pk).update(path=f"{cast.unit.path[:-1]}0/")
    UnitMembership.objects.create(member=MemberFactory(), unit=twin, starts_on=date(2020, 1, 1))
    assert [row.member_id for row in compliance_rows(cast.unit.path, 2025)] == [member.pk]


@pytest.mark.parametrize(
    ("instant", "running"),
    [("2025-12-31T15:59:59+00:00", 2025), ("2025-12-31T16:00:00+00:00", 2026)],
)
def test_the_year_turns_at_midnight_in_shanghai(cast, instant, running):
    with time_machine.travel(datetime.fromisoformat(instant), tick=False):
        assert has_members(cast.city.path, running)
        assert not has_members(cast.city.path, running + 1)
        assert deciding_day(2025) == date(2025, 12, 31)


@pytest.mark.parametrize("year", [-1, 0, 1, 1999, 2027, 99999])
def test_a_year_without_members_has_no_data(cast, year):
    assert not has_members(cast.city.path, year)


def test_one_member_alone_stands_where_the_unit_sees_them(cast, member):
    award(cast, member, date(2025, 5, 1), value=5)
    assert standing_of(member, 2025) == standing(cast, member)
    UnitMembership.objects.filter(member=member).update(ends_on=date(2025, 12, 31))
    assert standing_of(member, 2025) is None


# --- the summary --------------------------------------------------------------------------


def test_the_summary_counts_states_and_keeps_the_flags_of_the_retired_apart(cast, member):
    award(cast, member, date(2025, 2, 1), value=5)
    retired, ill = MemberFactory(unit=cast.unit, retired_on=date(2025, 1, 1)), MemberFactory(unit=cast.unit)
    MemberFactory(unit=cast.unit)
    award(cast, retired, date(2025, 2, 1), value=2)
    exempt(ill, date(2025, 1, 1))
    [own, other] = compliance_summary(cast.city.path, 2025)
    assert (own.unit_code, own.unit_name, own.members) == ("CZJ", "青澜市财政局", 4)
    assert (own.met, own.not_met, own.exempt, own.not_applicable, own.owing) == (1, 1, 1, 1, 2)
    assert (own.flags, own.services, own.q1, own.community_activity, own.flags_apart) == (5, 1, 5, 5, 2)
    assert (other.unit_code, other.members, other.not_met) == ("JYJ", 1, 1)
