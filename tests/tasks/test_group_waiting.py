"""A group in the waiting list: promoted whole or not at all, and answered for by its leader (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notice
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.group_claim import wait_for_group
from tasks.actions.group_offer import accept_group_offer, decline_group_offer
from tasks.actions.group_refill import fill_again
from tasks.actions.waiting import (
    accept_offer,
    end_waiting,
    expire_offers,
    join_waiting_list,
    pass_on_what_is_free,
    release_kept_places,
)
from tasks.models import Claim, GroupClaim, Shift
from tasks.queries.waiting import position_of
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ShiftFactory, WishFactory
from tests.tasks.group_world import alone, group_world, notices, states
from tests.tasks.places import neighbour, status, taken
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
HOUR = timedelta(hours=1)


@pytest.fixture
def world(cast):
    """Four places, all taken by singles; a group of three waits first."""
    world = group_world(cast, capacity=4)
    world.holders = [neighbour(cast) for _ in range(4)]
    world.held = [claim_shift(world.shift, by=holder) for holder in world.holders]
    world.waiting = wait_for_group(world.group, world.shift, members=alone(*world.people), by=world.leader)
    return world


@pytest.fixture
def soon(world):
    """The same, past the withdrawal limit: what becomes free is offered, and the group's three places are."""
    with time_machine.travel(world.shift.starts_at - 6 * HOUR, tick=False) as clock:
        world.clock = clock
        leave(world, 3)
        yield world


def leave(world, n: int) -> None:
    """As many of the singles as that give their places back."""
    for _ in range(n):
        withdraw_claim(world.held.pop(), by=world.holders.pop(), reason="孩子发烧")


# --- promoted ---------------------------------------------------------------------------------


def test_it_gets_all_its_places_or_none_and_each_is_told(world):
    leave(world, 2)
    assert states(world.waiting) == ["WAITING"] * 4
    leave(world, 1)
    assert states(world.waiting) == ["HELD"] * 4
    assert taken(world.shift) == 4
    assert notices(*world.people) == [[Kind.PLACE_FREED, Kind.GROUP_WAITS]] * 3
    assert notices(world.leader.member) == [[Kind.GROUP_PLACES]], "who leads and is not named hears of it too"
    for claim in world.waiting.claims.all():
        assert claim.member.user.notices.first().link == claim.page


def test_a_smaller_entry_behind_it_may_pass(world):
    behind = join_waiting_list(world.shift, by=neighbour(world.cast))
    assert (position_of(world.waiting), position_of(behind)) == (1, 2)
    leave(world, 1)
    assert (status(behind), states(world.waiting)[0]) == ("HELD", "WAITING")
    leave(world, 3)
    assert states(world.waiting) == ["HELD"] * 4
    assert position_of(world.waiting) == 0
    assert taken(world.shift) == 4


def test_one_who_cannot_come_keeps_all_of_them_waiting_and_who_is_behind_passes(world):
    behind = join_waiting_list(world.shift, by=neighbour(world.cast))
    busy = claim_shift(ShiftFactory(task=world.shift.task, starts_at=world.shift.starts_at), by=world.actors[0])
    leave(world, 3)
    assert (status(behind), states(world.waiting)[0], taken(world.shift)) == ("HELD", "WAITING", 2)
    withdraw_claim(busy, by=world.actors[0])
    leave(world, 1)
    assert states(world.waiting) == ["HELD"] * 4


def test_the_clock_promotes_who_fits_by_now(world):
    Shift.objects.filter(pk=world.shift.pk).update(capacity=7)
    for _ in range(2):
        pass_on_what_is_free()
        assert states(world.waiting) == ["HELD"] * 4
        assert taken(world.shift) == 7


def test_a_wish_is_claimed_by_who_is_promoted(world):
    wish = WishFactory(community=world.cast.community, status="PUBLISHED", task=world.shift.task)
    Shift.objects.filter(pk=world.shift.pk).update(capacity=7)
    pass_on_what_is_free()
    wish.refresh_from_db()
    assert wish.status == "CLAIMED"


def test_once_it_begins_nobody_waits_any_more(world):
    with time_machine.travel(world.shift.starts_at):
        for _ in range(2):
            end_waiting()
            assert states(world.waiting) == ["EXPIRED"] * 4
    assert taken(world.shift) == 4


# --- offered -----------------------------------------------------------------------------------


def test_late_the_places_are_offered_to_the_leader_who_accepts_for_all(soon):
    assert states(soon.waiting) == ["OFFERED"] * 4
    assert taken(soon.shift) == 4
    assert notices(soon.leader.member, *soon.people) == [[Kind.PLACE_OFFERED], *[[Kind.GROUP_WAITS]] * 3]
    assert soon.leader.user.notices.get().link == soon.waiting.page
    accept_group_offer(soon.waiting, by=soon.leader)
    assert states(soon.waiting) == ["HELD"] * 4
    assert not soon.waiting.claims.filter(offer_until__isnull=False).exists()
    assert notices(*soon.people) == [[Kind.GROUP_PLACE, Kind.GROUP_WAITS]] * 3
    refused(Reason.NOT_OFFERED, accept_group_offer, soon.waiting, by=soon.leader)
    assert taken(soon.shift) == 4


def test_whoever_leads_by_now_answers(soon):
    soon.group.leader = soon.people[0]
    soon.group.save()
    refused(Reason.NOT_THE_LEADER, accept_group_offer, soon.waiting, by=soon.leader)
    accept_group_offer(soon.waiting, by=soon.actors[0])
    assert states(soon.waiting) == ["HELD"] * 4


def test_nobody_else_answers_for_the_group_and_no_member_alone(soon):
    for act in (accept_group_offer, decline_group_offer):
        refused(Reason.NOT_THE_LEADER, act, soon.waiting, by=soon.actors[0])
        with pytest.raises(PermissionDenied):
            act(soon.waiting, by=soon.cast.secretary)
    claim = soon.waiting.claims.get(member=soon.people[0])
    refused(Reason.GROUP_OFFER, accept_offer, claim, by=soon.actors[0])
    refused(Reason.GROUP_OFFER, claim_shift, soon.shift, by=soon.actors[0])


def test_declined_the_places_go_to_the_next_and_everybody_is_told(soon):
    behind = join_waiting_list(soon.shift, by=neighbour(soon.cast))
    decline_group_offer(soon.waiting, by=soon.leader)
    assert states(soon.waiting) == ["DECLINED"] * 4
    assert (status(behind), taken(soon.shift)) == ("OFFERED", 2)
    assert notices(*soon.people) == [[Kind.GROUP_CALLED_OFF, Kind.GROUP_WAITS]] * 3
    refused(Reason.NOT_OFFERED, decline_group_offer, soon.waiting, by=soon.leader)
    refused(Reason.NOT_OFFERED, accept_group_offer, soon.waiting, by=soon.leader)


def test_an_offer_that_nobody_accepts_goes_to_the_next_and_the_leader_is_told(soon):
    behind = join_waiting_list(soon.shift, by=neighbour(soon.cast))
    soon.clock.shift(HOUR)
    refused(Reason.OFFER_OVER, accept_group_offer, soon.waiting, by=soon.leader)
    for _ in range(2):
        expire_offers()
        assert states(soon.waiting) == ["EXPIRED"] * 4
        assert (status(behind), taken(soon.shift)) == ("OFFERED", 2)
    assert notices(soon.leader.member) == [[Kind.OFFER_EXPIRED, Kind.PLACE_OFFERED]]
    assert notices(*soon.people) == [[Kind.OFFER_EXPIRED, Kind.GROUP_WAITS]] * 3


def test_a_wish_whose_last_offer_expires_is_open_again(soon):
    leave(soon, 1)
    wish = WishFactory(community=soon.cast.community, status="CLAIMED", task=soon.shift.task)
    soon.clock.shift(HOUR)
    expire_offers()
    wish.refresh_from_db()
    assert (wish.status, taken(soon.shift)) == ("PUBLISHED", 0)


def test_who_declines_an_offered_place_leaves_it_to_the_group_while_the_offer_lasts(soon):
    claim = soon.waiting.claims.get(member=soon.people[0])
    withdraw_claim(claim, by=soon.actors[0])
    claim.refresh_from_db()
    assert (claim.status, claim.kept_until) == ("DECLINED", timezone.now() + HOUR)
    assert taken(soon.shift) == 4
    instead = fill_again(soon.waiting, soon.leader.member, by=soon.leader)
    assert (instead.status, instead.offer_until) == ("OFFERED", timezone.now() + HOUR)
    accept_group_offer(soon.waiting, by=soon.leader)
    assert states(soon.waiting) == ["HELD", "DECLINED", "HELD", "HELD", "HELD"]
    assert taken(soon.shift) == 4


@pytest.mark.parametrize("how", ["expires", "declined"])
def test_with_the_offer_go_the_places_kept_since(soon, how):
    withdraw_claim(soon.waiting.claims.get(member=soon.people[0]), by=soon.actors[0])
    if how == "expires":
        soon.clock.shift(HOUR)
        expire_offers()
    else:
        decline_group_offer(soon.waiting, by=soon.leader)
    assert states(soon.waiting)[0] == ("EXPIRED" if how == "expires" else "DECLINED")
    assert taken(soon.shift) == 1


def test_an_offer_that_everybody_declines_is_over_with_its_time(soon):
    for actor in soon.actors:
        withdraw_claim(soon.waiting.claims.get(member=actor.member), by=actor)
    refused(Reason.NOT_OFFERED, accept_group_offer, soon.waiting, by=soon.leader)
    soon.clock.shift(HOUR)
    expire_offers()
    release_kept_places()
    assert states(soon.waiting)[0] == GroupClaim.Status.WITHDRAWN
    assert taken(soon.shift) == 1


def test_an_offer_never_outlasts_the_start(world):
    with time_machine.travel(world.shift.starts_at - HOUR / 2, tick=False):
        leave(world, 3)
        assert set(world.waiting.claims.values_list("offer_until", flat=True)) == {world.shift.starts_at}


def test_an_offer_to_one_alone_beside_the_groups_is_answered_for_itself(soon):
    alone_there = neighbour(soon.cast)
    single = join_waiting_list(soon.shift, by=alone_there)
    leave(soon, 1)
    assert status(single) == "OFFERED"
    accept_offer(Claim.objects.get(pk=single.pk), by=member_actor(single.member))
    assert states(soon.waiting)[0] == "OFFERED"
    assert taken(soon.shift) == 4
