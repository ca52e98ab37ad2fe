"""People who may have two accounts: members of one name in one unit."""

from collections import defaultdict
from itertools import combinations

from django.db.models import Count, QuerySet
from django.utils import timezone

from accounts.access import Actor
from accounts.models import DistinctMembers, Member, UnitMembership
from accounts.models.organization import at_or_below

Pair = tuple[Member, Member]


def pairs_alike(actor: Actor) -> list[Pair]:
    """The pairs of one name in one unit today that nobody has told apart, in three queries.

    A pair whose names are as written; the unit is that of `unit_name` on the first of the two.
    """
    alike = _memberships(actor).values("unit", "member__user__name").annotate(n=Count("pk")).filter(n__gt=1).order_by()
    names = [row["member__user__name"] for row in alike]
    rows = _memberships(actor).filter(member__user__name__in=names).exclude(member__user__name="")
    groups: dict[tuple[int, str], list[Member]] = defaultdict(list)
    for row in rows.select_related("unit", "member__user", "member__home").order_by("unit__code", "member"):
        row.member.unit_name = row.unit.name  # type: ignore[attr-defined]
        groups[row.unit_id, row.member.user.name].append(row.member)
    pairs = [pair for members in groups.values() for pair in combinations(members, 2)]
    told = set(DistinctMembers.objects.values_list("first", "second"))
    return [pair for pair in pairs if (pair[0].pk, pair[1].pk) not in told]


def are_alike(one: Member, other: Member) -> bool:
    """Two members, not one, of the same name who belong to the same unit today."""
    today = UnitMembership.objects.on(timezone.localdate())
    units = today.filter(member=one).values("unit")
    same_unit = today.filter(member=other, unit__in=units).exists()
    return one.pk != other.pk and one.user.name == other.user.name != "" and same_unit


def _memberships(actor: Actor) -> QuerySet[UnitMembership]:
    return UnitMembership.objects.on(timezone.localdate()).filter(at_or_below("unit__path", actor.unit_paths))
