"""A group claims, or waits: all its places or none, each for somebody who has agreed (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Member, Notice, Record, Skill
from tasks.actions.claim import claim_shift
from tasks.actions.group_claim import wait_for_group, withdraw_group_claim
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.waiting import join_waiting_list
from tasks.models import GroupClaim, GroupMembership, Shift, Task
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ClaimFactory, HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.group_world import alone, claim, decline, group_world, notices, states
from tests.tasks.places import neighbour, taken
from tests.tasks.refusing import refused
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(cast):
    return group_world(cast)


def cannot(why, world, *members, **changed) -> Refused:
    return refused(why, claim, world, *members, **changed)


# --- claiming ---------------------------------------------------------------------------------


def test_the_leader_claims_for_members_who_are_told_and_the_leader_may_be_one_of_them(world):
    leader = world.leader.member
    group_claim = claim(world, leader, *world.people)
    assert states(group_claim) == ["HELD"] * 5
    assert taken(world.shift) == 4
    assert notices(leader, *world.people) == [[Kind.CLAIM_MADE], *[[Kind.GROUP_PLACE]] * 3]
    for one in group_claim.claims.all():
        assert (one.starts_at, one.ends_at) == (world.shift.starts_at, world.shift.ends_at)
        assert one.community == world.cast.community, "the community, where the home is a compound"
        assert one.member.user.notices.get().link == one.page
    assert Record.objects.filter(verb="claimed", user=world.leader.user).count() == 5


def test_companions_take_a_place_each(world):
    first, second, _third = world.people
    claim(world, companions={first.pk: 2, second.pk: 1})
    assert taken(world.shift) == 5


@pytest.mark.parametrize(("companions", "why"), [(3, Reason.TOO_MANY_COMPANIONS), (-1, Reason.TOO_MANY_COMPANIONS)])
def test_more_companions_than_the_task_allows_are_refused(world, companions, why):
    cannot(why, world, companions={world.people[0].pk: companions})


def test_where_no_companions_may_be_brought_none_can(world):
    Task.objects.update(companions_at_most=0)
    cannot(Reason.NO_COMPANIONS, world, companions={world.people[0].pk: 1})


def test_a_place_too_few_is_none_at_all(world):
    world.shift.capacity = 5
    world.shift.save()
    ClaimFactory.create_batch(3, shift=world.shift)
    caught = cannot(Reason.TOO_FEW_PLACES, world)
    assert caught.details == {"wanted": 3, "free": 2}
    claim(world, *world.people[:2])
    assert taken(world.shift) == 5


def test_when_all_are_taken_it_says_so_and_what_never_fits_too(world):
    Shift.objects.update(capacity=3, taken=3)
    cannot(Reason.FULL, world)
    Shift.objects.update(capacity=2, taken=0)
    assert cannot(Reason.GROUP_TOO_LARGE, world).details == {"wanted": 3, "all": 2}


def test_who_looks_for_a_stand_in_is_relieved_by_a_group_too(world):
    Shift.objects.update(capacity=2)
    seeking = claim_shift(world.shift, by=neighbour(world.cast))
    claim_shift(world.shift, by=neighbour(world.cast))
    seek_stand_in(seeking, by=member_actor(seeking.member))
    claim(world, world.people[0])
    seeking.refresh_from_db()
    assert (seeking.status, taken(world.shift)) == ("WITHDRAWN", 2)


def test_only_the_leader_who_has_agreed_claims(world):
    cannot(Reason.NOT_THE_LEADER, world, by=world.actors[0])
    for who in (world.cast.secretary, world.cast.city_officer):
        with pytest.raises(PermissionDenied):
            claim(world, by=who)
    world.group.memberships.filter(member=world.leader.member).update(status="INVITED")
    cannot(Reason.NOT_THE_LEADER, world)


def test_nobody_is_claimed_for_without_having_agreed(world):
    cannot(Reason.NOBODY_NAMED, world, companions={})
    outsider = MemberFactory(community=world.cast.community, user__name="欧阳晓雯")
    assert cannot(Reason.NOT_IN_THE_GROUP, world, outsider).details == {"name": "欧*雯"}
    assert cannot(Reason.NOT_IN_THE_GROUP, world, companions={999_999_999: 0}).details == {"name": ""}
    for status in ("INVITED", "DECLINED", "LEFT"):
        world.group.memberships.filter(member=world.people[2]).update(status=status)
        cannot(Reason.NOT_IN_THE_GROUP, world)


def test_a_group_of_members_from_elsewhere_claims_nothing(world):
    """Also where the task would be open to them: the group is its community's."""
    Task.objects.update(audience=world.cast.city)
    mover = world.people[1]
    Member.objects.filter(pk=mover.pk).update(home=world.cast.other_community)
    caught = cannot(Reason.NOT_OF_THE_COMMUNITY, world)
    assert caught.details == {"name": mover, "community": world.cast.community}
    Member.objects.filter(pk=mover.pk).update(home=None)
    cannot(Reason.NOT_OF_THE_COMMUNITY, world)


def test_nobody_has_two_places(world):
    first, second, _third = world.actors
    claim_shift(world.shift, by=first)
    assert cannot(Reason.HAS_A_PLACE, world).details == {"name": first.member}
    Shift.objects.update(capacity=1)
    join_waiting_list(world.shift, by=second)
    Shift.objects.update(capacity=7)
    assert cannot(Reason.WAITS_THERE, world, second.member).details == {"name": second.member}


def test_a_group_has_one_claim_in_a_shift_and_another_group_its_own(world):
    group_claim = claim(world, *world.people[:2])
    cannot(Reason.GROUP_CLAIMED_ALREADY, world, world.people[2])
    world.group = HelperGroupFactory(
        community=world.cast.community, leader=world.leader.member, members=[world.people[2]]
    )
    claim(world, world.people[2])
    withdraw_group_claim(group_claim, by=world.leader)
    assert taken(world.shift) == 1


def test_by_agreement_and_when_it_is_over_groups_claim_nothing(world):
    with time_machine.travel(world.shift.starts_at, tick=False):
        cannot(Reason.BEGUN, world)
    Shift.objects.update(status="CANCELLED")
    cannot(Reason.NOT_OPEN, world)
    Shift.objects.update(status="OPEN", by_agreement=True)
    cannot(Reason.NOT_FOR_GROUPS, world)
    refused(Reason.NO_WAITING_LIST, wait_for_group, world.group, world.shift, members=alone(), by=world.leader)
    Shift.objects.update(by_agreement=False)
    Task.objects.update(opens_at=timezone.now() + HOUR)
    cannot(Reason.NOT_OPEN_YET, world)


# --- who cannot come, and what the leader learns of it ----------------------------------------------


def test_of_an_overlap_the_leader_learns_that_there_is_one_and_no_more(world):
    busy = world.actors[1]
    other = ShiftFactory(task=TaskFactory(publisher=world.cast.community, title="反诈宣传"))
    claim_shift(other, by=busy)
    caught = cannot(Reason.NOT_FIT, world)
    assert caught.details["name"] == busy.member
    assert "反诈宣传" not in caught.sentence
    claim_shift(other, by=world.leader)
    caught = cannot(Reason.OVERLAP, world, world.leader.member)
    assert caught.details["task"] == "反诈宣传", "one's own places one knows"


@pytest.mark.parametrize("why", ["limit", "skill", "wish", "audience"])
def test_who_does_not_fit_is_named_and_the_rest_claims_nothing(world, settings, why):
    first, second, _third = world.people
    if why == "limit":
        settings.OPEN_CLAIMS_AT_MOST = 1
        claim_shift(ShiftFactory(task=world.shift.task, starts_at=world.shift.starts_at + DAY), by=world.actors[0])
    elif why == "skill":
        Shift.objects.update(skill=Skill.objects.create(name="修灯"))
        second.skills.add(Shift.objects.get().skill)
    elif why == "wish":
        WishFactory(community=world.cast.community, status="PUBLISHED", task=world.shift.task, sender=first.user)
    else:
        Task.objects.update(audience=world.cast.compound)
    caught = cannot(Reason.NOT_FIT, world)
    assert caught.details["name"] == first
    assert str(first) in caught.sentence
    assert "%(" not in caught.sentence
    if why in ("limit", "wish"):
        assert caught.details["why"] == gettext("it is not open to them."), "whose wish it is the leader does not learn"


@pytest.mark.parametrize("lacks", [True, False])
def test_in_the_first_minutes_no_group_claims_whoever_lacks_flags(world, monkeypatch, lacks):
    monkeypatch.setattr("tasks.actions.fit.still_lacks_flags", lambda member, year: lacks)
    Task.objects.update(first_minutes=60, opens_at=timezone.now() - HOUR / 2)
    cannot(Reason.FIRST_FOR_OTHERS, world)
    Task.objects.update(first_minutes=29)
    assert states(claim(world))[0] == "HELD"


# --- waiting -----------------------------------------------------------------------------------


@pytest.fixture
def full(world):
    """The world with one place free, which is too few for the group."""
    world.holders = [neighbour(world.cast) for _ in range(6)]
    world.held = [claim_shift(world.shift, by=holder) for holder in world.holders]
    return world


def wait(world, *members, **companions) -> GroupClaim:
    return wait_for_group(world.group, world.shift, members=alone(*(members or world.people)), by=world.leader)


def test_a_group_waits_as_one_and_everybody_is_told(full):
    group_claim = wait(full, full.leader.member, *full.people)
    assert states(group_claim) == ["WAITING"] * 5
    assert len({one.claimed_at for one in group_claim.claims.all()}) == 1
    assert taken(full.shift) == 6
    assert notices(full.leader.member, *full.people) == [[], *[[Kind.GROUP_WAITS]] * 3]
    assert Record.objects.filter(verb="waits").count() == 5


def test_waiting_is_refused_while_there_are_places_enough_for_who_cannot_come_and_twice(full):
    refused(Reason.STILL_FREE, wait, full, full.people[0])
    refused(Reason.NOT_THE_LEADER, wait_for_group, full.group, full.shift, members=alone(), by=full.actors[0])
    Shift.objects.update(skill=Skill.objects.create(name="修灯"))
    refused(Reason.NOT_FIT, wait, full)
    Shift.objects.update(skill=None)
    Shift.objects.update(status="CANCELLED")
    refused(Reason.NOT_OPEN, wait, full)
    Shift.objects.update(status="OPEN")
    with time_machine.travel(full.shift.starts_at, tick=False):
        refused(Reason.BEGUN, wait, full)
    wait(full)
    refused(Reason.GROUP_CLAIMED_ALREADY, wait, full)


def test_who_waits_may_have_something_else_at_that_time(full):
    claim_shift(ShiftFactory(task=full.shift.task, starts_at=full.shift.starts_at), by=full.actors[0])
    wait(full)


def test_members_leave_the_waiting_list_and_with_the_last_the_groups_claim_is_over(full):
    group_claim = wait(full, *full.people[:2])
    Shift.objects.update(capacity=6)
    decline(group_claim, full.people[0])
    assert states(group_claim) == ["WAITING", "WITHDRAWN", "WAITING"]
    decline(group_claim, full.people[1])
    assert states(group_claim) == ["WITHDRAWN", "WITHDRAWN", "WITHDRAWN"]
    assert taken(full.shift) == 6


def test_a_waiting_group_leaves_together(full):
    group_claim = wait(full)
    withdraw_group_claim(group_claim, by=full.leader)
    assert states(group_claim) == ["WITHDRAWN"] * 4
    assert taken(full.shift) == 6
    assert notices(full.people[0]) == [[Kind.GROUP_WAITS_NO_MORE, Kind.GROUP_WAITS]]


def test_a_group_that_has_become_small_enough_gets_the_place_at_once(full):
    group_claim = wait(full, *full.people[:2])
    decline(group_claim, full.people[0])
    assert states(group_claim) == ["HELD", "WITHDRAWN", "HELD"]
    assert taken(full.shift) == 7


def test_one_who_waits_with_the_group_may_take_a_free_place_alone(full):
    group_claim = wait(full, *full.people[:2])
    Shift.objects.update(capacity=8)
    for actor in full.actors[:2]:
        assert claim_shift(full.shift, by=actor).group_claim is None
    assert states(group_claim) == ["WITHDRAWN"]
    assert taken(full.shift) == 8


# --- who sees it -------------------------------------------------------------------------------------------


def test_a_groups_claim_is_seen_by_its_people_its_community_and_whom_it_names(world):
    group_claim = claim(world, world.people[0])
    world.group.memberships.filter(member=world.people[0]).update(status=GroupMembership.Status.LEFT)
    for who in (world.leader, *world.actors, world.cast.secretary):
        assert list(GroupClaim.objects.visible_to(who)) == [group_claim]
    for who in (neighbour(world.cast), world.cast.other_secretary, world.cast.unit_officer):
        assert not GroupClaim.objects.visible_to(who).exists()
