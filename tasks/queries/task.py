from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Case, Count, Exists, F, Max, Min, OuterRef, Q, QuerySet, Sum, When
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization
from tasks.models import Claim, Shift, Task, YearRule
from tasks.models.task import FIRST_MINUTES_AT_MOST
from tasks.queries.shift import SEEN_WITH
from vanguard.lib.days import beginning_of

LOOKED_AT_FOR_EACH = 4  # shifts, for each that is to be found


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
    if task.status not in Task.ANNOUNCED:
        return []
    audience = task.audience
    return [wider for wider in audiences_above(task) if wider != audience and audience.lies_within(wider.path)]


def most_flags_of(publisher: Organization) -> int:
    """The most flags that a task of this publisher may be worth, by this year's rule (domain rule 2)."""
    rule = YearRule.of(publisher.city_path, timezone.localdate().year)
    return rule.city_value_at_most if publisher.kind == Organization.Kind.CITY else rule.community_value_at_most


def shifts_open_to(member: Member, now: datetime) -> QuerySet[Any]:
    """What this member may claim now or soon, soonest first, by agreement by the last day; `mine` says what they have.

    A full shift is still shown; a wish that others have taken on is gone.
    """
    mine = Claim.objects.living().filter(shift=OuterRef("pk"), member=member)
    return (
        Shift.objects.announced(now)
        .filter(task__in=Task.objects.for_home(member.home))
        .annotate(mine=Exists(mine))
        .filter(Q(by_agreement=False) | Q(taken__lt=F("capacity")) | Q(mine=True))
        .select_related(*SEEN_WITH)
        .order_by(Case(When(by_agreement=True, then=F("ends_at")), default=F("starts_at")), "pk")
    )


def shifts_free_for(member: Member, now: datetime, *, but: int, most: int) -> list[Shift]:
    """At most so many shifts where this member could take a place at once, soonest first, without the shift `but`.

    At fixed hours, open to all without a skill, and at no time of the member's own. Hundreds come to the page that asks
    this within a second: so only the soonest are looked at, in the order of an index, and the own times beside them.
    """
    soonest = (
        Shift.objects.with_free_places()
        .filter(
            Q(task__first_minutes=0) | Q(task__opens_at__lte=now - timedelta(minutes=FIRST_MINUTES_AT_MOST)),
            task__in=Task.objects.for_home(member.home).filter(status__in=Task.ANNOUNCED, opens_at__lte=now),
            status=Shift.Status.OPEN,
            by_agreement=False,
            skill=None,
            starts_at__gt=now,
        )
        .exclude(pk=but)
        .select_related("task")
        .order_by("starts_at", "pk")[: LOOKED_AT_FOR_EACH * most]
    )
    living = Claim.objects.living().filter(member=member, shift__ends_at__gt=now)
    own = list(living.only("shift_id", "status", "starts_at", "ends_at"))
    return [shift for shift in soonest if not any(_is_in_the_way(claim, shift) for claim in own)][:most]


def _is_in_the_way(claim: Claim, shift: Shift) -> bool:
    """Whether it is a claim of that very shift, or takes up some of its time."""
    if claim.shift_id == shift.pk:
        return True
    taken_up = claim.status in Claim.OCCUPYING and claim.starts_at is not None and claim.ends_at is not None
    return taken_up and claim.starts_at < shift.ends_at and claim.ends_at > shift.starts_at  # type: ignore[operator]


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


def shifts_of(task: Task) -> QuerySet[Any]:
    """The shifts of a task, in order; `may_be_settled` says that there may be something to confirm."""
    over = Q(by_agreement=True) | Q(ends_at__lte=timezone.now())
    return task.shifts.order_by("starts_at", "pk").annotate(may_be_settled=over)


def search(
    shifts: QuerySet[Any],
    *,
    text: str = "",
    category: str = "",
    days: tuple[date, date] | None = None,
    publisher_path: str = "",
    flags: int = 0,
) -> QuerySet[Any]:
    """Those with `text` in title or place, on one of `days` (first and last), of a publisher, worth at least `flags`.

    What has its time by agreement can be done on any day until its last.
    """
    shifts = shifts.filter(task__flag_value__gte=flags)
    if text:
        shifts = shifts.filter(Q(task__title__icontains=text) | Q(task__place__icontains=text))
    if category:
        shifts = shifts.filter(task__category=category)
    if days:
        first, last = beginning_of(days[0]), beginning_of(days[1] + timedelta(days=1))
        at_a_time = Q(by_agreement=False, starts_at__gte=first, starts_at__lt=last)
        shifts = shifts.filter(at_a_time | Q(by_agreement=True, ends_at__gt=first))
    return shifts.filter(task__publisher__path=publisher_path) if publisher_path else shifts
