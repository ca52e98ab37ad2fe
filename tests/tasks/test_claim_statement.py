"""The place of one tap in one statement decides as the slow way does: only PostgreSQL has both."""

from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Notice, Record, Skill
from tasks.actions.claim import claim_shift
from tasks.models import Claim, Shift, Task
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = [
    pytest.mark.django_db,
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite always takes the slow way"),
]
HOUR = timedelta(hours=1)


def outcome(shift, by) -> tuple:
    """What comes of a tap: the claim, what was taken, recorded and told; then it is all undone."""
    with transaction.atomic():
        try:
            claim_shift(shift, by=by)
            said = "yes"
        except Refused as refused:
            said = refused.sentence
        columns = [field.attname for field in Claim._meta.concrete_fields if field.attname not in ("id", "claimed_at")]
        wrote = [
            list(Claim.objects.filter(shift=shift).order_by("pk").values_list(*columns)),
            list(Shift.objects.filter(pk=shift.pk).values_list("taken", flat=True)),
            list(Record.objects.filter(verb="claimed").values_list("old_status", "new_status", "user", "appointment")),
            list(Notice.objects.values_list("user", "kind", "params__task", "mail", "once")),
        ]
        transaction.set_rollback(True)
    return said, wrote


def elsewhere(cast, shift) -> None:
    ClaimFactory(shift=ShiftFactory(task=shift.task, starts_at=shift.starts_at), member=cast.member.member)


def reach_the_limit(cast, shift) -> None:
    for n in range(5):
        other = ShiftFactory(task=shift.task, starts_at=shift.starts_at + timedelta(days=1 + n))
        ClaimFactory(shift=other, member=cast.member.member)


SITUATIONS = {
    "plain": lambda cast, shift: None,
    "held already": lambda cast, shift: ClaimFactory(shift=shift, member=cast.member.member),
    "waits": lambda cast, shift: ClaimFactory(shift=shift, member=cast.member.member, status="WAITING"),
    "not open yet": lambda cast, shift: Task.objects.update(opens_at=timezone.now() + HOUR, status="SCHEDULED"),
    "the clock is late": lambda cast, shift: Task.objects.update(status="SCHEDULED"),
    "closed": lambda cast, shift: Task.objects.update(status="CLOSED"),
    "a draft": lambda cast, shift: Task.objects.update(status="DRAFT"),
    "called off": lambda cast, shift: Shift.objects.update(status="CANCELLED"),
    "begun": lambda cast, shift: Shift.objects.update(starts_at=timezone.now() - HOUR),
    "for others": lambda cast, shift: Task.objects.update(audience=cast.other_community),
    "elsewhere": elsewhere,
    "the limit": reach_the_limit,
    "a skill": lambda cast, shift: Shift.objects.update(skill=Skill.objects.create(name="电工")),
    "an own wish": lambda cast, shift: WishFactory(task=shift.task, sender=cast.member.user, status="PUBLISHED"),
    "a wish": lambda cast, shift: WishFactory(task=shift.task, status="PUBLISHED"),
    "first minutes": lambda cast, shift: Task.objects.update(first_minutes=60, opens_at=timezone.now() - HOUR / 2),
    "a stand-in": lambda cast, shift: ClaimFactory(shift=shift, stand_in_since=timezone.now()),
}


@pytest.mark.parametrize("full", [False, True], ids=["free", "full"])
@pytest.mark.parametrize("situation", SITUATIONS)
def test_both_ways_say_and_write_the_same(cast, monkeypatch, situation, full):
    if situation == "the limit" and full:
        pytest.skip("counted with a place alone: that it is full is true as well")
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=3)
    SITUATIONS[situation](cast, shift)
    if full:
        shift.refresh_from_db()
        Shift.objects.filter(pk=shift.pk).update(taken=3)
    fast = outcome(shift, cast.member)
    monkeypatch.setattr("tasks.actions.claim.claim_in_one_statement", lambda *args, **kwargs: None)
    assert outcome(shift, cast.member) == fast
