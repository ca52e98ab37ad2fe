"""A group is asked for a project: by its community or for a resident, says yes with hours and people, or no with a reason."""

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Notice, Organization, Record, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_project import set_offered
from tasks.actions.group_request import (
    accept_request,
    ask_again,
    ask_group,
    ask_group_for,
    call_off_request,
    decline_request,
    reveal_to_leader,
)
from tasks.actions.group_request_time import chase_late_requests
from tasks.actions.wish import send_wish
from tasks.actions.wish_publishing import publish_wish
from tasks.actions.wish_triage import decline_wish
from tasks.models import GroupMembership, GroupProject, GroupRequest, Wish
from tasks.queries.group_request import group_told, late_requests, requests_awaiting
from tasks.queries.wish_publishing import wish_in_public
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import GroupProjectFactory, GroupRequestFactory, HelperGroupFactory, MemberFactory, WishFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status, Kind = GroupRequest.Status, Notice.Kind
WORDS = "三号楼的老人家里灯不亮了，请帮忙看看。"
SENT = {"category": "REPAIR", "text": "灯不亮了，请帮忙看看。", "name": "李奶奶", "phone": "10088888888"}


@pytest.fixture
def neighbours(cast) -> list[Member]:
    return MemberFactory.create_batch(2, community=cast.community)


@pytest.fixture
def project(cast, neighbours):
    group = HelperGroupFactory(community=cast.community, leader=cast.member.member, members=neighbours)
    return GroupProjectFactory(group=group)


@pytest.fixture
def asked(project) -> GroupRequest:
    return GroupRequestFactory(project=project)


@pytest.fixture
def wished(cast, project) -> Wish:
    """A resident's wish that asks the group."""
    return send_wish(cast.community, **SENT, project=project, by=Actor())


def hours(**changed):
    starts_at = timezone.now() + timedelta(days=3)
    return {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2), **changed}


def told(actor) -> list[str]:
    return list(actor.user.notices.order_by("pk").values_list("kind", flat=True))


def now(request: GroupRequest) -> str:
    return GroupRequest.objects.get(pk=request.pk).status


# --- the community asks for itself -------------------------------------------------------------


def test_the_communitys_own_reaches_the_leader_at_once(cast, project):
    request = ask_group(project, words=f" {WORDS} ", place="三号楼", by=cast.secretary)
    assert (request.status, request.words, request.wish) == (Status.ASKED, WORDS, None)
    assert told(cast.member) == [Kind.GROUP_REQUESTED]
    assert list(requests_awaiting(cast.member)) == [request]
    assert not requests_awaiting(cast.secretary).exists()


def test_sent_twice_it_is_one_request(cast, project):
    form = uuid4()
    first = ask_group(project, words=WORDS, sent_once=form, by=cast.secretary)
    assert ask_group(project, words=WORDS, sent_once=form, by=cast.secretary) == first
    assert ask_group(project, words="另一件事", sent_once=form, by=cast.secretary) != first


def test_what_no_group_can_be_asked(cast, project):
    refused(Reason.REQUEST_EMPTY, ask_group, project, words=" \u3000", by=cast.secretary)
    project.group.memberships.update(status=GroupMembership.Status.INVITED)
    refused(Reason.NOBODY_LEADS, ask_group, project, words=WORDS, by=cast.secretary)
    project.group.memberships.update(status=GroupMembership.Status.AGREED)
    leader = project.group.leader
    User.objects.filter(pk=leader.user_id).update(is_active=False)
    refused(Reason.NOBODY_LEADS, ask_group, project, words=WORDS, by=cast.secretary)
    User.objects.filter(pk=leader.user_id).update(is_active=True)
    Member.objects.filter(pk=leader.pk).update(home=cast.other_community)
    refused(Reason.NOBODY_LEADS, ask_group, project, words=WORDS, by=cast.secretary)
    set_offered(project, offered=False, by=cast.secretary)
    refused(Reason.PROJECT_NOT_OFFERED, ask_group, project, words=WORDS, by=cast.secretary)
    for who in (cast.member, cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            ask_group(project, words=WORDS, by=who)


# --- a resident asks ------------------------------------------------------------------------------


def test_a_residents_waits_at_the_community_first(cast, project, wished):
    request = wished.group_requests.get()
    assert (request.status, request.project, wished.status) == (Status.NEW, project, Wish.Status.NEW)
    assert list(requests_awaiting(cast.secretary)) == [request]
    assert not GroupRequest.objects.visible_to(cast.member).exists()
    assert not told(cast.member)


def test_passed_on_it_is_accepted_as_a_wish_and_the_leader_reads_other_words(cast, project, wished):
    request = ask_group_for(wished, project, words=WORDS, by=cast.secretary)
    wished.refresh_from_db()
    assert (request.status, wished.status) == (Status.ASKED, Wish.Status.ACCEPTED)
    assert list(GroupRequest.objects.visible_to(cast.member)) == [request]
    refused(Reason.REQUEST_WAITS, ask_group_for, wished, project, words=f"{WORDS}！", by=cast.secretary)
    assert GroupRequest.objects.count() == 1


def test_an_ordinary_wish_can_be_passed_on_too_and_another_group_chosen(cast, project, wished):
    other = GroupProjectFactory(group__community=cast.community)
    request = ask_group_for(wished, other, words=WORDS, by=cast.secretary)
    assert request.group == other.group
    assert set(wished.group_requests.values_list("status", flat=True)) == {Status.WITHDRAWN, Status.ASKED}
    ordinary = WishFactory(community=cast.community)
    assert ask_group_for(ordinary, project, words=WORDS, by=cast.secretary).status == Status.ASKED


def test_the_communitys_own_telephone_may_stand_in_what_the_group_reads(cast, project, wished):
    Organization.objects.filter(pk=cast.community.pk).update(phone="0571-88886666")
    words = f"{WORDS}有事打社区电话 0571-88886666。"
    assert ask_group_for(wished, GroupProject.objects.get(pk=project.pk), words=words, by=cast.secretary).words == words


def test_what_cannot_be_passed_on(cast, project, wished):
    elsewhere = GroupProjectFactory(group__community=cast.other_community)
    with pytest.raises(PermissionDenied):
        ask_group_for(wished, elsewhere, words=WORDS, by=cast.secretary)
    with pytest.raises(PermissionDenied):
        ask_group_for(wished, project, words=WORDS, by=cast.other_secretary)
    for words in (f"{WORDS}李奶奶", "请打 10088888888"):
        refused(Reason.NAMES_RESIDENT, ask_group_for, wished, project, words=words, by=cast.secretary)
    done = WishFactory(community=cast.community, status=Wish.Status.DECLINED)
    refused(Reason.WISH_NOT_READY, ask_group_for, done, project, words=WORDS, by=cast.secretary)


def test_a_resident_asks_for_no_more_than_is_offered_there(cast, project):
    elsewhere = GroupProjectFactory(group__community=cast.other_community)
    refused(Reason.PROJECT_NOT_OFFERED, send_wish, cast.community, **SENT, project=elsewhere, by=Actor())
    set_offered(project, offered=False, by=cast.secretary)
    refused(Reason.PROJECT_NOT_OFFERED, send_wish, cast.community, **SENT, project=project, by=Actor())


def test_sent_again_it_is_there_whatever_is_offered_by_then(cast, project):
    sent = {**SENT, "project": project, "sent_once": uuid4(), "by": Actor()}
    wish = send_wish(cast.community, **sent)
    set_offered(project, offered=False, by=cast.secretary)
    assert send_wish(cast.community, **sent) == wish


@pytest.mark.parametrize("way", ["declined", "published"])
def test_a_wish_that_goes_another_way_calls_the_group_off(cast, project, wished, way):
    if way == "declined":
        decline_wish(wished, reason="不在社区服务范围。", by=cast.secretary)
    else:
        ask_group_for(wished, project, words=WORDS, by=cast.secretary)
        wished.refresh_from_db()
        public = wish_in_public(wished, by=cast.secretary)
        del public["category"]
        publish_wish(wished, **public, contact_name="陈书记", contact_phone="12345", by=cast.secretary)
        assert told(cast.member) == [Kind.GROUP_REQUESTED, Kind.GROUP_REQUEST_OFF]
    assert wished.group_requests.get().status == Status.WITHDRAWN


# --- the group's answer --------------------------------------------------------------------------------


def test_a_yes_names_hours_and_people_and_tells_the_community(cast, asked, neighbours):
    accept_request(asked, **hours(), people=neighbours, words="我们带梯子。", by=cast.member)
    asked.refresh_from_db()
    assert (asked.status, set(asked.people.all()), asked.answer) == (Status.ACCEPTED, set(neighbours), "我们带梯子。")
    assert told(cast.secretary) == told(cast.second_secretary) == [Kind.GROUP_ACCEPTED]
    assert list(requests_awaiting(cast.secretary)) == [asked]
    refused(AccountsReason.NOT_ALLOWED_NOW, accept_request, asked, **hours(), people=neighbours, by=cast.member)


def test_a_yes_that_cannot_be(cast, asked, neighbours):
    stranger, moved = MemberFactory(community=cast.community), neighbours[1]
    said = {**hours(), "people": neighbours[:1], "by": cast.member}
    refused(Reason.NOT_THE_LEADER, accept_request, asked, **said | {"by": member_actor(neighbours[0])})
    refused(Reason.NOBODY_COMES, accept_request, asked, **said | {"people": []})
    refused(Reason.NOT_IN_THE_GROUP, accept_request, asked, **said | {"people": [stranger]})
    Member.objects.filter(pk=moved.pk).update(home=cast.other_community)
    refused(Reason.NOT_OF_THE_COMMUNITY, accept_request, asked, **said | {"people": [moved]})
    past, far = timezone.now() - timedelta(hours=1), timezone.now() + timedelta(days=400)
    refused(Reason.SHIFT_PAST, accept_request, asked, **said | {"starts_at": past})
    refused(Reason.SHIFT_BACKWARDS, accept_request, asked, **said | {"ends_at": past})
    refused(Reason.SHIFT_TOO_FAR, accept_request, asked, **said | {"ends_at": far})
    for who in (cast.secretary, cast.branch):
        with pytest.raises(PermissionDenied):
            accept_request(asked, **said | {"by": who})


@pytest.mark.parametrize("how", ["phone", "account"])
def test_nobody_serves_their_own_wish(cast, project, neighbours, how):
    own = neighbours[0]
    by, phone = (Actor(), own.user.phone) if how == "phone" else (Actor(user=own.user), "10077777777")
    wish = send_wish(cast.community, **SENT | {"phone": phone}, project=project, by=by)
    request = ask_group_for(wish, project, words=WORDS, by=cast.secretary)
    refused(Reason.NOT_FIT, accept_request, request, **hours(), people=neighbours, by=cast.member)
    accept_request(request, **hours(), people=neighbours[1:], by=cast.member)


@pytest.mark.parametrize("after_a_yes", [False, True])
def test_a_no_needs_a_reason_and_leaves_the_wish_with_the_community(cast, project, wished, neighbours, after_a_yes):
    request = ask_group_for(wished, project, words=WORDS, by=cast.secretary)
    if after_a_yes:
        accept_request(request, **hours(), people=neighbours, by=cast.member)
    refused(Reason.REASON_MISSING, decline_request, request, reason=" ", by=cast.member)
    decline_request(request, reason="电工这周都不在。", by=cast.member)
    assert now(request) == Status.DECLINED
    assert told(cast.secretary)[-1] == Kind.GROUP_DECLINED
    wished.refresh_from_db()
    assert wished.status == Wish.Status.ACCEPTED
    assert group_told(wished).status == Status.DECLINED
    refused(AccountsReason.NOT_ALLOWED_NOW, decline_request, request, reason="还是不行", by=cast.member)
    other = GroupProjectFactory(group__community=cast.community)
    assert ask_group_for(wished, other, words=WORDS, by=cast.secretary).status == Status.ASKED


def test_the_community_gives_a_yes_back_or_calls_it_off(cast, asked, neighbours):
    accept_request(asked, **hours(), people=neighbours, by=cast.member)
    for act in (ask_again, call_off_request):
        refused(Reason.REASON_MISSING, act, asked, reason="", by=cast.secretary)
        with pytest.raises(PermissionDenied):
            act(asked, reason="改天", by=cast.member)
    ask_again(asked, reason="那天停电，请换一天。", by=cast.secretary)
    assert told(cast.member) == [Kind.GROUP_ASKED_AGAIN]
    accept_request(asked, **hours(), people=neighbours[:1], by=cast.member)
    call_off_request(asked, reason="已经修好了。", by=cast.secretary)
    assert (now(asked), told(cast.member)[-1]) == (Status.WITHDRAWN, Kind.GROUP_REQUEST_OFF)
    refused(Reason.ANSWERED_BY_NOW, call_off_request, asked, reason="已经修好了。", by=cast.secretary)


# --- who sees what, and who is told that it waits -----------------------------------------------------


def test_what_is_said_twice_is_said_once(cast, project, wished, neighbours):
    """The same words passed on again, the same yes and the same no: told once, and no refusal."""
    for _ in range(2):
        request = ask_group_for(wished, project, words=WORDS, by=cast.secretary)
    assert told(cast.member).count(Kind.GROUP_REQUESTED) == 1
    when = hours()
    for _ in range(2):
        accept_request(request, **when, people=neighbours, by=cast.member)
    assert told(cast.secretary).count(Kind.GROUP_ACCEPTED) == 1
    refused(AccountsReason.NOT_ALLOWED_NOW, accept_request, request, **when, people=neighbours[:1], by=cast.member)
    for _ in range(2):
        decline_request(request, reason="来不了", by=cast.member)
    assert told(cast.secretary).count(Kind.GROUP_DECLINED) == 1
    refused(AccountsReason.NOT_ALLOWED_NOW, decline_request, request, reason="不想来", by=cast.member)


def test_a_request_is_seen_by_its_leader_and_its_community(cast, asked, neighbours):
    for who in (cast.member, cast.secretary):
        assert GroupRequest.objects.visible_to(who).exists()
    for who in (member_actor(neighbours[0]), cast.other_secretary, cast.branch, cast.city_officer, Actor()):
        assert not GroupRequest.objects.visible_to(who).exists()


def test_the_leader_learns_who_asked_with_the_yes_and_every_look_is_recorded(cast, project, wished, neighbours):
    request = ask_group_for(wished, project, words=WORDS, by=cast.secretary)
    refused(Reason.CONTACT_CLOSED, reveal_to_leader, request, by=cast.member)
    accept_request(request, **hours(), people=neighbours, by=cast.member)
    request = GroupRequest.objects.with_all().get(pk=request.pk)
    assert reveal_to_leader(request, by=cast.member).contact.name == "李奶奶"
    assert Record.objects.filter(verb="revealed", subject_id=wished.pk, user=cast.member.user).count() == 1
    refused(Reason.NOT_THE_LEADER, reveal_to_leader, request, by=member_actor(neighbours[0]))
    decline_request(request, reason="电工这周都不在。", by=cast.member)
    closed = GroupRequest.objects.with_all().get(pk=request.pk)
    refused(Reason.CONTACT_CLOSED, reveal_to_leader, closed, by=cast.member)


def test_what_a_group_leaves_unanswered_the_community_is_told_once(cast, asked, settings):
    settings.GROUP_REQUEST_ANSWER_WITHIN = 3
    with time_machine.travel("2026-11-27 09:00+08:00"):  # a Friday
        GroupRequest.objects.update(since=timezone.now())
    for at, n in (("2026-12-02 23:59", 0), ("2026-12-03 09:00", 1), ("2026-12-03 10:00", 1), ("2026-12-04 09:00", 1)):
        with time_machine.travel(f"{at}+08:00"):
            chase_late_requests()
            assert late_requests(cast.secretary).count() == n
        assert told(cast.secretary) == [Kind.GROUP_REQUEST_LATE] * n
    assert not told(cast.other_secretary)
