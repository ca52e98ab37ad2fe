"""A helper group (帮帮团 / 睦邻社): founded by its community, joined by who says yes."""

from collections.abc import Iterable
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record, record_all
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization, Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_fit import hold_group, lives_there, require_keeper
from tasks.actions.group_place import end_emptied
from tasks.actions.place import hold_members, hold_shift
from tasks.actions.waiting import pass_on_afterwards
from tasks.models import Claim, GroupMembership, HelperGroup, Shift
from tasks.refusals import Reason
from vanguard.lib.masking import mask_name
from vanguard.lib.refused import Refused

Status = GroupMembership.Status


@transaction.atomic
def found_group(
    community: Organization,
    *,
    name: str,
    leader: Member | None,
    members: Iterable[Member] = (),
    by: Actor,
    skills: Iterable[Skill] = (),
    **about: Any,
) -> HelperGroup:
    """Found a group of members who live in the community, and invite its leader and `members`.

    `about` are its kind, its introduction and whether members may ask to join. Everybody is asked, the leader too.
    Refused: no name, one that a group of the community has already, no leader, and who lives elsewhere.
    """
    by.require(Ability.KEEP_GROUPS, community)
    name = _cleaned(name)
    if leader is None:
        raise Refused(Reason.LEADER_MISSING)
    try:
        with transaction.atomic():
            group = HelperGroup.objects.create(name=name, community=community, leader=leader, **about)
    except IntegrityError:
        raise Refused(Reason.GROUP_NAME_TAKEN) from None
    group.skills.set(skills)
    record(group, "founded", by=by)
    _invite(group, [leader, *members], by=by)
    return group


def _cleaned(name: str) -> str:
    name = " ".join(name.split())
    if not name:
        raise Refused(Reason.GROUP_NAME_MISSING)
    return name


@transaction.atomic
def change_group(group: HelperGroup, *, by: Actor, skills: Iterable[Skill] | None = None, **about: Any) -> None:
    """Say anew what a group is: kind, skills, introduction, whether members may ask to join; the community its name too.

    Refused: who neither leads it nor keeps it, a name that is missing or taken, and of a dissolved group.
    """
    group = hold_group(group)
    require_keeper(group, by)
    if by.is_member:
        about.pop("name", None)
    if "name" in about:
        about["name"] = _cleaned(about["name"])
    for field, value in about.items():
        setattr(group, field, value)
    try:
        with transaction.atomic():
            group.save(update_fields=list(about))
    except IntegrityError:
        raise Refused(Reason.GROUP_NAME_TAKEN) from None
    if skills is not None:
        group.skills.set(skills)
    record(group, "changed", by=by)


@transaction.atomic
def invite_members(group: HelperGroup, members: Iterable[Member], *, by: Actor) -> None:
    """Ask members into a group; each is told and says yes or no. The community does so, and the group's leader.

    Who has said no, or has left, may be asked again; who has asked to join is in it by that. Refused: nobody named,
    who lives elsewhere, who is in the group or has been invited already, and for a dissolved group.
    """
    require_keeper(group, by)
    _invite(group, members, by=by)


def _invite(group: HelperGroup, members: Iterable[Member], *, by: Actor) -> None:
    people = hold_members(member.pk for member in members)
    if not people:
        raise Refused(Reason.NOBODY_NAMED)
    group = hold_group(group)
    rows = GroupMembership.objects.filter(group=group, member__in=people).order_by("pk")
    known = {row.member_id: row for row in rows.select_for_update(of=("self",), no_key=True)}
    for key, member in people.items():
        if not lives_there(member, group):
            raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=_name_for(by, member), community=group.community)
        if key in known and known[key].status in GroupMembership.CURRENT:
            raise Refused(Reason.IN_THE_GROUP_ALREADY, name=_name_for(by, member))
    taken_in = move_all(rows.filter(status=Status.ASKED), Status.AGREED, by=by)
    move_all(rows, Status.INVITED, by=by, words="", answer="")
    new = GroupMembership.objects.bulk_create(
        GroupMembership(group=group, member=member) for key, member in people.items() if key not in known
    )
    record_all(GroupMembership, [row.pk for row in new], "invited", by=by, new=Status.INVITED)
    asked = {row.member_id for row in known.values() if row.pk in taken_in}
    invited = [member.user for key, member in people.items() if key not in asked]
    notify(invited, Notice.Kind.GROUP_INVITED, but=by.user, link=group.page, group=group)
    joined = [people[key].user for key in asked]
    notify(joined, Notice.Kind.GROUP_JOINED, link=group.page, group=group)


def _name_for(by: Actor, member: Member) -> str:
    """A leader learns no name of who has not agreed to belong to the group."""
    return mask_name(str(member)) if by.is_member else str(member)


@transaction.atomic
def answer_invitation(group: HelperGroup, *, agree: bool, by: Actor) -> None:
    """Say yes or no to an invitation; said twice, it is said once.

    Refused: without an invitation, a yes and a no after each other, a yes of who has moved elsewhere since, and once
    the group is dissolved.
    """
    group = hold_group(group)
    membership = own_membership(group, by)
    if membership.status == Status.ASKED:
        raise Refused(Reason.NOT_INVITED)
    answer = Status.AGREED if agree else Status.DECLINED
    if membership.status == answer:
        return
    if agree and not lives_there(membership.member, group):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=membership.member, community=group.community)
    move(membership, answer, by=by)


@transaction.atomic
def leave_group(group: HelperGroup, *, by: Actor) -> None:
    """Leave a group, and the waiting lists on which one stands with it; a place that one has stays one's own.

    Refused: its leader, before somebody else has agreed to lead it, and who does not belong to it.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    _leave_waiting_lists(group, by.member, by=by)
    group = hold_group(group)
    membership = own_membership(group, by)
    if group.leader_id == membership.member_id and membership.status == Status.AGREED:
        raise Refused(Reason.LEADER_STAYS)
    _leave(membership, group, by=by)


@transaction.atomic
def take_out(membership: GroupMembership, *, by: Actor) -> None:
    """Take somebody out of a group, or an invitation back, for the community; as if they had left.

    Refused: the leader, before another one has agreed, who is out already, and who asks to join, for that is answered.
    """
    by.require(Ability.KEEP_GROUPS, membership.group.community)
    _leave_waiting_lists(membership.group, membership.member, by=by)
    group = hold_group(membership.group)
    membership = GroupMembership.objects.select_related("member").get(pk=membership.pk)
    if membership.status == Status.ASKED:
        raise Refused(Reason.ANSWER_TO_JOIN_FIRST, name=membership.member)
    if group.leader_id == membership.member_id and membership.status in GroupMembership.CURRENT:
        raise Refused(Reason.LEADER_STAYS)
    _leave(membership, group, by=by)


def own_membership(group: HelperGroup, by: Actor) -> GroupMembership:
    """The actor's own word on a group, whatever it is; refused where there is none."""
    by.require(Ability.CLAIM)
    memberships = GroupMembership.objects.filter(group=group, member=by.member).select_related("member__home")
    membership = memberships.first()
    if membership is None:
        raise Refused(Reason.NOT_INVITED)
    return membership


def _leave(membership: GroupMembership, group: HelperGroup, *, by: Actor) -> None:
    """From here on nobody is named in another claim; refused if that has happened since the waiting lists were left.

    Who is asked to lead the group is so no more.
    """
    move(membership, Status.LEFT, by=by)
    if group.next_leader_id == membership.member_id:
        HelperGroup.objects.filter(pk=group.pk).update(next_leader=None)
        record(group, "asked no more", by=by)
    if _waiting(membership.group, membership.member).exists():
        raise Refused(AccountsReason.STATE_CHANGED)


def _waiting(group: HelperGroup, member: Member) -> QuerySet[Claim]:
    return Claim.objects.filter(group_claim__group=group, member=member, status=Claim.Status.WAITING)


def _leave_waiting_lists(group: HelperGroup, member: Member, *, by: Actor) -> None:
    """Shifts first, in order, and the group after them. What waits there has become smaller, and may fit now."""
    waiting = _waiting(group, member)
    for shift in Shift.objects.filter(pk__in=waiting.values("shift")).order_by("pk"):
        hold_shift(shift)
        move_all(waiting.filter(shift=shift), Claim.Status.WITHDRAWN, by=by)
        end_emptied(shift, by=by)
        pass_on_afterwards(shift)
