from collections.abc import Iterable

from django.db import transaction
from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Appointment, Member, Notice, Organization, Role, UnitNews
from accounts.queries.review import Review

Kind, Detail = UnitNews.Kind, UnitNews.Detail


def tell_units(approved: Iterable[tuple[Review, list[UnitNews.Detail]]]) -> None:
    """Tell each unit what a community has approved of its members (domain rule 1), in a fixed number of queries.

    A unit that is left is told so; the one that is joined is told that, not what else has changed on the way.
    """
    tell_of([row for review, changes in approved for row in _news_of(review, changes)])


def tell_of(news: list[UnitNews]) -> None:
    """Write these news, each with the check-in it comes from, and tell the units' officers; in a fixed number of queries."""
    UnitNews.objects.bulk_create(news)
    _tell_officers(news)


def tell_unit(unit: Organization, member: Member, kind: UnitNews.Kind, *, source: Organization) -> None:
    """Tell a unit what `source`, an organization above it, has recorded of its member."""
    _tell_officers(UnitNews.objects.bulk_create([UnitNews(unit=unit, member=member, kind=kind)]), source)


@transaction.atomic
def read_news(news: QuerySet[UnitNews], *, by: Actor) -> int:
    """The read receipt of the unit's own officer, once a line; how many were unread comes back."""
    by.require(Ability.KEEP_ROSTER)
    return news.filter(read_at=None).update(read_at=timezone.now(), read_by=by.user, read_as=by.appointment)


def _news_of(review: Review, changes: list[UnitNews.Detail]) -> Iterable[UnitNews]:
    check_in, before, now = review.check_in, review.unit_today, review.unit
    changed = [str(detail) for detail in changes]
    if before and before != now:
        yield UnitNews(unit=before, member=check_in.member, check_in=check_in, kind=Kind.LEFT)
    if now:
        kind = _kind(review, changes)
        yield UnitNews(unit=now, member=check_in.member, check_in=check_in, kind=kind, changed=changed)


def _kind(review: Review, changes: list[UnitNews.Detail]) -> UnitNews.Kind:
    if review.former is None:
        return Kind.CHECKED_IN
    if Detail.UNIT in changes:
        return Kind.JOINED
    return Kind.MOVED if Detail.COMMUNITY in changes else Kind.CHANGED


def _tell_officers(news: list[UnitNews], source: Organization | None = None) -> None:
    """One notice an officer and source, however many members it is about."""
    told = {(row.unit_id, row.check_in.community if row.check_in else source) for row in news}
    officers = Appointment.objects.in_force(timezone.localdate()).filter(
        role=Role.UNIT_OFFICER, organization__in={unit for unit, _ in told}
    )
    by_unit: dict[int, dict[int, Appointment]] = {}
    for appointment in officers.select_related("user"):
        by_unit.setdefault(appointment.organization_id, {})[appointment.user_id] = appointment
    write_notices(
        notice_to(appointment.user, Notice.Kind.UNIT_NEWS, link=reverse("unit_news"), source=origin)
        for unit, origin in told
        for appointment in by_unit.get(unit, {}).values()
    )
