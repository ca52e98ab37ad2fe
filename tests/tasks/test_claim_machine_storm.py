"""Six people do anything of claiming at once on the same three shifts: none sees an error, and all is right afterwards.

So it is when the shifts are over and several confirm them at once.
"""

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from random import Random
from time import monotonic
from typing import Any

import pytest
from django.db import connection
from django.db.models import F

from tasks.jobs import keep_time
from tasks.models import Shift
from tests.storm import LONG, ROUNDS, at_once, reasons
from tests.tasks import claim_world as verbs
from tests.tasks.claim_world import ClaimWorld, check, nobody_is_overlooked
from vanguard.lib.refused import Refused

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]
SECONDS = 2.4 if LONG else 1
PATIENCE = 15  # seconds more for who has got nothing done yet, on a machine with much else to do
HOW_OFTEN: dict[Callable[..., Any], int] = {
    verbs.claim: 20,
    verbs.wait: 20,
    verbs.withdraw: 15,
    verbs.decline: 10,
    verbs.accept: 10,
    verbs.seek: 10,
    verbs.stop: 4,
    verbs.group_claims: 10,
    verbs.group_waits: 10,
    verbs.group_withdraws: 5,
    verbs.group_accepts: 5,
    verbs.group_declines: 5,
    verbs.group_fills: 10,
    verbs.group_lets_go: 5,
    verbs.change_capacity: 10,
    verbs.clock: 3,
}
ONCE_IN = 400
HOURS, WEEK = ("starts_at", "ends_at"), timedelta(weeks=1)


def act_at_random(world: ClaimWorld, seed: str) -> None:
    """Verb after verb for a while, and until one has done something. What is no refusal is raised."""
    dice, done = Random(seed), 0
    until = monotonic() + SECONDS
    while monotonic() < (until if done else until + PATIENCE):
        [verb] = dice.choices(list(HOW_OFTEN), list(HOW_OFTEN.values()))
        if dice.randrange(ONCE_IN) == 0:
            verb = dice.choice([verbs.call_off_shift, verbs.call_off_task])
        try:
            verb(world, dice.randrange(36), dice.randrange(36))
            done += 1
        except Refused:
            continue


def test_six_who_do_anything_at_once_neither_fail_nor_break_anything(cast, settings):
    """The first shift begins so soon that its places are only offered to who waits."""
    for round_ in ROUNDS:
        settings.OPEN_CLAIMS_AT_MOST = (2, 1)[round_ % 2]
        world = ClaimWorld(cast, 3, 4, 30)
        outcomes = at_once(*(partial(act_at_random, world, f"{round_} {i}") for i in range(6)))
        assert reasons(outcomes) == []
        check(world)
        keep_time()
        check(world)
        nobody_is_overlooked(world.shifts)
        let_pass(world)
        reasons(at_once(*(partial(verbs.settle, world, i, i) for i in range(6)), keep_time, keep_time))
        check(world)
        assert not world.claims().occupying().exists(), "every service is marked, and every offer is over"


def let_pass(world: ClaimWorld) -> None:
    """A week, for these shifts and whatever of their claims has an end."""
    shifts = Shift.objects.filter(pk__in=[shift.pk for shift in world.shifts])
    for rows, fields in ((shifts, HOURS), (world.claims(), (*HOURS, "offer_until", "kept_until"))):
        rows.update(**{name: F(name) - WEEK for name in fields})
