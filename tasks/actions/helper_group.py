"""A helper group (帮帮团 / 睦邻社): founded by its community, joined by who says yes."""

from collections.abc import Iterable

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record, record_all
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_fit import lives_there, require_leader
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
    community: Organization, *, name: str, leader: Member | None, members: Iterable[Member] = (), by: Actor
) -> HelperGroup:
    """Found a group of members who live in the community, and invite its leader and `members`.

    Everybody is asked, the leader too. Refused: no name, one that the community's groups have already, no leader, and
    who lives elsewhere.
    """
    by.require(Ability.KEEP_GROUPS, community)
    name = " ".join(name.split())
    if not name:
        raise Refused(Reason.GROUP_NAME_MISSING)
    if leader is None:
        raise Refused(Reason.LEADER_MISSING)
    try:
        with transaction.atomic():
            group = HelperGroup.objects.create(name=name, community=community, leader=leader)
    except IntegrityError:
        raise Refused(Reason.GROUP_NAME_TAKEN) from None
    record(group, "founded", by=by)
    _invite(group, [leader, *members], by=by)
    return group


@transaction.atomic
def invite_members(group: HelperGroup, members: Iterable[Member], *, by: Actor) -> None:
    """Ask members into a group; each is told and says yes or no. The community does so, and the group's leader.

    Who has said no, or has left, may be asked again. Refused: nobody named, who lives elsewhere, and who is in the
    group or has been invited already.
    """
    if by.is_member:
        require_leader(group, by)
    else:
        by.require(Ability.KEEP_GROUPS, group.community)
    _invite(group, members, by=by)


def _invite(group: HelperGroup, members: Iterable[Member], *, by: Actor) -> None:
    people = hold_members(member.pk for member in members)
    if not people:
        raise Refused(Reason.NOBODY_NAMED)
    rows = GroupMembership.objects.filter(group=group, member__in=people).order_by("pk")
    known = {row.member_id: row for row in rows.select_for_update(of=("self",), no_key=True)}
    for key, member in people.items():
        if not lives_there(member, group):
            raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=_name_for(by, member), community=group.community)
        if key in known and known[key].status in GroupMembership.CURRENT:
            raise Refused(Reason.IN_THE_GROUP_ALREADY, name=_name_for(by, member))
    move_all(rows, Status.INVITED, by=by)
    new = GroupMembership.objects.bulk_create(
        GroupMembership(group=group, member=member) for key, member in people.items() if key not in known
    )
    record_all(GroupMembership, [row.pk for row in new], "invited", by=by, new=Status.INVITED)
    invited = [member.user for member in people.values()]
    notify(invited, Notice.Kind.GROUP_INVITED, but=by.user, link=group.page, group=group)


def _name_for(by: Actor, member: Member) -> str:
    """A leader learns no name of who has not agreed to belong to the group."""
    return mask_name(str(member)) if by.is_member else str(member)


@transaction.atomic
def answer_invitation(group: HelperGroup, *, agree: bool, by: Actor) -> None:
    """Say yes or no to an invitation; said twice, it is said once.

    Refused: without an invitation, a yes and a no after each other, and a yes of who has moved elsewhere since.
    """
    membership = _own(group, by)
    answer = Status.AGREED if agree else Status.DECLINED
    if membership.status == answer:
        return
    if agree and not lives_there(membership.member, group):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=membership.member, community=group.community)
    move(membership, answer, by=by)


@transaction.atomic
def leave_group(group: HelperGroup, *, by: Actor) -> None:
    """Leave a group, and the waiting lists on which one stands with it; a place that one has stays one's own.

    Refused: its leader, before the community has named another, and who does not belong to it.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    _leave_waiting_lists(group, by.member, by=by)
    group, membership = _hold(group), _own(group, by)
    if group.leader_id == membership.member_id and membership.status == Status.AGREED:
        raise Refused(Reason.LEADER_STAYS)
    _leave(membership, by=by)


@transaction.atomic
def take_out(membership: GroupMembership, *, by: Actor) -> None:
    """Take somebody out of a group, or an invitation back, for the community; as if they had left.

    Refused: the leader, before another is named, and who is out already.
    """
    by.require(Ability.KEEP_GROUPS, membership.group.community)
    _leave_waiting_lists(membership.group, membership.member, by=by)
    group = _hold(membership.group)
    membership = GroupMembership.objects.select_related("member").get(pk=membership.pk)
    if group.leader_id == membership.member_id and membership.status in GroupMembership.CURRENT:
        raise Refused(Reason.LEADER_STAYS)
    _leave(membership, by=by)


@transaction.atomic
def name_leader(group: HelperGroup, member: Member, *, by: Actor) -> None:
    """Let another member lead the group; they are told. Named again, they stay it.

    Refused: who has not agreed to belong to the group, and who lives elsewhere by now.
    """
    member = hold_members([member.pk])[member.pk]
    group = _hold(group)
    by.require(Ability.KEEP_GROUPS, group.community)
    if group.leader_id == member.pk:
        return
    if not GroupMembership.objects.agreed().filter(group=group, member=member).exists():
        raise Refused(Reason.NOT_IN_THE_GROUP, name=member)
    if not lives_there(member, group):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=member, community=group.community)
    HelperGroup.objects.filter(pk=group.pk).update(leader=member)
    record(group, "leader named", by=by)
    notify([member.user], Notice.Kind.GROUP_LED, but=by.user, link=group.page, group=group)


def _hold(group: HelperGroup) -> HelperGroup:
    """The group as it is now: who leads it does not change until this is done."""
    rows = HelperGroup.objects.select_related("community").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=group.pk)


def _own(group: HelperGroup, by: Actor) -> GroupMembership:
    by.require(Ability.CLAIM)
    memberships = GroupMembership.objects.filter(group=group, member=by.member).select_related("member__home")
    membership = memberships.first()
    if membership is None:
        raise Refused(Reason.NOT_INVITED)
    return membership


def _leave(membership: GroupMembership, *, by: Actor) -> None:
    """From here on nobody is named in another claim; refused if that has happened since the waiting lists were left."""
    move(membership, Status.LEFT, by=by)
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
