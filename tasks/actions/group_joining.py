"""Asking to join a helper group, and the answer of its leader or of the community."""

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from tasks.actions.group_fit import hold_group, lives_there, require_keeper
from tasks.actions.helper_group import own_membership
from tasks.actions.place import hold_members
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.helper_group import answerers_of
from tasks.refusals import Reason
from vanguard.lib.masking import mask_name
from vanguard.lib.refused import Refused

Status = GroupMembership.Status


@transaction.atomic
def ask_to_join(group: HelperGroup, *, words: str = "", by: Actor) -> GroupMembership:
    """Ask to belong to a group of the community that one lives in; its leader, or else the community, says yes or no.

    Asked twice is once, and who is invited says yes by asking. Refused: who lives elsewhere, who belongs to it, and a
    group that takes in only who is invited or is dissolved.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    member = hold_members([by.member.pk])[by.member.pk]
    group = hold_group(group)
    if not lives_there(member, group):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=member, community=group.community)
    row = GroupMembership.objects.filter(group=group, member=member).first()
    if row and row.status == Status.ASKED:
        return row
    if row and row.status == Status.AGREED:
        raise Refused(Reason.IN_THE_GROUP_YOURSELF)
    if row and row.status == Status.INVITED:
        move(row, Status.AGREED, by=by)
        return row
    if not group.can_be_asked:
        raise Refused(Reason.JOINING_BY_INVITATION)
    row = _ask(row, group, member, words.strip(), by=by)
    _tell_asked(row, group)
    return row


def _ask(row: GroupMembership | None, group: HelperGroup, member: Member, words: str, *, by: Actor) -> GroupMembership:
    if row:
        move(row, Status.ASKED, by=by, words=words, answer="")
        return row
    row = GroupMembership.objects.create(group=group, member=member, status=Status.ASKED, words=words)
    record(row, "asked to join", by=by, new=Status.ASKED)
    return row


def _tell_asked(row: GroupMembership, group: HelperGroup) -> None:
    name = mask_name(str(row.member))  # who leads learns it with the yes
    notify(answerers_of(group), Notice.Kind.GROUP_ASKED_TO_JOIN, link=group.page, name=name, group=group)


@transaction.atomic
def ask_to_join_no_more(group: HelperGroup, *, by: Actor) -> None:
    """Take back what one has asked; refused when it is answered already."""
    group = hold_group(group, active=False)
    row = own_membership(group, by)
    if row.status != Status.ASKED:
        raise Refused(Reason.NOT_ASKED)
    move(row, Status.LEFT, by=by)


@transaction.atomic
def answer_asker(membership: GroupMembership, *, agree: bool, words: str = "", by: Actor) -> None:
    """Take in who has asked, or not, with a word why; they are told.

    The leader answers, or the community; nobody their own. Refused: what is answered or taken back already, a no
    without a word, a yes to who lives elsewhere by now, and in a dissolved group.
    """
    member = hold_members([membership.member_id])[membership.member_id]
    group = hold_group(membership.group)
    require_keeper(group, by)
    membership = GroupMembership.objects.get(pk=membership.pk)
    if by.is_person(member):
        raise Refused(Reason.OWN_ASKING)
    if membership.status != Status.ASKED:
        raise Refused(Reason.ANSWERED_BY_NOW)
    words = words.strip()
    if not agree and not words:
        raise Refused(Reason.REASON_MISSING)
    if agree and not lives_there(member, group):
        name = mask_name(str(member)) if by.is_member else str(member)
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=name, community=group.community)
    move(membership, Status.AGREED if agree else Status.REFUSED, by=by, why=words, answer=words)
    if agree:
        notify([member.user], Notice.Kind.GROUP_JOINED, link=group.page, group=group)
    else:
        notify([member.user], Notice.Kind.GROUP_NOT_JOINED, link=group.page, group=group, reason=words)
