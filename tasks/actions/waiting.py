"""The waiting list: who waits, who gets a place that becomes free, and who has to say yes first (domain rule 3)."""

from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access import CLOCK, Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notice_to, notify, write_notices
from accounts.models import Member, Notice
from tasks.actions.fit import refuse_companions, require_fit, require_open_to
from tasks.actions.group_place import end_emptied, release_kept
from tasks.actions.new_hours import hours_for_the_asked
from tasks.actions.place import (
    give_back_places,
    has_begun,
    hold_members,
    hold_shift,
    hold_shift_and_members,
    is_late_for,
    new_claim,
    require_own_claim,
    take_places,
)
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, GroupClaim, Shift
from tasks.queries.claim import own_claim
from tasks.queries.waiting import Entry, queue_of
from tasks.refusals import Reason
from vanguard.lib.in_turn import do_in_turn
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


@transaction.atomic
def join_waiting_list(shift: Shift, *, by: Actor, companions: int = 0) -> Claim:
    """Wait for a place in a full shift; asked again, or with a place, it gives back the claim that is there.

    Who waits takes up no place, nobody's time and nothing of the limit. Refused: who could not claim it anyway,
    while places are free, more places than there are, and where time is by agreement.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    shift, people = hold_shift_and_members(shift, [by.member.pk])
    member = people[by.member.pk]
    yours = own_claim(shift, member)
    if yours:
        return yours
    now = timezone.now()
    if shift.by_agreement:
        raise Refused(Reason.NO_WAITING_LIST)
    if shift.status != Shift.Status.OPEN:
        raise Refused(Reason.NOT_OPEN)
    if has_begun(shift, now):
        raise Refused(Reason.BEGUN)
    home = require_open_to(shift, member, now)
    refuse_companions(shift.task, companions)
    if companions >= shift.capacity:
        raise Refused(Reason.GROUP_TOO_LARGE, wanted=1 + companions, all=shift.capacity)
    if shift.free > companions:
        raise Refused(Reason.STILL_FREE)
    claim = new_claim(shift, member, home, now, status=Claim.Status.WAITING, companions=companions)
    claim.save()
    record(claim, "waits", by=by, new=Claim.Status.WAITING)
    return claim


def pass_on(shift: Shift, now: datetime) -> None:
    """Give what is free to those who wait, first in first out, skipping who no longer fits; each is told at once.

    For a shift that is held. Before the withdrawal limit the place is theirs; after it, it is offered for a while and
    has to be accepted. A group gets all its places or none, and a smaller entry behind it may pass. Who stops fitting
    within this very moment leaves the place to the clock's next round.
    """
    shift = hold_shift(shift)
    if shift.by_agreement or shift.free < 1 or not Shift.objects.claimable(now).filter(pk=shift.pk).exists():
        return
    chosen, free = [], shift.free
    for entry in queue_of(shift):
        if free < 1:
            break
        if entry.places <= free and _fits(entry, shift, now):
            chosen.append(entry)
            free -= entry.places
    # Locked are those who get a place, not all who wait; so they are looked at again.
    hold_members(claim.member_id for entry in chosen for claim in entry.claims)
    for entry in chosen:
        if _fits(entry, shift, now):
            take_places(shift, now, entry.places)
            _promote(entry, shift, now)
    if chosen:
        take_up_wishes(shift.task, by=CLOCK)


def pass_on_afterwards(shift: Shift) -> None:
    """Once what goes on is done, and in a transaction of its own, for where members are held already.

    Whatever happens to it, the clock comes round.
    """
    transaction.on_commit(lambda: _pass_on_now(shift), robust=True)


@transaction.atomic
def _pass_on_now(shift: Shift) -> None:
    pass_on(shift, timezone.now())


def _fits(entry: Entry, shift: Shift, now: datetime) -> bool:
    people = Member.objects.filter(pk__in=[claim.member_id for claim in entry.claims])
    try:
        for member in people.select_related("user", "home__parent"):
            require_fit(shift, member, now)
    except Refused:
        return False
    return True


def _promote(entry: Entry, shift: Shift, now: datetime) -> None:
    """To a place, or to the offer of one where the withdrawal limit has passed."""
    late = is_late_for(shift, now)
    until = min(now + settings.OFFER_LASTS, shift.starts_at) if late else None
    to = Claim.Status.OFFERED if late else Claim.Status.HELD
    claims = Claim.objects.filter(pk__in=[claim.pk for claim in entry.claims])
    fields: dict[str, Any] = {
        "claimed_at": now,
        "offer_until": until,
        "starts_at": shift.starts_at,
        "ends_at": shift.ends_at,
    }
    move_all(claims, to, by=CLOCK, **fields)
    if entry.group_claim:
        move(entry.group_claim, to, by=CLOCK)
    told: dict[str, Any] = {"task": shift.task.title, "time": shift.starts_at}
    if until is None:
        write_notices(notice_to(c.member.user, Notice.Kind.PLACE_FREED, link=c.page, **told) for c in entry.claims)
        _tell_who_leads(entry, told)
        return
    user, page = entry.claims[0].member.user, entry.claims[0].page
    if entry.group_claim:  # its leader answers for all
        user, page = entry.group_claim.group.leader.user, entry.group_claim.page
    notify([user], Notice.Kind.PLACE_OFFERED, link=page, until=until, **told)


def _tell_who_leads(entry: Entry, told: dict[str, Any]) -> None:
    """A leader who is named in the claim is told as everybody in it."""
    claim = entry.group_claim
    if claim and claim.group.leader_id not in {one.member_id for one in entry.claims}:
        notify([claim.group.leader.user], Notice.Kind.GROUP_PLACES, link=claim.page, group=claim.group, **told)


@transaction.atomic
def accept_offer(claim: Claim, *, by: Actor) -> None:
    """Take the place that is offered; said twice, it stays one's own.

    Refused when none is offered, once the offer is over, and for a place of a group, whose leader answers.
    """
    require_own_claim(claim, by)
    claim.shift = hold_shift(claim.shift)  # it may have been moved since the claim was read
    claim.refresh_from_db(fields=["status", "offer_until", "asked_at", "group_claim"])
    if claim.status != Claim.Status.HELD:
        take_offered(claim, timezone.now(), by=by)


def take_offered(claim: Claim, now: datetime, *, by: Actor) -> Claim:
    """The place is counted already: accepting makes it the member's. Its shift is held.

    Who was asked about new hours says with it that they suit; refused while another place is held at that time.
    """
    if claim.offer_until is None or claim.status not in (Claim.Status.OFFERED, Claim.Status.EXPIRED):
        raise Refused(Reason.NOT_OFFERED)
    if claim.group_claim_id:
        raise Refused(Reason.GROUP_OFFER)
    if claim.offer_until <= now:
        raise Refused(Reason.OFFER_OVER, time=moment_words(claim.offer_until))
    shift = claim.shift
    hours = hours_for_the_asked(claim, shift)
    move(claim, Claim.Status.HELD, by=by, claimed_at=now, offer_until=None, **hours)
    notify([claim.member.user], Notice.Kind.CLAIM_MADE, link=claim.page, task=shift.task.title, time=shift.starts_at)
    return claim


# --- because time passes -------------------------------------------------------------------


def expire_offers() -> None:
    """Offers that nobody accepted in time go to the next in the list; who had them is told."""
    now = timezone.now()
    over = Claim.objects.filter(status=Claim.Status.OFFERED, offer_until__lte=now)
    shifts = Shift.objects.filter(pk__in=over.values("shift")).order_by("pk")
    do_in_turn(partial(_expire_offers_of, shift, now) for shift in shifts)


@transaction.atomic
def _expire_offers_of(shift: Shift, now: datetime) -> None:
    shift = hold_shift(shift)
    over = Claim.objects.filter(shift=shift, status=Claim.Status.OFFERED, offer_until__lte=now)
    keys = move_all(over, Claim.Status.EXPIRED, by=CLOCK)
    expired = list(Claim.objects.filter(pk__in=keys).select_related("member__user"))
    give_back_places(shift, sum(claim.places for claim in expired))
    told: dict[str, Any] = {"task": shift.task.title, "time": shift.starts_at}
    write_notices(notice_to(claim.member.user, Notice.Kind.OFFER_EXPIRED, link=claim.page, **told) for claim in expired)
    _expire_groups({claim.group_claim_id for claim in expired if claim.group_claim_id}, expired, shift)
    pass_on(shift, now)
    hand_back_wishes(shift.task, by=CLOCK)


def _expire_groups(keys: set[int], expired: list[Claim], shift: Shift) -> None:
    """With the offer go the places kept since; the leader who let it pass is told, where not named in it."""
    release_kept(Claim.objects.filter(group_claim__in=keys), shift)
    groups = GroupClaim.objects.filter(pk__in=keys).select_related("group__leader__user")
    move_all(groups, GroupClaim.Status.EXPIRED, by=CLOCK)
    told: dict[str, Any] = {"task": shift.task.title, "time": shift.starts_at}
    named = {claim.member_id for claim in expired}
    write_notices(
        notice_to(one.group.leader.user, Notice.Kind.OFFER_EXPIRED, link=one.page, **told)
        for one in groups
        if one.group.leader_id not in named
    )


def release_kept_places() -> None:
    """Places kept for a group for as long as they may be are everybody's again."""
    now = timezone.now()
    over = Claim.objects.kept_for_a_group().filter(kept_until__lte=now)
    shifts = Shift.objects.filter(pk__in=over.values("shift")).order_by("pk")
    do_in_turn(partial(_release_kept_places_of, shift, now) for shift in shifts)


@transaction.atomic
def _release_kept_places_of(shift: Shift, now: datetime) -> None:
    shift = hold_shift(shift)
    release_kept(Claim.objects.filter(shift=shift, kept_until__lte=now), shift)
    end_emptied(shift, by=CLOCK)
    pass_on(shift, now)


def pass_on_what_is_free() -> None:
    """Who did not fit when a place became free may fit now: shifts with free places where somebody waits."""
    now = timezone.now()
    waited_for = Claim.objects.filter(status=Claim.Status.WAITING).values("shift")
    shifts = Shift.objects.claimable(now).with_free_places().filter(pk__in=waited_for).order_by("pk")
    do_in_turn(partial(_pass_on_now, shift) for shift in shifts)


def end_waiting() -> None:
    """Once a shift begins nobody waits for it any more."""
    waited_for = Claim.objects.filter(status=Claim.Status.WAITING).values("shift")
    begun = Shift.objects.filter(pk__in=waited_for, starts_at__lte=timezone.now(), by_agreement=False)
    do_in_turn(partial(_end_waiting_for, shift) for shift in begun.order_by("pk"))


@transaction.atomic
def _end_waiting_for(shift: Shift) -> None:
    hold_shift(shift)
    move_all(Claim.objects.filter(shift=shift, status=Claim.Status.WAITING), Claim.Status.EXPIRED, by=CLOCK)
    groups = GroupClaim.objects.filter(shift=shift, status=GroupClaim.Status.WAITING)
    move_all(groups, GroupClaim.Status.EXPIRED, by=CLOCK)
