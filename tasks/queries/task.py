from datetime import datetime

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, When
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization
from tasks.models import Claim, Shift, Task, YearRule

CAN_BE_WIDENED = (Task.Status.SCHEDULED, Task.Status.OPEN)


def audiences_of(publisher: Organization) -> list[Organization]:
    """To whom an organization may publish: itself, and a community also to its street and city (domain rule 2).

    What is closed publishes to nobody, though its people act there until the day is over.
    """
    if publisher.closed_on:
        return []
    if publisher.kind == Organization.Kind.COMMUNITY:
        street = publisher.parent
        return [publisher, street, street.parent] if street and street.parent else [publisher]
    return [publisher]


def audiences_above(task: Task) -> list[Organization]:
    """To whom its publisher may publish; after a merger, the community that looks after it now."""
    return audiences_of(task.publisher.merged_into or task.publisher)


def wider_audiences(task: Task) -> list[Organization]:
    """To whom a task may still be offered besides, the nearest first: what lies strictly above its audience."""
    if task.status not in CAN_BE_WIDENED:
        return []
    audience = task.audience
    return [wider for wider in audiences_above(task) if wider != audience and audience.lies_within(wider.path)]


def most_flags_of(publisher: Organization) -> int:
    """The most flags that a task of this publisher may be worth, by this year's rule (domain rule 2)."""
    rule = YearRule.of(publisher.city_path, timezone.localdate().year)
    return rule.city_value_at_most if publisher.kind == Organization.Kind.CITY else rule.community_value_at_most


def shifts_open_to(member: Member, now: datetime) -> QuerySet[Shift]:
    """What this member may still claim, soonest first, by agreement by the last day; `mine` says which they have.

    A full shift is still shown; a wish that others have taken on is gone.
    """
    mine = Claim.objects.filter(shift=OuterRef("pk"), member=member).exclude(status__in=Claim.LAPSED)
    return (
        Shift.objects.claimable(now)
        .filter(task__in=Task.objects.for_home(member.home))
        .annotate(mine=Exists(mine))
        .filter(Q(by_agreement=False) | Q(taken__lt=F("capacity")) | Q(mine=True))
        .select_related("task__publisher")
        .order_by(Case(When(by_agreement=True, then=F("ends_at")), default=F("starts_at")), "pk")
    )


def tasks_published_by(actor: Actor) -> QuerySet[Task]:
    """What the actor's organizations published, newest first, with places, claims and the first shift; drafts on top.

    By agreement there is no `first_at`, and the last day ends at `last_at`.
    """
    return (
        Task.objects.visible_to(actor)
        .published_within(actor.home_paths)
        .select_related("publisher", "audience")
        .annotate(
            places=Sum("shifts__capacity", default=0),
            taken=Sum("shifts__taken", default=0),
            shift_count=Count("shifts"),
            first_at=Min("shifts__starts_at", filter=Q(shifts__by_agreement=False)),
            last_at=Max("shifts__ends_at"),
        )
        .order_by(Case(When(status=Task.Status.DRAFT, then=0), default=1), "-pk")
    )


def shifts_of(task: Task, member: Member | None) -> QuerySet[Shift]:
    """The shifts of a task, in order, each with `own_status`: the member's living claim, if there is one.

    `claimable` says whether it is in time; `may_be_settled` that there may be something to confirm.
    """
    now = timezone.now()
    mine = Claim.objects.filter(shift=OuterRef("pk"), member=member).exclude(status__in=Claim.LAPSED)
    return task.shifts.order_by("starts_at", "pk").annotate(
        own_claim=mine.values("pk")[:1],
        own_status=mine.values("status")[:1],
        claimable=Exists(Shift.objects.claimable(now).filter(pk=OuterRef("pk"))),
        may_be_settled=Q(by_agreement=True) | Q(ends_at__lte=now),
    )


def search(shifts: QuerySet[Shift], *, text: str = "", category: str = "") -> QuerySet[Shift]:
    if text:
        shifts = shifts.filter(Q(task__title__icontains=text) | Q(task__place__icontains=text))
    return shifts.filter(task__category=category) if category else shifts
