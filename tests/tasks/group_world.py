"""A group with its shift: how a leader names its members, and what everybody has and was told afterwards."""

from types import SimpleNamespace
from typing import Any

from accounts.access import Actor
from accounts.models import Member
from tasks.actions.claim import withdraw_claim
from tasks.actions.group_claim import claim_for_group
from tasks.models import Claim, GroupClaim, HelperGroup
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory


def group_world(cast: SimpleNamespace, *, members: int = 3, **shift: object) -> SimpleNamespace:
    """A group of `members` besides its leader, who is the cast's member; a shift of seven places, companions allowed."""
    people = MemberFactory.create_batch(members, community=cast.community)
    group = HelperGroupFactory(community=cast.community, name="和睦帮帮团", leader=cast.member.member, members=people)
    task = TaskFactory(publisher=cast.community, companions_at_most=2)
    return SimpleNamespace(
        cast=cast,
        group=group,
        leader=cast.member,
        people=people,
        actors=[member_actor(member) for member in people],
        shift=ShiftFactory(task=task, **shift),
    )


def alone(*members: Member) -> dict[int, int]:
    """These without companions, as a leader names them."""
    return {member.pk: 0 for member in members}


def claim(
    world: SimpleNamespace, *members: Member, companions: dict[int, int] | None = None, by: Any = None
) -> GroupClaim:
    """Places for these members, else for all but the leader; or for those who are named with their `companions`."""
    named = companions if companions is not None else alone(*(members or world.people))
    return claim_for_group(world.group, world.shift, members=named, by=by or world.leader)


def decline(group_claim: GroupClaim, member: Member, reason: str = "") -> None:
    """A member gives back their place of the group's."""
    own = group_claim.claims.exclude(status__in=Claim.LAPSED).get(member=member)
    withdraw_claim(own, by=member_actor(member), reason=reason)


def states(group_claim: GroupClaim) -> list[str]:
    """The state of the group's claim and those of its places, in order."""
    group_claim.refresh_from_db()
    return [group_claim.status, *group_claim.claims.order_by("pk").values_list("status", flat=True)]


def notices(*members: Member) -> list[list[str]]:
    """What each was told, the newest first."""
    return [list(member.user.notices.values_list("kind", flat=True)) for member in members]


def led(group: HelperGroup) -> Actor:
    return member_actor(group.leader)
