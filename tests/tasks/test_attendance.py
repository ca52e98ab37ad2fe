"""Ticks of the day: the same one twice is one, the latest counts in whatever order they come, and no claim moves by them."""

from datetime import timedelta
from itertools import permutations
from uuid import UUID

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db.models import ProtectedError
from django.utils import timezone

from tasks.actions.attendance import take_ticks
from tasks.models import Attendance, Claim, Mark, Shift, Tick
from tasks.queries.day import day_list, shifts_on
from tasks.refusals import Reason
from tests.factories import MemberFactory
from tests.tasks.day_world import HOUR, place_in, says, shift_of_today, tap
from tests.tasks.places import status
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
MINUTE = timedelta(minutes=1)
S = Claim.Status


@pytest.fixture
def shift(cast) -> Shift:
    return shift_of_today(cast.community)


@pytest.fixture
def claim(cast, shift) -> Claim:
    return place_in(shift, cast)


def why(said: dict) -> list:
    return [refusal and refusal.reason for refusal in said.values()]


@pytest.mark.parametrize("mark", Mark)
@pytest.mark.parametrize("who", ["secretary", "second_secretary"])
def test_a_tick_presets_and_moves_nothing(cast, shift, claim, who, mark):
    tapped = tap(claim, mark)
    assert take_ticks(shift, [tapped], by=getattr(cast, who)) == {tapped.key: None}
    attendance = claim.attendance
    assert (attendance.mark, attendance.marked_at, attendance.says) == (mark, tapped.at, mark)
    assert (attendance.by_user, attendance.by_appointment) == (
        getattr(cast, who).user,
        getattr(cast, who).appointment,
    )
    assert status(claim) == S.HELD


def test_the_same_key_twice_is_one(cast, shift, claim):
    tapped = tap(claim)
    for _ in range(2):
        assert take_ticks(shift, [tapped, tapped], by=cast.secretary) == {tapped.key: None}
    assert Tick.objects.count() == Attendance.objects.count() == 1


@pytest.mark.parametrize("order", list(permutations(range(3))))
def test_the_latest_counts_in_whatever_order_two_phones_send(cast, shift, claim, order):
    now = timezone.now()
    taps = [tap(claim, mark, at=now - age * MINUTE) for mark, age in (("ABSENT", 9), ("EXCUSED", 5), ("ATTENDED", 1))]
    for n, i in enumerate(order):
        take_ticks(shift, [taps[i]], by=(cast.secretary, cast.second_secretary)[n % 2])
    assert says(claim) == "ATTENDED"
    assert Tick.objects.count() == 3


def test_of_two_at_the_same_moment_the_same_one_counts_whichever_comes_first(cast, shift):
    now = timezone.now()
    for order in ((1, 2), (2, 1)):
        claim, marks = place_in(shift, cast), {1: "ABSENT", 2: "EXCUSED"}
        for n in order:
            take_ticks(shift, [tap(claim, marks[n], at=now, key=UUID(int=10 * claim.pk + n))], by=cast.secretary)
        assert says(claim) == "EXCUSED"


def test_a_clock_that_is_ahead_ticks_now_and_not_in_the_future(cast, shift, claim):
    take_ticks(shift, [tap(claim, "ABSENT", at=timezone.now() + 5 * HOUR)], by=cast.secretary)
    assert claim.attendance.marked_at <= timezone.now()
    take_ticks(shift, [tap(claim, "ATTENDED")], by=cast.second_secretary)
    assert says(claim) == "ATTENDED"


def test_a_tick_can_be_taken_back(cast, shift, claim):
    take_ticks(shift, [tap(claim, "ABSENT", at=timezone.now() - MINUTE), tap(claim, Mark.NONE)], by=cast.secretary)
    assert says(claim) == Mark.NONE


@pytest.mark.parametrize("state", [S.HELD, S.ATTENDED, S.PROPOSED, S.ABSENT, S.EXCUSED])
def test_it_can_be_changed_until_it_is_confirmed(cast, shift, state):
    claim = place_in(shift, cast, status=state)
    assert why(take_ticks(shift, [tap(claim)], by=cast.secretary)) == [None]
    assert status(claim) == state


@pytest.mark.parametrize(
    ("state", "reason"),
    [
        (S.CONFIRMED, Reason.CONFIRMED_MEANWHILE),
        (S.WITHDRAWN, Reason.NO_PLACE_ANY_MORE),
        (S.DECLINED, Reason.NO_PLACE_ANY_MORE),
        (S.EXPIRED, Reason.NO_PLACE_ANY_MORE),
        (S.CANCELLED, Reason.NO_PLACE_ANY_MORE),
        (S.WAITING, Reason.NO_PLACE_ANY_MORE),
        (S.OFFERED, Reason.NO_PLACE_ANY_MORE),
    ],
)
def test_what_is_confirmed_or_given_back_is_left_out_and_the_rest_is_kept(cast, shift, claim, state, reason):
    gone = place_in(shift, cast, status=state)
    said = take_ticks(shift, [tap(gone), tap(claim)], by=cast.secretary)
    assert why(said) == [reason, None]
    assert all(refusal.sentence for refusal in said.values() if refusal)
    assert list(Attendance.objects.values_list("claim", flat=True)) == [claim.pk]


def test_a_place_of_another_shift_and_one_that_does_not_exist_are_left_out(cast, shift):
    elsewhere = place_in(shift_of_today(cast.community), cast)
    taps = [tap(elsewhere), tap(elsewhere)._replace(claim=10**17)]
    assert why(take_ticks(shift, taps, by=cast.secretary)) == [Reason.NOT_ON_THE_LIST] * 2
    assert not Tick.objects.exists()


def test_nobody_ticks_the_own_place(cast, shift):
    own = place_in(shift, cast, member=MemberFactory(user=cast.secretary.user, community=cast.community))
    assert why(take_ticks(shift, [tap(own)], by=cast.secretary)) == [Reason.TICKED_ONESELF]
    assert why(take_ticks(shift, [tap(own)], by=cast.second_secretary)) == [None]


def test_from_half_an_hour_before_it_begins(cast):
    shift = shift_of_today(cast.community, begun=-HOUR)
    claim = place_in(shift, cast)
    with time_machine.travel(shift.starts_at - 31 * MINUTE, tick=False):
        refused(Reason.DAY_TO_COME, take_ticks, shift, [tap(claim)], by=cast.secretary)
    with time_machine.travel(shift.starts_at - 30 * MINUTE, tick=False):
        assert why(take_ticks(shift, [tap(claim)], by=cast.secretary)) == [None]


def test_not_where_the_time_is_by_agreement_or_it_was_called_off(cast):
    for reason, changed in ((Reason.NO_DAY_LIST, {"by_agreement": True}), (Reason.CALLED_OFF, {"status": "CANCELLED"})):
        shift = shift_of_today(cast.community, **changed)
        refused(reason, take_ticks, shift, [tap(place_in(shift, cast))], by=cast.secretary)


@pytest.mark.parametrize(
    "who", ["other_secretary", "branch", "city_officer", "street_officer", "unit_officer", "member"]
)
def test_who_does_not_keep_this_list_ticks_nothing(cast, shift, claim, who):
    with pytest.raises(PermissionDenied):
        take_ticks(shift, [tap(claim)], by=getattr(cast, who))


def test_a_branch_keeps_its_own_list_and_so_does_its_community(cast):
    shift = shift_of_today(cast.compound)
    for who in (cast.branch, cast.secretary):
        assert why(take_ticks(shift, [tap(place_in(shift, cast))], by=who)) == [None]


def test_sixty_ticks_cost_as_many_queries_as_one(cast, django_assert_num_queries):
    for n in (1, 60):
        shift = shift_of_today(cast.community, capacity=60)
        taps = [tap(place_in(shift, cast)) for _ in range(n)]
        with django_assert_num_queries(7):
            take_ticks(shift, taps, by=cast.secretary)


def test_the_list_is_of_those_with_a_place_by_name_in_one_query(cast, shift, django_assert_num_queries):
    names = ["王二", "张三", "李四"]
    claims = [place_in(shift, cast, member=MemberFactory(user__name=n, community=cast.community)) for n in names]
    for state in (*Claim.LAPSED, S.WAITING, S.OFFERED):
        place_in(shift, cast, status=state)
    with django_assert_num_queries(1):
        listed = day_list(shift)
        assert [str(claim.member) for claim in listed] == sorted(names)
    assert {claim.pk for claim in listed} == {claim.pk for claim in claims}


def test_todays_shifts_are_the_own_ones_of_the_day_over_midnight_too(cast):
    with time_machine.travel("2026-12-31 15:30:00+00:00", tick=False):  # half past eleven in the evening
        shift = shift_of_today(cast.compound)
        shift_of_today(cast.other_community)
        shift_of_today(cast.compound, by_agreement=True)
        shift_of_today(cast.compound, status="CANCELLED")
        day = timezone.localdate()
        for who in (cast.branch, cast.secretary):
            assert shifts_on(who, day) == shifts_on(who, day + timedelta(days=1)) == [shift]
            assert shifts_on(who, day - timedelta(days=1)) == []
        assert shifts_on(cast.member, day) == []


def test_ticks_keep_their_claim_from_being_deleted(cast, shift, claim):
    take_ticks(shift, [tap(claim)], by=cast.secretary)
    with pytest.raises(ProtectedError):
        claim.delete()
