"""Helper groups: founded by the community, joined by who says yes, led by one who has."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.access import Actor
from accounts.models import Member, Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_claim import wait_for_group
from tasks.actions.group_leading import answer_leading, ask_to_lead
from tasks.actions.helper_group import (
    answer_invitation,
    found_group,
    invite_members,
    leave_group,
    take_out,
)
from tasks.models import Claim, GroupMembership, HelperGroup
from tasks.queries.helper_group import groups_led_by, members_to_invite, resident_with
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status = GroupMembership.Status


@pytest.fixture
def neighbours(cast) -> list[Member]:
    return MemberFactory.create_batch(2, community=cast.community)


@pytest.fixture
def group(cast, neighbours) -> HelperGroup:
    """Led by the cast's member, who lives in the compound; both neighbours have agreed."""
    return HelperGroupFactory(
        community=cast.community, name="和睦帮帮团", leader=cast.member.member, members=neighbours
    )


def said(group, member) -> str:
    return group.memberships.get(member=member).status


# --- founding and inviting ------------------------------------------------------------------


def test_a_community_founds_a_group_and_everybody_is_asked_the_leader_too(cast, neighbours):
    leader = cast.member.member
    group = found_group(cast.community, name=" 和睦  帮帮团 ", leader=leader, members=neighbours, by=cast.secretary)
    assert (group.name, group.leader, group.community) == ("和睦 帮帮团", leader, cast.community)
    assert {row.member: row.status for row in group.memberships.all()} == dict.fromkeys(
        [leader, *neighbours], Status.INVITED
    )
    for member in (leader, *neighbours):
        notice = member.user.notices.get()
        assert (notice.kind, notice.params["group"], notice.link) == ("GROUP_INVITED", "和睦 帮帮团", group.page)
    assert Record.objects.filter(verb="founded", subject_id=group.pk, user=cast.secretary.user).count() == 1
    assert not groups_led_by(leader).exists(), "nobody leads before having agreed"


@pytest.mark.parametrize("who", ["branch", "city_officer", "street_officer", "unit_officer", "inspector", "member"])
def test_only_the_communitys_secretary_founds(cast, who):
    with pytest.raises(PermissionDenied):
        found_group(cast.community, name="帮帮团", leader=cast.member.member, by=getattr(cast, who))


def test_the_neighbours_secretary_founds_nothing_here(cast):
    with pytest.raises(PermissionDenied):
        found_group(cast.community, name="帮帮团", leader=cast.member.member, by=cast.other_secretary)


def test_bad_input_founds_nothing(cast, group):
    leader = cast.member.member
    elsewhere, nowhere = cast.other_member.member, MemberFactory()
    found = {"by": cast.secretary, "name": "新的团", "leader": leader}
    refused(Reason.GROUP_NAME_MISSING, found_group, cast.community, **found | {"name": " \u3000 "})
    refused(Reason.GROUP_NAME_TAKEN, found_group, cast.community, **found | {"name": "和睦帮帮团"})
    refused(Reason.LEADER_MISSING, found_group, cast.community, **found | {"leader": None})
    refused(Reason.NOT_OF_THE_COMMUNITY, found_group, cast.community, **found | {"leader": nowhere})
    caught = refused(Reason.NOT_OF_THE_COMMUNITY, found_group, cast.community, members=[elsewhere], **found)
    assert caught.details == {"name": "王芳", "community": cast.community}


def test_the_neighbours_may_have_a_group_of_the_same_name(cast, group):
    found_group(cast.other_community, name="和睦帮帮团", leader=cast.other_member.member, by=cast.other_secretary)


def test_a_leader_invites_too_and_learns_no_strangers_name(cast, group, neighbours):
    newcomer = MemberFactory(community=cast.community, user__name="欧阳晓雯")
    invite_members(group, [newcomer], by=cast.member)
    assert said(group, newcomer) == Status.INVITED
    caught = refused(Reason.IN_THE_GROUP_ALREADY, invite_members, group, [newcomer], by=cast.member)
    assert caught.details == {"name": "欧*雯"}
    caught = refused(Reason.NOT_OF_THE_COMMUNITY, invite_members, group, [cast.other_member.member], by=cast.member)
    assert caught.details["name"] == "王*"
    refused(Reason.NOT_THE_LEADER, invite_members, group, [newcomer], by=member_actor(neighbours[0]))
    refused(Reason.NOBODY_NAMED, invite_members, group, [], by=cast.secretary)
    with pytest.raises(PermissionDenied):
        invite_members(group, [newcomer], by=cast.other_secretary)


def test_one_who_lives_elsewhere_spoils_the_whole_invitation(cast, group):
    newcomer = MemberFactory(community=cast.community)
    refused(Reason.NOT_OF_THE_COMMUNITY, invite_members, group, [newcomer, cast.other_member.member], by=cast.secretary)


def test_a_leader_who_has_not_agreed_acts_for_nobody(cast, group):
    group.memberships.filter(member=cast.member.member).update(status=Status.INVITED)
    newcomer = MemberFactory(community=cast.community)
    refused(Reason.NOT_THE_LEADER, invite_members, group, [newcomer], by=cast.member)


@pytest.mark.parametrize("status", [Status.DECLINED, Status.LEFT])
def test_who_said_no_or_left_can_be_asked_again(cast, group, neighbours, status):
    group.memberships.filter(member=neighbours[0]).update(status=status)
    invite_members(group, neighbours[:1], by=cast.secretary)
    assert said(group, neighbours[0]) == Status.INVITED
    assert neighbours[0].user.notices.get().kind == Notice.Kind.GROUP_INVITED


# --- saying yes or no, and leaving --------------------------------------------------------------


@pytest.mark.parametrize(("agree", "status"), [(True, Status.AGREED), (False, Status.DECLINED)])
def test_an_answer_said_twice_is_one_and_cannot_be_turned_round(cast, group, agree, status):
    newcomer = MemberFactory(community=cast.community)
    invite_members(group, [newcomer], by=cast.secretary)
    for _ in range(2):
        answer_invitation(group, agree=agree, by=member_actor(newcomer))
    assert said(group, newcomer) == status
    refused(AccountsReason.NOT_ALLOWED_NOW, answer_invitation, group, agree=not agree, by=member_actor(newcomer))


def test_nobody_answers_for_somebody_else(cast, group):
    refused(Reason.NOT_INVITED, answer_invitation, group, agree=True, by=cast.other_member)
    with pytest.raises(PermissionDenied):
        answer_invitation(group, agree=True, by=cast.secretary)


def test_who_has_moved_away_since_can_only_say_no(cast, group, neighbours):
    group.memberships.update(status=Status.INVITED)
    Member.objects.filter(pk=neighbours[0].pk).update(home=cast.other_community)
    refused(Reason.NOT_OF_THE_COMMUNITY, answer_invitation, group, agree=True, by=member_actor(neighbours[0]))
    answer_invitation(group, agree=False, by=member_actor(neighbours[0]))


def test_members_leave_and_the_leader_only_once_another_is_named(cast, group, neighbours):
    refused(Reason.LEADER_STAYS, leave_group, group, by=cast.member)
    ask_to_lead(group, neighbours[0], by=cast.secretary)
    refused(Reason.LEADER_STAYS, leave_group, group, by=cast.member)
    answer_leading(group, agree=True, by=member_actor(neighbours[0]))
    leave_group(group, by=cast.member)
    assert said(group, cast.member.member) == Status.LEFT
    refused(AccountsReason.NOT_ALLOWED_NOW, leave_group, group, by=cast.member)
    refused(Reason.LEADER_STAYS, leave_group, group, by=member_actor(neighbours[0]))


def test_leaving_leaves_the_waiting_lists_too_and_the_rest_moves_up(
    cast, group, neighbours, django_capture_on_commit_callbacks
):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=3, taken=2)
    waiting = wait_for_group(group, shift, members={member.pk: 0 for member in neighbours}, by=cast.member)
    with django_capture_on_commit_callbacks(execute=True):
        leave_group(group, by=member_actor(neighbours[0]))
    assert list(waiting.claims.values_list("status", flat=True)) == [Claim.Status.WITHDRAWN, Claim.Status.HELD]
    waiting.refresh_from_db()
    shift.refresh_from_db()
    assert (waiting.status, shift.taken) == ("HELD", 3)


def test_who_is_named_on_a_waiting_list_in_that_very_moment_leaves_with_the_next_tap(
    cast, group, neighbours, monkeypatch
):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=3, taken=2)

    def has_looked(group, member, *, by):
        wait_for_group(group, shift, members={member.pk: 0 for member in neighbours}, by=cast.member)

    leaver = member_actor(neighbours[0])
    with monkeypatch.context() as patch:
        patch.setattr("tasks.actions.helper_group._leave_waiting_lists", has_looked)
        refused(AccountsReason.STATE_CHANGED, leave_group, group, by=leaver)
    assert said(group, neighbours[0]) == Status.AGREED
    leave_group(group, by=leaver)
    assert said(group, neighbours[0]) == Status.LEFT
    assert not Claim.objects.filter(member=neighbours[0], status=Claim.Status.WAITING).exists()


def test_the_community_takes_somebody_out_but_not_the_leader(cast, group, neighbours):
    row = group.memberships.get(member=neighbours[0])
    take_out(row, by=cast.secretary)
    assert said(group, neighbours[0]) == Status.LEFT
    refused(AccountsReason.NOT_ALLOWED_NOW, take_out, row, by=cast.secretary)
    refused(Reason.LEADER_STAYS, take_out, group.memberships.get(member=group.leader), by=cast.secretary)
    for who in (cast.member, cast.other_secretary, cast.city_officer):
        with pytest.raises(PermissionDenied):
            take_out(group.memberships.get(member=neighbours[1]), by=who)


# --- finding whom to invite -----------------------------------------------------------------------


@pytest.mark.parametrize("typed", ["number", "phone", "spaced", "full-width"])
def test_a_leader_finds_who_lives_there_by_a_full_number_alone(cast, typed):
    member = cast.member.member
    phone = member.user.phone
    words = {
        "number": f" {member.number} ",
        "phone": phone,
        "spaced": f"+86 {phone[:3]} {phone[3:7]}-{phone[7:]}",
        "full-width": phone.translate({ord(d): chr(ord(d) + 0xFEE0) for d in "0123456789"}),
    }
    assert resident_with(words[typed], cast.community) == member
    assert resident_with(words[typed], cast.other_community) is None


@pytest.mark.parametrize("typed", ["", "  ", "张小明", "00000", "1000", "%", "9" * 24, "😀"])
def test_a_part_or_a_name_finds_nobody(cast, typed):
    assert resident_with(typed, cast.community) is None


def test_the_community_searches_those_who_live_there_and_are_not_in_the_group(cast, group, neighbours):
    newcomer = MemberFactory(community=cast.compound, user__name="欧阳晓雯", number="0000009999")
    group.memberships.filter(member=neighbours[0]).update(status=Status.DECLINED)
    assert set(members_to_invite(cast.community, group)) == {newcomer, neighbours[0]}
    for text in ("晓雯", newcomer.user.phone, "000000999"):
        assert list(members_to_invite(cast.community, group, text=text)) == [newcomer]
    assert not members_to_invite(cast.community, group, text="王芳").exists()


# --- who sees what ------------------------------------------------------------------------------------


def test_a_group_is_seen_by_who_lives_there_its_people_and_its_community(cast, group, neighbours):
    outsider = member_actor(MemberFactory(community=cast.compound))
    for who in (cast.member, member_actor(neighbours[0]), outsider, cast.secretary):
        assert list(HelperGroup.objects.visible_to(who)) == [group]
    nobody = member_actor(MemberFactory())
    for who in (cast.other_member, nobody, cast.other_secretary, cast.branch, cast.unit_officer, Actor()):
        assert not HelperGroup.objects.visible_to(who).exists()


def test_who_moved_away_sees_it_while_they_belong_to_it(cast, group, neighbours):
    Member.objects.filter(pk=neighbours[0].pk).update(home=cast.other_community)
    moved = member_actor(Member.objects.get(pk=neighbours[0].pk))
    assert HelperGroup.objects.visible_to(moved).exists()
    for status in (Status.DECLINED, Status.LEFT, Status.ASKED, Status.REFUSED):
        group.memberships.filter(member=neighbours[0]).update(status=status)
        assert not HelperGroup.objects.visible_to(moved).exists()
