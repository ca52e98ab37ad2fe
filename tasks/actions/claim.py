from datetime import datetime

from django.conf import settings
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization, User
from accounts.queries.appointment import people_of
from tasks.actions.claim_statement import claim_in_one_statement
from tasks.actions.fit import refuse_companions, refuse_overlap, require_fit
from tasks.actions.group_place import end_emptied, kept_until
from tasks.actions.place import (
    give_back_places,
    has_begun,
    hold_shift,
    hold_shift_and_members,
    is_late_for,
    new_claim,
    require_own_claim,
    take_places,
)
from tasks.actions.shift import end_if_served
from tasks.actions.stand_in import take_over
from tasks.actions.waiting import pass_on, take_offered
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, HelperGroup, Shift
from tasks.queries.claim import own_claim
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

UNTAKEN = (Claim.Status.WAITING, Claim.Status.OFFERED)
FRESH = ["status", "asked_at", "claimed_at", "group_claim", "companions", "offer_until", "reported_at"]


def claim_shift(shift: Shift, *, by: Actor, companions: int = 0) -> Claim:
    """Take a place for the member who acts: first come, first served, never more than capacity (domain rule 3).

    Only the key of `shift` is read. `companions` take a place each. Asked again, it gives back the claim that is
    already theirs; who waits, or is offered a place, takes one if there is one. When all are taken but somebody looks
    for a stand-in, that one's place is taken over. Refused with a reason of the closed list otherwise; then nothing
    has been written.
    """
    by.require(Ability.CLAIM)
    member = by.member
    assert member is not None
    try:
        if companions == 0:
            claim = claim_in_one_statement(shift.pk, by=by)
            if claim:
                return claim
        with transaction.atomic():
            return _claim(shift, member, companions, by=by)
    except IntegrityError:
        # A constraint of the database was faster than our own look: say what is true now.
        yours = own_claim(shift, member)
        if yours and yours.status not in UNTAKEN:
            return yours
        shift = Shift.objects.get(pk=shift.pk)
        refuse_overlap(member, shift.starts_at, shift.ends_at)
        raise Refused(Reason.FULL) from None


def _claim(shift: Shift, member: Member, companions: int, *, by: Actor) -> Claim:
    shift, people = hold_shift_and_members(shift, [member.pk])
    member = people[member.pk]
    yours = own_claim(shift, member)
    if yours and yours.status not in UNTAKEN:
        return yours
    now = timezone.now()
    if yours and yours.status == Claim.Status.OFFERED:
        return take_offered(yours, now, by=by)
    home = require_fit(shift, member, now)
    refuse_companions(shift.task, companions)
    places = 1 + companions
    if shift.free < places:
        take_over(shift, places, by=by)
    take_places(shift, now, places)
    if yours:
        return _stop_waiting(yours, companions, now, by=by)
    claim = new_claim(shift, member, home, now, companions=companions)
    claim.save()
    record(claim, "claimed", by=by, new=Claim.Status.HELD)
    take_up_wishes(shift.task, by=by)
    _tell_what_was_taken(claim)
    return claim


def _stop_waiting(claim: Claim, companions: int, now: datetime, *, by: Actor) -> Claim:
    """Who waited, alone or with a group, has found a place free."""
    group_claim = claim.group_claim_id
    move(claim, Claim.Status.HELD, by=by, companions=companions, claimed_at=now, group_claim=None)
    if group_claim:
        end_emptied(claim.shift, by=by)
    take_up_wishes(claim.shift.task, by=by)
    _tell_what_was_taken(claim)
    return claim


def _tell_what_was_taken(claim: Claim) -> None:
    user, shift = claim.member.user, claim.shift
    if shift.by_agreement:
        notify([user], Notice.Kind.WISH_TAKEN, link=claim.page, task=shift.task.title)
    else:
        notify([user], Notice.Kind.CLAIM_MADE, link=claim.page, task=shift.task.title, time=shift.starts_at)


def is_late(claim: Claim, now: datetime) -> bool:
    """Whether withdrawing now needs a reason: 12 h before the start (setting), but not in the first 10 minutes.

    By agreement it does from the 11th minute on, for somebody counts on it. Never for who only waits, is offered a
    place, or is asked whether new hours suit.
    """
    if claim.status != Claim.Status.HELD or claim.asked_at:
        return False
    soon = claim.shift.by_agreement or is_late_for(claim.shift, now)
    return soon and now > claim.claimed_at + settings.WITHDRAW_FREELY_AFTER_CLAIM


@transaction.atomic
def withdraw_claim(claim: Claim, *, by: Actor, reason: str = "") -> None:
    """Give the own place back, leave the waiting list or say no to an offer; late only with a reason.

    The reason of who gives back late is told to the community.
    The place goes to the first in the waiting list who fits; one of a group is kept for the group to fill again
    (domain rule 3). By agreement this hands the wish back, possible until it is reported fulfilled or settled.
    Refused: hours that have begun, lateness without a reason, what is reported already, and a place that is settled
    or given back.
    """
    require_own_claim(claim, by)
    claim.shift = shift = hold_shift(claim.shift)
    claim.refresh_from_db(fields=FRESH)
    now = timezone.now()
    late = is_late(claim, now)
    if has_begun(shift, now):
        raise Refused(Reason.BEGUN)
    if late and not reason.strip():
        raise Refused(Reason.HANDING_BACK_NEEDS_REASON if shift.by_agreement else Reason.WITHDRAWAL_NEEDS_REASON)
    if claim.reported_at:
        raise Refused(Reason.REPORTED_ALREADY)
    _give_back(claim, shift, now, reason, by=by)
    if shift.by_agreement:
        end_if_served(shift, by=by)
    hand_back_wishes(shift.task, by=by)
    if late:
        tell_staff_it_is_given_back(shift, claim.member, reason)


def _give_back(claim: Claim, shift: Shift, now: datetime, reason: str, *, by: Actor) -> None:
    """Move the claim, and pass on what it occupied; nobody would fill a place of a group that is dissolved."""
    occupied = claim.status in Claim.OCCUPYING
    if occupied and claim.group_claim and claim.group_claim.group.is_active:
        _decline_group_place(claim, shift, now, reason, by=by)
        return
    to = Claim.Status.DECLINED if claim.status == Claim.Status.OFFERED else Claim.Status.WITHDRAWN
    move(claim, to, by=by, why=reason, withdraw_reason=reason)
    if occupied:
        give_back_places(shift, claim.places)
    if claim.group_claim_id:
        end_emptied(shift, by=by)
    if occupied or claim.group_claim_id:
        pass_on(shift, now)  # a group that has become smaller may fit now


def _decline_group_place(claim: Claim, shift: Shift, now: datetime, reason: str, *, by: Actor) -> None:
    """The place stays the group's for a while: its leader may name somebody else. Companions' places are free at once."""
    assert claim.group_claim is not None
    until = kept_until(claim, shift, now)
    move(claim, Claim.Status.DECLINED, by=by, why=reason, withdraw_reason=reason, kept_until=until)
    notify(
        [claim.group_claim.group.leader.user],
        Notice.Kind.GROUP_PLACE_DECLINED,
        but=by.user,
        link=claim.group_claim.page,
        name=claim.member,
        task=shift.task.title,
        time=shift.starts_at,
        until=until,
    )
    if claim.companions:
        give_back_places(shift, claim.companions)
        pass_on(shift, now)


def tell_staff_it_is_given_back(shift: Shift, who: Member | HelperGroup, reason: str) -> None:
    """Who has counted on a place, or on those of a group, reads that nobody comes and why. The shift has its task."""
    task = shift.task
    notify(
        who_sees_claims(task.publisher),
        Notice.Kind.WISH_HANDED_BACK if shift.by_agreement else Notice.Kind.LATE_WITHDRAWAL,
        link=reverse("task", args=[task.pk]),
        name=who,
        task=task.title,
        reason=reason,
    )


def who_sees_claims(publisher: Organization) -> list[User]:
    """Who sees today who has claimed what `publisher` offers, each once; for a compound its community's staff too."""
    places = [publisher.pk, publisher.community.pk]
    staff = people_of(places, roles=roles_with(Ability.SEE_CLAIMS), day=timezone.localdate())
    return list({user.pk: user for place in places for user in staff.get(place, [])}.values())
