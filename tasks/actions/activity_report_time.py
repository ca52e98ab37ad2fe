"""Who is asked for the report of an activity, once, when it is overdue."""

from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, roles_with
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from accounts.queries.appointment import people_of
from tasks.actions.time import once_a_day
from tasks.queries.activity_report import just_overdue


def ask_for_reports() -> None:
    """Once a day, from the morning on: who published an activity is asked for its report, each person once."""
    once_a_day("ask_for_activity_reports", _ask)


def _ask() -> None:
    now = timezone.now()
    tasks = list(just_overdue(now).select_related("publisher__parent", "publisher__merged_into").order_by("pk"))
    places = {place for task in tasks for place in (task.publisher_id, task.publisher.community.pk)}
    people = people_of(places, roles=roles_with(Ability.PUBLISH), day=timezone.localdate())
    write_notices(
        notice_to(
            user,
            Notice.Kind.ACTIVITY_REPORT_DUE,
            link=reverse("activity_report_write", args=[task.pk]),
            once=f"activity-report:{task.pk}",
            task=task.title,
            day=timezone.localdate(task.last_at),
        )
        for task in tasks
        # A compound without a branch secretary is its community's to write about.
        for user in people.get(task.publisher_id) or people.get(task.publisher.community.pk, [])
    )
