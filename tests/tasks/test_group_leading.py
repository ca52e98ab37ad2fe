"""Who leads a group: asked by its leader or the community, with a yes, and never nobody."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import Member, Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_dissolving import wish_for_the_end
from tasks.actions.group_leading import answer_leading, ask_to_lead, ask_to_lead_no_more
from tasks.actions.helper_group import leave_group, take_out
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.helper_group import groups_led_by
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status, Kind = GroupMembership.Status, Notice.Kind


@pytest.fixture
def neighbours(cast) -> list[Member]:
    return MemberFactory.create_batch(2, community=cast.community)


@pytest.fixture
def group(cast, neighbours) -> HelperGroup:
    return HelperGroupFactory(community=cast.community, leader=cast.member.member, members=neighbours)


def told(user) -> list[str]:
    return list(user.notices.order_by("pk").values_list("kind", flat=True))


@pytest.mark.parametrize("who", ["member", "secretary"])
def test_who_is_asked_leads_from_their_yes_on_and_not_before(cast, group, neighbours, who):
    for _ in range(2):
        ask_to_lead(group, neighbours[0], by=getattr(cast, who))
    assert told(neighbours[0].user) == [Kind.GROUP_TO_LEAD]
    assert list(groups_led_by(cast.member.member)) == [group], "until then the old one leads"
    answer_leading(group, agree=True, by=member_actor(neighbours[0]))
    assert list(groups_led_by(neighbours[0])) == [group]
    assert not groups_led_by(cast.member.member).exists()
    assert told(cast.member.user) == told(cast.secretary.user) == [Kind.GROUP_LED_BY]
    assert Record.objects.filter(verb="leader named").count() == 1
    refused(Reason.NOT_ASKED, answer_leading, group, agree=True, by=member_actor(neighbours[0]))


@pytest.mark.parametrize("who", ["member", "secretary"])
def test_a_no_leaves_all_as_it_was_and_tells_who_asked(cast, group, neighbours, who):
    ask_to_lead(group, neighbours[0], by=getattr(cast, who))
    answer_leading(group, agree=False, by=member_actor(neighbours[0]))
    group.refresh_from_db()
    assert (group.leader, group.next_leader) == (cast.member.member, None)
    assert told(getattr(cast, who).user) == [Kind.GROUP_LED_IN_VAIN]
    ask_to_lead(group, neighbours[1], by=getattr(cast, who))


def test_that_the_one_before_wished_for_its_end_goes_with_them(cast, group, neighbours):
    wish_for_the_end(group, reason="没有时间带了。", by=cast.member)
    ask_to_lead(group, neighbours[0], by=cast.secretary)
    answer_leading(group, agree=True, by=member_actor(neighbours[0]))
    group.refresh_from_db()
    assert group.end_wished == ""


def test_one_at_a_time_and_it_may_be_taken_back(cast, group, neighbours):
    refused(Reason.NOBODY_ASKED, ask_to_lead_no_more, group, by=cast.member)
    ask_to_lead(group, neighbours[0], by=cast.member)
    refused(Reason.ASKED_ALREADY, ask_to_lead, group, neighbours[1], by=cast.secretary)
    ask_to_lead_no_more(group, by=cast.member)
    refused(Reason.NOT_ASKED, answer_leading, group, agree=True, by=member_actor(neighbours[0]))


def test_who_cannot_be_asked_and_who_cannot_ask(cast, group, neighbours):
    refused(AccountsReason.ONESELF, ask_to_lead, group, cast.member.member, by=cast.member)
    refused(Reason.LEADS_ALREADY, ask_to_lead, group, cast.member.member, by=cast.secretary)
    refused(Reason.NOT_THE_LEADER, ask_to_lead, group, neighbours[1], by=member_actor(neighbours[0]))
    group.memberships.filter(member=neighbours[0]).update(status=Status.INVITED)
    refused(Reason.NOT_IN_THE_GROUP, ask_to_lead, group, neighbours[0], by=cast.secretary)
    Member.objects.filter(pk=neighbours[1].pk).update(home=cast.other_community)
    refused(Reason.NOT_OF_THE_COMMUNITY, ask_to_lead, group, neighbours[1], by=cast.member)
    for who in (cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            ask_to_lead(group, neighbours[0], by=who)


@pytest.mark.parametrize("how", ["left", "taken out", "moved away"])
def test_who_is_gone_meanwhile_does_not_lead(cast, group, neighbours, how):
    asked = member_actor(neighbours[0])
    ask_to_lead(group, neighbours[0], by=cast.member)
    if how == "left":
        leave_group(group, by=asked)
    elif how == "taken out":
        take_out(group.memberships.get(member=neighbours[0]), by=cast.secretary)
    else:
        Member.objects.filter(pk=neighbours[0].pk).update(home=cast.other_community)
    why = Reason.NOT_OF_THE_COMMUNITY if how == "moved away" else Reason.NOT_ASKED
    refused(why, answer_leading, group, agree=True, by=asked)
    group.refresh_from_db()
    assert group.leader == cast.member.member


def test_the_database_knows_no_group_without_a_leader(group):
    with pytest.raises(IntegrityError), transaction.atomic():
        HelperGroup.objects.update(leader=None)
    with pytest.raises(IntegrityError), transaction.atomic():
        HelperGroup.objects.update(next_leader=group.leader)
