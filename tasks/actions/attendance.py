"""Ticking who came: on several phones at once, some of them without a connection, until the claim is confirmed."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from tasks.models import Attendance, Claim, Shift, Tick
from tasks.queries.day import TICKED_UNTIL_CONFIRMED, day_opens_at, keeps_day_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


class Tap(NamedTuple):
    """One tick as a phone tells it; `key` is its own, however often it is sent, and `at` is when it was tapped."""

    key: UUID
    claim: int
    mark: str
    at: datetime


@transaction.atomic
def take_ticks(shift: Shift, taps: Sequence[Tap], *, by: Actor) -> dict[UUID, Refused | None]:
    """Keep ticks of a shift's list; for each key comes back why it was left out, or nothing where it is kept.

    What was kept before is kept. The tick with the latest `at` counts, in whatever order they arrive; nothing is ticked
    in the future. They preset what is confirmed and move no claim (domain rule 4). Refused as a whole: a shift whose time
    is by agreement, or is still to come, or that was called off. Each by itself: what is on no list of this shift, the
    own place, and one that was confirmed or given back meanwhile.
    """
    require_keeping_day(shift, by)
    refuse_unless_its_day(shift, timezone.now())
    keys = [tap.key for tap in taps]
    known = set(Tick.objects.filter(key__in=keys).values_list("key", flat=True))
    claims = _hold(shift, {tap.claim for tap in taps})
    said = {tap.key: None if tap.key in known else _fault(claims.get(tap.claim), by) for tap in taps}
    new = {tap.key: tap for tap in taps if said[tap.key] is None and tap.key not in known}
    if new:
        _write(new.values(), by=by)
    return said


def require_keeping_day(shift: Shift, by: Actor) -> None:
    if not keeps_day_of(by, shift):
        raise PermissionDenied


def refuse_unless_its_day(shift: Shift, now: datetime) -> None:
    if shift.by_agreement:
        raise Refused(Reason.NO_DAY_LIST)
    if shift.status == Shift.Status.CANCELLED:
        raise Refused(Reason.CALLED_OFF)
    if now < day_opens_at(shift):
        raise Refused(Reason.DAY_TO_COME, time=moment_words(day_opens_at(shift)))


def _hold(shift: Shift, keys: Iterable[int]) -> dict[int, Claim]:
    """In the order of their keys: who confirms at this moment comes before all of this, or after."""
    claims = Claim.objects.filter(shift=shift, pk__in=keys).select_related("member__user").order_by("pk")
    return {claim.pk: claim for claim in claims.select_for_update(of=("self",), no_key=True)}


def _fault(claim: Claim | None, by: Actor) -> Refused | None:
    if claim is None:
        return Refused(Reason.NOT_ON_THE_LIST)
    if by.is_person(claim.member):
        return Refused(Reason.TICKED_ONESELF)
    if claim.status == Claim.Status.CONFIRMED:
        return Refused(Reason.CONFIRMED_MEANWHILE, name=claim.member)
    if claim.status not in TICKED_UNTIL_CONFIRMED:
        return Refused(Reason.NO_PLACE_ANY_MORE, name=claim.member)
    return None


def _write(taps: Iterable[Tap], *, by: Actor) -> None:
    """The ticks, and for each claim the one that counts, read from all there are: their claims are held."""
    now = timezone.now()
    ticks = [
        Tick(
            key=tap.key,
            claim_id=tap.claim,
            mark=tap.mark,
            at=min(tap.at, now),
            received=now,
            by_user=by.user,
            by_appointment=by.appointment,
        )
        for tap in taps
    ]
    Tick.objects.bulk_create(ticks, ignore_conflicts=True)  # the same key at the same moment, by another way
    counting = {tick.claim_id: tick for tick in sorted(_all_of(ticks), key=lambda tick: tick.rank)}
    Attendance.objects.bulk_create(
        (
            Attendance(
                claim_id=claim,
                mark=tick.mark,
                marked_at=tick.at,
                by_user_id=tick.by_user_id,
                by_appointment_id=tick.by_appointment_id,
            )
            for claim, tick in counting.items()
        ),
        update_conflicts=True,
        unique_fields=["claim"],
        update_fields=["mark", "marked_at", "by_user", "by_appointment"],
    )


def _all_of(ticks: Iterable[Tick]) -> Iterable[Tick]:
    return Tick.objects.filter(claim__in={tick.claim_id for tick in ticks})
