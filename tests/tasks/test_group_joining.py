"""Asking to join a helper group: asked twice is once, answered by its leader or the community, never by oneself."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Member, Notice
from tasks.actions.group_joining import answer_asker, ask_to_join, ask_to_join_no_more
from tasks.actions.helper_group import invite_members, take_out
from tasks.models import GroupMembership, HelperGroup
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status, Kind = GroupMembership.Status, Notice.Kind


@pytest.fixture
def group(cast) -> HelperGroup:
    return HelperGroupFactory(community=cast.community, leader=cast.member.member)


@pytest.fixture
def asker(cast) -> Member:
    return MemberFactory(community=cast.compound, user__name="欧阳晓雯")


def told(member) -> list[str]:
    return list(member.user.notices.order_by("pk").values_list("kind", flat=True))


def said(group, member) -> str:
    return group.memberships.get(member=member).status


def test_asked_twice_is_once_and_the_leader_learns_no_name(cast, group, asker):
    by = member_actor(asker)
    first = ask_to_join(group, words=" 会修电器 ", by=by)
    assert ask_to_join(group, words="再问一次", by=by) == first
    row = group.memberships.get(member=asker)
    assert (row.status, row.words) == (Status.ASKED, "会修电器")
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.params["name"]) == (Kind.GROUP_ASKED_TO_JOIN, "欧*雯")
    assert not cast.secretary.user.notices.exists()


@pytest.mark.parametrize("leader", ["has not agreed", "moved away"])
def test_where_nobody_leads_the_community_is_told(cast, group, asker, leader):
    if leader == "moved away":
        Member.objects.filter(pk=group.leader_id).update(home=cast.other_community)
    else:
        group.memberships.update(status=Status.INVITED)
    ask_to_join(group, by=member_actor(asker))
    assert cast.secretary.user.notices.get().kind == Kind.GROUP_ASKED_TO_JOIN
    assert not cast.member.user.notices.exists()


def test_who_is_invited_says_yes_by_asking_and_who_asks_is_taken_in_by_an_invitation(cast, group, asker):
    invite_members(group, [asker], by=cast.secretary)
    ask_to_join(group, by=member_actor(asker))
    assert said(group, asker) == Status.AGREED
    other = MemberFactory(community=cast.community)
    ask_to_join(group, by=member_actor(other))
    invite_members(group, [other], by=cast.secretary)
    assert said(group, other) == Status.AGREED
    assert told(other) == [Kind.GROUP_JOINED]


def test_who_cannot_ask(cast, group, asker):
    refused(Reason.NOT_OF_THE_COMMUNITY, ask_to_join, group, by=cast.other_member)
    refused(Reason.NOT_OF_THE_COMMUNITY, ask_to_join, group, by=member_actor(MemberFactory()))
    refused(Reason.IN_THE_GROUP_YOURSELF, ask_to_join, group, by=cast.member)
    HelperGroup.objects.update(can_be_asked=False)
    refused(Reason.JOINING_BY_INVITATION, ask_to_join, group, by=member_actor(asker))
    with pytest.raises(PermissionDenied):
        ask_to_join(group, by=cast.secretary)


@pytest.mark.parametrize("who", ["member", "secretary"])
@pytest.mark.parametrize(("agree", "status", "kind"), [(True, "AGREED", "JOINED"), (False, "REFUSED", "NOT_JOINED")])
def test_it_is_answered_once_by_the_leader_or_the_community(cast, group, asker, who, agree, status, kind):
    row, by = ask_to_join(group, by=member_actor(asker)), getattr(cast, who)
    refused(Reason.REASON_MISSING, answer_asker, row, agree=False, words=" ", by=by)
    answer_asker(row, agree=agree, words="下个月再来问问吧。", by=by)
    assert (said(group, asker), told(asker)) == (status, [f"GROUP_{kind}"])
    refused(Reason.ANSWERED_BY_NOW, answer_asker, row, agree=True, by=by)
    refused(Reason.NOT_ASKED, ask_to_join_no_more, group, by=member_actor(asker))


def test_nobody_else_answers_and_nobody_the_own(cast, group, asker):
    row = ask_to_join(group, by=member_actor(asker))
    refused(Reason.NOT_THE_LEADER, answer_asker, row, agree=True, by=member_actor(asker))
    for who in (cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            answer_asker(row, agree=True, by=who)
    secretary_too = MemberFactory(user=cast.secretary.user, community=cast.community)
    own = ask_to_join(group, by=member_actor(secretary_too))
    refused(Reason.OWN_ASKING, answer_asker, own, agree=True, by=cast.secretary)
    refused(Reason.ANSWER_TO_JOIN_FIRST, take_out, row, by=cast.secretary)


def test_it_is_taken_back_and_asked_again(cast, group, asker):
    by = member_actor(asker)
    ask_to_join(group, words="会修电器", by=by)
    ask_to_join_no_more(group, by=by)
    assert said(group, asker) == Status.LEFT
    ask_to_join(group, by=by)
    assert group.memberships.get(member=asker).words == ""
    answer_asker(group.memberships.get(member=asker), agree=False, words="满了。", by=cast.member)
    ask_to_join(group, by=by)
    assert said(group, asker) == Status.ASKED


def test_who_moved_away_meanwhile_is_not_taken_in(cast, group, asker):
    row = ask_to_join(group, by=member_actor(asker))
    Member.objects.filter(pk=asker.pk).update(home=cast.other_community)
    caught = refused(Reason.NOT_OF_THE_COMMUNITY, answer_asker, row, agree=True, by=cast.member)
    assert caught.details["name"] == "欧*雯"
