"""Who is told that a wish waits too long: the secretary first, then the street."""

from collections.abc import Iterator

from django.conf import settings
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice, Role
from accounts.queries.appointment import people_of
from tasks.actions.lateness import Chase, People
from tasks.actions.time import once_a_day
from tasks.models import Task, Wish
from tasks.queries.lateness import days_waited
from tasks.queries.wish_time import unanswered_for, unclaimed_for, waited_since


def chase_late_wishes() -> None:
    """Once a day, from the morning on: whoever lets a wish wait is told, each person once for each waiting.

    Being late begins with a day, so one look a day is enough.
    """
    once_a_day("chase_wishes", _chase)


def _chase() -> None:
    unanswered = _waiting(unanswered_for(min(settings.WISH_ANSWER_WITHIN, settings.WISH_STREET_AFTER)))
    unclaimed = _waiting(unclaimed_for(settings.WISH_WIDEN_AFTER))
    people = _people_for([*unanswered, *unclaimed])
    told = _unanswered(people).notices(unanswered, people), _told_of_unclaimed(unclaimed, people)
    write_notices(notice for notices in told for notice in notices)


def _waiting(condition: Q) -> list[Wish]:
    rows = Wish.objects.filter(condition).select_related("community__merged_into", "task")
    return list(rows.defer("text", "edited_text").order_by("pk"))


def _people_for(wishes: list[Wish]) -> People:
    """Who handles the wishes of each community, and who acts for each street."""
    communities = {wish.community.community for wish in wishes}
    places = {key for place in communities for key in (place.pk, place.parent_id) if key}
    return people_of(places, roles=[*roles_with(Ability.HANDLE_WISHES), Role.STREET_OFFICER], day=timezone.localdate())


def _unanswered(people: People) -> Chase[Wish]:
    return Chase(
        within=settings.WISH_ANSWER_WITHIN,
        street_after=settings.WISH_STREET_AFTER,
        kind=Notice.Kind.WISH_LATE,
        street_kind=Notice.Kind.WISH_LATE_STREET,
        page="wish",
        handlers=lambda wish: people.get(wish.community.community.pk, []),
        street_link=lambda community: f"{reverse('wishes_late')}?community={community.code}",
    )


def _told_of_unclaimed(wishes: list[Wish], people: People) -> Iterator[Notice]:
    """Of an activity for several wishes once; what can be widened no more can be published anew from the wish."""
    for wish in {wish.task_id: wish for wish in reversed(wishes)}.values():
        task, since = wish.task, waited_since(wish)
        assert task is not None, "what is published has a task"
        page, key = ("task", task.pk) if task.status in Task.ANNOUNCED else ("wish", wish.pk)
        kind, days = Notice.Kind.WISH_UNCLAIMED, days_waited(since)
        once = f"{kind}:{task.pk}:{timezone.localdate(since)}"
        for user in people.get(wish.community.community.pk, []):
            yield notice_to(user, kind, link=reverse(page, args=[key]), once=once, task=task.title, days=days)
