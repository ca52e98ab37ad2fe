"""Who leads a helper group: somebody is asked, says yes, and leads it from then on; nobody leads without a yes."""

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Member, Notice, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_fit import hold_group, lives_there, require_keeper
from tasks.actions.place import hold_members
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.helper_group import keepers_of_group
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def ask_to_lead(group: HelperGroup, member: Member, *, by: Actor) -> None:
    """Ask a member of the group to lead it: its leader does so, or the community. Until they agree nothing changes.

    They are told and say yes or no; asked again, they stay asked. Refused: who has not agreed to belong to the group,
    who lives elsewhere by now, who leads it, a second one while one is asked, and in a dissolved group.
    """
    member = hold_members([member.pk])[member.pk]
    group = hold_group(group)
    require_keeper(group, by)
    if by.is_person(member):
        raise Refused(AccountsReason.ONESELF)
    if group.leader_id == member.pk:
        raise Refused(Reason.LEADS_ALREADY, name=member)
    if group.next_leader_id == member.pk:
        return
    if group.next_leader_id:
        raise Refused(Reason.ASKED_ALREADY)
    _require_of_the_group(member, group)
    HelperGroup.objects.filter(pk=group.pk).update(next_leader=member, asked_by_community=not by.is_member)
    record(group, "asked", by=by)
    notify([member.user], Notice.Kind.GROUP_TO_LEAD, link=group.page, group=group)


def _require_of_the_group(member: Member, group: HelperGroup) -> None:
    if not GroupMembership.objects.agreed().filter(group=group, member=member).exists():
        raise Refused(Reason.NOT_IN_THE_GROUP, name=member)
    if not lives_there(member, group):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=member, community=group.community)


@transaction.atomic
def answer_leading(group: HelperGroup, *, agree: bool, by: Actor) -> None:
    """Say yes or no to leading the group; with a yes one leads it at once, and who led it is told, and who asked.

    That who led it has wished for its end is no word of who leads it now.
    Refused: who is not asked, or no more, and a yes of who has left the group or the community since.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    member = hold_members([by.member.pk])[by.member.pk]
    group = hold_group(group)
    if group.next_leader_id != member.pk:
        raise Refused(Reason.NOT_ASKED)
    before = group.leader.user
    if not agree:
        HelperGroup.objects.filter(pk=group.pk).update(next_leader=None)
        record(group, "said no", by=by)
        notify(_who_asked(group, before), Notice.Kind.GROUP_LED_IN_VAIN, link=group.page, name=member, group=group)
        return
    _require_of_the_group(member, group)
    HelperGroup.objects.filter(pk=group.pk).update(leader=member, next_leader=None, end_wished="")
    record(group, "leader named", by=by)
    notify([member.user], Notice.Kind.GROUP_LED, link=group.page, group=group)
    people = [before, *keepers_of_group(group)]
    notify(people, Notice.Kind.GROUP_LED_BY, but=by.user, link=group.page, name=member, group=group)


def _who_asked(group: HelperGroup, leader: User) -> list[User]:
    return keepers_of_group(group) if group.asked_by_community else [leader]


@transaction.atomic
def ask_to_lead_no_more(group: HelperGroup, *, by: Actor) -> None:
    """Ask no more who has not answered yet; refused where nobody is asked."""
    group = hold_group(group)
    require_keeper(group, by)
    if group.next_leader_id is None:
        raise Refused(Reason.NOBODY_ASKED)
    HelperGroup.objects.filter(pk=group.pk).update(next_leader=None)
    record(group, "asked no more", by=by)
