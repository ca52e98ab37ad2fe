"""What the city passes down: who is asked, who hosts it, and how far they are."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Exists, OuterRef, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Organization, User
from accounts.queries.appointment import people_of
from tasks.models import Claim, Shift, Task


@dataclass(frozen=True)
class Hosting:
    """One community: what it hosts of a task of the city, the places there, and the services confirmed so far."""

    community: Organization
    tasks: int = 0
    places: int = 0
    taken: int = 0
    confirmed: int = 0


@dataclass(frozen=True)
class Progress:
    """A task of the city in its communities, and all of them together."""

    rows: list[Hosting]

    @property
    def hosting(self) -> int:
        return sum(row.tasks > 0 for row in self.rows)

    @property
    def tasks(self) -> int:
        return sum(row.tasks for row in self.rows)

    @property
    def places(self) -> int:
        return sum(row.places for row in self.rows)

    @property
    def taken(self) -> int:
        return sum(row.taken for row in self.rows)

    @property
    def confirmed(self) -> int:
        return sum(row.confirmed for row in self.rows)


def progress_of(task: Task) -> Progress:
    """Each community of the city with what it hosts of `task`; as many queries for one as for all of them.

    A closed one stands there only for what it has hosted; once merged, that stands with who looks after it now.
    """
    children = task.children.hosting()
    shifts = Shift.objects.filter(task__in=children).exclude(status=Shift.Status.CANCELLED)
    claims = Claim.objects.filter(shift__task__in=children, status=Claim.Status.CONFIRMED)
    tasks = _by_host(children, "publisher", tasks=Count("pk"))
    places = _by_host(shifts, "task__publisher", places=Sum("capacity"), taken=Sum("taken"))
    confirmed = _by_host(claims, "shift__task__publisher", confirmed=Count("pk"))
    communities = Organization.objects.communities().within(task.publisher.path).order_by("path")
    return Progress(
        [
            Hosting(
                community,
                **tasks.get(community.pk, {}),
                **places.get(community.pk, {}),
                **confirmed.get(community.pk, {}),
            )
            for community in communities
            if community.closed_on is None or community.pk in tasks
        ]
    )


def _by_host(rows: QuerySet[Any], publisher: str, **figures: Any) -> dict[int, dict[str, int]]:
    found = rows.order_by().values(host=Coalesce(f"{publisher}__merged_into", publisher)).annotate(**figures)
    return {row.pop("host"): row for row in found}


def tasks_to_host(actor: Actor) -> QuerySet[Task]:
    """What the city asks of the actor's community, the nearest last day first; `hosted` says what it hosts already."""
    place = actor.organization
    if place is None or not actor.can(Ability.PUBLISH):
        return Task.objects.none()
    own = Task.objects.hosting().published_within((place.path,)).filter(parent=OuterRef("pk"))
    asked = Task.objects.to_host(place, timezone.localdate())
    return asked.annotate(hosted=Exists(own)).order_by("host_by", "pk")


def tasks_passed_down(actor: Actor) -> QuerySet[Task]:
    """What the actor's city asks of its communities, newest first; `hosts` counts those that host it."""
    place = actor.organization
    if place is None or place.kind != Organization.Kind.CITY:
        return Task.objects.none()
    by = Coalesce("publisher__merged_into", "publisher")
    hosts = Task.objects.hosting().filter(parent=OuterRef("pk")).order_by().values("parent")
    counted = hosts.annotate(n=Count(by, distinct=True)).values("n")
    passed = Task.objects.filter(publisher=place, host_by__isnull=False)
    return passed.annotate(hosts=Coalesce(Subquery(counted), 0)).order_by("-pk")


def tasks_hosted(task: Task, actor: Actor) -> QuerySet[Task]:
    """What of `task` the communities that the actor looks after host, called off or not, newest first."""
    hosted = task.children.published_within(actor.home_paths).exclude(status=Task.Status.DRAFT)
    return (
        hosted.select_related("publisher")
        .annotate(places=Sum("shifts__capacity", default=0), taken=Sum("shifts__taken", default=0))
        .order_by("-pk")
    )


def communities_asked(task: Task) -> QuerySet[Organization]:
    """Every community of the city in use."""
    return Organization.objects.communities().in_use().within(task.publisher.path)


def communities_without(task: Task) -> QuerySet[Organization]:
    """Those asked that host nothing of it."""
    return communities_asked(task).exclude(pk__in=_by_host(task.children.hosting(), "publisher", tasks=Count("pk")))


def staff_of(communities: Iterable[Organization]) -> list[User]:
    """Who may publish for one of the communities today, each once."""
    staff = people_of([c.pk for c in communities], roles=roles_with(Ability.PUBLISH), day=timezone.localdate())
    return list({user.pk: user for users in staff.values() for user in users}.values())


def staff_of_hosts(task: Task) -> list[User]:
    """Whose communities host something of it."""
    hosts = _by_host(task.children.hosting(), "publisher", tasks=Count("pk"))
    return staff_of(Organization.objects.filter(pk__in=hosts))
