"""Places go within seconds: whatever happens at the same moment, nobody is oversold and nobody is misled.

Each race has a control: the same race with its guard taken out must go wrong, or it would show nothing.
"""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.models import Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions import claim as claim_actions
from tasks.actions import fit
from tasks.actions.claim import withdraw_claim
from tasks.actions.stand_in import seek_stand_in, stop_seeking
from tasks.actions.task import cancel_task
from tasks.actions.time import end_shifts
from tasks.models import Claim, Shift, Task
from tasks.queries.claim import own_claim
from tasks.refusals import Reason
from tests.storm import ROUNDS, at_once, meet, reasons
from tests.tasks.rush import claim, everybody_claims, new_shift, people, places
from tests.tasks.unguarded import without_constraint, without_index, without_the_locks, without_the_statement
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


@pytest.fixture
def step_by_step(monkeypatch) -> None:
    without_the_statement(monkeypatch)


@pytest.fixture(params=["in one statement", "step by step"])
def either_way(request) -> None:
    if request.param == "step by step":
        request.getfixturevalue("step_by_step")


@on_postgresql
@pytest.mark.usefixtures("either_way")
def test_forty_members_on_seven_places_fill_exactly_seven(cast):
    actors = people(cast.community, 40)
    for _ in ROUNDS:
        shift = new_shift(cast.community)
        outcomes = everybody_claims(shift, actors)
        assert reasons(outcomes) == [Reason.FULL] * 33
        assert places(shift) == (7, 7)
        winners = {outcome.member_id for outcome in outcomes if isinstance(outcome, Claim)}
        assert winners == set(Claim.objects.filter(shift=shift).values_list("member", flat=True))
        assert Record.objects.filter(verb="claimed", subject_id__in=shift.claims.values("pk")).count() == 7
        Claim.objects.filter(shift=shift).delete()


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_control_without_condition_and_check_it_oversells(cast, monkeypatch):
    def look_then_take(shift, now, n):
        if Shift.objects.get(pk=shift.pk).free < 1:
            raise Refused(Reason.FULL)
        everybody_has_looked()
        Shift.objects.filter(pk=shift.pk).update(taken=F("taken") + 1)

    everybody_has_looked = meet(8)  # no more than the pool has connections
    monkeypatch.setattr(claim_actions, "take_places", look_then_take)
    shift = new_shift(cast.community)
    with without_constraint("tasks_shift", "shift_never_oversold"), without_the_locks(monkeypatch):
        everybody_claims(shift, people(cast.community, 8))
        assert places(shift) == (8, 8)


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_the_check_alone_holds_where_an_action_forgets_the_condition(cast, monkeypatch):
    def just_take(shift, now, n):
        Shift.objects.filter(pk=shift.pk).update(taken=F("taken") + 1)

    monkeypatch.setattr(claim_actions, "take_places", just_take)
    shift = new_shift(cast.community)
    outcomes = everybody_claims(shift, people(cast.community, 20))
    assert reasons(outcomes) == [Reason.FULL] * 13
    assert places(shift) == (7, 7)


@on_postgresql
@pytest.mark.usefixtures("either_way")
def test_ten_taps_of_one_member_are_one_claim_and_every_tap_is_told_so(cast):
    [actor] = people(cast.community, 1)
    for n in ROUNDS:
        shift = new_shift(cast.community, capacity=(1, 7)[n % 2])  # also where it is full after the first
        outcomes = everybody_claims(shift, [actor] * 10)
        assert reasons(outcomes) == []
        assert len({outcome.pk for outcome in outcomes}) == 1
        assert places(shift) == (1, 1)
        assert actor.user.notices.count() == 1
        Claim.objects.filter(shift=shift).delete()
        actor.user.notices.all().delete()


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_without_the_lock_the_unique_constraint_still_answers_with_the_one_claim(cast, monkeypatch):
    [actor], shift = people(cast.community, 1), new_shift(cast.community)
    monkeypatch.setattr(fit, "refuse_too_many", meet(8))
    monkeypatch.setattr(fit, "_refuse_overlap_with", lambda *_, **__: None)
    with without_the_locks(monkeypatch):
        outcomes = everybody_claims(shift, [actor] * 8)
    assert reasons(outcomes) == []
    assert len({outcome.pk for outcome in outcomes}) == 1
    assert places(shift) == (1, 1)


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_control_without_lock_and_constraints_one_member_takes_many_places(cast, monkeypatch):
    [actor], shift = people(cast.community, 1), new_shift(cast.community)
    monkeypatch.setattr(fit, "refuse_too_many", meet(5))
    with (
        without_constraint("tasks_claim", "claim_member_in_one_place"),
        without_index("claim_once_a_shift"),
        without_the_locks(monkeypatch),
    ):
        everybody_claims(shift, [actor] * 5)
        assert places(shift) == (5, 5)


@on_postgresql
@pytest.mark.usefixtures("either_way")
def test_one_member_on_two_overlapping_shifts_gets_one(cast):
    [actor] = people(cast.community, 1)
    for _ in ROUNDS:
        first = new_shift(cast.community)
        second = new_shift(cast.community, starts_at=first.starts_at + timedelta(hours=1))
        outcomes = at_once(partial(claim, first, actor), partial(claim, second, actor))
        assert reasons(outcomes) == [Reason.OVERLAP]
        assert sorted([places(first), places(second)]) == [(0, 0), (1, 1)]
        Claim.objects.all().delete()


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_the_exclusion_constraint_alone_refuses_an_overlap_with_the_same_sentence(cast, monkeypatch):
    [actor] = people(cast.community, 1)
    first = new_shift(cast.community)
    second = new_shift(cast.community, starts_at=first.starts_at + timedelta(hours=1))
    monkeypatch.setattr(fit, "refuse_too_many", meet(2))  # both have looked, neither has written
    with without_the_locks(monkeypatch):
        outcomes = at_once(partial(claim, first, actor), partial(claim, second, actor))
    assert reasons(outcomes) == [Reason.OVERLAP]
    assert places(first)[0] + places(second)[0] == Claim.objects.count() == 1


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_control_without_lock_and_exclusion_one_member_is_in_two_places(cast, monkeypatch):
    [actor] = people(cast.community, 1)
    first = new_shift(cast.community)
    second = new_shift(cast.community, starts_at=first.starts_at + timedelta(hours=1))
    monkeypatch.setattr(fit, "refuse_too_many", meet(2))
    with (
        without_constraint("tasks_claim", "claim_member_in_one_place"),
        without_the_locks(monkeypatch),
    ):
        at_once(partial(claim, first, actor), partial(claim, second, actor))
        assert Claim.objects.occupying().count() == 2


@on_postgresql
@pytest.mark.usefixtures("either_way")
def test_six_shifts_at_once_with_a_limit_of_five_are_five(cast, settings):
    settings.OPEN_CLAIMS_AT_MOST = 5
    [actor] = people(cast.community, 1)
    begin = timezone.now() + timedelta(days=2)
    shifts = [new_shift(cast.community, starts_at=begin + timedelta(hours=3 * i)) for i in range(6)]
    for _ in ROUNDS:
        outcomes = at_once(*(partial(claim, shift, actor) for shift in shifts))
        assert reasons(outcomes) == [Reason.TOO_MANY]
        assert sum(places(shift)[0] for shift in shifts) == Claim.objects.count() == 5
        Claim.objects.all().delete()
        Shift.objects.update(taken=0)


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
def test_control_without_the_locks_the_limit_is_overrun(cast, settings, monkeypatch):
    settings.OPEN_CLAIMS_AT_MOST = 5
    [actor] = people(cast.community, 1)
    begin = timezone.now() + timedelta(days=2)
    shifts = [new_shift(cast.community, starts_at=begin + timedelta(hours=3 * i)) for i in range(6)]
    everybody_has_counted, take = meet(6), claim_actions.take_places
    monkeypatch.setattr(claim_actions, "take_places", lambda *place: (everybody_has_counted(), take(*place)))
    with without_the_locks(monkeypatch):
        at_once(*(partial(claim, shift, actor) for shift in shifts))
    assert Claim.objects.count() == 6


@on_postgresql
def test_of_two_who_take_over_one_place_at_once_one_has_it(cast):
    """Nor does it matter when its seeker comes after all, or gives it back, in the same moment."""
    seeker, *others = people(cast.community, 3)
    for act in (stop_seeking, withdraw_claim):
        shift = new_shift(cast.community, capacity=1)
        sought = claim(shift, seeker)
        seek_stand_in(sought, by=seeker)
        outcomes = at_once(
            *(partial(claim, shift, actor) for actor in others),
            partial(act, Claim.objects.get(pk=sought.pk), by=seeker),
        )
        assert set(reasons(outcomes)) <= {Reason.FULL, AccountsReason.NOT_ALLOWED_NOW}
        assert places(shift) == (1, 1)
        [holder] = Claim.objects.filter(shift=shift).occupying()
        assert [one for one in outcomes if isinstance(one, Claim)] == ([] if holder == sought else [holder])
        Claim.objects.all().delete()


@on_postgresql
@pytest.mark.usefixtures("either_way")
def test_a_place_given_back_while_others_claim_is_taken_by_at_most_one(cast):
    holder, *others = people(cast.community, 9)
    for _ in ROUNDS:
        shift = new_shift(cast.community, capacity=1)
        held = Claim.objects.select_related("shift__task__publisher", "member__user").get(pk=claim(shift, holder).pk)
        outcomes = at_once(
            partial(withdraw_claim, held, by=holder), *(partial(claim, shift, actor) for actor in others)
        )
        assert outcomes[0] is None
        assert set(reasons(outcomes)) <= {Reason.FULL}
        assert len(reasons(outcomes)) in (7, 8)
        taken, counted = places(shift)
        assert taken == counted == 8 - len(reasons(outcomes))
        Claim.objects.all().delete()


@on_postgresql
def test_giving_one_place_back_many_times_at_once_frees_it_once(cast):
    [actor, other] = people(cast.community, 2)
    for _ in ROUNDS:
        shift = new_shift(cast.community)
        claim(shift, other)
        held = claim(shift, actor)
        outcomes = at_once(*(partial(withdraw_claim, Claim.objects.get(pk=held.pk), by=actor) for _ in range(8)))
        assert outcomes.count(None) == 1
        assert len(reasons(outcomes)) == 7
        assert places(shift) == (1, 1)
        Claim.objects.all().delete()


@on_postgresql
def test_a_task_called_off_while_people_claim_and_withdraw_leaves_no_place_taken(cast):
    holders, newcomers = people(cast.community, 4), people(cast.community, 4)
    for _ in ROUNDS:
        shift = new_shift(cast.community, capacity=20)
        held = [claim(shift, actor) for actor in holders]
        outcomes = at_once(
            partial(cancel_task, shift.task, reason="下雨", by=cast.secretary),
            *(
                partial(withdraw_claim, Claim.objects.get(pk=one.pk), by=actor)
                for one, actor in zip(held, holders, strict=True)
            ),
            *(partial(claim, shift, actor) for actor in newcomers),
        )
        reasons(outcomes)  # nobody sees an error: neither a deadlock nor a broken constraint
        assert outcomes[0] is None
        assert places(shift) == (0, 0)
        assert not Claim.objects.filter(shift=shift).exclude(status__in=Claim.LAPSED).exists()


@on_postgresql
def test_a_task_called_off_while_the_clock_ends_its_shifts_stops_neither(cast):
    for _ in ROUNDS:
        over = [new_shift(cast.community, starts_at=timezone.now() - timedelta(hours=3)) for _ in range(4)]
        cancel = [partial(cancel_task, shift.task, reason="下雨", by=cast.secretary) for shift in over]
        reasons(at_once(*cancel, end_shifts, end_shifts))
        for shift in over:
            shift.refresh_from_db()
            shift.task.refresh_from_db()
            assert shift.status == Shift.Status.SETTLED, "it is over: there is nothing to call off"
            assert shift.task.status in (Task.Status.CANCELLED, Task.Status.CLOSED)


def test_overlapping_shifts_at_once_are_one_place_on_any_database(cast):
    """SQLite excludes no overlap itself: the look within the immediate transaction does."""
    [actor] = people(cast.community, 1)
    first = new_shift(cast.community)
    later = [first.starts_at + timedelta(minutes=n) for n in (0, 30, 60)]
    shifts = [first, *(new_shift(cast.community, starts_at=starts_at) for starts_at in later)]
    outcomes = at_once(*(partial(claim, shift, actor) for shift in shifts * 2))
    [taken] = {outcome.shift_id for outcome in outcomes if isinstance(outcome, Claim)}
    assert set(reasons(outcomes)) == {Reason.OVERLAP}
    assert Claim.objects.get().shift_id == taken
    assert sorted(places(shift) for shift in shifts) == [(0, 0), (0, 0), (0, 0), (1, 1)]


def test_a_small_storm_on_any_database(cast):
    """On SQLite writers wait for each other at BEGIN: none fails, none is oversold."""
    actors = people(cast.community, 6)
    shift = new_shift(cast.community, capacity=2)
    outcomes = everybody_claims(shift, [*actors, actors[0], actors[1]])
    assert set(reasons(outcomes)) == {Reason.FULL}
    assert places(shift) == (2, 2)
    for actor in actors:
        has_place = own_claim(shift, actor.member) is not None
        told = [outcome for outcome in outcomes if isinstance(outcome, Claim) and outcome.member_id == actor.member.pk]
        assert bool(told) is has_place
