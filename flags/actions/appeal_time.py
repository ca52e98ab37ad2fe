"""Who is told that an appeal waits too long: whoever is to answer, then the city, which may decide without the answer."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice, User
from accounts.queries.appointment import people_of
from flags.actions.appeal import city_key
from flags.models import Appeal
from flags.queries.appeal import unanswered_for, undecided_for
from tasks.actions.time import once_a_day
from tasks.queries.lateness import days_waited

Kind = Notice.Kind


def chase_late_appeals() -> None:
    """Once a day, from the morning on: each person is told once of each waiting."""
    once_a_day("chase_appeals", _chase)


def _chase() -> None:
    late = Appeal.objects.filter(unanswered_for() | undecided_for())
    appeals = list(late.select_related("member__user", "member__merged_into__user", "organization").order_by("pk"))
    places = {key for appeal in appeals for key in (appeal.organization_id, city_key(appeal.organization))}
    day = timezone.localdate()
    answerers = people_of(places, roles=roles_with(Ability.ANSWER_APPEALS), day=day)
    deciders = people_of(places, roles=roles_with(Ability.DECIDE_APPEALS), day=day)
    write_notices(notice for appeal in appeals for notice in _notices(appeal, answerers, deciders))


def _notices(appeal: Appeal, answerers: dict[int, list[User]], deciders: dict[int, list[User]]) -> Iterator[Notice]:
    place, name = appeal.organization, appeal.person
    city = _others(deciders.get(city_key(place), []), appeal)
    if appeal.status == Appeal.Status.OPEN:
        days = days_waited(appeal.created_at)
        for user in _others(answerers.get(place.pk, []), appeal):
            yield notice_to(user, Kind.APPEAL_LATE, link=appeal.page, once=_once(appeal, "late"), name=name, days=days)
        for user in city:
            once = _once(appeal, "unanswered")
            yield notice_to(user, Kind.APPEAL_TO_DECIDE, link=appeal.page, once=once, organization=place)
        days -= settings.APPEAL_ANSWER_WITHIN
    else:
        assert appeal.answered_at is not None
        days = days_waited(appeal.answered_at)
    if days >= settings.APPEAL_DECIDE_WITHIN:
        once = _once(appeal, "undecided")
        for user in city:
            yield notice_to(user, Kind.APPEAL_UNDECIDED, link=appeal.page, once=once, organization=place, days=days)


def _once(appeal: Appeal, what: str) -> str:
    return f"appeal_{what}:{appeal.pk}"


def _others(users: list[User], appeal: Appeal) -> list[User]:
    return [user for user in users if user not in (appeal.person, appeal.member.user)]
