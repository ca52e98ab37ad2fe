"""Who stands there without a place: the staff on the spot adds them, for nobody is sent home by a counter."""

from uuid import uuid4

from django.db import IntegrityError, transaction
from django.db.models import F
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from tasks.actions.attendance import Tap, refuse_unless_its_day, require_keeping_day, take_ticks
from tasks.actions.fit import refuse_own_wish
from tasks.actions.group_place import end_emptied
from tasks.actions.place import hold_shift_and_members, new_claim
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, Mark, Shift
from tasks.queries.claim import own_claim
from tasks.queries.day import may_be_joined, serves_elsewhere
from tasks.refusals import Reason
from vanguard.lib.masking import mask_name
from vanguard.lib.refused import Refused

S = Claim.Status


def add_walk_in(shift: Shift, member: Member, *, by: Actor) -> Claim:
    """Give `member`, who is standing there, a place, and tick that they came; the member is told.

    Nobody can assign a task to a member: so only from when the list can be ticked until the shift is settled. Who lives
    elsewhere in the city may help too; the limit of open places does not count, nor does a skill. When all places are
    taken, the shift gets one more, which is recorded. Who waits there, or is offered a place, has it now.
    Refused: a shift by agreement or called off, before that time and once it is settled, oneself, who has no approved
    check-in, has a place there already or one elsewhere at that time, served or not, and the own wish.
    """
    require_keeping_day(shift, by)
    try:
        with transaction.atomic():
            return _add(shift, member, by=by)
    except IntegrityError:
        # A constraint of the database was faster than our own look.
        yours = own_claim(shift, member)
        if yours and yours.status not in (S.WAITING, S.OFFERED):
            raise Refused(Reason.HAS_A_PLACE, name=member) from None
        raise Refused(Reason.WALK_IN_ELSEWHERE, name=_masked(member)) from None


def _add(shift: Shift, member: Member, *, by: Actor) -> Claim:
    shift, people = hold_shift_and_members(shift, [member.pk])
    member, now = people[member.pk], timezone.now()
    refuse_unless_its_day(shift, now)
    if not may_be_joined(shift, now):
        raise Refused(Reason.DAY_SETTLED)
    if by.is_person(member):
        raise Refused(Reason.WALK_IN_ONESELF)
    if member.home is None or not member.home.lies_within(shift.task.publisher.city_path):
        raise Refused(Reason.WALK_IN_NOT_FOUND)
    yours = own_claim(shift, member)
    if yours and yours.status not in (S.WAITING, S.OFFERED):
        raise Refused(Reason.HAS_A_PLACE, name=member)
    _refuse_own_wish(shift, member)
    if serves_elsewhere(member, shift):
        raise Refused(Reason.WALK_IN_ELSEWHERE, name=_masked(member))
    if yours is None or yours.status == S.WAITING:
        _make_room(shift, yours.places if yours else 1, by=by)
    claim = _let_in(yours, by=by) if yours else new_claim(shift, member, member.home, now)
    if not yours:
        claim.save()
    record(claim, "added on the spot", by=by, new=S.HELD)
    take_up_wishes(shift.task, by=by)
    take_ticks(shift, [Tap(uuid4(), claim.pk, Mark.ATTENDED, now)], by=by)
    title, begin = shift.task.title, shift.starts_at
    notify([member.user], Notice.Kind.WALKED_IN, link=claim.page, task=title, time=begin)
    return claim


def _refuse_own_wish(shift: Shift, member: Member) -> None:
    """In the words of who adds: the sentence of claiming speaks to the member."""
    try:
        refuse_own_wish(shift.task, member)
    except Refused:
        raise Refused(Reason.WALK_IN_OWN_WISH, name=_masked(member)) from None


def _masked(member: Member) -> str:
    """The whole name is for who stands on the list: who is not added may live anywhere in the city."""
    return mask_name(str(member))


def _make_room(shift: Shift, n: int, *, by: Actor) -> None:
    """So many of the places that are free, or else as many more; the shift is held."""
    if shift.free < n:
        record(shift, "place added", by=by, why=f"{shift.capacity} → {shift.taken + n}")
    taken = F("taken") + n
    Shift.objects.filter(pk=shift.pk).update(taken=taken, capacity=Greatest("capacity", taken))


def _let_in(claim: Claim, *, by: Actor) -> Claim:
    """Who waited alone or with a group, or was offered a place, and came by."""
    group_claim = claim.group_claim_id
    move(claim, S.HELD, by=by, claimed_at=timezone.now(), group_claim=None, offer_until=None)
    if group_claim:
        end_emptied(claim.shift, by=by)
    return claim
