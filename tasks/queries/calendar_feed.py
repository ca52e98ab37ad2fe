"""What a member's own calendar is told of their places, and how often each has changed."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Count, Max, Q, QuerySet, When
from django.db.models.functions import Coalesce

from accounts.models import Member, Record
from tasks.models import CalendarAddress, Claim, Shift, Task
from vanguard.lib.calendar_file import Status

KEPT_FOR = timedelta(days=60)


class Entry(NamedTuple):
    """One place at its hours. `sequence` counts what happened to the claim, its shift and its task."""

    claim: Claim
    starts_at: datetime
    ends_at: datetime
    status: Status
    sequence: int
    changed_at: datetime


def address_opened_by(secret: str) -> CalendarAddress | None:
    """The address of which this is the secret; none where it is foreign, replaced, switched off or nonsense."""
    return CalendarAddress.objects.with_secret(secret).select_related("member__user").first()


def feed_of(member: Member, now: datetime) -> list[Entry]:
    """The places offered, held and served, soonest first, until 60 days after they are over.

    One given back or called off stays as cancelled as long, so that calendars that know it strike it out; one that was
    only waited for never stood in a calendar. What has no hours yet, by agreement, is not there.
    """
    return _entries(_with_hours(Claim.objects.filter(member=member)).filter(until__gte=now - KEPT_FOR), now)


def entry_of(shift: Shift, member: Member, now: datetime) -> Entry | None:
    """The member's place in this shift; none where they have no place, or it has no hours yet."""
    own = Claim.objects.living().filter(shift=shift, member=member)
    entries = [entry for entry in _entries(_with_hours(own), now) if entry.status != Status.CANCELLED]
    return entries[0] if entries else None


def is_for_calendar(claim: Claim, now: datetime) -> bool:
    """Whether a calendar could be told of it: a place with hours that are not over."""
    until = claim.ends_at or (None if claim.shift.by_agreement else claim.shift.ends_at)
    is_place = claim.status != Claim.Status.WAITING and _status(claim, now) != Status.CANCELLED
    return is_place and until is not None and until > now


def _with_hours(claims: QuerySet[Claim]) -> QuerySet[Any]:
    """Each `since` and `until` its own hours, or its shift's where these are fixed."""
    fixed = Q(shift__by_agreement=False)
    return (
        claims.exclude(status=Claim.Status.WAITING)
        .annotate(
            since=Coalesce("starts_at", Case(When(fixed, then="shift__starts_at"))),
            until=Coalesce("ends_at", Case(When(fixed, then="shift__ends_at"))),
        )
        .filter(since__isnull=False, until__isnull=False)
        .select_related("shift__task")
        .order_by("since", "pk")
    )


class _Past(NamedTuple):
    """What the records say of one row."""

    times: int
    last: datetime | None
    only_waited: int


_NOTHING = _Past(0, None, 0)


def _entries(claims: QuerySet[Any], now: datetime) -> list[Entry]:
    found = list(claims)
    pasts = _pasts(found)
    entries = []
    for claim in found:
        own = pasts.get((Claim, claim.pk), _NOTHING)
        if own.only_waited:
            continue
        around = [pasts.get((Shift, claim.shift_id), _NOTHING), pasts.get((Task, claim.shift.task_id), _NOTHING)]
        times = sum(past.times for past in (own, *around))
        last = max(past.last or claim.claimed_at for past in (own, *around))
        entries.append(Entry(claim, claim.since, claim.until, _status(claim, now), times, last))
    return entries


def _pasts(claims: Iterable[Claim]) -> dict[tuple[type, int], _Past]:
    """One query: the records are never taken back, so what is counted never falls."""
    models: dict[type, set[int]] = {
        Claim: {claim.pk for claim in claims},
        Shift: {claim.shift_id for claim in claims},
        Task: {claim.shift.task_id for claim in claims},
    }
    kinds = {ContentType.objects.get_for_model(model).pk: model for model in models}
    about = Q(pk__in=[])
    for kind, model in kinds.items():
        about |= Q(subject_type=kind, subject_id__in=models[model])
    only_waited = Q(old_status=Claim.Status.WAITING, new_status__in=Claim.LAPSED)
    rows = (
        Record.objects.filter(about)
        .order_by()
        .values("subject_type", "subject_id")
        .annotate(times=Count("pk"), last=Max("at"), only_waited=Count("pk", filter=only_waited))
        .values_list("subject_type", "subject_id", "times", "last", "only_waited")
    )
    return {(kinds[kind], pk): _Past(*past) for kind, pk, *past in rows}


def _status(claim: Claim, now: datetime) -> Status:
    if claim.status in Claim.LAPSED or claim.shift.status == Shift.Status.CANCELLED:
        return Status.CANCELLED
    if claim.status == Claim.Status.OFFERED:
        in_time = claim.offer_until is not None and claim.offer_until > now
        return Status.TENTATIVE if in_time else Status.CANCELLED
    is_asked = claim.status == Claim.Status.HELD and claim.asked_at is not None
    return Status.TENTATIVE if is_asked else Status.CONFIRMED
