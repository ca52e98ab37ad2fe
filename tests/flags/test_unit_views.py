"""What a unit's officer sees: own members, checked in or not, their flags; never whom they helped."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.models import Member, RosterEntry, UnitMembership
from flags.models import ComplianceReport
from tasks.models import Claim
from tests.factories import ClaimFactory, ComplianceRowFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def summer_2026() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


@pytest.fixture
def officer(cast: SimpleNamespace) -> Client:
    return browser(cast.unit_officer)


@pytest.fixture
def member(cast: SimpleNamespace) -> Member:
    return cast.member.member


def names(response) -> list[str]:
    return [person.name for person in response.context["page"]]


def serve(cast: SimpleNamespace, member: Member, ended: datetime, status: str = Claim.Status.HELD) -> Claim:
    task = TaskFactory(publisher=cast.community, title="守护小门")
    return ClaimFactory(
        shift=ShiftFactory(task=task, starts_at=ended - timedelta(hours=2), ends_at=ended), member=member, status=status
    )


# --- the list -----------------------------------------------------------------------------


def test_it_shows_each_members_year(cast, officer, member):
    award(cast, member, date(2026, 2, 1), value=2)
    award(cast, member, date(2026, 5, 1), value=1)
    serve(cast, member, NOON - timedelta(days=1))
    [person] = officer.get(reverse("unit_dashboard")).context["page"]
    assert (person.name, person.community, person.awaiting) == ("张小明", "荷风社区", 1)
    assert (person.standing.flags, person.standing.services, person.standing.required) == (3, 2, 5)
    assert (person.standing.state, person.behind) == ("NOT_MET", False)


def test_only_what_is_over_and_unsettled_awaits_confirmation(cast, officer, member):
    serve(cast, member, NOON + timedelta(days=1))
    serve(cast, member, NOON - timedelta(days=1), Claim.Status.ABSENT)
    serve(cast, member, NOON - timedelta(days=2), Claim.Status.CONFIRMED)
    serve(cast, member, NOON - timedelta(days=200), Claim.Status.ATTENDED)
    assert officer.get(reverse("unit_dashboard")).context["figures"].awaiting == 0
    assert officer.get(reverse("unit_dashboard"), {"year": 2025}).context["figures"].awaiting == 1


def test_figures_count_checked_in_met_and_at_risk(cast, officer, member):
    RosterEntry.objects.create(unit=cast.unit, name="赵六", phone="10000000777")
    RosterEntry.objects.create(unit=cast.unit, name="张小明", phone="10000000778", member=member)
    RosterEntry.objects.create(unit=cast.other_unit, name="别人", phone="10000000779")
    away = MemberFactory(unit=cast.unit, user__name="钱多")
    met = MemberFactory(unit=cast.unit, community=cast.community, user__name="孙好")
    retired = MemberFactory(unit=cast.unit, community=cast.community, user__name="周老", retired_on=date(2026, 1, 1))
    award(cast, member, date(2026, 2, 1), value=2)
    award(cast, met, date(2026, 2, 1), value=5)
    award(cast, retired, date(2026, 2, 1), value=4)
    figures = officer.get(reverse("unit_dashboard")).context["figures"]
    assert (figures.people, figures.checked_in) == (5, 3)
    assert (figures.owing, figures.met, figures.short) == (3, 1, 2)
    assert figures.at_risk == 2, "on June 30 two of five flags are fewer than half of five"
    assert (figures.flags, figures.services) == (7, 2)
    assert away.home is None


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, ["周末", "张小明", "李四", "赵六"]),
        ({"only": "away"}, ["李四", "赵六"]),
        ({"only": "short"}, ["张小明", "李四"]),
        ({"only": "risk"}, ["张小明", "李四"]),
        ({"only": "nonsense"}, ["周末", "张小明", "李四", "赵六"]),
        ({"q": "张"}, ["张小明"]),
        ({"q": "张", "only": "away"}, []),
    ],
)
def test_filters_and_search(cast, officer, member, query, found):
    RosterEntry.objects.create(unit=cast.unit, name="赵六", phone="10000000777")
    MemberFactory(unit=cast.unit, user__name="李四")
    award(cast, MemberFactory(unit=cast.unit, community=cast.community, user__name="周末"), date(2026, 2, 1), value=5)
    assert names(officer.get(reverse("unit_dashboard"), query)) == sorted(found)


def test_months_add_up_without_the_retired(cast, officer, member):
    retired = MemberFactory(unit=cast.unit, retired_on=date(2026, 1, 1))
    award(cast, member, date(2026, 1, 31), value=2)
    award(cast, member, date(2026, 6, 1), value=3)
    award(cast, retired, date(2026, 6, 1), value=5)
    response = officer.get(reverse("unit_dashboard"), {"by": "month"})
    assert response.context["months"] == [2, 0, 0, 0, 0, 3, 0, 0, 0, 0, 0, 0]
    [shown] = [person for person in response.context["page"] if person.standing.member_id == retired.pk]
    assert shown.months[5] == 5


@pytest.mark.parametrize("by", ["year", "quarter", "month"])
def test_every_period_shows_the_same_flags(cast, officer, member, by):
    award(cast, member, date(2026, 6, 1), value=4)
    RosterEntry.objects.create(unit=cast.unit, name="赵六", phone="10000000777")
    response = officer.get(reverse("unit_dashboard"), {"by": by})
    assert "4 / 5" in response.content.decode()


def test_a_past_year_shows_whom_the_unit_answered_for_then(cast, officer, member):
    RosterEntry.objects.create(unit=cast.unit, name="赵六", phone="10000000777")
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 1, 1))
    assert names(officer.get(reverse("unit_dashboard"), {"year": 2025})) == ["张小明"]
    assert names(officer.get(reverse("unit_dashboard"))) == ["赵六"]


@pytest.mark.parametrize("year", ["", "abc", "2027", "99999", "0000", "-1", "２０２５"])
def test_a_year_that_makes_no_sense_is_the_running_one(cast, officer, year):
    expected = 2025 if year == "２０２５" else 2026
    assert officer.get(reverse("unit_dashboard"), {"year": year}).context["year"] == expected


def test_a_unit_without_anybody_says_so(cast, officer, member):
    UnitMembership.objects.all().delete()
    response = officer.get(reverse("unit_dashboard"))
    assert names(response) == []
    assert response.status_code == 200


def test_as_many_queries_for_one_member_as_for_thirty(cast, officer, django_assert_num_queries):
    url = reverse("unit_dashboard")
    officer.get(url)
    with django_assert_num_queries(15):
        officer.get(url, {"by": "month"})
    for _ in range(29):
        member = MemberFactory(unit=cast.unit, community=cast.compound)
        award(cast, member, date(2026, 5, 1))
        serve(cast, member, NOON - timedelta(days=1))
        RosterEntry.objects.create(unit=cast.unit, name="赵六", phone=member.user.phone)
    with django_assert_num_queries(15):
        response = officer.get(url, {"by": "month"})
    assert len(response.context["page"]) == 30
    assert response.context["page"].paginator.count == 59


# --- who may ------------------------------------------------------------------------------


def test_other_units_are_not_found_but_the_city_finds_them(cast, officer):
    url = reverse("unit_of", args=["JYJ"])
    assert officer.get(url).status_code == 404
    assert names(browser(cast.city_officer).get(url)) == ["王芳"]
    assert names(browser(cast.inspector).get(url)) == ["王芳"]
    assert browser(cast.city_officer).get(reverse("unit_of", args=["NOPE"])).status_code == 404
    assert browser(cast.city_officer).get(reverse("unit_of", args=["330001"])).status_code == 404


@pytest.mark.parametrize("role", ["secretary", "branch", "street_officer", "member"])
def test_other_hats_may_not(cast, role):
    for url in (
        reverse("unit_dashboard"),
        reverse("unit_of", args=["CZJ"]),
        reverse("unit_member", args=["0000000001"]),
    ):
        assert browser(getattr(cast, role)).get(url).status_code == 403


# --- a member's numbers, opened -----------------------------------------------------------


def test_a_members_awards_and_what_awaits(cast, officer, member):
    confirmed = serve(cast, member, NOON - timedelta(days=9), Claim.Status.CONFIRMED)
    award(cast, member, confirmed.ends_at.date(), claim=confirmed)
    serve(cast, member, NOON - timedelta(days=1))
    response = officer.get(reverse("unit_member", args=[member.number]))
    assert [line.claim for line in response.context["page"]] == [confirmed]
    assert len(response.context["awaiting"]) == 1
    assert "守护小门" in response.content.decode()


def test_the_flags_of_the_whole_year_can_be_opened_wherever_earned(cast, officer, member):
    award(cast, member, date(2026, 1, 5), unit=cast.other_unit, community=cast.other_community)
    award(cast, member, date(2025, 1, 5))
    response = officer.get(reverse("unit_member", args=[member.number]))
    assert [line.year for line in response.context["page"]] == [2026]


def test_a_former_member_can_be_opened_for_the_year_they_counted_here(cast, officer, member):
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 3, 1))
    url = reverse("unit_member", args=[member.number])
    assert officer.get(url).status_code == 404
    assert officer.get(url, {"year": 2025}).status_code == 200


def test_whoever_stands_in_a_report_can_be_opened_from_it(cast, officer, member):
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 3, 1))
    report = ComplianceReport.objects.create(unit=cast.unit, year=2026, as_of=date(2026, 2, 1), built_at=NOON)
    ComplianceRowFactory(report=report, member=member)
    url = reverse("unit_member", args=[member.number])
    assert officer.get(url).status_code == 200
    assert browser(cast.other_unit_officer).get(url).status_code == 404


def test_whom_a_member_helped_is_not_shown(cast, officer, member):
    claim = serve(cast, member, NOON - timedelta(days=9), Claim.Status.CONFIRMED)
    wish = WishFactory(community=cast.community, task=claim.shift.task, status="PUBLISHED")
    award(cast, member, claim.ends_at.date(), claim=claim)
    for url in (reverse("unit_dashboard"), reverse("unit_member", args=[member.number])):
        page = officer.get(url).content.decode()
        for secret in (wish.contact.name, wish.contact.phone, wish.text, claim.shift.task.served, member.user.phone):
            assert secret not in page


def test_as_many_queries_for_one_award_as_for_thirty(cast, officer, member, django_assert_num_queries):
    url = reverse("unit_member", args=[member.number])
    officer.get(url)

    def serve_and_award(days: int) -> None:
        claim = serve(cast, member, NOON - timedelta(days=days), Claim.Status.CONFIRMED)
        award(cast, member, claim.ends_at.date(), claim=claim)
        serve(cast, member, NOON - timedelta(days=days))

    serve_and_award(1)
    with django_assert_num_queries(20):
        officer.get(url)
    for days in range(2, 31):
        serve_and_award(days)
    with django_assert_num_queries(20):
        response = officer.get(url)
    assert len(response.context["page"]) == 30
