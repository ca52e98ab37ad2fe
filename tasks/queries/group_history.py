"""What a helper group has been: who belonged to it and when, who led it, what it has served."""

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Count, Q, QuerySet

from accounts.models import Member, Record
from tasks.models import Claim, GroupMembership, HelperGroup, Shift

Status = GroupMembership.Status
SERVED = (Claim.Status.ATTENDED, Claim.Status.PROPOSED, Claim.Status.CONFIRMED)
SHOWN = 20


class Belonged(NamedTuple):
    """One who belonged to a group: since when and until when, where that is known."""

    member: Member
    joined_at: datetime | None
    left_at: datetime | None


def belonged_to(group: HelperGroup) -> list[Belonged]:
    """Everybody who has ever agreed to belong to the group, in the order in which they joined; two queries."""
    rows = {row.pk: row for row in GroupMembership.objects.filter(group=group).select_related("member__user")}
    kind = ContentType.objects.get_for_model(GroupMembership)
    steps = Record.objects.filter(subject_type=kind, subject_id__in=rows)
    joined = _last(steps.filter(new_status=Status.AGREED))
    left = _last(steps.filter(old_status=Status.AGREED, new_status=Status.LEFT))
    belonged = [
        Belonged(row.member, joined.get(pk), left.get(pk) if row.status != Status.AGREED else None)
        for pk, row in rows.items()
        if pk in joined or pk in left or row.status == Status.AGREED
    ]
    return sorted(belonged, key=lambda one: (one.joined_at is not None, one.joined_at or group.created_at))


def _last(steps: Iterable[Record]) -> dict[int, datetime]:
    return {step.subject_id: step.at for step in sorted(steps, key=lambda step: step.pk)}


def served_by(group: HelperGroup) -> QuerySet[Shift]:
    """The shifts in which somebody served in a place of the group, the latest first, each with how many did."""
    there = Q(claims__group_claim__group=group, claims__status__in=SERVED)
    served = Shift.objects.filter(there).annotate(served=Count("claims", filter=there))
    return served.select_related("task").order_by("-starts_at", "-pk")
