"""What city, street and inspector see: figures of communities and of units, never a person."""

from dataclasses import dataclass

from django.db.models import Case, Count, F, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization
from accounts.models.organization import at_or_below
from flags.models import FlagAward
from flags.queries.compliance import UnitStanding, compliance_summary
from tasks.models import Shift, Task, Wish
from tasks.queries.wish_time import late_within

Kind = Organization.Kind


@dataclass(frozen=True)
class CommunityFigures:
    """One community: its members, what it has open, what waits for it, the flags it has lit this year."""

    community: Organization
    members: int
    open_tasks: int
    wishes: int
    late: int
    unconfirmed: int
    flags: int


@dataclass(frozen=True)
class StreetFigures:
    street: Organization
    communities: list[CommunityFigures]

    @property
    def members(self) -> int:
        return sum(figures.members for figures in self.communities)

    @property
    def open_tasks(self) -> int:
        return sum(figures.open_tasks for figures in self.communities)

    @property
    def wishes(self) -> int:
        return sum(figures.wishes for figures in self.communities)

    @property
    def late(self) -> int:
        return sum(figures.late for figures in self.communities)

    @property
    def unconfirmed(self) -> int:
        return sum(figures.unconfirmed for figures in self.communities)

    @property
    def flags(self) -> int:
        return sum(figures.flags for figures in self.communities)


def community_figures(actor: Actor, year: int) -> list[StreetFigures]:
    """The communities in the actor's subtree, by street; one query for each figure, however many there are.

    One that is closed stands there only for the flags that it lit in `year`.
    """
    paths = actor.home_paths
    communities = Organization.objects.communities().within(*paths).select_related("parent").order_by("path")
    members, tasks = _members(paths), _open_tasks(paths)
    wishes, late, shifts, flags = _wishes(paths), _late(paths), _unconfirmed(paths), _flags(paths, year)
    streets: dict[int, StreetFigures] = {}
    for community in communities:
        if community.closed_on and not flags.get(community.pk):
            continue
        street = community.parent
        assert street is not None, "a community stands below a street"
        streets.setdefault(street.pk, StreetFigures(street, [])).communities.append(
            CommunityFigures(
                community=community,
                members=members.get(community.pk, 0),
                open_tasks=tasks.get(community.pk, 0),
                wishes=wishes.get(community.pk, 0),
                late=late.get(community.pk, 0),
                unconfirmed=shifts.get(community.pk, 0),
                flags=flags.get(community.pk, 0),
            )
        )
    return list(streets.values())


def units_figures(actor: Actor, year: int) -> list[UnitStanding]:
    """Every unit that the actor may look into, as its own officer sees it; empty for who may not."""
    return [standing for path in actor.unit_paths for standing in compliance_summary(path, year)]


def community_of(field: str) -> Case:
    """The key of the community that looks after `field`, a community or compound, today (`Organization.community`)."""
    return Case(
        When(**{f"{field}__kind": Kind.SUBCOMMUNITY}, then=F(f"{field}__parent")),
        default=Coalesce(f"{field}__merged_into", field),
    )


def _count(rows: QuerySet, place: str, paths: tuple[str, ...]) -> dict[int, int]:
    within = rows.filter(at_or_below(f"{place}__path", paths)).order_by()
    return dict(within.values_list(community_of(place)).annotate(Count("pk")))


def _members(paths: tuple[str, ...]) -> dict[int, int]:
    return _count(Member.objects.all(), "home", paths)


def _open_tasks(paths: tuple[str, ...]) -> dict[int, int]:
    return _count(Task.objects.filter(status=Task.Status.OPEN), "publisher", paths)


def _wishes(paths: tuple[str, ...]) -> dict[int, int]:
    return _count(Wish.objects.waiting(), "community", paths)


def _late(paths: tuple[str, ...]) -> dict[int, int]:
    return _count(late_within(paths), "community", paths)


def _unconfirmed(paths: tuple[str, ...]) -> dict[int, int]:
    return _count(Shift.objects.awaiting_confirmation(timezone.now()), "task__publisher", paths)


def _flags(paths: tuple[str, ...], year: int) -> dict[int, int]:
    awards = FlagAward.objects.in_year(year).filter(at_or_below("community__path", paths)).order_by()
    return dict(awards.values_list("community").annotate(Sum("value")))
