from collections.abc import Callable
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Appointment, CheckIn, Member, Organization


def find_community(code: str) -> Organization | None:
    """The community in use with these six digits on its poster; the poster of a merged one leads to where it is now."""
    merged = Q(merged_into__isnull=False, merged_into__closed_on=None)
    named = Organization.objects.communities().filter(Q(closed_on=None) | merged, code=code)
    community = named.select_related("parent", "merged_into__parent").first()
    return community.community if community else None


def community_by_code(code: str) -> Organization:
    """The community that a poster leads to, or 404."""
    community = find_community(code)
    if community is None:
        raise Http404
    return community


def communities_by_street() -> QuerySet[Organization]:
    """Every community in use with its street, in the tree's order, for a list to choose from."""
    return Organization.objects.communities().in_use().select_related("parent").order_by("parent__path", "path")


class Figure(NamedTuple):
    """How much of something a merger touches, in words."""

    name: str
    number: int


Foresight = Callable[[Organization], list[Figure]]


def merger_figures(community: Organization) -> list[Figure]:
    """What a merger of this community into another one touches, here and in the apps above (`foresee_merger`)."""
    return [figure for foresight in FORESIGHTS for figure in foresight(community)]


def foresee_merger(foresight: Foresight) -> None:
    """Let an app above say what of its own a merger touches."""
    FORESIGHTS.append(foresight)


def _of_people(community: Organization) -> list[Figure]:
    check_ins = CheckIn.objects.filter(community=community)
    staff = Appointment.objects.not_over(timezone.localdate()).filter(organization=community)
    return [
        Figure(
            _("Members who pass to it"),
            Member.objects.filter(home__path__startswith=community.path).count(),
        ),
        Figure(_("Check-ins under review that pass to it"), check_ins.filter(status__in=CheckIn.PENDING).count()),
        Figure(_("Compounds that pass to it"), Organization.objects.in_use().filter(parent=community).count()),
        Figure(_("Appointments that end today"), staff.count()),
    ]


FORESIGHTS: list[Foresight] = [_of_people]
