"""Applying for a steward post, and how it is decided."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.models import Appointment, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.steward_application import (
    apply_for_post,
    approve_application,
    decline_application,
    withdraw_application,
)
from tasks.models import StewardApplication, StewardPost
from tasks.queries.steward_post import applications_to_decide, posts_open_to
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import MemberFactory, StewardPostFactory
from tests.tasks.steward_world import neighbour, refused, state, told

pytestmark = pytest.mark.django_db


@pytest.fixture
def post(cast) -> StewardPost:
    return StewardPostFactory(compound=cast.compound, subject="3 幢", term_months=12)


def test_a_member_of_the_compound_applies_and_who_keeps_the_post_is_told(cast, post):
    application = apply_for_post(post, words=" 我住三楼 ", by=cast.member)
    assert (application.status, application.words, application.member) == ("APPLIED", "我住三楼", cast.member.member)
    assert told(cast.secretary, cast.second_secretary, cast.branch) == [["STEWARD_APPLIED"]] * 3
    assert told(cast.member, cast.other_secretary) == [[], []]
    assert Record.objects.filter(verb="applied", user=cast.member.user).count() == 1
    assert not posts_open_to(cast.member.member).exists()


def test_sent_twice_it_is_one_and_other_words_are_refused(cast, post):
    first, second = (apply_for_post(post, words="我来", by=cast.member) for _ in range(2))
    assert first == second
    assert told(cast.branch) == [["STEWARD_APPLIED"]]
    refused(Reason.APPLIED_ALREADY, apply_for_post, post, words="还是我来", by=cast.member)


def test_who_may_not_apply(cast, post):
    held = StewardPostFactory(compound=cast.compound, holder=neighbour(cast).member)
    closed = StewardPostFactory(compound=cast.compound, status="CLOSED")
    refused(Reason.POST_HELD, apply_for_post, held, by=cast.member)
    refused(Reason.POST_CLOSED, apply_for_post, closed, by=cast.member)
    refused(Reason.NOT_IN_AUDIENCE, apply_for_post, post, by=cast.other_member)
    refused(Reason.NOT_CHECKED_IN, apply_for_post, post, by=member_actor(MemberFactory()))
    with pytest.raises(PermissionDenied):
        apply_for_post(post, by=cast.secretary)


def test_a_retired_member_may_and_one_may_hold_several(cast, post):
    retired = neighbour(cast, retired_on=date(2020, 1, 1))
    StewardPostFactory(compound=cast.compound, holder=retired.member)
    approve_application(apply_for_post(post, by=retired), by=cast.branch)
    assert retired.member.steward_terms.current().count() == 2


def test_taken_back_it_can_be_sent_again(cast, post):
    application = apply_for_post(post, by=cast.member)
    with pytest.raises(PermissionDenied):
        withdraw_application(application, by=neighbour(cast))
    withdraw_application(application, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, withdraw_application, application, by=cast.member)
    assert apply_for_post(post, by=cast.member) != application


# --- decided ---------------------------------------------------------------------------------


@time_machine.travel("2026-11-30T23:59:59+08:00", tick=False)
def test_approved_it_begins_a_term_and_the_others_are_told_kindly(cast, post):
    other = neighbour(cast)
    own, theirs = (apply_for_post(post, by=by) for by in (cast.member, other))
    term = approve_application(own, by=cast.branch)
    assert (term.member, term.began_on, term.until) == (cast.member.member, date(2026, 11, 30), date(2027, 11, 29))
    assert (state(post), state(own), state(theirs)) == ("HELD", "APPROVED", "DECLINED")
    assert told(cast.member, other) == [["STEWARD_APPROVED"], ["STEWARD_TAKEN"]]


@pytest.mark.parametrize("who", ["other_secretary", "city_officer", "street_officer", "unit_officer", "inspector"])
def test_nobody_else_decides(cast, post, who):
    application, by = apply_for_post(post, by=cast.member), getattr(cast, who)
    with pytest.raises(PermissionDenied):
        approve_application(application, by=by)
    with pytest.raises(PermissionDenied):
        decline_application(application, reason="不行", by=by)
    assert not applications_to_decide(by).exists()


def test_declined_with_a_reason_the_post_stays_open(cast, post):
    application = apply_for_post(post, by=cast.member)
    refused(Reason.REASON_MISSING, decline_application, application, reason=" ", by=cast.secretary)
    decline_application(application, reason="请先参加培训", by=cast.secretary)
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.params["reason"]) == ("STEWARD_DECLINED", "请先参加培训")
    assert (state(post), state(application), application.reason) == ("OPEN", "DECLINED", "请先参加培训")
    refused(AccountsReason.NOT_ALLOWED_NOW, decline_application, application, reason="再", by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, approve_application, application, by=cast.secretary)
    assert apply_for_post(post, by=cast.member)


def test_approved_twice_it_is_one_term(cast, post):
    application = apply_for_post(post, by=cast.member)
    stale = StewardApplication.objects.get(pk=application.pk)
    approve_application(application, by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, approve_application, stale, by=cast.branch)
    assert post.terms.count() == 1


def test_who_has_moved_away_since_does_not_get_it(cast, post):
    application = apply_for_post(post, by=cast.member)
    cast.member.member.home = cast.other_community
    cast.member.member.save()
    refused(Reason.NOT_OF_THE_COMMUNITY, approve_application, application, by=cast.secretary)


def test_a_secretary_does_not_decide_on_an_own_application_and_a_colleague_does(cast, post):
    member = MemberFactory(user=cast.secretary.user, community=cast.compound)
    application = apply_for_post(post, by=member_actor(member))
    refused(AccountsReason.ONESELF, approve_application, application, by=cast.secretary)
    refused(AccountsReason.ONESELF, decline_application, application, reason="不", by=cast.secretary)
    assert not applications_to_decide(cast.secretary).exists()
    assert not applications_to_decide(cast.city_officer).exists()
    approve_application(application, by=cast.second_secretary)


def test_of_an_only_secretary_the_city_decides(cast):
    post = StewardPostFactory(compound=cast.community)
    Appointment.objects.filter(user=cast.second_secretary.user).delete()
    member = MemberFactory(user=cast.secretary.user, community=cast.compound)
    application = apply_for_post(post, by=member_actor(member))
    assert told(cast.city_officer) == [["STEWARD_APPLIED"]]
    assert list(applications_to_decide(cast.city_officer)) == [application]
    approve_application(application, by=cast.city_officer)
    assert state(post) == "HELD"
