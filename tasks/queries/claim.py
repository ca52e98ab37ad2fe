from datetime import datetime

from django.db.models import QuerySet

from accounts.models import Member
from tasks.models import Claim


def claims_to_come(member: Member, now: datetime) -> QuerySet[Claim]:
    """The member's places in shifts that are not over, soonest first."""
    return (
        Claim.objects.filter(member=member, ends_at__gt=now)
        .occupying()
        .select_related("shift__task__publisher")
        .order_by("starts_at", "pk")
    )


def claims_past(member: Member, now: datetime) -> QuerySet[Claim]:
    """The member's services and what became of them, newest first."""
    return (
        Claim.objects.filter(member=member, ends_at__lte=now)
        .select_related("shift__task__publisher")
        .order_by("-ends_at", "-pk")
    )
