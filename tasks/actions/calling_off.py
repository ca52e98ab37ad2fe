"""What is left of the claims of a shift that is called off: nothing, and everybody concerned is to be told."""

from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.actions.move import move_all
from accounts.models import User
from tasks.models import Claim, GroupClaim
from tasks.models.claim import ClaimQuerySet


def call_off_claims(claims: ClaimQuerySet, *, by: Actor) -> QuerySet[User]:
    """Cancel places, offers and waiting, those of groups too, and let go what is kept for a group.

    `claims` are all there are of shifts that are held. Who had one of them comes back, and who leads such a group.
    """
    groups = GroupClaim.objects.filter(pk__in=claims.values("group_claim"))
    of_groups = move_all(groups, GroupClaim.Status.CANCELLED, by=by)
    cancelled = move_all(claims, Claim.Status.CANCELLED, by=by)
    claims.kept_for_a_group().update(kept_until=None)
    leading = Q(member__led_groups__claims__in=of_groups)
    return User.objects.filter(Q(member__claims__in=cancelled) | leading).distinct()
