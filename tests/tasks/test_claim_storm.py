"""Places go within seconds: whatever happens at the same moment, nobody is oversold and nobody is misled.

Each race has a control: the same race with its guard taken out must go wrong, or it would show nothing.
"""

from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from threading import Barrier, BrokenBarrierError

import pytest
from django.db import connection
from django.db.models import F
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Record
from tasks.actions import agreement as agreement_actions
from tasks.actions import claim as claim_actions
from tasks.actions import fit
from tasks.actions.agreement import agree_time, report_fulfilled
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.task import cancel_task
from tasks.actions.time import end_shifts
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.claim import own_claim
from tasks.refusals import Reason
from tests.factories import MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.storm import ROUNDS, at_once, reasons
from vanguard.lib import guards
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")


@pytest.fixture
def step_by_step(monkeypatch) -> None:
    """The way of SQLite and of all that is no plain place, without the one statement that goes first elsewhere."""
    monkeypatch.setattr(claim_actions, "claim_in_one_statement", lambda *_, **__: None)


@pytest.fixture(params=["in one statement", "step by step"])
def either_way(request) -> None:
    if request.param == "step by step":
        request.getfixturevalue("step_by_step")


def people(community, n: int) -> list[Actor]:
    members = MemberFactory.create_batch(n, community=community)
    return [Actor(user=member.user, member=member) for member in members]


def new_shift(community, capacity: int = 7, **changed) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=community), capacity=capacity, **changed)


def claim(shift: Shift, actor: Actor) -> Claim:
    """As a request does it: with a shift and a task read a moment before."""
    return claim_shift(Shift.objects.select_related("task__audience").get(pk=shift.pk), by=actor)


def everybody_claims(shift: Shift, actors: list[Actor]) -> list:
    return at_once(*(partial(claim, shift, actor) for actor in actors))


def places(shift: Shift) -> tuple[int, int]:
    """Places taken as the shift counts them, and as the claims do."""
    shift.refresh_from_db()
    return shift.taken, Claim.objects.filter(shift=shift).occupying().count()


@contextmanager
def without_constraint(table: str, name: str) -> Iterator[None]:
    """The table without that constraint, which is put back the same once the rows that it would refuse are gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        (definition,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        Claim.objects.all().delete()
        Shift.objects.update(taken=0)
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


@contextmanager
def without_index(name: str) -> Iterator[None]:
    """The table without that unique index, which is put back the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = cursor.fetchone()
        cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        Claim.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(definition)


@contextmanager
def without_the_locks(monkeypatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)
        yield


@contextmanager
def statement_without(*parts: str) -> Iterator[None]:
    """The function of the one statement without these parts, and so slow that all look, and count, before any writes."""
    create = guards.GUARDS["vanguard_claim"].create
    slow = create.replace("    UPDATE tasks_shift", "    PERFORM pg_sleep(0.2);\n    UPDATE tasks_shift")
    slow = slow.replace("    INSERT INTO tasks_claim", "    PERFORM pg_sleep(0.1);\n    INSERT INTO tasks_claim")
    for part in parts:
        assert part in slow
        slow = slow.replace(part, "")
    with connection.cursor() as cursor:
        cursor.execute(slow)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(create)


def meet(n: int):
    """A point in an action where `n` threads wait for each other, so that a race is sure to happen."""
    gate = Barrier(n)

    def wait(*_args, **_kwargs) -> None:
        try:
            gate.wait(timeout=2)
        except BrokenBarrierError:
            return

    return wait


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
    for _ in ROUNDS:
        shift = new_shift(cast.community)
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


@on_postgresql
@pytest.mark.parametrize(("checked", "taken"), [(True, 7), (False, 8)])
def test_in_the_statement_the_check_stands_behind_the_condition_and_without_both_it_oversells(cast, checked, taken):
    shift = new_shift(cast.community)
    check = nullcontext() if checked else without_constraint("tasks_shift", "shift_never_oversold")
    with check, statement_without("AND s.taken < s.capacity"):
        outcomes = everybody_claims(shift, people(cast.community, 8))
        assert places(shift) == (taken, taken)
    assert reasons(outcomes) == [Reason.FULL] * (8 - taken)


@on_postgresql
@pytest.mark.parametrize("guarded", [True, False])
def test_in_the_statement_the_unique_constraint_makes_many_taps_one_claim_and_without_it_they_are_many(cast, guarded):
    [actor], shift = people(cast.community, 1), new_shift(cast.community)
    overlap = nullcontext() if guarded else without_constraint("tasks_claim", "claim_member_in_one_place")
    unique = nullcontext() if guarded else without_index("claim_once_a_shift")
    with overlap, unique, statement_without():
        outcomes = everybody_claims(shift, [actor] * 4)
        assert places(shift) == ((1, 1) if guarded else (4, 4))
    assert reasons(outcomes) == []
    assert len({outcome.pk for outcome in outcomes}) == (1 if guarded else 4)


@on_postgresql
@pytest.mark.parametrize("guarded", [True, False])
def test_in_the_statement_the_exclusion_refuses_an_overlap_and_without_it_a_member_is_in_two_places(cast, guarded):
    [actor], first = people(cast.community, 1), new_shift(cast.community)
    second = new_shift(cast.community, starts_at=first.starts_at + timedelta(hours=1))
    exclusion = nullcontext() if guarded else without_constraint("tasks_claim", "claim_member_in_one_place")
    with exclusion, statement_without():
        outcomes = at_once(partial(claim, first, actor), partial(claim, second, actor))
        assert places(first)[0] + places(second)[0] == Claim.objects.count() == (1 if guarded else 2)
    assert reasons(outcomes) == ([Reason.OVERLAP] if guarded else [])


@on_postgresql
@pytest.mark.parametrize(("without", "n"), [((), 2), ((" FOR NO KEY UPDATE",), 3)])
def test_in_the_statement_the_members_lock_keeps_the_limit_and_without_it_it_is_overrun(cast, settings, without, n):
    settings.OPEN_CLAIMS_AT_MOST = 2
    [actor], begin = people(cast.community, 1), timezone.now() + timedelta(days=2)
    shifts = [new_shift(cast.community, starts_at=begin + timedelta(hours=3 * i)) for i in range(3)]
    with statement_without(*without):
        outcomes = at_once(*(partial(claim, shift, actor) for shift in shifts))
    assert Claim.objects.count() == sum(places(shift)[0] for shift in shifts) == n
    assert reasons(outcomes) == [Reason.TOO_MANY] * (3 - n)


def by_agreement(community, capacity: int = 1) -> Shift:
    """With the wish that it is to fulfil."""
    now = timezone.now()
    shift = new_shift(community, capacity, by_agreement=True, starts_at=now, ends_at=now + timedelta(days=30))
    WishFactory(community=community, status="PUBLISHED", task=shift.task)
    return shift


def agree(held: Claim, starts_at, actor: Actor) -> None:
    agree_time(Claim.objects.get(pk=held.pk), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), by=actor)


@on_postgresql
def test_two_who_tap_the_same_wish_at_once_are_one_who_has_it(cast):
    actors = people(cast.community, 2)
    for _ in ROUNDS:
        shift = by_agreement(cast.community)
        assert reasons(everybody_claims(shift, actors)) == [Reason.FULL]
        assert places(shift) == (1, 1)
        assert list(shift.task.wishes.values_list("status", flat=True)) == [Wish.Status.CLAIMED]
        Claim.objects.all().delete()


@on_postgresql
def test_a_time_agreed_while_an_overlapping_place_is_taken_is_never_both(cast):
    [actor] = people(cast.community, 1)
    for _ in ROUNDS:
        held, other = claim(by_agreement(cast.community), actor), new_shift(cast.community)
        outcomes = at_once(partial(agree, held, other.starts_at, actor), partial(claim, other, actor))
        assert reasons(outcomes) == [Reason.OVERLAP]
        assert Claim.objects.occupying().filter(starts_at__isnull=False).count() == 1
        Claim.objects.all().delete()


@on_postgresql
@pytest.mark.usefixtures("step_by_step")
@pytest.mark.parametrize("guarded", [True, False])
def test_the_exclusion_alone_keeps_an_agreed_time_apart_and_without_it_the_member_is_in_two_places(
    cast, monkeypatch, guarded
):
    """The second is the control: with neither lock nor exclusion both are written."""
    [actor] = people(cast.community, 1)
    held, other = claim(by_agreement(cast.community), actor), new_shift(cast.community)
    both_have_looked = meet(2)
    monkeypatch.setattr(fit, "refuse_too_many", both_have_looked)
    look = agreement_actions.refuse_overlap
    monkeypatch.setattr(
        agreement_actions, "refuse_overlap", lambda *args, **said: (look(*args, **said), both_have_looked())
    )
    constraint = without_constraint("tasks_claim", "claim_member_in_one_place")
    with nullcontext() if guarded else constraint, without_the_locks(monkeypatch):
        outcomes = at_once(partial(agree, held, other.starts_at, actor), partial(claim, other, actor))
        together = Claim.objects.occupying().filter(starts_at__isnull=False).count()
    assert (reasons(outcomes), together) == (([Reason.OVERLAP], 1) if guarded else ([], 2))


@on_postgresql
def test_a_wish_reported_while_it_is_handed_back_is_one_or_the_other(cast):
    [actor] = people(cast.community, 1)
    for _ in ROUNDS:
        held = claim(by_agreement(cast.community), actor)
        now = timezone.now()
        done = {"words": "好了", "starts_at": now - timedelta(minutes=1), "ends_at": now}
        outcomes = at_once(
            partial(report_fulfilled, Claim.objects.get(pk=held.pk), **done, by=actor),
            partial(withdraw_claim, Claim.objects.get(pk=held.pk), by=actor),
        )
        assert len(reasons(outcomes)) == 1
        held.refresh_from_db()
        assert (held.reported_at is None) is (held.status == Claim.Status.WITHDRAWN)
        wish = Wish.objects.get(task=held.shift.task_id)
        assert wish.status == (Wish.Status.FULFILLED if held.reported_at else Wish.Status.PUBLISHED)
        Claim.objects.all().delete()


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
