"""Where a member belonged on a day: an award keeps unit and community of the day of service (domain rule 6)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q

from accounts.models import CheckIn, UnitMembership


def units_on(day: date, members: Iterable[int]) -> dict[int, int]:
    """The unit of each member who belonged to one, by the member's key."""
    return dict(UnitMembership.objects.on(day).filter(member__in=members).values_list("member", "unit"))


def communities_on(day: date, members: Iterable[int]) -> dict[int, int]:
    """The community of each member who was checked in, by the member's key."""
    return dict(
        CheckIn.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day), member__in=members, approved_on__lte=day)
        .order_by("approved_on")
        .values_list("member", "community")
    )
