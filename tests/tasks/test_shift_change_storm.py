"""A shift changed in the very moment in which people claim and withdraw: never oversold, nobody in two places."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from tasks.actions import claim as claim_actions
from tasks.actions import new_hours, shift_change
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.shift_change import add_shift, cancel_shift, change_shift
from tasks.actions.task_offer import ShiftTime
from tasks.models import Claim, Shift
from tasks.queries.shift_change import shift_seen
from tasks.refusals import Reason
from tests.factories import ShiftFactory
from tests.storm import ROUNDS, at_once, meet, reasons
from tests.tasks.rush import new_shift, people
from tests.tasks.unguarded import without_constraint, without_the_statement

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


def change(shift: Shift, by, *, starts_at=None, capacity: int | None = None) -> bool:
    start = starts_at or shift.starts_at
    time = ShiftTime(start, start + (shift.ends_at - shift.starts_at), capacity or shift.capacity)
    return change_shift(shift, time=time, seen=shift_seen(shift), by=by)


def fresh(shift: Shift) -> Shift:
    return Shift.objects.select_related("task__publisher").get(pk=shift.pk)


def is_right(shift: Shift) -> Shift:
    """As many places taken as there are claims, never more than there are, each at the shift's hours or asked."""
    shift = fresh(shift)
    held = list(Claim.objects.filter(shift=shift).occupying())
    assert shift.taken == len(held) <= shift.capacity
    assert all(claim.starts_at == shift.starts_at or claim.asked_at and not claim.starts_at for claim in held)
    return shift


def test_places_lowered_while_people_claim_are_never_oversold(cast):
    actors = people(cast.community, 7)
    for _ in ROUNDS:
        shift = fresh(new_shift(cast.community))
        acts = [partial(claim_shift, shift, by=actor) for actor in actors]
        outcomes = at_once(*acts[:4], partial(change, shift, cast.secretary, capacity=3), *acts[4:])
        assert set(reasons(outcomes)) <= {Reason.FULL, Reason.BELOW_TAKEN}
        assert is_right(shift).taken >= 3
        Claim.objects.all().delete()


def test_control_without_lock_condition_and_check_it_is_oversold(cast, monkeypatch):
    """Everybody claims between the look at what is taken and the writing."""
    actors, shift = people(cast.community, 7), fresh(new_shift(cast.community))
    all_have_claimed = meet(2)
    monkeypatch.setattr(shift_change, "_hold", fresh)
    monkeypatch.setattr(shift_change, "_check_capacity", lambda *_: all_have_claimed())
    monkeypatch.setattr(
        shift_change, "_write", lambda shift, time: Shift.objects.filter(pk=shift.pk).update(capacity=time.capacity)
    )
    monkeypatch.setattr(shift_change, "pass_on", lambda *_: None)

    def everybody_claims() -> None:
        for actor in actors:
            claim_shift(shift, by=actor)
        all_have_claimed()

    with without_constraint("tasks_shift", "shift_never_oversold"):
        assert reasons(at_once(partial(change, shift, cast.secretary, capacity=3), everybody_claims)) == []
        shift = fresh(shift)
        assert (shift.taken, shift.capacity) == (7, 3)


def test_a_shift_moved_while_people_claim_here_and_there_and_withdraw(cast):
    """Two shifts are moved onto each other's hours, with the same people in and between them: no deadlock either."""
    actors = people(cast.community, 6)
    for _ in ROUNDS:
        here = fresh(new_shift(cast.community))
        there = fresh(new_shift(cast.community, starts_at=here.starts_at + DAY))
        held = [claim_shift(shift, by=actor) for actor in actors[:2] for shift in (here, there)]
        outcomes = at_once(
            partial(change, here, cast.secretary, starts_at=there.starts_at + HOUR),
            partial(change, there, cast.second_secretary, starts_at=here.starts_at + 26 * HOUR),
            *(partial(claim_shift, shift, by=actor) for actor in actors[2:4] for shift in (here, there)),
            partial(withdraw_claim, Claim.objects.get(pk=held[0].pk), by=actors[0]),
            partial(withdraw_claim, Claim.objects.get(pk=held[3].pk), by=actors[1]),
        )
        assert set(reasons(outcomes)) <= {Reason.OVERLAP}
        assert outcomes[0] is outcomes[1] is True
        for shift in (here, there):
            is_right(shift)
        Claim.objects.all().delete()


def moved_onto_what_is_being_claimed(cast, monkeypatch) -> list:
    """Both have looked, neither has committed: who claims has found the time free, and so has who moves."""
    [actor] = people(cast.community, 1)
    shift, other = (
        fresh(new_shift(cast.community)),
        fresh(new_shift(cast.community, starts_at=timezone.now() + 5 * DAY)),
    )
    claim_shift(shift, by=actor)
    both_have_looked, fit = meet(2), claim_actions.require_fit
    monkeypatch.setattr(new_hours, "hold_members", lambda members: list(members))
    monkeypatch.setattr(new_hours, "_end_at_the_beginning", both_have_looked)
    without_the_statement(monkeypatch)
    monkeypatch.setattr(claim_actions, "require_fit", lambda *args: (fit(*args), both_have_looked())[0])
    outcomes = at_once(
        partial(change, shift, cast.secretary, starts_at=other.starts_at), partial(claim_shift, other, by=actor)
    )
    return reasons(outcomes)


def test_without_the_members_lock_the_exclusion_alone_keeps_them_out_of_two_places(cast, monkeypatch):
    assert moved_onto_what_is_being_claimed(cast, monkeypatch) == [Reason.OVERLAP]
    assert Claim.objects.occupying().count() == 1


def test_control_without_lock_and_exclusion_the_member_is_in_two_places(cast, monkeypatch):
    with without_constraint("tasks_claim", "claim_member_in_one_place"):
        assert moved_onto_what_is_being_claimed(cast, monkeypatch) == []
        assert Claim.objects.occupying().filter(starts_at__isnull=False).count() == 2


def test_of_two_shifts_called_off_at_once_one_stays_while_another_is_added_beside_none(cast):
    for _ in ROUNDS:
        first = fresh(new_shift(cast.community))
        second = fresh(ShiftFactory(task=first.task, starts_at=first.starts_at + DAY))
        outcomes = at_once(
            *(partial(cancel_shift, shift, reason="下雨", by=cast.secretary) for shift in (first, second))
        )
        assert reasons(outcomes) == [Reason.LAST_SHIFT]
        time = ShiftTime(first.starts_at + 3 * DAY, first.ends_at + 3 * DAY, 5)
        outcomes = at_once(*[partial(add_shift, first.task, time=time, by=cast.secretary)] * 3)
        assert reasons(outcomes) == [Reason.SHIFTS_OVERLAP] * 2


def test_of_two_who_change_a_shift_at_once_the_second_is_told(cast):
    for _ in ROUNDS:
        shift = fresh(new_shift(cast.community))
        outcomes = at_once(*(partial(change, shift, cast.secretary, capacity=n) for n in (9, 10, 11)))
        assert len(reasons(outcomes)) == 2
