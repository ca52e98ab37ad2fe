"""Figures of communities and units, for city, street and inspector."""

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client

from accounts.access import Actor
from tasks.models import Task
from tests.factories import (
    ClaimFactory,
    CommunityFactory,
    MemberFactory,
    OrganizationFactory,
    ShiftFactory,
    StreetFactory,
    TaskFactory,
    UnitFactory,
    WishFactory,
)
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
URL = "/city/"


@pytest.fixture(autouse=True)
def summer_2026() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


def communities(response) -> dict[str, tuple]:
    return {
        row.community.name: (row.members, row.open_tasks, row.wishes, row.unconfirmed, row.flags)
        for street in response.context["streets"]
        for row in street.communities
    }


def test_a_community_counts_its_compounds_in(cast):
    MemberFactory(community=cast.community)
    MemberFactory()
    open_task = TaskFactory(publisher=cast.compound)
    TaskFactory(publisher=cast.community)
    TaskFactory(publisher=cast.community, status=Task.Status.CLOSED)
    WishFactory(community=cast.community)
    WishFactory(community=cast.community, status="DECLINED")
    over = ShiftFactory(task=open_task, starts_at=NOON - timedelta(hours=3), ends_at=NOON - timedelta(hours=1))
    ClaimFactory(shift=over)
    ClaimFactory(shift=over)
    given = award(cast, cast.member.member, date(2026, 2, 1), value=3)
    award(cast, cast.member.member, date(2026, 2, 2), value=2)
    award(cast, cast.member.member, date(2026, 2, 1), value=-3, reverses=given)
    award(cast, cast.member.member, date(2025, 2, 2), value=4)
    found = communities(browser(cast.city_officer).get(URL))
    assert found == {"荷风社区": (2, 2, 1, 1, 2), "枕溪社区": (1, 0, 0, 0, 0)}
    assert communities(browser(cast.city_officer).get(URL, {"year": 2025}))["荷风社区"][-1] == 4


def test_a_street_adds_up_its_communities(cast):
    award(cast, cast.member.member, date(2026, 2, 1), value=3)
    award(cast, cast.other_member.member, date(2026, 2, 1), value=2, community=cast.other_community)
    [street] = browser(cast.city_officer).get(URL).context["streets"]
    assert (street.street.name, street.members, street.flags) == ("望澜街道", 2, 5)
    assert (street.open_tasks, street.wishes, street.unconfirmed) == (0, 0, 0)


def test_units_stand_as_their_own_officers_see_them(cast):
    award(cast, cast.member.member, date(2026, 2, 1), value=5)
    page = browser(cast.inspector).get(URL).context["page"]
    assert [(unit.unit_code, unit.met, unit.not_met, unit.flags) for unit in page] == [
        ("CZJ", 1, 0, 5),
        ("JYJ", 0, 1, 0),
    ]


def test_another_city_is_not_seen(cast):
    elsewhere = OrganizationFactory()
    CommunityFactory(parent=StreetFactory(parent=elsewhere))
    MemberFactory(unit=UnitFactory(parent=elsewhere))
    response = browser(cast.city_officer).get(URL)
    assert set(communities(response)) == {"荷风社区", "枕溪社区"}
    assert {unit.unit_code for unit in response.context["page"]} == {"CZJ", "JYJ"}


def test_a_street_officer_sees_the_streets_communities_and_no_unit(cast):
    CommunityFactory(parent=StreetFactory(parent=cast.city))
    response = browser(cast.street_officer).get(URL)
    assert set(communities(response)) == {"荷风社区", "枕溪社区"}
    assert list(response.context["page"]) == []
    assert "青澜市财政局" not in response.content.decode()


def test_nobody_is_named(cast):
    page = browser(cast.city_officer).get(URL).content.decode()
    assert "张小明" not in page


@pytest.mark.parametrize("role", ["secretary", "branch", "unit_officer", "member"])
def test_other_hats_may_not(cast, role):
    assert browser(getattr(cast, role)).get(URL).status_code == 403


def test_a_street_without_communities_yet_is_told_so(cast):
    cast.street_officer.appointment.organization = StreetFactory(parent=cast.city)
    cast.street_officer.appointment.save()
    response = browser(cast.street_officer).get(URL)
    assert (response.status_code, response.context["streets"]) == (200, [])


def test_as_many_queries_for_one_community_as_for_thirty(cast, django_assert_num_queries):
    client = browser(cast.city_officer)
    client.get(URL)
    with django_assert_num_queries(21):
        client.get(URL)
    for _ in range(29):
        community = CommunityFactory(parent=cast.street)
        member = MemberFactory(community=community, unit=UnitFactory(parent=cast.city))
        TaskFactory(publisher=community)
        WishFactory(community=community)
        award(cast, member, date(2026, 2, 1), community=community)
    with django_assert_num_queries(21):
        response = client.get(URL)
    assert len(communities(response)) == 31
    assert len(response.context["page"]) == 30
