from datetime import date

from accounts.models import Member, Organization, UnitMembership


def unit_on(member: Member, day: date) -> Organization | None:
    """The work unit a member belongs to on `day`; the one joined last, should two overlap by mistake."""
    memberships = UnitMembership.objects.on(day).filter(member=member).order_by("-starts_on", "-pk")
    membership = memberships.select_related("unit").first()
    return membership.unit if membership else None
