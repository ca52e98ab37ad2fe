"""A place is free for the whole group, but it begins soon: its leader says yes or no for all (domain rule 3)."""

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, move_all
from tasks.actions.group_claim import give_group_back, tell_members
from tasks.actions.group_fit import refresh, require_leader
from tasks.actions.place import hold_shift
from tasks.actions.waiting import pass_on
from tasks.actions.wish import hand_back_wishes
from tasks.models import Claim, GroupClaim
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


@transaction.atomic
def accept_group_offer(group_claim: GroupClaim, *, by: Actor) -> None:
    """Take the places that are offered, for all who have not declined theirs; each is told.

    Refused: who is not the leader, when nothing is offered, and once the offer is over.
    """
    shift = hold_shift(group_claim.shift)
    group_claim = refresh(group_claim)
    require_leader(group_claim.group, by)
    now = timezone.now()
    offered = Claim.objects.filter(group_claim=group_claim, status=Claim.Status.OFFERED)
    until = offered.values_list("offer_until", flat=True).first()
    if group_claim.status != GroupClaim.Status.OFFERED or until is None:
        raise Refused(Reason.NOT_OFFERED)
    if until <= now:
        raise Refused(Reason.OFFER_OVER, time=moment_words(until))
    move_all(offered, Claim.Status.HELD, by=by, claimed_at=now, offer_until=None)
    move(group_claim, GroupClaim.Status.HELD, by=by)
    tell_members(group_claim, shift, by=by)


@transaction.atomic
def decline_group_offer(group_claim: GroupClaim, *, by: Actor) -> None:
    """Say no for the whole group: the places go to the next in the list, and who was named is told.

    Refused: who is not the leader, and when nothing is offered.
    """
    shift = hold_shift(group_claim.shift)
    group_claim = refresh(group_claim)
    require_leader(group_claim.group, by)
    if group_claim.status != GroupClaim.Status.OFFERED:
        raise Refused(Reason.NOT_OFFERED)
    move(group_claim, GroupClaim.Status.DECLINED, by=by)
    give_group_back(group_claim, shift, Claim.Status.DECLINED, by=by)
    pass_on(shift, timezone.now())
    hand_back_wishes(shift.task, by=by)
