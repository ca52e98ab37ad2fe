from datetime import datetime

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import ABILITIES, Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Appointment, Member, Notice, Organization, User
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import step_all
from tasks.models import Claim, Shift, Task, Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

SEES_CLAIMS = [role for role, abilities in ABILITIES.items() if Ability.SEE_CLAIMS in abilities]


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
        _refuse_overlap(shift, member)
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
    _refuse_overlap(shift, member)
    _refuse_too_many(member, now)
    _take_place(shift, now)
    claim = Claim.objects.create(
        shift=shift,
        member=member,
        community=home.community,
        starts_at=shift.starts_at,
        ends_at=shift.ends_at,
        claimed_at=now,
    )
    record(claim, "claimed", by=by, new=Claim.Status.HELD)
    step_all(shift.task.wishes.filter(status=Wish.Status.PUBLISHED), Wish.Status.CLAIMED, by=by)
    notify(
        [member.user],
        Notice.Kind.CLAIM_MADE,
        link=reverse("task", args=[shift.task_id]),
        task=shift.task.title,
        time=shift.starts_at,
    )
    return claim


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
    theirs = Q(sender=member.user)
    if member.user.phone:
        theirs |= Q(contact__phone=member.user.phone)
    if task.wishes.filter(theirs).exists():
        raise Refused(Reason.OWN_WISH)


def _refuse_overlap(shift: Shift, member: Member) -> None:
    clash = (
        Claim.objects.filter(member=member, starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at)
        .occupying()
        .select_related("shift__task")
        .first()
    )
    if clash:
        raise Refused(Reason.OVERLAP, task=clash.shift.task.title, time=moment_words(clash.starts_at))


def _refuse_too_many(member: Member, now: datetime) -> None:
    held = Claim.objects.filter(member=member, ends_at__gt=now).occupying().count()
    if held >= settings.OPEN_CLAIMS_AT_MOST:
        raise Refused(Reason.TOO_MANY, n=held)


def _take_place(shift: Shift, now: datetime) -> None:
    """Count one place taken, in one conditional statement on the shift's own row: what decides is the database."""
    free = Shift.objects.filter(pk=shift.pk, status=Shift.Status.OPEN, starts_at__gt=now, taken__lt=F("capacity"))
    if free.update(taken=F("taken") + 1):
        return
    shift.refresh_from_db(fields=["status", "starts_at", "taken", "capacity"])
    if shift.status != Shift.Status.OPEN:
        raise Refused(Reason.NOT_OPEN)
    raise Refused(Reason.BEGUN if shift.starts_at <= now else Reason.FULL)


def is_late(claim: Claim, now: datetime) -> bool:
    """Whether withdrawing now needs a reason: 12 h before the start (setting), but not in the first 10 minutes."""
    soon = now > claim.starts_at - settings.WITHDRAW_FREELY_UNTIL
    return soon and now > claim.claimed_at + settings.WITHDRAW_FREELY_AFTER_CLAIM


@transaction.atomic
def withdraw_claim(claim: Claim, *, by: Actor, reason: str = "") -> None:
    """Give the own place back; late only with a reason, which the community is told (domain rule 3)."""
    by.require(Ability.CLAIM)
    if not by.is_person(claim.member):
        raise PermissionDenied
    now = timezone.now()
    if claim.starts_at <= now:
        raise Refused(Reason.BEGUN)
    late = is_late(claim, now)
    if late and not reason.strip():
        raise Refused(Reason.WITHDRAWAL_NEEDS_REASON)
    if claim.status in Claim.OCCUPYING:
        # The shift before the claim, in the order of calling a task off: else the two could wait for each other.
        Shift.objects.filter(pk=claim.shift_id, taken__gt=0).update(taken=F("taken") - 1)
    move(claim, Claim.Status.WITHDRAWN, by=by, why=reason, withdraw_reason=reason)
    hand_back_wishes(claim.shift.task, by=by)
    if late:
        notify(
            staff_of(claim.shift.task.publisher),
            Notice.Kind.LATE_WITHDRAWAL,
            link=reverse("task", args=[claim.shift.task_id]),
            name=claim.member,
            task=claim.shift.task.title,
            reason=reason,
        )


def staff_of(publisher: Organization) -> list[User]:
    """Who sees today who has claimed what `publisher` offers; for a compound its community's staff too."""
    held = Appointment.objects.in_force(timezone.localdate()).filter(
        organization__in=[publisher, publisher.community], role__in=SEES_CLAIMS
    )
    return [appointment.user for appointment in held.select_related("user")]
