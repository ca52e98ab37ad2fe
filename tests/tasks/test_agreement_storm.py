"""A wish by agreement, taken, agreed on, reported and handed back in the same moment."""

from contextlib import nullcontext
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from accounts.access import Actor
from tasks.actions import agreement as agreement_actions
from tasks.actions import fit
from tasks.actions.agreement import agree_time, report_fulfilled
from tasks.actions.claim import withdraw_claim
from tasks.models import Claim, Shift, Wish
from tasks.refusals import Reason
from tests.factories import WishFactory
from tests.storm import ROUNDS, at_once, meet, reasons
from tests.tasks.rush import claim, everybody_claims, new_shift, people, places
from tests.tasks.unguarded import without_constraint, without_the_locks, without_the_statement

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def by_agreement(community, capacity: int = 1) -> Shift:
    """With the wish that it is to fulfil."""
    now = timezone.now()
    shift = new_shift(community, capacity, by_agreement=True, starts_at=now, ends_at=now + timedelta(days=30))
    WishFactory(community=community, status="PUBLISHED", task=shift.task)
    return shift


def agree(held: Claim, starts_at, actor: Actor) -> None:
    agree_time(Claim.objects.get(pk=held.pk), starts_at=starts_at, ends_at=starts_at + timedelta(hours=1), by=actor)


def test_two_who_tap_the_same_wish_at_once_are_one_who_has_it(cast):
    actors = people(cast.community, 2)
    for _ in ROUNDS:
        shift = by_agreement(cast.community)
        assert reasons(everybody_claims(shift, actors)) == [Reason.FULL]
        assert places(shift) == (1, 1)
        assert list(shift.task.wishes.values_list("status", flat=True)) == [Wish.Status.CLAIMED]
        Claim.objects.all().delete()


def test_a_time_agreed_while_an_overlapping_place_is_taken_is_never_both(cast):
    [actor] = people(cast.community, 1)
    for _ in ROUNDS:
        held, other = claim(by_agreement(cast.community), actor), new_shift(cast.community)
        outcomes = at_once(partial(agree, held, other.starts_at, actor), partial(claim, other, actor))
        assert reasons(outcomes) == [Reason.OVERLAP]
        assert Claim.objects.occupying().filter(starts_at__isnull=False).count() == 1
        Claim.objects.all().delete()


@pytest.mark.parametrize("guarded", [True, False])
def test_the_exclusion_alone_keeps_an_agreed_time_apart_and_without_it_the_member_is_in_two_places(
    cast, monkeypatch, guarded
):
    """The second is the control: with neither lock nor exclusion both are written."""
    [actor] = people(cast.community, 1)
    held, other = claim(by_agreement(cast.community), actor), new_shift(cast.community)
    both_have_looked = meet(2)
    without_the_statement(monkeypatch)
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
