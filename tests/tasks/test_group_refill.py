"""What becomes of a group's places: declined, filled again, let go, or all given back (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift
from tasks.actions.group_claim import withdraw_group_claim
from tasks.actions.group_refill import fill_again, let_go
from tasks.actions.waiting import join_waiting_list, release_kept_places
from tasks.models import Shift
from tasks.refusals import Reason
from tests.factories import ShiftFactory, WishFactory
from tests.tasks.group_world import claim, decline, group_world, notices, states
from tests.tasks.places import neighbour, taken
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(cast):
    return group_world(cast)


# --- declining, filling again, letting go ---------------------------------------------------------------


def test_a_declined_place_is_kept_for_the_group_and_its_leader_told(world):
    group_claim = claim(world, companions={world.people[0].pk: 2, world.people[1].pk: 0})
    now = timezone.now()
    with time_machine.travel(now, tick=False):
        decline(group_claim, world.people[0])
    one = group_claim.claims.get(member=world.people[0])
    assert (one.status, one.kept_until) == ("DECLINED", now + DAY)
    assert taken(world.shift) == 2, "the companions' places are free at once"
    assert notices(world.leader.member) == [[Kind.GROUP_PLACE_DECLINED]]
    notice = world.leader.user.notices.get()
    assert (notice.params["name"], notice.link) == (str(world.people[0]), group_claim.page)


def test_it_is_kept_until_the_start_at_most(world):
    group_claim = claim(world)
    with time_machine.travel(world.shift.starts_at - HOUR, tick=False):
        decline(group_claim, world.people[0], reason="孩子发烧")
    assert group_claim.claims.first().kept_until == world.shift.starts_at


def test_whoever_leads_by_now_is_told_and_fills_the_place(world):
    group_claim = claim(world, world.people[0])
    world.group.leader = world.people[1]
    world.group.save()
    decline(group_claim, world.people[0])
    assert notices(world.leader.member, world.people[1]) == [[], [Kind.GROUP_PLACE_DECLINED]]
    refused(Reason.NOT_THE_LEADER, fill_again, group_claim, world.people[2], by=world.leader)
    fill_again(group_claim, world.people[2], by=world.actors[1])


def test_the_leader_fills_a_kept_place_once(world):
    first, second, third = world.people
    group_claim = claim(world, first, second)
    decline(group_claim, first)
    fill_again(group_claim, third, by=world.leader)
    assert states(group_claim) == ["HELD", "DECLINED", "HELD", "HELD"]
    assert taken(world.shift) == 2
    assert notices(third) == [[Kind.GROUP_PLACE]]
    refused(Reason.NO_PLACE_KEPT, fill_again, group_claim, first, by=world.leader)


def test_the_leader_may_be_the_one_who_comes_instead(world):
    group_claim = claim(world)
    decline(group_claim, world.people[0])
    fill_again(group_claim, world.leader.member, by=world.leader)
    assert notices(world.leader.member) == [[Kind.CLAIM_MADE, Kind.GROUP_PLACE_DECLINED]]


def test_who_declined_and_can_come_after_all_may_be_named_again(world):
    group_claim = claim(world)
    decline(group_claim, world.people[0])
    fill_again(group_claim, world.people[0], by=world.leader)
    assert taken(world.shift) == 3


def test_who_fills_a_place_has_to_fit_as_everybody_else(world):
    first, second, third = world.people
    group_claim = claim(world, first, second)
    decline(group_claim, first)
    refused(Reason.HAS_A_PLACE, fill_again, group_claim, second, by=world.leader)
    refused(Reason.NOT_IN_THE_GROUP, fill_again, group_claim, neighbour(world.cast).member, by=world.leader)
    claim_shift(ShiftFactory(task=world.shift.task, starts_at=world.shift.starts_at), by=world.actors[2])
    refused(Reason.NOT_FIT, fill_again, group_claim, third, by=world.leader)
    Member.objects.filter(pk=third.pk).update(home=world.cast.other_community)
    refused(Reason.NOT_OF_THE_COMMUNITY, fill_again, group_claim, third, by=world.leader)
    for who in (world.cast.secretary, world.cast.city_officer):
        with pytest.raises(PermissionDenied):
            fill_again(group_claim, first, by=who)
    with time_machine.travel(world.shift.starts_at, tick=False):
        refused(Reason.BEGUN, fill_again, group_claim, first, by=world.leader)


def test_after_24_hours_the_place_is_everybodys(world):
    Shift.objects.update(starts_at=timezone.now() + 5 * DAY, ends_at=timezone.now() + 5 * DAY + HOUR)
    group_claim = claim(world, *world.people[:2])
    decline(group_claim, world.people[0])
    with time_machine.travel(timezone.now() + DAY - HOUR):
        release_kept_places()
        assert taken(world.shift) == 2
    with time_machine.travel(timezone.now() + DAY):
        refused(Reason.NO_PLACE_KEPT, fill_again, group_claim, world.people[2], by=world.leader)
        for _ in range(2):
            release_kept_places()
            assert taken(world.shift) == 1
    assert states(group_claim)[0] == "HELD", "somebody still comes"


def test_the_leader_lets_a_kept_place_go_and_who_waits_has_it(world):
    Shift.objects.update(capacity=2)
    group_claim = claim(world, *world.people[:2])
    waiting = join_waiting_list(world.shift, by=neighbour(world.cast))
    refused(Reason.NO_PLACE_KEPT, let_go, group_claim, by=world.leader)
    decline(group_claim, world.people[0])
    waiting.refresh_from_db()
    assert waiting.status == "WAITING", "the place is the group's first"
    refused(Reason.NOT_THE_LEADER, let_go, group_claim, by=world.actors[1])
    let_go(group_claim, by=world.leader)
    waiting.refresh_from_db()
    assert (waiting.status, taken(world.shift)) == ("HELD", 2)
    refused(Reason.NO_PLACE_KEPT, let_go, group_claim, by=world.leader)


@pytest.mark.parametrize("how", ["let go", "time passes"])
def test_a_groups_claim_in_which_nobody_is_left_and_nothing_kept_is_over(world, how):
    group_claim = claim(world)
    for member in world.people:
        decline(group_claim, member)
    assert states(group_claim) == ["HELD", *["DECLINED"] * 3], "its leader can still fill the places"
    if how == "let go":
        let_go(group_claim, by=world.leader)
    else:
        with time_machine.travel(world.shift.starts_at):
            release_kept_places()
    assert states(group_claim)[0] == "WITHDRAWN"
    assert taken(world.shift) == 0


def test_a_wish_is_claimed_given_back_and_claimed_again_with_the_groups_places(world):
    wish = WishFactory(community=world.cast.community, status="PUBLISHED", task=world.shift.task)
    group_claim = claim(world, world.people[0])
    after = []
    for act in (
        lambda: decline(group_claim, world.people[0]),
        lambda: fill_again(group_claim, world.people[1], by=world.leader),
        lambda: withdraw_group_claim(group_claim, by=world.leader),
    ):
        wish.refresh_from_db()
        after.append(wish.status)
        act()
    wish.refresh_from_db()
    assert [*after, wish.status] == ["CLAIMED", "PUBLISHED", "CLAIMED", "PUBLISHED"]


# --- giving everything back ---------------------------------------------------------------------------


def test_the_leader_gives_all_places_back_kept_ones_too_and_everybody_is_told(world):
    Shift.objects.update(capacity=4)
    first, second, third = world.people
    group_claim = claim(world, companions={first.pk: 0, second.pk: 1, third.pk: 0})
    decline(group_claim, first)
    waiting = join_waiting_list(world.shift, by=neighbour(world.cast))
    withdraw_group_claim(group_claim, by=world.leader)
    assert states(group_claim) == ["WITHDRAWN", "DECLINED", "WITHDRAWN", "WITHDRAWN"]
    waiting.refresh_from_db()
    assert (waiting.status, taken(world.shift)) == ("HELD", 1)
    assert notices(first, second, third) == [[Kind.GROUP_PLACE], *[[Kind.GROUP_CALLED_OFF, Kind.GROUP_PLACE]] * 2]
    refused(AccountsReason.NOT_ALLOWED_NOW, withdraw_group_claim, group_claim, by=world.leader)


def test_late_it_needs_a_reason_which_the_community_reads(world):
    group_claim = claim(world)
    with time_machine.travel(world.shift.starts_at - HOUR, tick=False):
        for reason in ("", "  "):
            refused(Reason.WITHDRAWAL_NEEDS_REASON, withdraw_group_claim, group_claim, by=world.leader, reason=reason)
        withdraw_group_claim(group_claim, by=world.leader, reason="车坏了")
    notice = world.cast.secretary.user.notices.get()
    assert (notice.kind, notice.params["name"], notice.params["reason"]) == (
        Kind.LATE_WITHDRAWAL,
        "和睦帮帮团",
        "车坏了",
    )
    assert set(group_claim.claims.values_list("withdraw_reason", flat=True)) == {"车坏了"}


def test_only_the_leader_gives_back_and_not_once_it_has_begun(world):
    group_claim = claim(world)
    refused(Reason.NOT_THE_LEADER, withdraw_group_claim, group_claim, by=world.actors[0])
    with pytest.raises(PermissionDenied):
        withdraw_group_claim(group_claim, by=world.cast.secretary)
    with time_machine.travel(world.shift.starts_at, tick=False):
        refused(Reason.BEGUN, withdraw_group_claim, group_claim, by=world.leader, reason="车坏了")
    assert states(group_claim) == ["HELD"] * 4


# --- across midnight and the New Year ---------------------------------------------------------------------


def test_over_new_years_eve_a_place_is_kept_for_24_hours_of_the_clock(world):
    eve = timezone.make_aware(timezone.datetime(2026, 12, 31, 23, 59))
    Shift.objects.update(starts_at=eve + 3 * DAY, ends_at=eve + 3 * DAY + HOUR)
    with time_machine.travel(eve, tick=False):
        group_claim = claim(world)
        decline(group_claim, world.people[0])
        assert group_claim.claims.first().kept_until == eve + DAY
    with time_machine.travel(eve + DAY - HOUR, tick=False):
        fill_again(group_claim, world.leader.member, by=world.leader)
    assert taken(world.shift) == 3
