"""City tasks passed down: the city asks, communities host with tasks of their own, the city sees how far they are."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notice_to, notify, write_notices
from accounts.models import Notice, Organization
from tasks.actions.shift_change import refuse_after_host_by
from tasks.actions.task import check_opening, check_shifts
from tasks.actions.task_offer import ShiftTime, check_numbers, check_offer, once, write_offer
from tasks.models import Task
from tasks.queries.hosting import communities_asked, communities_without, staff_of
from tasks.queries.task import audiences_of
from tasks.refusals import Reason
from vanguard.lib.days import A_YEAR
from vanguard.lib.refused import Refused


@once
@transaction.atomic
def pass_down(*, by: Actor, host_by: date, shifts: Sequence[ShiftTime] = (), **fields: Any) -> Task:
    """Ask every community of the city to host a task, by the day `host_by`; their staff are told.

    It has no shifts and nobody claims it: what communities host of it has them. `fields` are those of `Task`. Refused:
    shifts of its own, a last day that is not to come or more than a year ahead, and what no city may publish.
    """
    by.require(Ability.PUBLISH)
    city = by.organization
    if city is None or city.kind != Organization.Kind.CITY:
        raise PermissionDenied
    check_offer(by=by, audience=city, **fields)
    if shifts:
        raise Refused(Reason.NO_OWN_SHIFTS)
    today = timezone.localdate()
    if not today < host_by <= today + A_YEAR:
        raise Refused(Reason.HOST_BY_PAST)
    task = write_offer(by=by, audience=city, shifts=[], host_by=host_by, opens_at=timezone.now(), **fields)
    link = reverse("task", args=[task.pk])
    notify(
        staff_of(communities_asked(task)), Notice.Kind.TASK_PASSED_DOWN, link=link, task=task.title, day=task.host_by
    )
    return task


@once
@transaction.atomic
def host_task(parent: Task, *, by: Actor, shifts: Sequence[ShiftTime], **own: Any) -> Task:
    """Publish to the members of one's community what the city asks of it, with own shifts, place and contact.

    `own` are fields of `Task`; those of Task.FROM_THE_CITY come from the city, the flag value even above the community's
    own limit. A community may host several. Refused: who is no community of that city, what is no longer asked, more
    companions or first minutes than there can be, and shifts that could not be published or end after the city's last day.
    """
    by.require(Ability.PUBLISH)
    community = by.organization
    assert community is not None
    if community.kind != Organization.Kind.COMMUNITY:
        raise Refused(Reason.ONLY_COMMUNITIES_HOST)
    parent = Task.objects.select_related("publisher").select_for_update(of=("self",), no_key=True).get(pk=parent.pk)
    if not community.lies_within(parent.publisher.path):
        raise PermissionDenied
    refuse_unless_asked(parent)
    if community not in audiences_of(community):
        raise Refused(Reason.FOREIGN_AUDIENCE, audience=community)
    check_shifts(shifts)
    for time in shifts:
        refuse_after_host_by(parent, time)
    most = parent.flag_value  # whatever the community's own limit is
    check_numbers(most, most, own.get("companions_at_most", 0), own.get("first_minutes", 0))
    opens_at = own.pop("opens_at", None) or timezone.now()
    check_opening(opens_at, shifts)
    inherited = {name: getattr(parent, name) for name in Task.FROM_THE_CITY}
    return write_offer(
        by=by, audience=community, shifts=shifts, opens_at=opens_at, parent=parent, **{**own, **inherited}
    )


def refuse_unless_asked(parent: Task) -> None:
    """Refuse what the city has not passed down, or asks for no longer."""
    if parent.host_by is None:
        raise Refused(Reason.NOT_PASSED_DOWN)
    if not parent.can_be_hosted(timezone.localdate()):
        raise Refused(Reason.NOT_OPEN)


@transaction.atomic
def remind_hosts(task: Task, *, by: Actor) -> int:
    """Remind the staff of communities that host nothing of it yet, each person once a day; how many were comes back.

    Refused: what is no longer asked, and when nobody is left to remind today.
    """
    by.require(Ability.PUBLISH, task.publisher)
    refuse_unless_asked(task)
    once = f"host:{task.pk}:{timezone.localdate()}"
    told = {"task": task.title, "day": task.host_by}
    link, kind = reverse("task", args=[task.pk]), Notice.Kind.HOSTING_REMINDER
    notices = [notice_to(user, kind, link=link, once=once, **told) for user in staff_of(communities_without(task))]
    written = set(Notice.objects.filter(once__startswith=f"{once}:").values_list("once", flat=True))
    wanted = [notice for notice in notices if notice.user.is_active and notice.once not in written]
    if not wanted:
        raise Refused(Reason.NOBODY_TO_REMIND)
    write_notices(wanted)
    record(task, "reminded", by=by)
    return len(wanted)
