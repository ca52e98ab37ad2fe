"""A full shift, those who wait for it, and its place given back."""

from datetime import timedelta
from types import SimpleNamespace

import time_machine
from django.utils import timezone

from accounts.access import Actor
from tasks.actions.claim import withdraw_claim
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim, Shift
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory
from tests.tasks.places import neighbour


def full_shift(cast: SimpleNamespace) -> Shift:
    """Its only place is the member's, since yesterday."""
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=1)
    ClaimFactory(shift=shift, member=cast.member.member, claimed_at=timezone.now() - timedelta(days=1))
    return shift


def waiting(cast: SimpleNamespace, shift: Shift, *, companions: int = 0) -> tuple[Actor, Claim]:
    who = neighbour(cast)
    return who, join_waiting_list(shift, by=who, companions=companions)


def give_back(cast: SimpleNamespace, shift: Shift, *, before: timedelta | None = None) -> None:
    """The member's own place is given back, so long before the beginning as `before` says."""
    claim = Claim.objects.get(shift=shift, member=cast.member.member, status=Claim.Status.HELD)
    with time_machine.travel(shift.starts_at - before if before else timezone.now(), tick=False):
        withdraw_claim(claim, by=cast.member, reason="孩子发烧" if before else "")
