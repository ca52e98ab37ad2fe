"""A group's places: claimed by its leader for named members, all or none (domain rule 3)."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, move_all, record, record_all
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import is_late, tell_staff_it_is_given_back
from tasks.actions.fit import refuse_companions
from tasks.actions.group_fit import (
    refresh,
    require_belonging,
    require_leader,
    require_member_fits,
    require_no_place,
)
from tasks.actions.group_place import release_kept
from tasks.actions.place import give_back_places, has_begun, hold_shift, hold_shift_and_members, new_claim, take_places
from tasks.actions.stand_in import take_over
from tasks.actions.waiting import pass_on
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, GroupClaim, HelperGroup, Shift
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

Companions = Mapping[int, int]


def claim_for_group(group: HelperGroup, shift: Shift, *, members: Companions, by: Actor) -> GroupClaim:
    """Take a place for every member named, by key, and for the companions that each brings: all of them or none.

    Each is told and may decline. Refused: who is not the leader, nobody named, who has not agreed to belong to the
    group or lives elsewhere, who has a place there already or does not fit, too few places, a second claim of the
    group in the shift, the first minutes for who lacks flags, and where time is by agreement. Then nothing has been written.
    """
    try:
        with transaction.atomic():
            return _claim(group, shift, members, by=by)
    except IntegrityError:
        # A constraint of the database was faster than our own look.
        raise Refused(AccountsReason.STATE_CHANGED) from None


def _claim(group: HelperGroup, shift: Shift, members: Companions, *, by: Actor) -> GroupClaim:
    shift, people = hold_shift_and_members(shift, members)
    now = timezone.now()
    places = _require_for_group(group, shift, people, members, by=by)
    # For one and all: else a leader would learn who lacks flags.
    if shift.task.opens_at <= now < shift.task.first_until:
        raise Refused(Reason.FIRST_FOR_OTHERS, time=moment_words(shift.task.first_until))
    if shift.free < places:
        take_over(shift, places, by=by)
    take_places(shift, now, places)
    assert by.member is not None
    group_claim = _write(group, shift, people, members, Claim.Status.HELD, now, leader=by.member, by=by)
    take_up_wishes(shift.task, by=by)
    tell_members(group_claim, shift, by=by)
    return group_claim


def hold_for_group(group: HelperGroup, shift: Shift, members: Companions, *, by: Actor) -> GroupClaim:
    """The places of a shift that has just been written for the group, for the members named; within a transaction.

    Its community publishes what the group has accepted, so nobody else has had a place yet. Refused: who has not agreed
    to belong to the group or lives elsewhere, and who does not fit.
    """
    shift, people = hold_shift_and_members(shift, members)
    now = timezone.now()
    require_belonging(group, people, members)
    take_places(shift, now, len(members))
    return _write(group, shift, people, members, Claim.Status.HELD, now, leader=group.leader, by=by)


@transaction.atomic
def wait_for_group(group: HelperGroup, shift: Shift, *, members: Companions, by: Actor) -> GroupClaim:
    """Put the members named on the waiting list of a full shift as one: they are promoted together, or not at all.

    Each is told and may leave it. Refused as `claim_for_group` does, and while enough places are free; who waits may
    have something else at that time.
    """
    shift, people = hold_shift_and_members(shift, members)
    now = timezone.now()
    if shift.by_agreement:
        raise Refused(Reason.NO_WAITING_LIST)
    places = _require_for_group(group, shift, people, members, by=by)
    if shift.status != Shift.Status.OPEN:
        raise Refused(Reason.NOT_OPEN)
    if has_begun(shift, now):
        raise Refused(Reason.BEGUN)
    if shift.free >= places:
        raise Refused(Reason.STILL_FREE)
    assert by.member is not None
    group_claim = _write(group, shift, people, members, Claim.Status.WAITING, now, leader=by.member, by=by)
    tell_members(group_claim, shift, by=by)
    return group_claim


def _require_for_group(
    group: HelperGroup, shift: Shift, people: Mapping[int, Member], members: Companions, *, by: Actor
) -> int:
    """How many places the members named and their companions need, where the group may ask for them at all."""
    group = HelperGroup.objects.select_related("community").get(pk=group.pk)
    require_leader(group, by)
    if shift.by_agreement:
        raise Refused(Reason.NOT_FOR_GROUPS)
    if not members:
        raise Refused(Reason.NOBODY_NAMED)
    if GroupClaim.objects.living().filter(group=group, shift=shift).exists():
        raise Refused(Reason.GROUP_CLAIMED_ALREADY)
    require_belonging(group, people, members)
    require_no_place(shift, people)
    for companions in members.values():
        refuse_companions(shift.task, companions)
    places = len(members) + sum(members.values())
    if places > shift.capacity:
        raise Refused(Reason.GROUP_TOO_LARGE, wanted=places, all=shift.capacity)
    return places


def _write(
    group: HelperGroup,
    shift: Shift,
    people: Mapping[int, Member],
    members: Companions,
    status: Claim.Status,
    now: datetime,
    *,
    leader: Member,
    by: Actor,
) -> GroupClaim:
    """The group's claim and one for each member, who all fit; with one and the same time they wait as one."""
    waiting = status == Claim.Status.WAITING
    homes = {key: require_member_fits(shift, people[key], now, by=by, waiting=waiting) for key in sorted(members)}
    group_claim = GroupClaim.objects.create(group=group, shift=shift, leader=leader, status=status, claimed_at=now)
    claims = Claim.objects.bulk_create(
        new_claim(shift, people[key], home, now, status=status, group_claim=group_claim, companions=members[key])
        for key, home in homes.items()
    )
    verb = "waits" if waiting else "claimed"
    record(group_claim, verb, by=by, new=status)
    record_all(Claim, [claim.pk for claim in claims], verb, by=by, new=status)
    return group_claim


def tell_members(group_claim: GroupClaim, shift: Shift, *, by: Actor, only: Claim | None = None) -> None:
    """Tell each that they have a place, or wait, with the group; who has just taken it reads what one alone reads."""
    claims = Claim.objects.filter(group_claim=group_claim, status=group_claim.status).select_related("member__user")
    told: dict[str, Any] = {"group": group_claim.group, "task": shift.task.title, "time": shift.starts_at}
    held = group_claim.status == GroupClaim.Status.HELD
    kind = Notice.Kind.GROUP_PLACE if held else Notice.Kind.GROUP_WAITS
    notices = []
    for claim in claims.filter(pk=only.pk) if only else claims:
        if not by.is_person(claim.member):
            notices.append(notice_to(claim.member.user, kind, link=claim.page, **told))
        elif held:
            notices.append(notice_to(claim.member.user, Notice.Kind.CLAIM_MADE, link=claim.page, **told))
    write_notices(notices)


@transaction.atomic
def withdraw_group_claim(group_claim: GroupClaim, *, by: Actor, reason: str = "") -> None:
    """Give all of the group's places back, kept ones too, or leave the waiting list; everybody named is told.

    Late only with a reason, which the community is told. The places go to the first in the list who fit. Refused:
    who is not the leader, hours that have begun, lateness without a reason, and what is given back already.
    """
    shift = hold_shift(group_claim.shift)
    group_claim = refresh(group_claim)
    require_leader(group_claim.group, by)
    now = timezone.now()
    if has_begun(shift, now):
        raise Refused(Reason.BEGUN)
    late = is_late_for_group(group_claim, now)
    if late and not reason.strip():
        raise Refused(Reason.WITHDRAWAL_NEEDS_REASON)
    move(group_claim, GroupClaim.Status.WITHDRAWN, by=by, why=reason)
    give_group_back(group_claim, shift, Claim.Status.WITHDRAWN, by=by, why=reason)
    pass_on(shift, now)
    hand_back_wishes(shift.task, by=by)
    if late:
        tell_staff_it_is_given_back(shift, group_claim.group, reason)


def is_late_for_group(group_claim: GroupClaim, now: datetime) -> bool:
    """Whether giving the places back now needs a reason, as for any of them."""
    held = Claim.objects.filter(group_claim=group_claim, status=Claim.Status.HELD).select_related("shift")
    return any(is_late(claim, now) for claim in held)


def give_group_back(group_claim: GroupClaim, shift: Shift, to: Claim.Status, *, by: Actor, why: str = "") -> None:
    """Free all that the group holds, is offered or has kept; who was named is told. The shift is held."""
    theirs = Claim.objects.filter(group_claim=group_claim)
    release_kept(theirs, shift)
    living = list(theirs.living().select_related("member__user"))
    keys = move_all(theirs.filter(pk__in=[claim.pk for claim in living]), to, by=by, why=why, withdraw_reason=why)
    given = [claim for claim in living if claim.pk in set(keys)]
    give_back_places(shift, sum(claim.places for claim in given if claim.status in Claim.OCCUPYING))
    told: dict[str, Any] = {"group": group_claim.group, "task": shift.task.title, "time": shift.starts_at}
    kinds: dict[str, Notice.Kind] = {Claim.Status.WAITING: Notice.Kind.GROUP_WAITS_NO_MORE}
    write_notices(
        notice_to(claim.member.user, kinds.get(claim.status, Notice.Kind.GROUP_CALLED_OFF), link=claim.page, **told)
        for claim in given
        if not by.is_person(claim.member)
    )
