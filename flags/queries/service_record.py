"""Services in the fields that the national rules on volunteer records name (志愿服务记录): who, what, when, where and how."""

from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member, Organization
from flags.models import FlagAward
from flags.models.award import FlagAwardQuerySet
from flags.queries.dossier import hours_served, minutes_served, ratings_of, with_sources
from flags.queries.dossier_sheet import hours_of, rating_words

CHUNK = 500


def header() -> list[str]:
    return [
        _("Volunteer's name"),
        _("Member number"),
        _("Name of the activity"),
        _("Date of service"),
        _("From"),
        _("To"),
        _("Place of service"),
        _("Content of service"),
        _("Hours of service"),
        _("Kind of service"),
        _("Red flags"),
        _("Evaluation"),
        _("Organized by"),
        _("Person responsible"),
        _("Confirmed by"),
    ]


def services_of(member: Member, year: int) -> QuerySet[Any]:
    """A person's services of a year that count, the oldest first."""
    return _counting(FlagAward.objects.of(member), year)


def services_held_in(community: Organization, year: int) -> QuerySet[Any]:
    """What members did for what the community and its compounds published, or had entered afterwards."""
    published = Q(claim__shift__task__publisher__path__startswith=community.path)
    entered = Q(entry__community__path__startswith=community.path)
    return _counting(FlagAward.objects.filter(published | entered), year)


def _counting(awards: FlagAwardQuerySet, year: int) -> QuerySet[Any]:
    """Neither what was taken back nor what is no service: a steward's log, a suggestion, another matter."""
    service = Q(claim__isnull=False) | Q(entry__isnull=False)
    counting = awards.in_year(year).filter(service, value__gt=0, reversal=None)
    return with_sources(counting).select_related("member__user").order_by("served_on", "pk")


def record_rows(services: QuerySet[Any]) -> Iterator[list[Any]]:
    """A row for each, in the order of `header`. Nobody for whom it was done stands there, and no words of theirs."""
    chunk: list[Any] = []
    for award in services.iterator(chunk_size=CHUNK):
        chunk.append(award)
        if len(chunk) == CHUNK:
            yield from _rows(chunk)
            chunk = []
    yield from _rows(chunk)


def _rows(awards: list[Any]) -> Iterator[list[Any]]:
    ratings = ratings_of(award.claim.shift.task_id for award in awards if award.claim)
    for award in awards:
        yield _row(award, ratings)


def _row(award: Any, ratings: dict[int, str]) -> list[Any]:
    task = award.claim.shift.task if award.claim else None
    hours = hours_served(award)
    from_, to = (f"{timezone.localtime(moment):%H:%M}" for moment in hours) if hours else ("", "")
    return [
        str(award.member),
        award.member.number,
        award.what,
        award.served_on,
        from_,
        to,
        task.place if task else "",
        task.content if task else "",
        hours_of(minutes_served(award)),
        award.get_category_display(),
        award.value,
        rating_words(ratings.get(task.pk, "")) if task else "",
        str(task.publisher if task else award.community),
        task.contact_name if task else "",
        str(award.by_user or ""),
    ]
