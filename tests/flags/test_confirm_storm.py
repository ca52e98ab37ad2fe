"""Eight people confirm at once: every service is awarded once. The controls show that the guards are what holds."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from functools import partial
from threading import Barrier

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Notice
from flags.actions import confirm as confirm_actions
from flags.actions.confirm import confirm_claim, settle_shift
from flags.models import FlagAward
from flags.refusals import Reason
from tasks.actions.time import end_shifts
from tasks.models import Claim, Shift
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.storm import LONG, ROUNDS, at_once, reasons
from vanguard.lib import guards

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has one writer at a time")
ATTENDED, ABSENT = Claim.Status.ATTENDED, Claim.Status.ABSENT


def past_shift(cast, claims: int, **changed) -> Shift:
    task = TaskFactory(publisher=cast.community, flag_value=2)
    shift = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(hours=3), capacity=20, **changed)
    for member in MemberFactory.create_batch(claims, unit=cast.unit, community=cast.community):
        ClaimFactory(shift=shift, member=member)
    return shift


def attended_claim(cast) -> Claim:
    """Ended and marked already: what is left is to confirm it."""
    shift = past_shift(cast, 1, status=Shift.Status.ENDED)
    shift.claims.update(status=ATTENDED)
    return shift.claims.get()


def settle(shift: Shift, mark: str, actor) -> int:
    """As a request does it: with a shift read a moment before."""
    fresh = Shift.objects.select_related("task__publisher").get(pk=shift.pk)
    return settle_shift(fresh, dict.fromkeys(fresh.claims.values_list("pk", flat=True), mark), by=actor)


def confirm(claim: Claim, actor) -> None:
    rows = Claim.objects.select_related("member__user", "shift__task__publisher")
    confirm_claim(rows.get(pk=claim.pk), by=actor)


def awards() -> list[tuple[int, int]]:
    return list(FlagAward.objects.order_by("claim").values_list("claim", "value"))


@on_postgresql
def test_eight_confirmations_of_one_shift_award_each_service_once(cast):
    for _ in ROUNDS:
        shift = past_shift(cast, 5)
        actors = [cast.secretary, cast.second_secretary] * 4
        outcomes = at_once(*(partial(settle, shift, ATTENDED, actor) for actor in actors))
        assert sorted(outcomes) == [0] * 7 + [5]
        assert awards() == [(pk, 2) for pk in shift.claims.order_by("pk").values_list("pk", flat=True)]
        assert Notice.objects.filter(kind=Notice.Kind.CLAIM_CONFIRMED).count() == 5
        clear()


@on_postgresql
def test_eight_confirmations_of_one_claim_award_it_once_and_tell_the_others(cast):
    for _ in ROUNDS:
        claim = past_shift(cast, 1).claims.get()
        outcomes = at_once(*(partial(confirm, claim, actor) for actor in [cast.secretary, cast.second_secretary] * 4))
        assert outcomes.count(None) == 1
        assert reasons(outcomes) == [Reason.ALREADY_CONFIRMED] * 7
        assert awards() == [(claim.pk, 2)]
        clear()


@on_postgresql
def test_thirty_two_confirmations_of_one_claim_at_once_award_it_once(cast):
    """A hundred rounds with LONG=1; what each of the others reads is that it has been confirmed."""
    for _ in range(100 if LONG else 2):
        claim = past_shift(cast, 1).claims.get()
        outcomes = at_once(*(partial(confirm, claim, by) for by in [cast.secretary, cast.second_secretary] * 16))
        assert reasons(outcomes) == [Reason.ALREADY_CONFIRMED] * 31
        assert awards() == [(claim.pk, 2)]
        clear()


@on_postgresql
def test_opposite_marks_at_once_end_in_one_of_the_two(cast):
    """One says that they came, the other that they did not, each in the order of the page."""
    for _ in ROUNDS:
        shift = past_shift(cast, 6, status=Shift.Status.ENDED)
        keys = list(shift.claims.order_by("pk").values_list("pk", flat=True))
        one = {pk: ATTENDED if i % 2 else ABSENT for i, pk in enumerate(keys)}
        other = {pk: ABSENT if i % 2 else ATTENDED for i, pk in enumerate(keys)}
        acts = [partial(settle_shift, shift, marks, by=cast.secretary) for marks in (one, other) * 4]
        outcomes = at_once(*acts)
        assert reasons(outcomes) == []
        confirmed = shift.claims.filter(status=Claim.Status.CONFIRMED).values_list("pk", flat=True)
        assert [pk for pk, _ in awards()] == sorted(confirmed)
        assert shift.claims.filter(status__in=[Claim.Status.CONFIRMED, ABSENT]).count() == 6
        clear()


@on_postgresql
def test_the_clock_may_end_the_shift_in_the_same_moment(cast):
    for _ in ROUNDS:
        shift = past_shift(cast, 4)
        outcomes = at_once(partial(settle, shift, ATTENDED, cast.secretary), end_shifts, end_shifts)
        reasons(outcomes)
        assert outcomes[0] == 4
        shift.refresh_from_db()
        assert shift.status == Shift.Status.SETTLED
        assert len(awards()) == 4
        clear()


def unguard(monkeypatch, *, parties: int) -> None:
    """Let `parties` confirm what they have all seen unconfirmed: without the shift's lock and the conditional move."""
    gate = Barrier(parties)

    def plain_move_all(rows, to, **_):
        keys = list(rows.values_list("pk", flat=True))
        if to == Claim.Status.CONFIRMED:
            gate.wait(timeout=10)
        rows.model.objects.filter(pk__in=keys).exclude(status=to).update(status=to)
        return keys

    monkeypatch.setattr(confirm_actions, "move_all", plain_move_all)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)


def clear() -> None:
    with guards.lifted():
        FlagAward.objects.all().delete()
        Notice.objects.all().delete()
        Claim.objects.all().delete()


@contextmanager
def without_one_award_a_claim() -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = 'award_once_a_claim'")
        (definition,) = cursor.fetchone()
        cursor.execute('DROP INDEX "award_once_a_claim"')
    try:
        yield
    finally:
        clear()
        with connection.cursor() as cursor:
            cursor.execute(definition)


@on_postgresql
def test_control_without_the_conditional_move_and_the_constraint_awards_double(cast, monkeypatch):
    claim = attended_claim(cast)
    unguard(monkeypatch, parties=4)
    with without_one_award_a_claim():
        at_once(*(partial(settle, claim.shift, ATTENDED, cast.secretary) for _ in range(4)))
        assert awards() == [(claim.pk, 2)] * 4


@on_postgresql
def test_the_constraint_alone_lets_one_award_through(cast, monkeypatch):
    claim = attended_claim(cast)
    unguard(monkeypatch, parties=4)
    at_once(*(partial(settle, claim.shift, ATTENDED, cast.secretary) for _ in range(4)))
    assert awards() == [(claim.pk, 2)]


def test_two_confirmations_at_once_on_any_database(cast):
    shift = past_shift(cast, 3)
    outcomes = at_once(*(partial(settle, shift, ATTENDED, cast.secretary) for _ in range(3)))
    assert sorted(outcomes) == [0, 0, 3]
    assert len(awards()) == 3
