"""Who stands there without a place is added by the staff of that day, in that time alone, and never oversells a shift."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notice, Record
from tasks.actions.walk_in import add_walk_in
from tasks.models import Claim, GroupClaim, Shift
from tasks.queries.day import member_with
from tasks.refusals import Reason
from tests.factories import (
    ClaimFactory,
    GroupClaimFactory,
    HelperGroupFactory,
    MemberFactory,
    ShiftFactory,
    TaskFactory,
    WishFactory,
)
from tests.tasks.day_world import HOUR, place_in, says, shift_of_today
from tests.tasks.places import status, taken
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
S = Claim.Status


@pytest.fixture
def shift(cast) -> Shift:
    return shift_of_today(cast.community, capacity=2)


def test_a_walk_in_has_a_place_is_ticked_and_told(cast, shift):
    claim = add_walk_in(shift, cast.member.member, by=cast.secretary)
    assert (status(claim), says(claim), taken(shift)) == (S.HELD, "ATTENDED", 1)
    assert (claim.starts_at, claim.ends_at, claim.community) == (shift.starts_at, shift.ends_at, cast.community)
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.link) == (Notice.Kind.WALKED_IN, claim.page)
    assert notice.params["task"] == shift.task.title
    record = Record.objects.get(verb="added on the spot")
    assert (record.user, record.appointment) == (cast.secretary.user, cast.secretary.appointment)


def test_when_all_places_are_taken_there_is_one_more_and_that_is_recorded(cast, shift):
    for n in range(4):
        add_walk_in(shift, MemberFactory(community=cast.community), by=cast.secretary)
        shift.refresh_from_db()
        assert (shift.taken, shift.capacity) == (n + 1, max(2, n + 1))
    assert [record.reason.text for record in Record.objects.filter(verb="place added").order_by("pk")] == [
        "2 → 3",
        "3 → 4",
    ]


def test_neither_living_elsewhere_nor_five_places_to_come_nor_a_skill_keep_a_helper_out(cast, shift):
    begin = timezone.now() + timedelta(days=2)
    for n in range(5):
        ClaimFactory(shift=ShiftFactory(starts_at=begin + n * 3 * HOUR), member=cast.other_member.member)
    assert status(add_walk_in(shift, cast.other_member.member, by=cast.secretary)) == S.HELD


def test_a_branch_adds_in_its_own_shift(cast):
    shift = shift_of_today(cast.compound)
    assert status(add_walk_in(shift, cast.member.member, by=cast.branch)) == S.HELD


@pytest.mark.parametrize("who", ["other_secretary", "branch", "city_officer", "street_officer", "member"])
def test_who_does_not_keep_this_list_adds_nobody(cast, shift, who):
    with pytest.raises(PermissionDenied):
        add_walk_in(shift, MemberFactory(community=cast.community), by=getattr(cast, who))
    assert not Claim.objects.exists()


def test_who_waits_or_is_offered_a_place_has_it_now(cast):
    shift = shift_of_today(cast.community, begun=timedelta(minutes=-20), capacity=1)
    waiting = place_in(shift, cast, status=S.WAITING, companions=1)
    offered = place_in(shift, cast, status=S.OFFERED)
    for claim in (waiting, offered):
        assert add_walk_in(shift, claim.member, by=cast.secretary).pk == claim.pk
        assert status(claim) == S.HELD
    assert taken(shift) == 3
    shift.refresh_from_db()
    assert shift.capacity == 3


def test_who_waits_with_a_group_comes_alone_and_the_group_waits_on(cast):
    shift = shift_of_today(cast.community, begun=timedelta(minutes=-20), capacity=1)
    group = HelperGroupFactory(community=cast.community)
    group_claim = GroupClaimFactory(shift=shift, group=group, status=GroupClaim.Status.WAITING)
    first, second = (place_in(shift, cast, status=S.WAITING, group_claim=group_claim) for _ in range(2))
    add_walk_in(shift, first.member, by=cast.secretary)
    group_claim.refresh_from_db()
    assert (status(first), status(second), group_claim.status) == (S.HELD, S.WAITING, GroupClaim.Status.WAITING)
    add_walk_in(shift, second.member, by=cast.secretary)
    group_claim.refresh_from_db()
    assert group_claim.status == GroupClaim.Status.WITHDRAWN


def test_who_gave_a_place_back_and_came_after_all_is_added(cast, shift):
    gone = place_in(shift, cast, status=S.WITHDRAWN)
    assert add_walk_in(shift, gone.member, by=cast.secretary).pk != gone.pk


@pytest.mark.parametrize("state", [S.HELD, S.ATTENDED, S.ABSENT, S.EXCUSED, S.PROPOSED, S.CONFIRMED])
def test_who_has_a_place_there_already_is_not_added_twice(cast, shift, state):
    claim = place_in(shift, cast, status=state)
    refused(Reason.HAS_A_PLACE, add_walk_in, shift, claim.member, by=cast.secretary)


def test_who_has_another_place_at_that_time_is_refused_without_a_word_where(cast, shift):
    elsewhere = ClaimFactory(
        shift=shift_of_today(cast.other_community, task__title="别处的事"), member=cast.member.member
    )
    caught = refused(Reason.WALK_IN_ELSEWHERE, add_walk_in, shift, elsewhere.member, by=cast.secretary)
    assert "别处的事" not in caught.sentence
    assert elsewhere.member.user.name not in caught.sentence


@pytest.mark.parametrize("state", [S.ATTENDED, S.PROPOSED, S.CONFIRMED])
def test_who_has_served_elsewhere_at_that_time_is_not_added_afterwards(cast, shift, state):
    over = shift_of_today(cast.other_community, begun=2 * HOUR)
    ClaimFactory(shift=over, member=cast.member.member, status=state)
    refused(Reason.WALK_IN_ELSEWHERE, add_walk_in, shift, cast.member.member, by=cast.secretary)


def test_who_was_not_there_elsewhere_is_added(cast, shift):
    ClaimFactory(shift=shift_of_today(cast.other_community), member=cast.member.member, status=S.ABSENT)
    assert status(add_walk_in(shift, cast.member.member, by=cast.secretary)) == S.HELD


def test_nobody_serves_an_own_wish(cast, shift):
    WishFactory(community=cast.community, task=shift.task, status="PUBLISHED", sender=cast.member.user)
    refused(Reason.WALK_IN_OWN_WISH, add_walk_in, shift, cast.member.member, by=cast.secretary)


def test_a_wish_that_somebody_came_for_is_claimed(cast, shift):
    wish = WishFactory(community=cast.community, task=shift.task, status="PUBLISHED")
    add_walk_in(shift, cast.member.member, by=cast.secretary)
    wish.refresh_from_db()
    assert wish.status == "CLAIMED"


def test_nobody_adds_oneself_or_who_is_not_checked_in_or_of_another_city(cast, shift):
    own = MemberFactory(user=cast.secretary.user, community=cast.community)
    refused(Reason.WALK_IN_ONESELF, add_walk_in, shift, own, by=cast.secretary)
    assert status(add_walk_in(shift, own, by=cast.second_secretary)) == S.HELD
    stranger = MemberFactory(community=TaskFactory().publisher)
    for member in (MemberFactory(), stranger):
        refused(Reason.WALK_IN_NOT_FOUND, add_walk_in, shift, member, by=cast.secretary)


def test_only_in_the_time_of_the_day_and_never_by_agreement(cast):
    shift, member = shift_of_today(cast.community, begun=-HOUR), cast.member.member
    refused(Reason.DAY_TO_COME, add_walk_in, shift, member, by=cast.secretary)
    for state, reason in (("SETTLED", Reason.DAY_SETTLED), ("CANCELLED", Reason.CALLED_OFF)):
        over = shift_of_today(cast.community, status=state)
        refused(reason, add_walk_in, over, member, by=cast.secretary)
    by_agreement = shift_of_today(cast.community, by_agreement=True)
    refused(Reason.NO_DAY_LIST, add_walk_in, by_agreement, member, by=cast.secretary)
    with time_machine.travel(shift.starts_at - timedelta(minutes=30), tick=False):
        assert status(add_walk_in(shift, member, by=cast.secretary)) == S.HELD
    ended = shift_of_today(cast.community, begun=30 * HOUR, status="ENDED")
    assert status(add_walk_in(ended, member, by=cast.secretary)) == S.HELD


def test_a_member_is_found_by_the_whole_number_or_phone_alone(cast, shift):
    member = cast.member.member
    for typed in (member.number, member.user.phone, f" +86 {member.user.phone[:3]}-{member.user.phone[3:]}"):
        assert member_with(typed, shift) == member
    MemberFactory(number="5000000001")  # not checked in
    MemberFactory(number="5000000002", community=cast.community, user__is_active=False)
    for typed in (
        "",
        " ",
        member.number[:-1],
        member.user.phone[:-1],
        "张小明",
        "5000000001",
        "5000000002",
        "字" * 500,
    ):
        assert member_with(typed, shift) is None
