from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization, User
from accounts.queries.appointment import people_of
from tasks.actions.shift import end_if_served
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import hold_wishes, step_all
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.claim import clash_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


def claim_shift(shift: Shift, *, by: Actor) -> Claim:
    """Take a place for the member who acts: first come, first served, never more than capacity (domain rule 3).

    Asked again, it gives back the claim that is already theirs. Refused with a reason of the closed list
    otherwise; then nothing has been written.
    """
    by.require(Ability.CLAIM)
    member = by.member
    assert member is not None
    try:
        with transaction.atomic():
            return own_claim(shift, member) or _claim(shift, member, by=by)
    except IntegrityError:
        # A constraint of the database was faster than our own look: say what is true now.
        yours = own_claim(shift, member)
        if yours:
            return yours
        _refuse_overlap_with(shift, member)
        raise Refused(Reason.FULL) from None


def own_claim(shift: Shift, member: Member) -> Claim | None:
    """The member's living claim of this shift."""
    return Claim.objects.filter(shift=shift, member=member).exclude(status__in=Claim.LAPSED).first()


def _claim(shift: Shift, member: Member, *, by: Actor) -> Claim:
    # One member's claims go one after the other, so that overlap and number are counted right.
    # The home is read after that: joined to a row that had to be waited for, it could be the one before a move.
    member = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
    yours = own_claim(shift, member)
    if yours:
        return yours
    now = timezone.now()
    home = _refuse_unless_open_to(member, shift.task, now)
    _refuse_own_wish(shift.task, member)
    _refuse_overlap_with(shift, member)
    _refuse_too_many(member, now)
    _take_place(shift, now)
    hours = {} if shift.by_agreement else {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    claim = Claim.objects.create(shift=shift, member=member, community=home.community, claimed_at=now, **hours)
    record(claim, "claimed", by=by, new=Claim.Status.HELD)
    hold_wishes(shift.task)
    step_all(shift.task.wishes.filter(status=Wish.Status.PUBLISHED), Wish.Status.CLAIMED, by=by)
    _tell_what_was_taken(claim)
    return claim


def _tell_what_was_taken(claim: Claim) -> None:
    user, shift = claim.member.user, claim.shift
    if shift.by_agreement:
        notify([user], Notice.Kind.WISH_TAKEN, link=claim.page, task=shift.task.title)
    else:
        notify([user], Notice.Kind.CLAIM_MADE, link=claim.page, task=shift.task.title, time=shift.starts_at)


def _refuse_unless_open_to(member: Member, task: Task, now: datetime) -> Organization:
    """The home of a member whom this task is open to now."""
    if member.home is None:
        raise Refused(Reason.NOT_CHECKED_IN)
    if not member.home.lies_within(task.audience.path):
        raise Refused(Reason.NOT_IN_AUDIENCE, audience=task.audience)
    if task.status == Task.Status.SCHEDULED or task.opens_at > now:
        raise Refused(Reason.NOT_OPEN_YET, time=moment_words(task.opens_at))
    if task.status != Task.Status.OPEN:
        raise Refused(Reason.NOT_OPEN)
    return member.home


def _refuse_own_wish(task: Task, member: Member) -> None:
    """Sent by them or naming their phone; so is one that theirs was merged into."""
    theirs = Q(sender=member.user)
    if member.user.phone:
        theirs |= Q(contact__phone=member.user.phone) | Q(contact__for_phone=member.user.phone)
    if Wish.objects.filter(theirs, Q(task=task) | Q(merged_into__task=task)).exists():
        raise Refused(Reason.OWN_WISH)


def _refuse_overlap_with(shift: Shift, member: Member) -> None:
    """By agreement there is no time yet that could overlap."""
    if not shift.by_agreement:
        refuse_overlap(member, shift.starts_at, shift.ends_at)


def refuse_overlap(
    member: Member, starts_at: datetime, ends_at: datetime, *, but: Claim | None = None, by: Actor | None = None
) -> None:
    """Never two places at a time: refused by the name of the other one.

    `but` is the claim whose time it is to be; `by` who acts, where that may be somebody else.
    """
    clash = clash_of(member, starts_at, ends_at, but=but)
    if clash is None or clash.starts_at is None:
        return
    told = {"task": clash.shift.task.title, "time": moment_words(clash.starts_at)}
    if by and not by.is_person(member):
        raise Refused(Reason.ELSEWHERE, name=member, **told)
    raise Refused(Reason.OVERLAP, **told)


def _refuse_too_many(member: Member, now: datetime) -> None:
    held = Claim.objects.filter(member=member).occupying().to_come(now).count()
    if held >= settings.OPEN_CLAIMS_AT_MOST:
        raise Refused(Reason.TOO_MANY, n=held)


def _take_place(shift: Shift, now: datetime) -> None:
    """Count one place taken, in one conditional statement on the shift's own row: what decides is the database."""
    free = Shift.objects.in_time(now).filter(pk=shift.pk, taken__lt=F("capacity"))
    if free.update(taken=F("taken") + 1):
        return
    if Shift.objects.in_time(now).filter(pk=shift.pk).exists():
        raise Refused(Reason.FULL)
    shift.refresh_from_db(fields=["status"])
    begun = shift.status == Shift.Status.OPEN and not shift.by_agreement
    raise Refused(Reason.BEGUN if begun else Reason.NOT_OPEN)


def require_own_claim(claim: Claim, by: Actor) -> None:
    """Only its member, under the member's hat, does anything with a place."""
    by.require(Ability.CLAIM)
    if not by.is_person(claim.member):
        raise PermissionDenied


def is_late(claim: Claim, now: datetime) -> bool:
    """Whether withdrawing now needs a reason: 12 h before the start (setting), but not in the first 10 minutes.

    By agreement it does from the 11th minute on, for somebody counts on it.
    """
    fixed = not claim.shift.by_agreement and claim.starts_at
    soon = not fixed or now > fixed - settings.WITHDRAW_FREELY_UNTIL
    return soon and now > claim.claimed_at + settings.WITHDRAW_FREELY_AFTER_CLAIM


@transaction.atomic
def withdraw_claim(claim: Claim, *, by: Actor, reason: str = "") -> None:
    """Give the own place back; late only with a reason, which the community is told (domain rule 3).

    By agreement that is handing the wish back, possible until it is reported fulfilled or settled. Refused: hours
    that have begun, lateness without a reason, what is reported already, and a place that is settled or given back.
    """
    require_own_claim(claim, by)
    now = timezone.now()
    late = is_late(claim, now)
    _refuse_begun(claim, now)
    if late and not reason.strip():
        _refuse_without_reason(claim)
    if claim.status in Claim.OCCUPYING:
        # The shift before the claim, in the order of calling a task off: else the two could wait for each other.
        Shift.objects.filter(pk=claim.shift_id, taken__gt=0).update(taken=F("taken") - 1)
    if Claim.objects.filter(pk=claim.pk, reported_at__isnull=False).exists():
        raise Refused(Reason.REPORTED_ALREADY)
    move(claim, Claim.Status.WITHDRAWN, by=by, why=reason, withdraw_reason=reason)
    if claim.shift.by_agreement:
        end_if_served(claim.shift, by=by)
    hand_back_wishes(claim.shift.task, by=by)
    if late:
        _tell_staff_it_is_given_back(claim, reason)


def _refuse_begun(claim: Claim, now: datetime) -> None:
    """By agreement a time that passed is no end: nobody was at home, or nobody came."""
    if not claim.shift.by_agreement and claim.starts_at and claim.starts_at <= now:
        raise Refused(Reason.BEGUN)


def _refuse_without_reason(claim: Claim) -> None:
    if claim.shift.by_agreement:
        raise Refused(Reason.HANDING_BACK_NEEDS_REASON)
    raise Refused(Reason.WITHDRAWAL_NEEDS_REASON)


def _tell_staff_it_is_given_back(claim: Claim, reason: str) -> None:
    task = claim.shift.task
    notify(
        who_sees_claims(task.publisher),
        Notice.Kind.WISH_HANDED_BACK if claim.shift.by_agreement else Notice.Kind.LATE_WITHDRAWAL,
        link=reverse("task", args=[task.pk]),
        name=claim.member,
        task=task.title,
        reason=reason,
    )


def who_sees_claims(publisher: Organization) -> list[User]:
    """Who sees today who has claimed what `publisher` offers, each once; for a compound its community's staff too."""
    places = [publisher.pk, publisher.community.pk]
    staff = people_of(places, roles=roles_with(Ability.SEE_CLAIMS), day=timezone.localdate())
    return list({user.pk: user for place in places for user in staff.get(place, [])}.values())
