"""What awaits each person, first on the screen."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import CheckIn, Interest, Member
from accounts.models.interest import INTEREST_BITS
from flags.queries.home import member_home, staff_home
from tasks.models import GroupClaim
from tests.browsing import browser_of, queries_of, screen
from tests.conftest import member_actor
from tests.factories import (
    ClaimFactory,
    HelperGroupFactory,
    MemberFactory,
    ShiftFactory,
    SuggestionFactory,
    TaskFactory,
    UserFactory,
    WishFactory,
)

pytestmark = pytest.mark.django_db


def past_shift(publisher, member):
    shift = ShiftFactory(task=TaskFactory(publisher=publisher), starts_at=timezone.now() - timedelta(hours=3))
    return ClaimFactory(shift=shift, member=member).shift


def test_a_visitor_and_a_person_without_a_hat_are_welcome(db):
    assert screen(Client().get(reverse("home")))
    client = Client()
    client.force_login(UserFactory())
    assert reverse("communities") in screen(client.get(reverse("home")))


@pytest.mark.parametrize(
    ("who", "page"),
    [
        ("unit_officer", "unit_dashboard"),
        ("city_officer", "city_figures"),
        ("street_officer", "city_figures"),
        ("inspector", "city_figures"),
    ],
)
def test_officers_are_led_to_their_figures(cast, who, page):
    assert browser_of(getattr(cast, who)).get(reverse("home")).headers["Location"] == reverse(page)


def test_a_secretary_sees_what_waits_here_and_not_next_door(cast):
    for community, member in ((cast.community, cast.member), (cast.other_community, cast.other_member)):
        CheckIn.objects.create(member=MemberFactory(), community=community, unit=cast.unit, address="2")
        WishFactory(community=community)
        SuggestionFactory(community=community)
        WishFactory(community=community, status="REOPENED")
        WishFactory(community=community, status="FULFILLED", task=TaskFactory(publisher=community, status="CLOSED"))
        past_shift(community, member.member)
        ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=community), capacity=4))
    now = timezone.now()
    here = staff_home(cast.secretary, now)
    assert here == {
        "to_settle": 1,
        "week": 1,
        "places": 4,
        "taken": 1,
        "check_ins": 1,
        "wishes": 2,
        "reopened": 1,
        "to_ask": 1,
        "late": 0,
        "suggestions": 1,
        "late_suggestions": 0,
        "group_requests": 0,
        "late_group_requests": 0,
        "applications": 0,
        "logs": 0,
        "appeals": 0,
        "late_appeals": 0,
        "reports_due": 0,
        "entries": 0,
    }
    nothing = dict.fromkeys(("to_settle", "week", "places", "taken", "applications", "reports_due"), 0)
    assert staff_home(cast.branch, now) == nothing


def test_a_branchs_proposal_no_longer_waits_on_its_home_page(cast):
    shift = past_shift(cast.compound, cast.member.member)
    assert staff_home(cast.branch, timezone.now())["to_settle"] == 1
    shift.claims.update(status="PROPOSED")
    assert staff_home(cast.branch, timezone.now())["to_settle"] == 0
    assert staff_home(cast.secretary, timezone.now())["to_settle"] == 1


def test_a_member_sees_the_next_places_and_what_is_open_without_them(cast):
    begin = timezone.now() + timedelta(days=1)
    shifts = [
        ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=begin + timedelta(hours=3 * i))
        for i in range(12)
    ]
    for shift in shifts[:4]:
        ClaimFactory(shift=shift, member=cast.member.member)
    shown = member_home(cast.member, timezone.localtime())
    assert [claim.shift for claim in shown["coming"]] == shifts[:3]
    assert [standing.shift for standing in shown["open"]] == shifts[4:]


def test_a_pending_check_in_stands_on_the_members_page(cast):
    user = MemberFactory().user
    CheckIn.objects.create(member=user.member, community=cast.community, unit=cast.unit, address="2")
    client = Client()
    client.force_login(user)
    assert cast.community.name in screen(client.get(reverse("home")))


def test_the_members_page_costs_the_same_for_one_task_and_for_thirty(cast):
    client, url = browser_of(cast.member), reverse("home")

    def one_more(i: int) -> None:
        starts_at = timezone.now() + timedelta(days=i)
        shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=starts_at)
        ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=starts_at)
        ClaimFactory(shift=shift, member=cast.member.member)

    one_more(1)
    one = queries_of(client, url)
    for i in range(2, 31):
        one_more(i)
    assert queries_of(client, url) == one


def test_what_has_to_be_answered_comes_first(cast):
    now = timezone.localtime()
    offers = {
        hours: ClaimFactory(
            shift=ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=now + timedelta(hours=hours)),
            member=cast.member.member,
            status="OFFERED",
            offer_until=now + timedelta(minutes=minutes),
        )
        for hours, minutes in ((9, 40), (6, 50), (3, -1))
    }
    shown = member_home(cast.member, now)
    assert list(shown["offers"]) == [offers[9], offers[6]], "the most urgent first, without what is over"
    assert not shown["coming"]
    page = screen(browser_of(cast.member).get(reverse("home"))).split("<main")[1]
    assert page.index(reverse("claim_accept", args=[offers[9].pk])) < page.index(reverse("flag_wall"))


def test_what_is_offered_to_a_group_waits_for_its_leader_alone(cast):
    now, member = timezone.localtime(), MemberFactory(community=cast.community)
    group = HelperGroupFactory(community=cast.community, leader=cast.member.member, members=[member])
    offers = []
    for days, minutes in ((2, 40), (3, -1)):
        shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=now + timedelta(days=days))
        offers.append(
            GroupClaim.objects.create(group=group, shift=shift, leader=group.leader, status="OFFERED", claimed_at=now)
        )
        until = now + timedelta(minutes=minutes)
        for named in (member, group.leader):
            ClaimFactory(shift=shift, member=named, group_claim=offers[-1], status="OFFERED", offer_until=until)
    shown = member_home(cast.member, now)
    assert (list(shown["group_offers"]), list(shown["coming"])) == (offers[:1], [])
    page = screen(browser_of(cast.member).get(reverse("home")))
    assert offers[0].page in page
    assert offers[1].page not in page
    shown = member_home(member_actor(member), now)
    assert not shown["group_offers"]
    assert [claim.group_claim for claim in shown["coming"]] == offers[:1], "who is named reads that it is offered"


def test_what_fits_comes_first_with_its_reason_and_stands_there_once(cast):
    member = cast.member.member
    member.interests = INTEREST_BITS["RED_STEWARD"]
    member.save(update_fields=["interests"])
    for n in range(10):
        category = "RED_STEWARD" if n > 5 else "OTHER"
        ShiftFactory(task=TaskFactory(publisher=cast.community, title=f"第{n}件", category=category))
    page = screen(browser_of(cast.member).get(reverse("home")))
    fits, others = page.split(f"<h2>{gettext('Fits you')}</h2>")[1].split(f"<h2>{gettext('Open near you')}</h2>")
    assert [n for n in range(10) if f"第{n}件" in fits] == [6, 7, 8]
    assert [n for n in range(10) if f"第{n}件" in others] == [0, 1, 2, 3, 4]
    assert fits.count(str(Interest.RED_STEWARD.label)) >= 3
    assert f"{reverse('task_list')}?fits=on" in fits


def test_who_has_said_nothing_is_asked_once_to_say_it(cast):
    page = screen(browser_of(cast.member).get(reverse("home")))
    assert page.count(reverse("my_help")) == 1
    Member.objects.filter(pk=cast.member.member.pk).update(free_at=1)
    assert reverse("my_help") not in screen(browser_of(cast.member).get(reverse("home")))
