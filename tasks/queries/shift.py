"""How it stands with a shift for one member: what they have there, or else what they could do."""

from collections.abc import Iterable
from datetime import datetime
from enum import StrEnum
from functools import cache
from typing import Any, NamedTuple

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Member
from tasks.models import Claim, Shift, Task
from tasks.queries.fair_share import still_lacks_flags
from tasks.queries.waiting import ENTRY, positions_of


class State(StrEnum):
    """What is true of a shift for a member now, the first that fits."""

    YOURS = "YOURS"
    OFFERED = "OFFERED"
    OFFER_OVER = "OFFER_OVER"
    SERVED = "SERVED"  # attended, absent, confirmed …: what became of a place
    CANCELLED = "CANCELLED"
    BEGUN = "BEGUN"
    OVER = "OVER"
    ELSEWHERE = "ELSEWHERE"  # for members who live somewhere else
    WAITING = "WAITING"
    NOT_OPEN_YET = "NOT_OPEN_YET"
    FIRST_FOR_OTHERS = "FIRST_FOR_OTHERS"
    FREE = "FREE"
    STAND_IN = "STAND_IN"  # full, but somebody looks for a stand-in
    FULL = "FULL"


class Standing(NamedTuple):
    """A shift as a member finds it.

    `claim` is their own living one, with its `position` in the waiting list; of a full shift it is counted how many
    wait, and said whether somebody there looks for a stand-in.
    """

    shift: Shift
    state: State
    claim: Any = None
    waiting: int = 0
    sought: bool = False

    @property
    def may_take(self) -> bool:
        """Whether a tap may get a place; who waits can be faster than the clock."""
        if self.state == State.WAITING:
            return self.shift.free > 0 or self.sought
        return self.state in (State.FREE, State.STAND_IN)

    @property
    def may_wait(self) -> bool:
        return self.state == State.FULL and not self.shift.by_agreement

    @property
    def opens_at(self) -> datetime | None:
        """When it can be claimed by this member, where that is still to come."""
        if self.state == State.NOT_OPEN_YET:
            return self.shift.task.opens_at
        return self.shift.task.first_until if self.state == State.FIRST_FOR_OTHERS else None

    @property
    def companions(self) -> range:
        """How many companions one may choose to bring; nothing to choose where none are allowed."""
        most = self.shift.task.companions_at_most
        return range(most + 1) if most and not self.shift.by_agreement else range(0)


SEEN_WITH = ("task__publisher", "task__audience", "skill")


def standings(shifts: Iterable[Shift], member: Member, now: datetime) -> list[Standing]:
    """How it stands with each of `shifts`, read with `SEEN_WITH`, in at most three queries, and those of fair share."""
    shifts = list(shifts)
    own, crowds = _own_claims(shifts, member), _crowds(shifts)

    @cache
    def lacks_flags() -> bool:
        """Asked once, and only where it matters."""
        return still_lacks_flags(member, timezone.localdate(now).year)

    def standing(shift: Shift) -> Standing:
        claim, crowd = own.get(shift.pk), crowds.get(shift.pk, NOBODY)
        state = _own_state(claim, shift, now) or _state(shift, crowd, member, now)
        if state in (State.FREE, State.STAND_IN) and now < shift.task.first_until and not lacks_flags():
            state = State.FIRST_FOR_OTHERS
        return Standing(shift, state, claim, crowd.waiting, crowd.seeking > 0)

    return [standing(shift) for shift in shifts]


class Crowd(NamedTuple):
    """Around a shift that is full or whose time is by agreement."""

    waiting: int  # entries of the waiting list
    seeking: int  # who look for a stand-in
    reported: int  # who say that it is done


NOBODY = Crowd(0, 0, 0)


def _crowds(shifts: list[Shift]) -> dict[int, Crowd]:
    asked = [shift.pk for shift in shifts if shift.free < 1 or shift.by_agreement]
    if not asked:
        return {}
    counted = (
        Claim.objects.filter(shift__in=asked)
        .order_by()
        .values("shift")
        .annotate(
            waiting=Count(ENTRY, filter=Q(status=Claim.Status.WAITING), distinct=True),
            seeking=Count("pk", filter=Q(status=Claim.Status.HELD, stand_in_since__isnull=False)),
            reported=Count("pk", filter=Q(reported_at__isnull=False)),
        )
        .values_list("shift", *Crowd._fields)
    )
    return {shift: Crowd(*counts) for shift, *counts in counted}


def _own_claims(shifts: list[Shift], member: Member) -> dict[int, Any]:
    living = Claim.objects.living().filter(member=member, shift__in=[shift.pk for shift in shifts])
    claims: dict[int, Any] = {claim.shift_id: claim for claim in living}
    waiting = [claim.pk for claim in claims.values() if claim.status == Claim.Status.WAITING]
    positions = positions_of(waiting) if waiting else {}
    for shift in shifts:
        if shift.pk in claims:
            claims[shift.pk].shift = shift
            claims[shift.pk].position = positions.get(claims[shift.pk].pk, 0)
    return claims


def _own_state(claim: Claim | None, shift: Shift, now: datetime) -> State | None:
    """What a claim says by itself; nothing of one that waits for what can no longer come."""
    if claim is None:
        return None
    if claim.status == Claim.Status.WAITING:
        return State.WAITING if shift.status == Shift.Status.OPEN and shift.starts_at > now else None
    if claim.status == Claim.Status.OFFERED:
        in_time = claim.offer_until and claim.offer_until > now
        return State.OFFERED if in_time else State.OFFER_OVER
    return State.YOURS if claim.status == Claim.Status.HELD else State.SERVED


def _state(shift: Shift, crowd: Crowd, member: Member, now: datetime) -> State:
    task = shift.task
    if Shift.Status.CANCELLED in (shift.status, task.status):
        return State.CANCELLED
    if shift.status != Shift.Status.OPEN or shift.ends_at <= now or shift.by_agreement and crowd.reported:
        return State.OVER
    if not shift.by_agreement and shift.starts_at <= now:
        return State.BEGUN
    if task.status not in Task.ANNOUNCED:
        return State.OVER
    if member.home is None or not member.home.lies_within(task.audience.path):
        return State.ELSEWHERE
    if task.opens_at > now:
        return State.NOT_OPEN_YET
    if shift.free > 0:
        return State.FREE
    return State.STAND_IN if crowd.seeking else State.FULL
