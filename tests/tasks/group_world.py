"""A group with its shift, and what must be true of every shift whatever has happened."""

from types import SimpleNamespace

from django.db.models import F, Sum

from accounts.access import Actor
from accounts.models import Member
from tasks.models import Claim, GroupClaim, HelperGroup, Shift
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


def stranger(cast: SimpleNamespace) -> Actor:
    return member_actor(MemberFactory(community=cast.community))


def taken(shift: Shift) -> int:
    """The places taken, which are always those of the claims that occupy any and those kept for groups."""
    shift.refresh_from_db()
    claims = Claim.objects.filter(shift=shift)
    held = claims.occupying().aggregate(n=Sum(F("companions") + 1, default=0))["n"]
    assert shift.taken == held + claims.kept_for_a_group().count()
    return shift.taken


def states(group_claim: GroupClaim) -> list[str]:
    """The state of the group's claim and those of its places, in order."""
    group_claim.refresh_from_db()
    return [group_claim.status, *group_claim.claims.order_by("pk").values_list("status", flat=True)]


def notices(*members: Member) -> list[list[str]]:
    """What each was told, the newest first."""
    return [list(member.user.notices.values_list("kind", flat=True)) for member in members]


def led(group: HelperGroup) -> Actor:
    return member_actor(group.leader)
