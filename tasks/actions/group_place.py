"""Places that are a group's: kept for it when a member cannot come, everybody's again when it lets them go (rule 3)."""

from datetime import datetime

from django.conf import settings
from django.db.models import Exists, OuterRef, Q

from accounts.access import Actor
from accounts.actions.move import move_all
from tasks.actions.place import give_back_places
from tasks.models import Claim, GroupClaim, Shift
from tasks.models.claim import ClaimQuerySet


def kept_until(claim: Claim, shift: Shift, now: datetime) -> datetime:
    """Until when a place is the group's to fill again: for 24 h (setting), but not past the start or a running offer."""
    ends = [now + settings.GROUP_PLACE_KEPT_FOR, shift.starts_at]
    return min([*ends, claim.offer_until] if claim.offer_until else ends)


def release_kept(kept: ClaimQuerySet, shift: Shift) -> int:
    """Count places that were kept for a group free again; how many they were. The shift is held."""
    released = kept.kept_for_a_group().update(kept_until=None)
    give_back_places(shift, released)
    return released


def end_emptied(shift: Shift, *, by: Actor) -> None:
    """A group's claim in which nobody is left, and for which no place is kept, is over. The shift is held."""
    left = Claim.objects.filter(~Q(status__in=Claim.LAPSED) | Q(kept_until__isnull=False), group_claim=OuterRef("pk"))
    move_all(GroupClaim.objects.filter(~Exists(left), shift=shift).living(), GroupClaim.Status.WITHDRAWN, by=by)
