"""Who takes places, and what must be true of every shift whatever has happened."""

from types import SimpleNamespace

from django.db.models import F, Sum

from accounts.access import Actor
from tasks.models import Claim, Shift
from tests.conftest import member_actor
from tests.factories import MemberFactory


def neighbour(cast: SimpleNamespace, **changed: object) -> Actor:
    """Somebody else who lives in the cast's community."""
    return member_actor(MemberFactory(community=cast.community, unit=cast.unit, **changed))


def status(claim: Claim) -> str:
    return Claim.objects.get(pk=claim.pk).status


def taken(shift: Shift) -> int:
    """The places taken, which are always those of the claims that occupy any and those kept for groups."""
    shift.refresh_from_db()
    claims = Claim.objects.filter(shift=shift)
    held = claims.occupying().aggregate(n=Sum(F("companions") + 1, default=0))["n"]
    assert shift.taken == held + claims.kept_for_a_group().count()
    return shift.taken
