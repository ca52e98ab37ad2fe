"""Who acts for a group, and whether its members may take the places that its leader claims for them (domain rule 3)."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from django.utils.translation import gettext_lazy as _

from accounts.access import Ability, Actor
from accounts.models import Member, Organization
from tasks.actions.fit import require_fit, require_open_to
from tasks.models import Claim, GroupClaim, GroupMembership, HelperGroup, Shift
from tasks.refusals import Reason
from vanguard.lib.masking import mask_name
from vanguard.lib.refused import Refused

# Said alike of all three: what is said of an own wish alone would tell whose wish it is.
NOT_OPEN_TO_THEM = _("it is not open to them.")
# What a leader learns of a member who cannot come: no other place by name, no flags, no wish of their own.
WHY = {
    Reason.NOT_CHECKED_IN: _("lives in no community at present."),
    Reason.NOT_IN_AUDIENCE: _("this is for members who live in %(audience)s."),
    Reason.OVERLAP: _("has another place at that time."),
    Reason.TOO_MANY: NOT_OPEN_TO_THEM,
    Reason.NEEDS_SKILL: _("these places are for who can do “%(skill)s”."),
    Reason.FIRST_FOR_OTHERS: NOT_OPEN_TO_THEM,
    Reason.OWN_WISH: NOT_OPEN_TO_THEM,
}


def require_leader(group: HelperGroup, by: Actor) -> None:
    """Only the leader acts for a group, under the member's hat, and only once they have agreed to belong to it."""
    by.require(Ability.CLAIM)
    assert by.member is not None
    agreed = GroupMembership.objects.agreed().filter(group=group, member=by.member)
    if group.leader_id != by.member.pk or not agreed.exists():
        raise Refused(Reason.NOT_THE_LEADER)


def require_keeper(group: HelperGroup, by: Actor) -> None:
    """What the community does with a group that it keeps, and its leader for it."""
    if by.is_member:
        require_leader(group, by)
    else:
        by.require(Ability.KEEP_GROUPS, group.community)


def hold_group(group: HelperGroup, *, active: bool = True) -> HelperGroup:
    """The group as it is now: who leads it, and that it is there, does not change until this is done.

    Refused of a dissolved one, unless that is what is wanted.
    """
    rows = HelperGroup.objects.select_related("community", "leader__user", "next_leader__user")
    held = rows.select_for_update(of=("self",), no_key=True).get(pk=group.pk)
    if active and not held.is_active:
        raise Refused(Reason.GROUP_DISSOLVED)
    return held


def refresh(group_claim: GroupClaim) -> GroupClaim:
    """As it is now that its shift is held, with who leads the group."""
    rows = GroupClaim.objects.select_related("group__community", "group__leader__user")
    return rows.get(pk=group_claim.pk)


def lives_there(member: Member, group: HelperGroup) -> bool:
    """Whether the member is checked in to the group's community, compounds included."""
    return member.home is not None and member.home.lies_within(group.community.path)


def require_belonging(group: HelperGroup, people: Mapping[int, Member], wanted: Iterable[int]) -> None:
    """Everybody wanted has agreed to belong to the group and lives where it is at home; held until this is done."""
    rows = GroupMembership.objects.agreed().filter(group=group, member__in=wanted).order_by("pk")
    agreed = set(rows.select_for_update(of=("self",), no_key=True).values_list("member_id", flat=True))
    for key in wanted:
        member = people.get(key)
        if member is None or key not in agreed:
            raise Refused(Reason.NOT_IN_THE_GROUP, name=mask_name(str(member or "")))
        if not lives_there(member, group):
            raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=member, community=group.community)


def require_no_place(shift: Shift, people: Mapping[int, Member]) -> None:
    """Nobody has a place in the shift already, or waits for one."""
    claim = Claim.objects.living().filter(shift=shift, member__in=people).first()
    if claim and claim.status == Claim.Status.WAITING:
        raise Refused(Reason.WAITS_THERE, name=people[claim.member_id])
    if claim:
        raise Refused(Reason.HAS_A_PLACE, name=people[claim.member_id])


def require_member_fits(
    shift: Shift, member: Member, now: datetime, *, by: Actor, waiting: bool = False
) -> Organization:
    """As for one who claims alone; the refusal says who cannot come and, of somebody else, no more of why than needed.

    Who only waits needs neither the time nor the right to one more place yet.
    """
    try:
        return require_open_to(shift, member, now) if waiting else require_fit(shift, member, now)
    except Refused as refused:
        why = WHY.get(Reason(refused.reason))
        if why is None or by.is_person(member):
            raise
        raise Refused(Reason.NOT_FIT, name=member, why=str(why) % refused.details) from None
