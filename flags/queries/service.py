"""Services as the ledger has them: of members in service, of the retired, and the places of those they brought along.

Domain rule 7: what the retired do counts apart. Whether somebody was retired is asked of the day of each service.
"""

from dataclasses import dataclass
from typing import Any

from django.db.models import Case, Count, IntegerField, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce

from accounts.access import Actor
from accounts.models import Organization
from accounts.models.organization import at_or_below
from accounts.queries.retirement import retired_on
from flags.models import FlagAward
from tasks.models import Claim
from tasks.queries.turnout import companions_who_came

TAKES_BACK = Q(value__lt=0)


@dataclass(frozen=True)
class Services:
    """What was served in a year: services and flags of members in service, of the retired apart, and companions."""

    services: int = 0
    flags: int = 0
    retired_services: int = 0
    retired_flags: int = 0
    companions: int = 0

    def __add__(self, other: "Services") -> "Services":
        return Services(
            self.services + other.services,
            self.flags + other.flags,
            self.retired_services + other.retired_services,
            self.retired_flags + other.retired_flags,
            self.companions + other.companions,
        )


def flags_by_claim(claims: QuerySet[Claim]) -> dict[int, int]:
    """How many flags stand in the ledger for each of these claims; what was taken back is counted off."""
    awards = FlagAward.objects.filter(claim__in=claims.order_by().values("pk")).order_by()
    return {claim: flags for claim, flags in awards.values_list("claim").annotate(Sum("value")) if claim}


def awards_with_retirement(year: int) -> QuerySet[Any]:
    """The ledger of a year; `person` is the member for whom a line counts, `was_retired` whether on that day."""
    awards = FlagAward.objects.in_year(year).annotate(person=Coalesce("member__merged_into", "member"))
    return awards.annotate(was_retired=Case(When(retired_on("served_on"), then=True), default=False))


def companions_brought() -> Case:
    """Of one line: how many the member brought along; taken back with the service."""
    return Case(
        When(TAKES_BACK, then=-1 * companions_who_came("claim")),
        default=companions_who_came("claim"),
        output_field=IntegerField(),
    )


def services_by_community(paths: tuple[str, ...], year: int) -> dict[int, Services]:
    """What members of each community have served in `year`, wherever; by the community of the day. One query."""
    awards = awards_with_retirement(year).filter(at_or_below("community__path", paths)).order_by()
    rows = awards.values("community", "was_retired").annotate(
        services=Count("pk", filter=~TAKES_BACK) - Count("pk", filter=TAKES_BACK),
        flags=Sum("value"),
        companions=Sum(companions_brought(), default=0),
    )
    found: dict[int, Services] = {}
    for row in rows:
        apart = "retired_" if row["was_retired"] else ""
        counted = {f"{apart}services": row["services"], f"{apart}flags": row["flags"], "companions": row["companions"]}
        found[row["community"]] = found.get(row["community"], Services()) + Services(**counted)
    return found


@dataclass(frozen=True)
class ServedIn:
    community: Organization
    served: Services


@dataclass(frozen=True)
class ServedInStreet:
    street: Organization
    communities: list[ServedIn]

    @property
    def served(self) -> Services:
        return sum((row.served for row in self.communities), Services())


def services_seen(actor: Actor, year: int) -> list[ServedInStreet]:
    """The communities that the actor oversees, or the own one, by street; a closed one only with what it served."""
    paths = actor.home_paths
    served = services_by_community(paths, year)
    streets: dict[int, ServedInStreet] = {}
    for community in Organization.objects.communities().within(*paths).select_related("parent").order_by("path"):
        if community.closed_on and community.pk not in served:
            continue
        street = community.parent
        assert street is not None, "a community stands below a street"
        row = ServedIn(community, served.get(community.pk, Services()))
        streets.setdefault(street.pk, ServedInStreet(street, [])).communities.append(row)
    return list(streets.values())


def together(streets: list[ServedInStreet]) -> Services:
    return sum((street.served for street in streets), Services())


def awards_behind(community: Organization, year: int, *, who: str) -> QuerySet[Any]:
    """The lines of the ledger behind a number: those in `service`, the `retired`, or who brought `companions`."""
    awards = awards_with_retirement(year).filter(community=community).annotate(brought=companions_brought())
    kept = {
        "service": awards.filter(was_retired=False),
        "retired": awards.filter(was_retired=True),
        "companions": awards.exclude(brought=0).exclude(brought=None),
    }
    lines = kept.get(who, awards).with_sources().select_related("member__user")
    return lines.order_by("-served_on", "-pk")
