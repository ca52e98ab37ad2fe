from datetime import date

from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization, UnitMembership


def unit_on(member: Member, day: date) -> Organization | None:
    """The work unit a member belongs to on `day`; the one joined last, should two overlap by mistake."""
    memberships = UnitMembership.objects.on(day).filter(member=member).order_by("-starts_on", "-pk")
    membership = memberships.select_related("unit").first()
    return membership.unit if membership else None


def resident_members(actor: Actor, search: str = "") -> QuerySet[Member]:
    """The checked-in members whom this hat sees, with `unit_name` of today; `search` matches name or number."""
    unit_today = UnitMembership.objects.on(timezone.localdate()).filter(member=OuterRef("pk")).values("unit__name")[:1]
    members = Member.objects.visible_to(actor).checked_in().annotate(unit_name=Subquery(unit_today))
    if search:
        members = members.filter(Q(user__name__icontains=search) | Q(number=search))
    return members.select_related("user", "home__parent").order_by("home__path", "user__name", "pk")
