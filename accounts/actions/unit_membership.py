from datetime import date

from django.db.models import Q

from accounts.models import Member, Organization, UnitMembership


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


def inherit_memberships(heir: Member, other: Member) -> None:
    """Give `heir` the time in units that only `other` has, so that past years find the unit of their December 31."""
    own = [(row.starts_on, row.ends_on or date.max) for row in heir.unit_memberships.order_by("starts_on")]
    for row in other.unit_memberships.order_by("starts_on"):
        for starts_on, ends_on in _gaps(row.starts_on, row.ends_on or date.max, own):
            end = None if ends_on == date.max else ends_on
            UnitMembership.objects.create(member=heir, unit=row.unit, starts_on=starts_on, ends_on=end)


def _gaps(first: date, last: date, taken: list[tuple[date, date]]) -> list[tuple[date, date]]:
    """The parts of the time from `first` up to `last` that none of `taken`, in order, covers."""
    gaps = []
    for starts_on, ends_on in taken:
        if first < min(starts_on, last):
            gaps.append((first, min(starts_on, last)))
        first = max(first, ends_on)
    return [*gaps, (first, last)] if first < last else gaps
