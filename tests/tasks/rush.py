"""Members who tap on a shift in the same moment, and what it comes to."""

from functools import partial
from typing import Any

from accounts.access import Actor
from accounts.models import Organization
from tasks.actions.claim import claim_shift
from tasks.models import Claim, Shift
from tests.conftest import member_actor
from tests.factories import MemberFactory, ShiftFactory, TaskFactory
from tests.storm import at_once


def people(community: Organization, n: int) -> list[Actor]:
    return [member_actor(member) for member in MemberFactory.create_batch(n, community=community)]


def new_shift(community: Organization, capacity: int = 7, **changed: Any) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=community), capacity=capacity, **changed)


def claim(shift: Shift, actor: Actor) -> Claim:
    """As a request does it: with a shift and a task read a moment before."""
    return claim_shift(Shift.objects.select_related("task__audience").get(pk=shift.pk), by=actor)


def everybody_claims(shift: Shift, actors: list[Actor]) -> list[Any]:
    return at_once(*(partial(claim, shift, actor) for actor in actors))


def places(shift: Shift) -> tuple[int, int]:
    """Places taken as the shift counts them, and as the claims do."""
    shift.refresh_from_db()
    return shift.taken, Claim.objects.filter(shift=shift).occupying().count()
