"""The staff of one day at the same moment: nobody is added twice, no place is oversold, and the later tick counts."""

import time
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from tasks.actions import attendance
from tasks.actions.attendance import take_ticks
from tasks.actions.walk_in import add_walk_in
from tasks.models import Tick
from tasks.refusals import Reason
from tests.factories import MemberFactory
from tests.storm import ROUNDS, at_once, meet, reasons
from tests.tasks.day_world import place_in, says, shift_of_today, tap
from tests.tasks.places import taken
from tests.tasks.unguarded import without_the_locks

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")


def test_walk_ins_at_once_are_added_once_each_and_never_oversold(cast):
    shift = shift_of_today(cast.community, capacity=1)
    for n in ROUNDS:
        one, other = (MemberFactory(community=cast.community) for _ in range(2))
        add = partial(add_walk_in, shift)
        outcomes = at_once(
            partial(add, one, by=cast.secretary),
            partial(add, one, by=cast.second_secretary),
            partial(add, other, by=cast.secretary),
        )
        assert reasons(outcomes) == [Reason.HAS_A_PLACE]
        assert taken(shift) == shift.capacity == 2 * (n + 1)


def ticked_at_once(cast, claim) -> str:
    """Two phones send at the same moment, one of them an earlier tick, the other a later one, and both send it twice."""
    now = timezone.now()
    earlier, later = tap(claim, "ABSENT", at=now - timedelta(minutes=1)), tap(claim, "ATTENDED", at=now)
    acts = [
        partial(take_ticks, claim.shift, [tapped], by=by)
        for tapped, by in ((earlier, cast.secretary), (later, cast.second_secretary))
    ]
    assert not reasons(at_once(*acts, *acts))
    assert Tick.objects.filter(claim=claim).count() == 2
    return says(claim)


def test_of_two_phones_at_once_the_later_tick_counts(cast):
    shift = shift_of_today(cast.community)
    for _ in ROUNDS:
        assert ticked_at_once(cast, place_in(shift, cast)) == "ATTENDED"


@on_postgresql
def test_without_its_lock_the_earlier_one_could_win(cast, monkeypatch):
    """The control: each reads before the other has written, and who ticked earlier writes last."""
    read, wait = attendance._all_of, meet(2)

    def read_and_wait(ticks):
        rows = list(read(ticks))
        wait()
        time.sleep(0.3 if rows[0].mark == "ABSENT" else 0)
        return rows

    monkeypatch.setattr(attendance, "_all_of", read_and_wait)
    claim, now = place_in(shift_of_today(cast.community), cast), timezone.now()
    with without_the_locks(monkeypatch):
        at_once(
            partial(take_ticks, claim.shift, [tap(claim, "ABSENT", at=now - timedelta(minutes=1))], by=cast.secretary),
            partial(take_ticks, claim.shift, [tap(claim, "ATTENDED", at=now)], by=cast.second_secretary),
        )
    assert says(claim) == "ABSENT"
