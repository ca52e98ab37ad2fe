"""Where a member belonged on a day: an award keeps unit and community of the day of service (domain rule 6)."""

from collections.abc import Iterable
from datetime import date

from django.db.models import Q, QuerySet

from accounts.models import CheckIn, Member, Organization, UnitMembership


def units_on(day: date, members: Iterable[int]) -> dict[int, int]:
    """The unit of each member who belonged to one, by the member's key."""
    return dict(UnitMembership.objects.on(day).filter(member__in=members).values_list("member", "unit"))


def communities_on(day: date, members: Iterable[int]) -> dict[int, int]:
    """The community of each member who was checked in, by the member's key."""
    return dict(_checked_in(day).filter(member__in=members).order_by("approved_on").values_list("member", "community"))


def home_on(member: Member, day: date) -> Organization | None:
    """Where the person was checked in on `day`: under this account, else under one that was merged into it."""
    check_ins = _checked_in(day).filter(member__in=member.account_keys).select_related("community__merged_into")
    latest = max(check_ins, key=lambda each: (each.member_id == member.pk, each.approved_on, each.pk), default=None)
    return latest.community if latest else None


def _checked_in(day: date) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day), approved_on__lte=day)
