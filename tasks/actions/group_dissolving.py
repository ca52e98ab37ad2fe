"""The end of a helper group: asked for by its leader, decided by the community; its history stays."""

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Notice, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_claim import give_group_back
from tasks.actions.group_fit import hold_group, require_leader
from tasks.actions.group_place import end_emptied, release_kept
from tasks.actions.group_request_end import end_requests
from tasks.actions.place import hold_shift
from tasks.actions.waiting import pass_on_afterwards
from tasks.actions.wish import hand_back_wishes
from tasks.models import Claim, GroupClaim, GroupMembership, GroupProject, GroupRequest, HelperGroup, Shift, Task
from tasks.queries.helper_group import keepers_of_group
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

UNTAKEN = (GroupClaim.Status.WAITING, GroupClaim.Status.OFFERED)


@transaction.atomic
def dissolve_group(group: HelperGroup, *, reason: str, by: Actor) -> None:
    """End a group, with a reason that everybody who belongs to it, or was asked to, reads.

    It leaves its waiting lists, and what is only offered to it goes to the next; a place that somebody has stays their
    own. It offers nothing more, and what it has been asked for is the community's again. Its name is free. Refused:
    without a reason, and of one that is dissolved already.
    """
    by.require(Ability.KEEP_GROUPS, group.community)
    reason = reason.strip()
    if not reason:
        raise Refused(Reason.REASON_MISSING)
    _leave_waiting_lists(group, by=by)
    group = hold_group(group)
    people = _people_of(group)
    now = timezone.now()
    ending = {"next_leader": None, "end_reason": reason, "dissolved_at": now}
    move(group, HelperGroup.Status.DISSOLVED, by=by, why=reason, **ending)
    move_all(GroupMembership.objects.filter(group=group), GroupMembership.Status.LEFT, by=by)
    move_all(GroupProject.objects.filter(group=group), GroupProject.Status.WITHDRAWN, by=by)
    end_requests(GroupRequest.objects.filter(group=group), by=by, why=reason)
    if _unsettled(group).exists():  # claimed in this very moment
        raise Refused(AccountsReason.STATE_CHANGED)
    notify(people, Notice.Kind.GROUP_DISSOLVED, but=by.user, link=group.page, group=group, reason=reason)


def _people_of(group: HelperGroup) -> list[User]:
    rows = group.memberships.filter(status__in=GroupMembership.LIVING).select_related("member__user")
    return [row.member.user for row in rows.order_by("pk")]


def _unsettled(group: HelperGroup) -> QuerySet[GroupClaim]:
    """What the group waits for or is offered, and where a place is kept for it."""
    kept = Claim.objects.kept_for_a_group().filter(group_claim__group=group)
    return GroupClaim.objects.filter(Q(status__in=UNTAKEN) | Q(pk__in=kept.values("group_claim")), group=group)


def _leave_waiting_lists(group: HelperGroup, *, by: Actor) -> None:
    """All shifts first, in order, then their wishes, and the group after them; nobody could fill a place that is kept for it."""
    shifts = Shift.objects.filter(pk__in=_unsettled(group).values("shift"))
    tasks: dict[int, Task] = {}
    for shift in shifts.order_by("pk"):
        shift = hold_shift(shift)
        for claim in _unsettled(group).filter(shift=shift).select_related("group").order_by("pk"):
            release_kept(Claim.objects.filter(group_claim=claim), shift)
            if claim.status in UNTAKEN:
                move(claim, GroupClaim.Status.WITHDRAWN, by=by)
                give_group_back(claim, shift, Claim.Status.WITHDRAWN, by=by)
        end_emptied(shift, by=by)
        pass_on_afterwards(shift)
        tasks[shift.task_id] = shift.task
    for _key, task in sorted(tasks.items()):
        hand_back_wishes(task, by=by)


@transaction.atomic
def wish_for_the_end(group: HelperGroup, *, reason: str, by: Actor) -> None:
    """Its leader asks the community to dissolve the group, and says why; asked again, the last word stands.

    Refused: who does not lead it, without a reason, and of a dissolved group.
    """
    group = hold_group(group)
    require_leader(group, by)
    reason = reason.strip()
    if not reason:
        raise Refused(Reason.REASON_MISSING)
    HelperGroup.objects.filter(pk=group.pk).update(end_wished=reason)
    record(group, "end wished", by=by, why=reason)
    notify(keepers_of_group(group), Notice.Kind.GROUP_END_WISHED, link=group.page, group=group, reason=reason)


@transaction.atomic
def wish_for_the_end_no_more(group: HelperGroup, *, by: Actor) -> None:
    """Its leader would keep it after all. Refused where nobody has asked for its end."""
    group = hold_group(group)
    require_leader(group, by)
    if not group.end_wished:
        raise Refused(Reason.NOBODY_ASKED)
    HelperGroup.objects.filter(pk=group.pk).update(end_wished="")
    record(group, "end not wished", by=by)
