from django.db.models import QuerySet

from accounts.access import Ability, Actor
from accounts.models import Exemption, Member, Organization


def exemptions_of(member: Member) -> QuerySet[Exemption]:
    """All of a member's exemptions, the latest first."""
    return Exemption.objects.filter(member=member).order_by("-starts_on", "-pk")


def units_to_return_to(actor: Actor) -> QuerySet[Organization]:
    """The units in use in which this hat may record that somebody works again."""
    paths = (actor.organization.path,) if actor.organization and actor.can(Ability.KEEP_STANDING) else ()
    return Organization.objects.units().in_use().within(*paths).order_by("category", "name")
