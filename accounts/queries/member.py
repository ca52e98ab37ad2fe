from django.db.models import OuterRef, Q, QuerySet, Subquery
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, UnitMembership


def resident_members(actor: Actor, search: str = "") -> QuerySet[Member]:
    """The checked-in members whom this hat sees, with `unit_name` of today; `search` matches name or number."""
    unit_today = UnitMembership.objects.on(timezone.localdate()).filter(member=OuterRef("pk")).values("unit__name")[:1]
    members = Member.objects.visible_to(actor).checked_in().annotate(unit_name=Subquery(unit_today))
    if search:
        members = members.filter(Q(user__name__icontains=search) | Q(number=search))
    return members.select_related("user", "home__parent").order_by("home__path", "user__name", "pk")
