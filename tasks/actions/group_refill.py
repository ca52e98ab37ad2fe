"""A place that a member of a group declined: filled again by the leader, or let go (domain rule 3)."""

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import record
from accounts.models import Member
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_claim import tell_members
from tasks.actions.group_fit import (
    refresh,
    require_belonging,
    require_leader,
    require_member_fits,
    require_no_place,
)
from tasks.actions.group_place import end_emptied, release_kept
from tasks.actions.place import has_begun, hold_shift, hold_shift_and_members, new_claim
from tasks.actions.waiting import pass_on
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, GroupClaim, Shift
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def fill_again(group_claim: GroupClaim, member: Member, *, by: Actor) -> Claim:
    """Give a place kept for the group to another member who has agreed to belong to it; they are told and may decline.

    The place stays counted. While the group's places are only offered, so is this one. Refused: who is not the leader,
    no place kept any more, who may not be named or does not fit, and once the shift has begun or is called off.
    """
    try:
        with transaction.atomic():
            return _fill(group_claim, member, by=by)
    except IntegrityError:
        # A constraint of the database was faster than our own look.
        raise Refused(AccountsReason.STATE_CHANGED) from None


def _fill(group_claim: GroupClaim, member: Member, *, by: Actor) -> Claim:
    shift, people = hold_shift_and_members(group_claim.shift, [member.pk])
    group_claim = refresh(group_claim)
    require_leader(group_claim.group, by)
    now = timezone.now()
    if has_begun(shift, now):
        raise Refused(Reason.BEGUN)
    kept = Claim.objects.filter(group_claim=group_claim, kept_until__gt=now).kept_for_a_group()
    place = kept.order_by("kept_until", "pk").first()
    if place is None or shift.status != Shift.Status.OPEN or group_claim.status not in GroupClaim.LIVING:
        raise Refused(Reason.NO_PLACE_KEPT)
    require_belonging(group_claim.group, people, [member.pk])
    require_no_place(shift, people)
    home = require_member_fits(shift, people[member.pk], now, by=by)
    claim = new_claim(shift, people[member.pk], home, now, status=group_claim.status, group_claim=group_claim)
    claim.offer_until = place.kept_until if group_claim.status == GroupClaim.Status.OFFERED else None
    claim.save()
    kept.filter(pk=place.pk).update(kept_until=None)
    record(claim, "claimed", by=by, new=claim.status)
    take_up_wishes(shift.task, by=by)
    tell_members(group_claim, shift, by=by, only=claim)
    return claim


@transaction.atomic
def let_go(group_claim: GroupClaim, *, by: Actor) -> None:
    """Give the places kept for the group to everybody, the first in the waiting list first.

    Refused: who is not the leader, and when no place is kept.
    """
    shift = hold_shift(group_claim.shift)
    group_claim = refresh(group_claim)
    require_leader(group_claim.group, by)
    if not release_kept(Claim.objects.filter(group_claim=group_claim), shift):
        raise Refused(Reason.NO_PLACE_KEPT)
    record(group_claim, "let go", by=by)
    end_emptied(shift, by=by)
    pass_on(shift, timezone.now())
