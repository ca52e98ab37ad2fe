"""What a group has accepted becomes a task of theirs: places for those who come, no more, and the resident's wish with it."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift
from tasks.actions.group_claim import withdraw_group_claim
from tasks.actions.group_request import accept_request, ask_group_for, reveal_to_leader
from tasks.actions.group_request_publishing import publish_request
from tasks.actions.task import cancel_task
from tasks.actions.wish import send_wish
from tasks.actions.wish_publishing import publish_wish
from tasks.models import Claim, GroupRequest, Task, Wish
from tasks.queries.group_request import group_told, hours_of
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import (
    ClaimFactory,
    GroupProjectFactory,
    HelperGroupFactory,
    MemberFactory,
    ShiftFactory,
    WishFactory,
)
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status, Kind = GroupRequest.Status, Notice.Kind
SENT = {"category": "REPAIR", "text": "灯不亮了，请帮忙看看。", "name": "李奶奶", "phone": "10088888888"}
FIELDS = {
    "title": "和睦帮帮团 · 上门修灯",
    "content": "灯不亮了，上门看看。",
    "place": "荷风雅苑一期",
    "served": "独居老人",
    "flag_value": 1,
    "contact_name": "陈书记",
    "contact_phone": "0571-1234",
}


@pytest.fixture
def neighbours(cast) -> list[Member]:
    return MemberFactory.create_batch(2, community=cast.community)


@pytest.fixture
def accepted(cast, neighbours) -> GroupRequest:
    """A resident's wish, which both neighbours come for."""
    group = HelperGroupFactory(community=cast.community, leader=cast.member.member, members=neighbours)
    project = GroupProjectFactory(group=group)
    wish = send_wish(cast.community, **SENT, project=project, by=Actor())
    request = ask_group_for(wish, project, words="灯不亮了。", by=cast.secretary)
    starts_at = timezone.now() + timedelta(days=3)
    ends_at = starts_at + timedelta(hours=2)
    accept_request(request, starts_at=starts_at, ends_at=ends_at, people=neighbours, by=cast.member)
    return fresh(request)


def fresh(request: GroupRequest) -> GroupRequest:
    return GroupRequest.objects.with_all().get(pk=request.pk)


def test_it_has_the_groups_hours_and_a_place_for_each_who_comes_and_no_more(cast, accepted, neighbours):
    task = publish_request(accepted, **FIELDS, by=cast.secretary)
    shift = task.shifts.get()
    assert (task.status, task.category, task.audience) == (Task.Status.OPEN, "HELPER_GROUP", cast.community)
    assert (shift.starts_at, shift.ends_at) == (accepted.starts_at, accepted.ends_at)
    assert (shift.capacity, shift.taken) == (2, 2)
    group_claim = shift.group_claims.get()
    assert (group_claim.group, group_claim.leader) == (accepted.group, cast.member.member)
    assert {claim.member: claim.status for claim in group_claim.claims.all()} == dict.fromkeys(neighbours, "HELD")
    request = fresh(accepted)
    assert (request.status, request.task) == (Status.PUBLISHED, task)
    assert (request.wish.status, request.wish.task) == (Wish.Status.CLAIMED, task)
    assert group_told(request.wish) == request
    for member in neighbours:
        assert Kind.GROUP_PLACE in member.user.notices.values_list("kind", flat=True)
    refused(Reason.FULL, claim_shift, shift, by=member_actor(MemberFactory(community=cast.community)))


def test_published_twice_it_is_one_task(cast, accepted):
    publish_request(accepted, **FIELDS, by=cast.secretary)
    assert accepted.status == Status.ACCEPTED, "as the other secretary's page has it"
    refused(AccountsReason.NOT_ALLOWED_NOW, publish_request, accepted, **FIELDS, by=cast.second_secretary)
    assert Task.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"flag_value": 9}, Reason.FLAG_VALUE),
        ({"content": "李奶奶家的灯不亮了。"}, Reason.NAMES_RESIDENT),
        ({"place": "请打 10088888888"}, Reason.NAMES_RESIDENT),
    ],
)
def test_what_publishing_refuses(cast, accepted, wrong, why):
    refused(why, publish_request, accepted, **FIELDS | wrong, by=cast.secretary)


def test_who_does_not_fit_by_then_spoils_it_whole(cast, accepted, neighbours):
    elsewhere = ShiftFactory(starts_at=accepted.starts_at, ends_at=accepted.ends_at)
    ClaimFactory(shift=elsewhere, member=neighbours[0])
    refused(Reason.NOT_FIT, publish_request, accepted, **FIELDS, by=cast.secretary)
    accepted.group.memberships.filter(member=neighbours[0]).update(status="LEFT")
    refused(Reason.NOT_IN_THE_GROUP, publish_request, accepted, **FIELDS, by=cast.secretary)


def test_hours_that_have_passed_meanwhile(cast, accepted):
    GroupRequest.objects.update(starts_at=timezone.now() - timedelta(hours=1))
    refused(Reason.SHIFT_PAST, publish_request, fresh(accepted), **FIELDS, by=cast.secretary)


def test_only_its_community_publishes_it(cast, accepted):
    for who in (cast.member, cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            publish_request(accepted, **FIELDS, by=who)


def test_given_back_or_called_off_the_wish_waits_for_another_way(cast, accepted):
    task = publish_request(accepted, **FIELDS, by=cast.secretary)
    assert reveal_to_leader(fresh(accepted), by=cast.member).contact.phone == "10088888888"
    withdraw_group_claim(task.shifts.get().group_claims.get(), by=cast.member)
    assert fresh(accepted).wish.status == Wish.Status.PUBLISHED
    refused(Reason.CONTACT_CLOSED, reveal_to_leader, fresh(accepted), by=cast.member)
    cancel_task(task, reason="另约时间。", by=cast.secretary)
    project = accepted.project
    again = ask_group_for(fresh(accepted).wish, project, words="灯不亮了。", by=cast.secretary)
    assert again.status == Status.ASKED
    assert Claim.objects.living().count() == 0


def test_once_others_come_in_its_stead_the_leader_learns_no_more_and_the_resident_is_told_nothing(cast, accepted):
    task = publish_request(accepted, **FIELDS, by=cast.secretary)
    shift = task.shifts.get()
    withdraw_group_claim(shift.group_claims.get(), by=cast.member)
    claim_shift(shift, by=member_actor(MemberFactory(community=cast.community)))
    assert fresh(accepted).wish.status == Wish.Status.CLAIMED
    refused(Reason.CONTACT_CLOSED, reveal_to_leader, fresh(accepted), by=cast.member)
    assert group_told(fresh(accepted).wish) is None


def test_other_hours_of_the_task_are_those_at_which_the_group_comes(cast, accepted):
    assert hours_of(accepted) == accepted
    shift = publish_request(accepted, **FIELDS, by=cast.secretary).shifts.get()
    assert hours_of(fresh(accepted)) == shift
    withdraw_group_claim(shift.group_claims.get(), by=cast.member)
    assert hours_of(fresh(accepted)) is None
    GroupRequest.objects.update(status=Status.ASKED, task=None)
    assert hours_of(fresh(accepted)) is None


@pytest.mark.parametrize("over", [Wish.Status.FULFILLED, Wish.Status.DONE, Wish.Status.REOPENED])
def test_what_is_over_is_not_told_as_to_come(cast, accepted, over):
    publish_request(accepted, **FIELDS, by=cast.secretary)
    Wish.objects.update(status=over)
    assert group_told(fresh(accepted).wish) is None


def test_a_task_that_was_called_off_is_not_told_as_to_come(cast, accepted):
    task = publish_request(accepted, **FIELDS, by=cast.secretary)
    cancel_task(task, reason="另约时间。", by=cast.secretary)
    assert group_told(fresh(accepted).wish) is None


def test_nobody_serves_a_wish_that_their_own_was_merged_into(cast, accepted, neighbours):
    same = WishFactory(community=cast.community, sender=neighbours[0].user)
    Wish.objects.filter(pk=same.pk).update(status=Wish.Status.MERGED, merged_into=accepted.wish)
    refused(Reason.NOT_FIT, publish_request, accepted, **FIELDS, by=cast.secretary)


def test_published_again_for_everybody_the_group_that_is_asked_anew_is_called_off(cast, accepted):
    task = publish_request(accepted, **FIELDS, by=cast.secretary)
    cancel_task(task, reason="另约时间。", by=cast.secretary)
    again = ask_group_for(fresh(accepted).wish, accepted.project, words="灯不亮了。", by=cast.secretary)
    words = {name: value for name, value in FIELDS.items() if name != "flag_value"}
    publish_wish(fresh(again).wish, **words, by=cast.secretary)
    assert fresh(again).status == Status.WITHDRAWN
    assert fresh(accepted).status == Status.PUBLISHED, "what was served, or called off, stays as it was"
