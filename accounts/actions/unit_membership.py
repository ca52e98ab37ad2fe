from datetime import date

from django.db.models import Q

from accounts.models import Organization, UnitMembership


def join_units(units: dict[int, Organization], day: date) -> None:
    """Let each member, by key, belong to its unit from `day` on and to no other, in a fixed number of queries."""
    leave_units(list(units), day)
    UnitMembership.objects.bulk_create(
        UnitMembership(member_id=member, unit=unit, starts_on=day) for member, unit in units.items()
    )


def leave_units(members: list[int], day: date) -> None:
    """End the memberships that would still be in force on `day`; one that would begin then has never been."""
    lasting = UnitMembership.objects.filter(member__in=members).filter(Q(ends_on=None) | Q(ends_on__gt=day))
    lasting.filter(starts_on__gte=day).delete()
    lasting.update(ends_on=day)
