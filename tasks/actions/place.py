"""A shift's places as it counts them: taken and given back in one conditional statement on its own row.

Who changes places holds the shift first, then the members concerned in the order of their keys: one order for
claiming, waiting, groups and stand-ins, so that none waits for another that waits for it.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db.models import F
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.models import Member, Organization
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

SEEN_WITH = ("task__audience", "task__publisher", "skill")


def hold_shift(shift: Shift) -> Shift:
    """The shift as it is now, and as it stays until this is done, with its task."""
    rows = Shift.objects.select_related(*SEEN_WITH).select_for_update(of=("self",), no_key=True)
    return rows.get(pk=shift.pk)


def hold_members(members: Iterable[int]) -> dict[int, Member]:
    """The members by key, locked in order: one member's places are compared and counted one after the other.

    Homes are read after the lock: joined to a row that had to be waited for, one could be that of before a move.
    """
    locked = Member.objects.filter(pk__in=set(members)).order_by("pk").select_for_update(of=("self",), no_key=True)
    keys = list(locked.values_list("pk", flat=True))
    people = Member.objects.filter(pk__in=keys).select_related("user", "home__parent")
    return {member.pk: member for member in people}


def hold_shift_and_members(shift: Shift, members: Iterable[int]) -> tuple[Shift, dict[int, Member]]:
    """Both, in this order; the shift with its task as it is after the wait for the members.

    Meanwhile two communities may have become one, and the audience another.
    """
    hold_shift(shift)
    people = hold_members(members)
    return hold_shift(shift), people


def take_places(shift: Shift, now: datetime, n: int = 1) -> None:
    """Count `n` places taken in one conditional statement: what decides is the database.

    Refused when fewer are free, and once the shift has begun or is no longer open.
    """
    if Shift.objects.in_time(now).filter(pk=shift.pk, taken__lte=F("capacity") - n).update(taken=F("taken") + n):
        return
    current = Shift.objects.get(pk=shift.pk)
    if not Shift.objects.in_time(now).filter(pk=shift.pk).exists():
        begun = current.status == Shift.Status.OPEN and not current.by_agreement
        raise Refused(Reason.BEGUN if begun else Reason.NOT_OPEN)
    if current.free > 0:
        raise Refused(Reason.TOO_FEW_PLACES, wanted=n, free=current.free)
    raise Refused(Reason.FULL)


def give_back_places(shift: Shift, n: int = 1) -> None:
    """Count `n` places free again, of a shift that is held or held by this."""
    Shift.objects.filter(pk=shift.pk, taken__gte=n).update(taken=F("taken") - n)


def new_claim(shift: Shift, member: Member, home: Organization, now: datetime, **fields: Any) -> Claim:
    """A claim not yet written, of a member whose home that is; where the hours are fixed it has those of the shift."""
    hours = {} if shift.by_agreement else {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    return Claim(shift=shift, member=member, community=home.community, claimed_at=now, **hours, **fields)


def change_claim(claim: Claim, **fields: Any) -> None:
    """Give a claim that is held, by itself or by its shift, other `fields`; its state is moved."""
    Claim.objects.filter(pk=claim.pk).update(**fields)
    for name, value in fields.items():
        setattr(claim, name, value)


def require_own_claim(claim: Claim, by: Actor) -> None:
    """Only its member, under the member's hat, does anything with a place."""
    by.require(Ability.CLAIM)
    if not by.is_person(claim.member):
        raise PermissionDenied


def is_late_for(shift: Shift, now: datetime) -> bool:
    """Whether it begins so soon that a place cannot be given back without a reason (domain rule 3)."""
    return now > shift.starts_at - settings.WITHDRAW_FREELY_UNTIL


def has_begun(shift: Shift, now: datetime | None = None) -> bool:
    return not shift.by_agreement and shift.starts_at <= (now or timezone.now())
