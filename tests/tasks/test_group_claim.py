"""A group's places: all of them or none, each for somebody who agreed, each to be declined (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone
from django.utils.translation import gettext

from accounts.models import Member, Notice, Record, Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.group_claim import claim_for_group, wait_for_group, withdraw_group_claim
from tasks.actions.group_refill import fill_again, let_go
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.waiting import join_waiting_list, release_kept_places
from tasks.models import Claim, GroupClaim, GroupMembership, Shift, Task
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ClaimFactory, HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.group_world import alone, group_world, notices, states
from tests.tasks.places import neighbour, taken
from tests.tasks.refusing import refused
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


@pytest.fixture
def world(cast):
    return group_world(cast)


def claim(world, *members, by=None, shift=None) -> GroupClaim:
    named = members if members and isinstance(members[0], dict) else (alone(*(members or world.people)),)
    return claim_for_group(world.group, shift or world.shift, members=named[0], by=by or world.leader)


def cannot(why, world, *members, **changed) -> Refused:
    return refused(why, claim, world, *members, **changed)


def own(group_claim: GroupClaim, member: Member) -> Claim:
    return group_claim.claims.exclude(status__in=Claim.LAPSED).get(member=member)


def decline(group_claim: GroupClaim, member: Member, reason: str = "") -> None:
    withdraw_claim(own(group_claim, member), by=member_actor(member), reason=reason)


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
    claim(world, {first.pk: 2, second.pk: 1})
    assert taken(world.shift) == 5


@pytest.mark.parametrize(("companions", "why"), [(3, Reason.TOO_MANY_COMPANIONS), (-1, Reason.TOO_MANY_COMPANIONS)])
def test_more_companions_than_the_task_allows_are_refused(world, companions, why):
    cannot(why, world, {world.people[0].pk: companions})


def test_where_no_companions_may_be_brought_none_can(world):
    Task.objects.update(companions_at_most=0)
    cannot(Reason.NO_COMPANIONS, world, {world.people[0].pk: 1})


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
    cannot(Reason.NOBODY_NAMED, world, {})
    outsider = MemberFactory(community=world.cast.community, user__name="欧阳晓雯")
    assert cannot(Reason.NOT_IN_THE_GROUP, world, outsider).details == {"name": "欧*雯"}
    assert cannot(Reason.NOT_IN_THE_GROUP, world, {999_999_999: 0}).details == {"name": ""}
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


@pytest.mark.parametrize("why", ["limit", "skill", "wish", "flags", "audience"])
def test_who_does_not_fit_is_named_and_the_rest_claims_nothing(world, settings, monkeypatch, why):
    first, second, _third = world.people
    if why == "limit":
        settings.OPEN_CLAIMS_AT_MOST = 1
        claim_shift(ShiftFactory(task=world.shift.task, starts_at=world.shift.starts_at + DAY), by=world.actors[0])
    elif why == "skill":
        Shift.objects.update(skill=Skill.objects.create(name="修灯"))
        second.skills.add(Shift.objects.get().skill)
    elif why == "wish":
        WishFactory(community=world.cast.community, status="PUBLISHED", task=world.shift.task, sender=first.user)
    elif why == "flags":
        monkeypatch.setattr("tasks.actions.fit.still_lacks_flags", lambda member, year: member != first)
        Task.objects.update(first_minutes=60, opens_at=timezone.now() - HOUR / 2)
    else:
        Task.objects.update(audience=world.cast.compound)
    caught = cannot(Reason.NOT_FIT, world)
    assert caught.details["name"] == first
    assert str(first) in caught.sentence
    assert "%(" not in caught.sentence
    if why in ("limit", "wish", "flags"):
        assert caught.details["why"] == gettext("it is not open to them."), "whose wish it is the leader does not learn"


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


# --- declining, filling again, letting go ---------------------------------------------------------------


def test_a_declined_place_is_kept_for_the_group_and_its_leader_told(world):
    group_claim = claim(world, {world.people[0].pk: 2, world.people[1].pk: 0})
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
    group_claim = claim(world, {first.pk: 0, second.pk: 1, third.pk: 0})
    decline(group_claim, first)
    waiting = join_waiting_list(world.shift, by=neighbour(world.cast))
    withdraw_group_claim(group_claim, by=world.leader)
    assert states(group_claim) == ["WITHDRAWN", "DECLINED", "WITHDRAWN", "WITHDRAWN"]
    waiting.refresh_from_db()
    assert (waiting.status, taken(world.shift)) == ("HELD", 1)
    assert notices(first, second, third) == [[Kind.GROUP_PLACE], *[[Kind.GROUP_CALLED_OFF, Kind.GROUP_PLACE]] * 2]
    refused(AccountsReason.NOT_ALLOWED_NOW, withdraw_group_claim, group_claim, by=world.leader)


def test_a_waiting_group_leaves_together(full):
    group_claim = wait(full)
    withdraw_group_claim(group_claim, by=full.leader)
    assert states(group_claim) == ["WITHDRAWN"] * 4
    assert taken(full.shift) == 6
    assert notices(full.people[0]) == [[Kind.GROUP_CALLED_OFF, Kind.GROUP_WAITS]]


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
        assert "00:00" not in moment_words(group_claim.claims.first().kept_until)
    with time_machine.travel(eve + DAY - HOUR, tick=False):
        fill_again(group_claim, world.leader.member, by=world.leader)
    assert taken(world.shift) == 3


# --- who sees it -------------------------------------------------------------------------------------------


def test_a_groups_claim_is_seen_by_its_people_its_community_and_whom_it_names(world):
    group_claim = claim(world, world.people[0])
    world.group.memberships.filter(member=world.people[0]).update(status=GroupMembership.Status.LEFT)
    for who in (world.leader, *world.actors, world.cast.secretary):
        assert list(GroupClaim.objects.visible_to(who)) == [group_claim]
    for who in (neighbour(world.cast), world.cast.other_secretary, world.cast.unit_officer):
        assert not GroupClaim.objects.visible_to(who).exists()
