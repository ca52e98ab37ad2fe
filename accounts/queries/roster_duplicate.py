"""Lines of rosters that may be one person twice: the same name within a unit, or the same phone in two units."""

from collections import Counter
from collections.abc import Iterable
from itertools import combinations

from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet

from accounts.access import Actor
from accounts.models import DistinctEntries, Organization, RosterEntry

Pairs = list[tuple[RosterEntry, RosterEntry]]


def namesakes(unit: Organization) -> list[str]:
    """The names that stand on the unit's roster more than once, unless every pair of them has been told apart."""
    lines = RosterEntry.objects.current().filter(unit=unit)
    told = DistinctEntries.objects.filter(first__unit=unit, first__name=F("second__name"))
    return _unsettled(lines, _of_current(told), "name")


def pairs_of_namesakes(unit: Organization, names: Iterable[str]) -> Pairs:
    """The pairs of lines with these names that nobody has told apart."""
    return _pairs(RosterEntry.objects.current().filter(unit=unit, name__in=names), "name")


def shared_phones(city: Organization) -> list[str]:
    """The phones that stand on rosters of several units of a city, unless every pair of them has been told apart."""
    lines = RosterEntry.objects.current().filter(unit__path__startswith=city.path)
    told = DistinctEntries.objects.filter(first__phone=F("second__phone"), first__unit__path__startswith=city.path)
    return _unsettled(lines, _of_current(told), "phone")


def pairs_of_shared_phones(city: Organization, phones: Iterable[str]) -> Pairs:
    """The pairs of lines with these phones that nobody has told apart."""
    return _pairs(RosterEntry.objects.current().filter(unit__path__startswith=city.path, phone__in=phones), "phone")


def also_listed_elsewhere(unit: Organization) -> QuerySet[RosterEntry]:
    """The unit's lines whose phone another unit of the city lists too; which one is the city's to see, not the unit's."""
    told = DistinctEntries.objects.filter(
        Q(first=OuterRef("pk"), second=OuterRef(OuterRef("pk")))
        | Q(second=OuterRef("pk"), first=OuterRef(OuterRef("pk")))
    )
    others = RosterEntry.objects.current().filter(unit__path__startswith=unit.city_path, phone=OuterRef("phone"))
    others = others.exclude(unit=unit).filter(~Exists(told))
    return RosterEntry.objects.current().filter(Exists(others), unit=unit).order_by("name", "pk")


def merged_lines(actor: Actor) -> QuerySet[RosterEntry]:
    """The lines of this hat's rosters that have been merged into another one, the latest first."""
    merged = RosterEntry.objects.visible_to(actor).filter(merged_into__isnull=False)
    return merged.select_related("unit", "merged_into__unit").order_by("-removed_on", "-pk")


def _of_current(told: QuerySet[DistinctEntries]) -> QuerySet[DistinctEntries]:
    return told.filter(first__removed_on=None, second__removed_on=None)


def _unsettled(lines: QuerySet[RosterEntry], told: QuerySet[DistinctEntries], part: str) -> list[str]:
    often = lines.order_by().values_list(part).annotate(times=Count("pk")).filter(times__gt=1).order_by(part)
    apart = Counter(told.values_list(f"first__{part}", flat=True))
    return [value for value, times in often if times * (times - 1) // 2 > apart[value]]


def _pairs(lines: QuerySet[RosterEntry], part: str) -> Pairs:
    rows = list(lines.select_related("unit", "community", "compound", "member__user").order_by(part, "pk"))
    told = set(DistinctEntries.objects.filter(first__in=rows, second__in=rows).values_list("first", "second"))
    alike = ((one, other) for one, other in combinations(rows, 2) if getattr(one, part) == getattr(other, part))
    return [(one, other) for one, other in alike if (one.pk, other.pk) not in told]
