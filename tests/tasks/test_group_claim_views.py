"""A leader claims for the group on the page of a shift, and looks after its places on theirs."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils.translation import gettext

from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.group_claim import claim_for_group, wait_for_group
from tasks.models import Claim, GroupClaim, Shift, Task
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory
from tests.tasks.group_world import alone, group_world, states
from tests.tasks.places import neighbour, taken

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def world(cast):
    return group_world(cast)


@pytest.fixture
def held(world) -> GroupClaim:
    return claim_for_group(world.group, world.shift, members=alone(*world.people[:2]), by=world.leader)


def read(actor, name: str, row) -> str:
    return screen(browser_of(actor).get(reverse(name, args=[row.pk])))


def send(actor, name: str, row, **sent) -> str:
    return screen(browser_of(actor).post(reverse(name, args=[row.pk]), sent, follow=True))


# --- claiming ---------------------------------------------------------------------------------


def test_the_page_of_a_shift_offers_it_to_leaders_alone(world):
    url = reverse("shift_group", args=[world.shift.pk])
    assert url in read(world.leader, "shift", world.shift)
    assert url not in read(world.actors[0], "shift", world.shift)
    assert browser_of(world.actors[0]).get(url).status_code == 403
    Shift.objects.update(by_agreement=True)
    assert url not in read(world.leader, "shift", world.shift)


def test_a_leader_ticks_members_and_their_companions(world):
    first, second, third = world.people
    page = read(world.leader, "shift_group", world.shift)
    assert all(str(member) in page for member in world.people)
    sent = {"member": [first.pk, second.pk, second.pk], f"companions_{first.pk}": "2", f"companions_{third.pk}": "1"}
    page = send(world.leader, "shift_group", world.shift, claim="1", **sent)
    group_claim = GroupClaim.objects.get()
    assert list(group_claim.claims.order_by("pk").values_list("member", "companions")) == [
        (first.pk, 2),
        (second.pk, 0),
    ]
    assert taken(world.shift) == 4
    assert str(first) in page


def test_sent_again_it_is_one_claim_and_leads_to_it(world):
    client, url = browser_of(world.leader), reverse("shift_group", args=[world.shift.pk])
    sent = {"member": [world.people[0].pk], "claim": "1"}
    pages = [client.post(url, sent).headers["Location"] for _ in range(2)]
    assert pages == [GroupClaim.objects.get().page] * 2
    assert client.get(url).headers["Location"] == pages[0]


def test_where_none_may_be_brought_no_companions_are_asked_for(world):
    Task.objects.update(companions_at_most=0)
    assert "companions_" not in read(world.leader, "shift_group", world.shift)


@pytest.mark.parametrize("wrong", ["nobody", "a stranger", "no key", "a number", "companions"])
def test_a_refused_form_keeps_what_was_ticked(world, wrong):
    first, second, _third = world.people
    sent = {
        "nobody": {},
        "a stranger": {"member": [first.pk, neighbour(world.cast).member.pk]},
        "no key": {"member": [first.pk, "😀", "9" * 30]},
        "a number": {"member": [first.pk, "9" * 30]},
        "companions": {"member": [first.pk], f"companions_{first.pk}": "99"},
    }[wrong]
    page = send(world.leader, "shift_group", world.shift, claim="1", **sent)
    assert 'class="errorlist' in page
    assert page.count('" checked') == (1 if "member" in sent else 0)
    assert not Claim.objects.exists()
    assert str(second) in page


def test_too_few_places_are_said_and_the_group_can_wait(world):
    Shift.objects.update(capacity=3)
    claim_shift(world.shift, by=neighbour(world.cast))
    everybody = [member.pk for member in world.people]
    page = send(world.leader, "shift_group", world.shift, claim="1", member=everybody)
    assert sentence(Reason.TOO_FEW_PLACES, wanted=3, free=2) in page
    assert page.count('" checked') == 3
    assert 'name="wait"' in page
    send(world.leader, "shift_group", world.shift, wait="1", member=everybody)
    assert states(GroupClaim.objects.get()) == ["WAITING"] * 4


def test_in_a_full_shift_waiting_is_the_main_thing(world):
    Shift.objects.update(capacity=1)
    claim_shift(world.shift, by=neighbour(world.cast))
    page = read(world.leader, "shift_group", world.shift)
    assert 'name="wait"' in page
    assert 'name="claim"' not in page


def test_who_leads_two_groups_says_for_which(world):
    other = HelperGroupFactory(community=world.cast.community, name="拾光睦邻社", leader=world.leader.member)
    page = read(world.leader, "shift_group", world.shift)
    assert f"?group={other.pk}" in page
    client, url = browser_of(world.leader), reverse("shift_group", args=[world.shift.pk])
    client.post(f"{url}?group={other.pk}", {"member": [world.leader.member.pk], "claim": "1"})
    assert GroupClaim.objects.get().group == other
    assert "拾光睦邻社" in screen(client.get(f"{url}?group=999999"))


def test_nobody_to_name_is_said(world):
    world.group.memberships.exclude(member=world.leader.member).update(status="INVITED")
    claim_shift(world.shift, by=world.leader)
    assert 'class="empty"' in read(world.leader, "shift_group", world.shift)


def test_the_form_costs_the_same_for_one_and_for_thirty(world):
    client, url = browser_of(world.leader), reverse("shift_group", args=[world.shift.pk])
    few = queries_of(client, url)
    for member in MemberFactory.create_batch(27, community=world.cast.community):
        world.group.memberships.create(member=member, status="AGREED")
    assert queries_of(client, url) == few


# --- the group's places ------------------------------------------------------------------------


def test_everybody_of_the_group_reads_who_comes_and_only_the_leader_acts(world, held):
    leads_to = reverse("group_claim_withdraw", args=[held.pk])
    for who in (world.leader, *world.actors, world.cast.secretary):
        page = read(who, "group_claim", held)
        assert all(str(member) in page for member in world.people[:2])
        assert (leads_to in page) is (who == world.leader)
    for who in (world.actors[0], world.actors[2]):
        assert sentence(Reason.NOT_THE_LEADER) in send(who, "group_claim_let_go", held)


def test_ones_own_place_leads_to_the_groups(world, held):
    claim = held.claims.get(member=world.people[0])
    assert held.page in read(world.actors[0], "claim", claim)


def test_a_declined_place_is_filled_again_or_let_go(world, held):
    first, second, third = world.people
    withdraw_claim(held.claims.get(member=first), by=world.actors[0])
    fill = reverse("group_claim_fill", args=[held.pk])
    page = read(world.leader, "group_claim", held)
    assert fill in page
    assert f'<option value="{third.pk}"' in page
    assert f'<option value="{second.pk}"' not in page, "has a place already"
    assert fill not in read(world.actors[1], "group_claim", held)
    for wrong in ("", second.pk, "abc"):
        send(world.leader, "group_claim_fill", held, member=wrong)
        assert held.claims.count() == 2
    send(world.leader, "group_claim_fill", held, member=third.pk)
    assert states(held) == ["HELD", "DECLINED", "HELD", "HELD"]
    assert fill not in read(world.leader, "group_claim", held)
    assert sentence(Reason.NO_PLACE_KEPT) in send(world.leader, "group_claim_let_go", held)
    withdraw_claim(held.claims.get(member=second), by=world.actors[1])
    send(world.leader, "group_claim_let_go", held)
    assert taken(world.shift) == 1


def test_the_leader_gives_everything_back_late_with_a_reason(world, held):
    with time_machine.travel(world.shift.starts_at - HOUR, tick=False):
        assert sentence(Reason.WITHDRAWAL_NEEDS_REASON) in read(world.leader, "group_claim_withdraw", held)
        assert 'class="errorlist' in send(world.leader, "group_claim_withdraw", held, reason="")
        assert "长" * 201 in send(world.leader, "group_claim_withdraw", held, reason="长" * 201)
        assert states(held) == ["HELD"] * 3
        send(world.leader, "group_claim_withdraw", held, reason="车坏了")
    assert states(held) == ["WITHDRAWN"] * 3


def test_a_group_that_waits_reads_its_position_and_the_leader_answers_an_offer(world):
    Shift.objects.update(capacity=3)
    holder = neighbour(world.cast)
    claim = claim_shift(world.shift, by=holder)
    waiting = wait_for_group(world.group, world.shift, members=alone(*world.people), by=world.leader)
    assert gettext("No. %(n)s, as one") % {"n": 1} in read(world.actors[0], "group_claim", waiting)
    with time_machine.travel(world.shift.starts_at - 6 * HOUR, tick=False):
        withdraw_claim(claim, by=holder, reason="孩子发烧")
        accept = reverse("group_claim_accept", args=[waiting.pk])
        assert accept not in read(world.actors[0], "group_claim", waiting)
        assert accept in read(world.leader, "group_claim", waiting)
        send(world.leader, "group_claim_accept", waiting)
        assert states(waiting) == ["HELD"] * 4
        assert sentence(Reason.NOT_OFFERED) in send(world.leader, "group_claim_decline", waiting)


def test_an_offer_is_declined_for_all(world):
    Shift.objects.update(capacity=3)
    holder = neighbour(world.cast)
    claim = claim_shift(world.shift, by=holder)
    waiting = wait_for_group(world.group, world.shift, members=alone(*world.people), by=world.leader)
    with time_machine.travel(world.shift.starts_at - 6 * HOUR, tick=False):
        withdraw_claim(claim, by=holder, reason="孩子发烧")
        send(world.leader, "group_claim_decline", waiting)
    assert states(waiting) == ["DECLINED"] * 4


def test_a_groups_claim_costs_the_same_for_one_place_and_for_thirty(world, held):
    client = browser_of(world.leader)
    few = queries_of(client, held.page)
    for member in MemberFactory.create_batch(28, community=world.cast.community):
        actor = member_actor(member)
        Claim.objects.create(
            shift=world.shift,
            member=actor.member,
            community=world.cast.community,
            group_claim=held,
            claimed_at=held.claimed_at,
        )
    assert queries_of(client, held.page) == few
