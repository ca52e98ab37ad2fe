from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import OuterRef, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Beat, Notice, Organization, Role
from accounts.queries.appointment import people_of
from tasks.models import Claim, Shift

PUBLISHER = ("task__publisher__parent", "task__publisher__merged_into")
STREET_TOLD = "street_told_unconfirmed"


def chase_unconfirmed_shifts() -> None:
    """Remind those who may confirm of shifts over for a week and not settled, each once (domain rule 4)."""
    shifts = list(_unconfirmed_since(settings.CHASE_UNCONFIRMED_AFTER))
    communities = {shift.task.publisher.community.pk for shift in shifts}  # a compound only proposes
    confirmers = people_of(communities, roles=roles_with(Ability.CONFIRM), day=timezone.localdate())
    write_notices(
        notice_to(
            user,
            Notice.Kind.SHIFT_UNCONFIRMED,
            link=reverse("confirm_shift", args=[shift.pk]),
            once=f"unconfirmed-{shift.pk}",
            task=shift.task.title,
            time=shift.served_until,
        )
        for shift in shifts
        for user in confirmers.get(shift.task.publisher.community.pk, [])
    )


def tell_streets_of_unconfirmed_shifts() -> None:
    """After two weeks the street reads which community leaves how many shifts unconfirmed; which, and who, it does not.

    Each shift is counted once: that it has been is a row, written with the notice, so that it may run twice at once.
    """
    late = _by_key(_unconfirmed_since(settings.CHASE_UNCONFIRMED_STREET_AFTER))
    told = set(Beat.objects.filter(job=STREET_TOLD, period__in=late).values_list("period", flat=True))
    new = {period: shift for period, shift in late.items() if period not in told}
    try:
        with transaction.atomic():
            _tell_streets(new)
    except IntegrityError:
        return  # another run was faster


def _tell_streets(new: dict[str, Any]) -> None:
    by_community: dict[Organization, list[str]] = {}
    for period, shift in new.items():
        by_community.setdefault(shift.task.publisher.community, []).append(period)
    streets = {community.parent_id for community in by_community if community.parent_id}
    officers = people_of(streets, roles=[Role.STREET_OFFICER], day=timezone.localdate())
    told = {community: periods for community, periods in by_community.items() if officers.get(community.parent_id or 0)}
    Beat.objects.bulk_create(Beat(job=STREET_TOLD, period=period) for periods in told.values() for period in periods)
    write_notices(
        notice_to(
            user,
            Notice.Kind.UNCONFIRMED_STREET,
            link=reverse("community", args=[community.code]),
            community=community,
            n=len(periods),
            days=settings.CHASE_UNCONFIRMED_STREET_AFTER.days,
        )
        for community, periods in told.items()
        for user in officers[community.parent_id or 0]
    )


def _by_key(shifts: Iterable[Any]) -> dict[str, Any]:
    return {f"shift-{shift.pk}": shift for shift in shifts}


def _unconfirmed_since(span: timedelta) -> QuerySet[Any]:
    """Shifts that are over, or in which something was reported as done, for so long, each with `served_until`."""
    late = timezone.now() - span
    served = Claim.objects.filter(shift=OuterRef("pk"), reported_at__lte=late).unsettled().order_by("ends_at")
    waiting = Shift.objects.awaiting_confirmation(late).select_related(*PUBLISHER)
    return waiting.annotate(served_until=Coalesce(served.values("ends_at")[:1], "ends_at"))
