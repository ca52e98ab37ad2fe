"""The community is told once a group has left unanswered for too long what it was asked for."""

from collections.abc import Iterator

from django.conf import settings
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from accounts.queries.appointment import people_of
from tasks.actions.time import once_a_day
from tasks.models import GroupRequest
from tasks.queries.group_request import unanswered_for
from tasks.queries.lateness import days_waited


def chase_late_requests() -> None:
    """Once a day, from the morning on; each person once for each waiting."""
    once_a_day("chase_group_requests", lambda: write_notices(_notices()))


def _notices() -> Iterator[Notice]:
    late = GroupRequest.objects.filter(unanswered_for(settings.GROUP_REQUEST_ANSWER_WITHIN))
    requests = list(late.select_related("group__community__parent", "project").order_by("pk"))
    places = {request.group.community.community.pk for request in requests}
    people = people_of(places, roles=roles_with(Ability.KEEP_GROUPS), day=timezone.localdate())
    for request in requests:
        kind, days = Notice.Kind.GROUP_REQUEST_LATE, days_waited(request.since)
        once = f"{kind}:{request.pk}:{timezone.localdate(request.since)}"
        for user in people.get(request.group.community.community.pk, []):
            yield notice_to(
                user, kind, link=request.page, once=once, group=request.group, project=request.project, days=days
            )
