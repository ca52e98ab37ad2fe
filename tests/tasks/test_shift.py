"""How it stands with a shift for a member: the first of the states that is true, whatever the clock has noticed."""

from datetime import timedelta

import pytest
from django.utils import timezone

from tasks.actions.claim import claim_shift
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim, Shift
from tasks.queries import fair_share
from tasks.queries.shift import SEEN_WITH, Standing, State, standings
from tasks.queries.task import shifts_free_for
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
S = Claim.Status
HOUR = timedelta(hours=1)


def shift_of(cast, **changed) -> Shift:
    return ShiftFactory(**{"task__publisher": cast.community, "capacity": 2, **changed})


def standing(shift, actor) -> Standing:
    return standings(Shift.objects.filter(pk=shift.pk).select_related(*SEEN_WITH), actor.member, timezone.now())[0]


@pytest.mark.parametrize(
    ("changed", "state"),
    [
        ({}, State.FREE),
        ({"taken": 2}, State.FULL),
        ({"task__opens_at": timezone.now() + timedelta(days=365)}, State.NOT_OPEN_YET),
        ({"task__status": "SCHEDULED"}, State.FREE),
        ({"starts_at": timezone.now() - HOUR}, State.BEGUN),
        ({"starts_at": timezone.now() - 3 * HOUR}, State.OVER),
        ({"status": "ENDED"}, State.OVER),
        ({"task__status": "CLOSED"}, State.OVER),
        ({"status": "CANCELLED", "starts_at": timezone.now() - 3 * HOUR}, State.CANCELLED),
        ({"task__status": "CANCELLED"}, State.CANCELLED),
        ({"by_agreement": True, "starts_at": timezone.now() - HOUR}, State.FREE),
        ({"by_agreement": True, "taken": 2}, State.FULL),
    ],
    ids=str,
)
def test_without_a_claim_it_is_what_one_could_do(cast, changed, state):
    found = standing(shift_of(cast, **changed), cast.member)
    assert (found.state, found.claim) == (state, None)
    assert found.may_take is (state == State.FREE)
    assert found.may_wait is (state == State.FULL and not changed.get("by_agreement"))
    assert (found.opens_at is not None) is (state == State.NOT_OPEN_YET)


@pytest.mark.parametrize(
    ("status", "changed", "state"),
    [
        (S.HELD, {}, State.YOURS),
        (S.HELD, {"starts_at": timezone.now() - HOUR}, State.YOURS),
        (S.OFFERED, {}, State.OFFERED),
        (S.WAITING, {}, State.WAITING),
        (S.WAITING, {"starts_at": timezone.now() - HOUR}, State.BEGUN),
        (S.WAITING, {"status": "CANCELLED"}, State.CANCELLED),
        (S.ATTENDED, {"starts_at": timezone.now() - 3 * HOUR}, State.SERVED),
        (S.CONFIRMED, {"starts_at": timezone.now() - 3 * HOUR}, State.SERVED),
        (S.WITHDRAWN, {}, State.FREE),
        (S.EXPIRED, {}, State.FREE),
        (S.DECLINED, {}, State.FREE),
    ],
)
def test_with_a_claim_it_is_what_one_has(cast, status, changed, state):
    shift = shift_of(cast, **changed)
    until = shift.starts_at if status == S.OFFERED else None
    claim = ClaimFactory(shift=shift, member=cast.member.member, status=status, offer_until=until)
    found = standing(shift, cast.member)
    assert found.state == state
    assert found.claim == (None if status in Claim.LAPSED else claim)


def test_an_offer_that_is_over_says_so_before_the_clock_takes_it(cast):
    shift = shift_of(cast)
    ClaimFactory(shift=shift, member=cast.member.member, status=S.OFFERED, offer_until=timezone.now())
    assert standing(shift, cast.member).state == State.OFFER_OVER


def test_who_lives_elsewhere_sees_for_whom_it_is(cast):
    shift = shift_of(cast)
    assert standing(shift, cast.other_member).state == State.ELSEWHERE
    assert standing(shift, member_actor(MemberFactory())).state == State.ELSEWHERE


def test_full_it_counts_who_waits_and_oneself_has_a_position(cast):
    shift = shift_of(cast, taken=2)
    for member in MemberFactory.create_batch(2, community=cast.community, unit=cast.unit):
        join_waiting_list(shift, by=member_actor(member))
    assert standing(shift, cast.member).waiting == 2
    join_waiting_list(shift, by=cast.member)
    found = standing(shift, cast.member)
    assert (found.state, found.claim.position, found.waiting) == (State.WAITING, 3, 3)
    assert not found.may_take
    Shift.objects.update(capacity=3)
    assert standing(shift, cast.member).may_take, "a tap may be faster than the clock"


def test_a_stand_in_that_is_sought_is_a_place(cast):
    shift = shift_of(cast, capacity=1)
    neighbour = member_actor(MemberFactory(community=cast.community, unit=cast.unit))
    seek_stand_in(claim_shift(shift, by=neighbour), by=neighbour)
    found = standing(shift, cast.member)
    assert (found.state, found.may_take) == (State.STAND_IN, True)
    assert standing(shift, neighbour).state == State.YOURS


@pytest.mark.parametrize("lacks", [True, False])
def test_in_the_first_minutes_it_is_free_for_who_lacks_flags(cast, monkeypatch, lacks):
    asked = []
    monkeypatch.setattr(fair_share, "RULES", [lambda member, year: asked.append(year) or lacks])
    opened = timezone.now() - timedelta(minutes=5)
    shift = shift_of(cast, task__opens_at=opened, task__first_minutes=10)
    another = ShiftFactory(task=shift.task)
    both = standings(shift.task.shifts.all(), cast.member.member, timezone.now())
    assert {one.state for one in both} == {State.FREE if lacks else State.FIRST_FOR_OTHERS}
    assert {one.opens_at for one in both} == {None if lacks else shift.task.first_until}
    assert len(asked) == 1, "once for all of them"
    Shift.objects.update(taken=1, capacity=1)
    assert standing(another, cast.member).state == State.FULL, "one may wait"


def test_companions_can_be_chosen_as_the_task_allows(cast):
    assert list(standing(shift_of(cast, task__companions_at_most=2), cast.member).companions) == [0, 1, 2]
    assert not standing(shift_of(cast), cast.member).companions
    assert not standing(shift_of(cast, task__companions_at_most=2, by_agreement=True), cast.member).companions


def test_it_costs_the_same_for_one_and_for_thirty(cast, django_assert_num_queries):
    task = TaskFactory(publisher=cast.community)
    for n in (1, 29):
        for _ in range(n):
            ClaimFactory(shift=ShiftFactory(task=task, taken=7), member=cast.member.member, status=S.WAITING)
        with django_assert_num_queries(4):
            standings(task.shifts.all(), cast.member.member, timezone.now())


def test_what_else_is_open_is_what_one_could_take_at_once(cast):
    begin = timezone.now() + timedelta(days=2)
    mine = shift_of(cast, starts_at=begin)
    claim_shift(mine, by=cast.member)
    later, soon = shift_of(cast, starts_at=begin + 9 * HOUR), shift_of(cast, starts_at=begin + 3 * HOUR)
    shift_of(cast, starts_at=begin + HOUR)  # at the same time as one's own
    shift_of(cast, starts_at=begin + 5 * HOUR, taken=2)
    shift_of(cast, starts_at=begin + 5 * HOUR, by_agreement=True)
    shift_of(cast, starts_at=begin + 5 * HOUR, task__publisher=cast.other_community)
    shift_of(cast, starts_at=begin + 5 * HOUR, task__opens_at=begin)
    shift_of(cast, starts_at=begin + 5 * HOUR, task__opens_at=timezone.now(), task__first_minutes=10)
    ClaimFactory(shift=shift_of(cast, starts_at=begin + 5 * HOUR), member=cast.member.member, status=S.WAITING)
    found = shifts_free_for(cast.member.member, timezone.now(), but=mine.pk, most=3)
    assert found == [soon, later]
