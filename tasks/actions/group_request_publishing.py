"""What a helper group has accepted becomes a task of theirs, with places for those who come (domain rules 2 and 3)."""

from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_claim import hold_for_group, tell_members
from tasks.actions.group_request import refuse_who_asked
from tasks.actions.place import hold_members
from tasks.actions.task import check_shifts
from tasks.actions.task_offer import ShiftTime, check_offer, write_offer
from tasks.actions.wish_publishing import join_task
from tasks.actions.wish_step import take_up_wishes
from tasks.models import GroupRequest, Task, Wish
from tasks.models.task import Category
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Status = GroupRequest.Status


def publish_request(request: GroupRequest, *, by: Actor, **fields: Any) -> Task:
    """Make what a group has accepted a task of the community, at the group's hours, with a place for each who comes.

    `fields` are those of `Task`. The places are a claim of the group: who comes is told and may decline, and the leader
    fills that place again. A resident's wish is published and claimed with it. Refused: what the group has not
    accepted, whatever `publish_task` refuses, somebody who does not fit at that time by now, and words that tell who
    asked. Then nothing has been written.
    """
    by.require(Ability.KEEP_GROUPS, request.group.community)
    try:
        with transaction.atomic():
            return _publish(request, by=by, **fields)
    except IntegrityError:
        # A constraint of the database was faster than our own look.
        raise Refused(AccountsReason.STATE_CHANGED) from None


def _publish(request: GroupRequest, *, by: Actor, **fields: Any) -> Task:
    people = hold_members(request.people.values_list("pk", flat=True))
    request = GroupRequest.objects.with_all().get(pk=request.pk)  # two who publish it meet at its people
    group, community = request.group, request.group.community
    if request.status != Status.ACCEPTED or request.starts_at is None or request.ends_at is None:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=request.get_status_display())
    if not people:
        raise Refused(Reason.NOBODY_COMES)
    refuse_who_asked(request, people.values())
    now, hours = timezone.now(), ShiftTime(request.starts_at, request.ends_at, len(people))
    check_offer(by=by, audience=community, **fields)
    check_shifts([hours])
    about = {"category": Category.HELPER_GROUP, "opens_at": now, **fields}
    task = write_offer(by=by, audience=community, shifts=[hours], **about)
    group_claim = hold_for_group(group, task.shifts.get(), dict.fromkeys(people, 0), by=by)
    # Wishes before requests, as declining one does. Published first, this is no request that its wish calls off.
    wishes = Wish.objects.filter(group_requests=request).order_by("pk")
    list(wishes.select_for_update(of=("self",), no_key=True).values_list("pk"))
    move(request, Status.PUBLISHED, by=by, since=now, task=task)
    if request.wish:
        join_task([request.wish], task, by=by)
        take_up_wishes(task, by=by)
    tell_members(group_claim, group_claim.shift, by=by)
    return task
