"""The end of a group: asked for by its leader, decided by the community; places stay, its history too, its name is free."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import withdraw_claim
from tasks.actions.group_claim import claim_for_group, wait_for_group
from tasks.actions.group_dissolving import dissolve_group, wish_for_the_end, wish_for_the_end_no_more
from tasks.actions.group_joining import ask_to_join
from tasks.actions.group_project import offer_project
from tasks.actions.group_request import ask_group
from tasks.actions.helper_group import answer_invitation, change_group, found_group, invite_members
from tasks.actions.place import hold_shift
from tasks.actions.wish import hand_back_wishes
from tasks.models import Claim, GroupClaim, GroupMembership, GroupProject, GroupRequest, HelperGroup
from tasks.queries.group_history import belonged_to, served_by
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import (
    ClaimFactory,
    GroupClaimFactory,
    GroupProjectFactory,
    GroupRequestFactory,
    MemberFactory,
    ShiftFactory,
    TaskFactory,
)
from tests.tasks.group_world import alone, claim, group_world, notices
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status, Kind = GroupMembership.Status, Notice.Kind
WHY = "人都搬走了。"


@pytest.fixture
def world(cast):
    return group_world(cast)


def test_everybody_is_told_and_everything_of_it_ends(cast, world):
    group, invited = world.group, MemberFactory(community=cast.community)
    invite_members(group, [invited], by=cast.secretary)
    project = GroupProjectFactory(group=group)
    request = GroupRequestFactory(project=project)
    dissolve_group(group, reason=WHY, by=cast.secretary)
    group.refresh_from_db()
    assert (group.status, group.end_reason) == (HelperGroup.Status.DISSOLVED, WHY)
    assert set(group.memberships.values_list("status", flat=True)) == {Status.LEFT}
    assert GroupProject.objects.get().status == GroupProject.Status.WITHDRAWN
    assert GroupRequest.objects.get(pk=request.pk).status == GroupRequest.Status.WITHDRAWN
    assert [kinds[0] for kinds in notices(*world.people, invited)] == [Kind.GROUP_DISSOLVED] * 4
    refused(Reason.GROUP_DISSOLVED, dissolve_group, group, reason=WHY, by=cast.secretary)


def test_a_dissolved_group_does_nothing_any_more(cast, world):
    group, project = world.group, GroupProjectFactory(group=world.group)
    dissolve_group(group, reason=WHY, by=cast.secretary)
    newcomer, gone = MemberFactory(community=cast.community), Reason.GROUP_DISSOLVED
    refused(gone, invite_members, group, [newcomer], by=cast.secretary)
    refused(gone, ask_to_join, group, by=member_actor(newcomer))
    refused(gone, answer_invitation, group, agree=True, by=world.actors[0])
    refused(
        gone, offer_project, group, title="修灯", what="修灯", for_whom="老人", category="REPAIR", by=cast.secretary
    )
    refused(gone, change_group, group, kind="REPAIR", by=cast.secretary)
    refused(gone, ask_group, project, words="修灯", by=cast.secretary)
    refused(Reason.NOT_THE_LEADER, claim_for_group, group, world.shift, members=alone(*world.people), by=world.leader)


def test_a_place_stays_its_members_own_and_is_given_back_as_any_other(cast, world):
    group_claim = claim(world)
    dissolve_group(world.group, reason=WHY, by=cast.secretary)
    own = group_claim.claims.get(member=world.people[0])
    assert own.status == Claim.Status.HELD
    withdraw_claim(own, by=world.actors[0])
    own.refresh_from_db()
    world.shift.refresh_from_db()
    assert (own.status, own.kept_until, world.shift.taken) == (Claim.Status.WITHDRAWN, None, 2)
    assert Kind.GROUP_PLACE_DECLINED not in notices(cast.member.member)[0]


def test_it_leaves_the_waiting_lists_and_what_is_kept_for_it(cast, world, django_capture_on_commit_callbacks):
    task = TaskFactory(publisher=cast.community)
    full, kept = ShiftFactory(task=task, capacity=2, taken=1), world.shift
    waiting = wait_for_group(world.group, full, members=alone(*world.people[:2]), by=world.leader)
    behind = ClaimFactory(shift=full, member=MemberFactory(community=cast.community), status="WAITING")
    group_claim = claim(world)
    withdraw_claim(group_claim.claims.get(member=world.people[0]), by=world.actors[0])
    with django_capture_on_commit_callbacks(execute=True):
        dissolve_group(world.group, reason=WHY, by=cast.secretary)
    waiting.refresh_from_db()
    kept.refresh_from_db()
    behind.refresh_from_db()
    assert waiting.status == GroupClaim.Status.WITHDRAWN
    assert set(waiting.claims.values_list("status", flat=True)) == {Claim.Status.WITHDRAWN}
    assert behind.status == Claim.Status.HELD, "who waited behind the group moves up"
    assert kept.taken == 2
    assert not Claim.objects.kept_for_a_group().exists()


def test_all_its_shifts_are_held_before_the_wishes_of_any(cast, world, monkeypatch):
    task, order = TaskFactory(publisher=cast.community), []
    for n in range(2):
        full = ShiftFactory(task=task, capacity=2, taken=1, starts_at=timezone.now() + timedelta(days=3 + n))
        wait_for_group(world.group, full, members=alone(*world.people[:2]), by=world.leader)
    for name, act in (("hold_shift", hold_shift), ("hand_back_wishes", hand_back_wishes)):
        seen = partial(lambda name, act, *args, **more: order.append(name) or act(*args, **more), name, act)
        monkeypatch.setattr(f"tasks.actions.group_dissolving.{name}", seen)
    dissolve_group(world.group, reason=WHY, by=cast.secretary)
    assert order == ["hold_shift", "hold_shift", "hand_back_wishes"]


def test_what_is_offered_to_it_goes_to_the_next(cast, world, django_capture_on_commit_callbacks):
    group_claim = GroupClaimFactory(group=world.group, shift=world.shift, status="OFFERED")
    ClaimFactory(shift=world.shift, member=world.people[0], group_claim=group_claim, status="OFFERED")
    dissolve_group(world.group, reason=WHY, by=cast.secretary)
    group_claim.refresh_from_db()
    world.shift.refresh_from_db()
    assert (group_claim.status, world.shift.taken) == (GroupClaim.Status.WITHDRAWN, 0)


def test_what_is_claimed_in_that_very_moment_is_seen_with_the_next_tap(cast, world, monkeypatch):
    full = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=2, taken=1)

    def has_looked(group, *, by):
        wait_for_group(group, full, members=alone(*world.people[:2]), by=world.leader)

    with monkeypatch.context() as patch:
        patch.setattr("tasks.actions.group_dissolving._leave_waiting_lists", has_looked)
        refused(AccountsReason.STATE_CHANGED, dissolve_group, world.group, reason=WHY, by=cast.secretary)


def test_its_name_is_free_and_former_members_see_what_became_of_it(cast, world):
    dissolve_group(world.group, reason=WHY, by=cast.secretary)
    new = found_group(cast.community, name=world.group.name, leader=cast.member.member, by=cast.secretary)
    seen = HelperGroup.objects.visible_to
    assert set(seen(world.actors[0])) == {world.group, new}
    assert set(seen(cast.secretary)) == {world.group, new}
    outsider = member_actor(MemberFactory(community=cast.community))
    assert list(seen(outsider)) == [new]


def test_who_may_dissolve_it_and_with_what_reason(cast, world):
    refused(Reason.REASON_MISSING, dissolve_group, world.group, reason=" \u3000", by=cast.secretary)
    for who in (cast.member, cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            dissolve_group(world.group, reason=WHY, by=who)


def test_its_leader_asks_for_the_end_and_takes_it_back(cast, world):
    refused(Reason.NOT_THE_LEADER, wish_for_the_end, world.group, reason=WHY, by=world.actors[0])
    refused(Reason.REASON_MISSING, wish_for_the_end, world.group, reason="", by=world.leader)
    refused(Reason.NOBODY_ASKED, wish_for_the_end_no_more, world.group, by=world.leader)
    wish_for_the_end(world.group, reason=WHY, by=world.leader)
    notice = cast.secretary.user.notices.get()
    assert (notice.kind, notice.params["reason"]) == (Kind.GROUP_END_WISHED, WHY)
    world.group.refresh_from_db()
    assert (world.group.status, world.group.end_wished) == (HelperGroup.Status.ACTIVE, WHY)
    wish_for_the_end_no_more(world.group, by=world.leader)
    world.group.refresh_from_db()
    assert world.group.end_wished == ""


def test_who_belonged_to_it_when_and_what_it_served_stays(cast, world):
    late = MemberFactory(community=cast.community)
    invite_members(world.group, [late], by=cast.secretary)
    answer_invitation(world.group, agree=True, by=member_actor(late))
    group_claim = GroupClaimFactory(group=world.group, shift=world.shift)
    for member, status in zip(world.people, ("CONFIRMED", "ATTENDED", "ABSENT"), strict=True):
        ClaimFactory(shift=world.shift, member=member, group_claim=group_claim, status=status)
    ClaimFactory(shift=world.shift, member=late, status="CONFIRMED")
    dissolve_group(world.group, reason=WHY, by=cast.secretary)
    belonged = belonged_to(world.group)
    assert late in [one.member for one in belonged]
    assert [one.joined_at is not None for one in belonged if one.member == late] == [True]
    assert all(one.left_at for one in belonged)
    assert [(shift, shift.served) for shift in served_by(world.group)] == [(world.shift, 2)]
