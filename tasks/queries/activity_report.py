"""Reports of activities: who reads which, and of which activities one is overdue."""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Case, Count, Exists, Max, OuterRef, Q, QuerySet, When

from accounts.access import Ability, Actor
from accounts.models import Organization
from tasks.models import ActivityPhoto, ActivityReport, Shift, Task, Wish
from tasks.queries.turnout import held
from vanguard.lib.fingerprint import fingerprint

ASKED_ONCE_WITHIN = timedelta(days=30)


def report_of(task: Task, actor: Actor) -> ActivityReport | None:
    return ActivityReport.objects.visible_to(actor).filter(task=task).first()


def reports_read_by(actor: Actor) -> QuerySet[ActivityReport]:
    """What this actor reads, drafts first and then the newest, each with how many photos it has."""
    return (
        ActivityReport.objects.visible_to(actor)
        .select_related("task__publisher")
        .annotate(photo_count=Count("photos"))
        .order_by(Case(When(status=ActivityReport.Status.DRAFT, then=0), default=1), "-published_at", "-pk")
    )


def may_be_reported(task: Task, now: datetime) -> bool:
    """Whether there is something to tell: a shift at fixed hours is over, and the task was not called off."""
    return task.status not in (Task.Status.DRAFT, Task.Status.CANCELLED) and held(task, now).exists()


def begins_to_be_reported(task: Task) -> datetime | None:
    """When the first of its shifts at fixed hours is over; nothing for a task without any."""
    shifts = task.shifts.filter(by_agreement=False).exclude(status=Shift.Status.CANCELLED)
    return shifts.order_by("ends_at").values_list("ends_at", flat=True).first()


def report_seen(report: ActivityReport | None) -> str:
    """What a form for it is opened with; nothing for one that is not begun."""
    if report is None:
        return ""
    return fingerprint(report.words, report.status, *report.photos.order_by("pk").values_list("pk", flat=True))


def activity_photos_visible_to(actor: Actor) -> QuerySet[ActivityPhoto]:
    """For who reads the report."""
    return ActivityPhoto.objects.filter(report__in=ActivityReport.objects.visible_to(actor))


def activities_overdue(now: datetime, *, asked_for: timedelta = settings.ACTIVITY_REPORT_ASKED_FOR) -> Any:
    """Activities whose last shift has been over for too long without a published report, `last_at` being its end.

    Not what fulfils a wish: that is between those concerned. Not what has been over for longer than `asked_for`.
    """
    late, too_old = now - settings.ACTIVITY_REPORT_WITHIN, now - asked_for
    shifts = Shift.objects.filter(task=OuterRef("pk"), by_agreement=False).exclude(status=Shift.Status.CANCELLED)
    published = ActivityReport.objects.published().filter(task=OuterRef("pk"))
    called_off = Q(shifts__status=Shift.Status.CANCELLED)
    return (
        Task.objects.published()
        .exclude(status=Task.Status.CANCELLED)
        .filter(
            Exists(shifts.filter(ends_at__lte=late, ends_at__gt=too_old)),
            ~Exists(shifts.filter(ends_at__gt=late)),
            ~Exists(published),
            ~Exists(Wish.objects.filter(task=OuterRef("pk"))),
        )
        .annotate(last_at=Max("shifts__ends_at", filter=Q(shifts__by_agreement=False) & ~called_off))
    )


def just_overdue(now: datetime) -> QuerySet[Any]:
    """Those of the last weeks: nobody is asked for all that was before the platform began to ask."""
    return activities_overdue(now, asked_for=settings.ACTIVITY_REPORT_WITHIN + ASKED_ONCE_WITHIN)


def reports_due(actor: Actor, now: datetime) -> QuerySet[Any]:
    """Overdue of what the actor writes about, or oversees; the oldest first."""
    overdue = activities_overdue(now).published_within(actor.home_paths)
    if not actor.can(Ability.SEE_FIGURES):
        overdue = overdue.filter(actor.publishes_for("publisher"))
    return overdue.select_related("publisher").order_by("last_at", "pk")


def published_by(tasks: Any, place: Organization) -> QuerySet[Any]:
    """Those of a community and its compounds; of a city its own alone."""
    if place.kind == Organization.Kind.CITY:
        return tasks.filter(publisher=place)
    return tasks.published_within((place.path,))


def due_by_community(actor: Actor, now: datetime) -> list[tuple[Organization, int]]:
    """For each community, and a city for itself, how many reports are overdue; two queries, however many there are."""
    overdue = activities_overdue(now).published_within(actor.home_paths).order_by()
    publishers = list(overdue.values_list("publisher", flat=True))
    places = Organization.objects.select_related("parent", "merged_into").in_bulk(set(publishers))
    counts: dict[Organization, int] = {}
    for publisher in publishers:
        community = places[publisher].community
        counts[community] = counts.get(community, 0) + 1
    return sorted(counts.items(), key=lambda row: row[0].path)
