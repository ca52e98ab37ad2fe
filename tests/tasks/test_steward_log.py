"""A steward's log of a quarter: kept, sent, confirmed or returned; never for a quarter to come, never by its writer."""

from datetime import date

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.models import Appointment
from accounts.refusals import Reason as AccountsReason
from tasks.actions.steward_log import confirm_log, return_log, save_log
from tasks.actions.steward_term import give_up_post
from tasks.models import StewardLog, StewardPost
from tasks.queries.steward_log import logs_due, logs_read_by, logs_to_confirm
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import MemberFactory, StewardLogFactory, StewardPostFactory
from tests.storm import at_once, reasons
from tests.tasks.steward_world import neighbour, refused, state, told
from vanguard.lib.quarters import Quarter

pytestmark = pytest.mark.django_db
Q3, Q4 = Quarter(2026, 3), Quarter(2026, 4)
WORDS = {"seen": "三楼堆了纸箱。", "done": "和住户一起清走了。"}


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        yield


@pytest.fixture
def post(cast, november) -> StewardPost:
    """Held by the cast's member since the middle of September."""
    return StewardPostFactory(
        compound=cast.compound,
        holder=cast.member.member,
        held_from=date(2026, 9, 15),
        held_until=date(2027, 9, 14),
    )


@pytest.fixture
def log(cast, post) -> StewardLog:
    return save_log(post, Q4, **WORDS, submit=True, by=cast.member)


def test_a_draft_is_the_writers_alone_until_it_is_sent(cast, post):
    log = save_log(post, Q4, seen=" 三楼堆了纸箱。 ", done="", by=cast.member)
    assert (log.status, log.seen, log.done) == ("DRAFT", "三楼堆了纸箱。", "")
    assert told(cast.secretary) == [[]]
    assert not StewardLog.objects.visible_to(cast.secretary).exists()
    assert save_log(post, Q4, **WORDS, submit=True, by=cast.member) == log
    assert state(log) == "SUBMITTED"
    assert list(logs_to_confirm(cast.secretary)) == [log]
    assert told(cast.secretary, cast.second_secretary, cast.branch) == [["STEWARD_LOG_SENT"], ["STEWARD_LOG_SENT"], []]


def test_sent_twice_it_is_sent_once(cast, post, log):
    assert save_log(post, Q4, **WORDS, submit=True, by=cast.member) == log
    assert told(cast.secretary) == [["STEWARD_LOG_SENT"]]
    changed = WORDS | {"done": "又看了一遍"}
    refused(AccountsReason.NOT_ALLOWED_NOW, save_log, post, Q4, **changed, submit=True, by=cast.member)


def test_only_of_quarters_in_which_one_held_the_post_and_none_to_come(cast, post):
    save_log(post, Q3, **WORDS, submit=True, by=cast.member)
    refused(Reason.NOT_HELD_THEN, save_log, post, Quarter(2026, 2), **WORDS, by=cast.member)
    refused(Reason.QUARTER_TO_COME, save_log, post, Quarter(2027, 1), **WORDS, by=cast.member)
    refused(Reason.NOT_HELD_THEN, save_log, post, Q4, **WORDS, by=neighbour(cast))
    with pytest.raises(PermissionDenied):
        save_log(post, Q4, **WORDS, by=cast.secretary)


def test_the_quarter_begins_at_midnight_here(cast, post):
    first = Quarter(2027, 1)
    with time_machine.travel("2026-12-31T23:59:59+08:00", tick=False):
        refused(Reason.QUARTER_TO_COME, save_log, post, first, **WORDS, by=cast.member)
    with time_machine.travel("2027-01-01T00:00:00+08:00", tick=False):
        assert save_log(post, first, **WORDS, by=cast.member).of == first


def test_who_has_given_it_up_still_writes_of_the_time_they_held_it(cast, post):
    give_up_post(post, by=cast.member)
    save_log(post, Q4, **WORDS, submit=True, by=cast.member)
    with time_machine.travel("2027-01-02T12:00:00+08:00", tick=False):
        refused(Reason.NOT_HELD_THEN, save_log, post, Quarter(2027, 1), **WORDS, by=cast.member)


@pytest.mark.parametrize("changed", [{"seen": " \u3000 "}, {"done": ""}])
def test_what_says_nothing_is_not_sent(cast, post, changed):
    refused(Reason.LOG_EMPTY, save_log, post, Q4, **WORDS | changed, submit=True, by=cast.member)
    with pytest.raises(IntegrityError), transaction.atomic():
        StewardLogFactory(post=post, member=cast.member.member, **dict.fromkeys(changed, ""))


@pytest.mark.django_db(transaction=True)
def test_two_taps_at_once_make_one_log(cast, post):
    tap = [lambda: save_log(post, Q4, **WORDS, submit=True, by=cast.member)] * 2
    assert reasons(at_once(*tap)) == []
    assert StewardLog.objects.count() == 1
    assert told(cast.secretary) == [["STEWARD_LOG_SENT"]]


# --- confirmed or returned ---------------------------------------------------------------------


def test_the_community_confirms_it_once(cast, log):
    confirm_log(log, by=cast.secretary)
    assert state(log) == "CONFIRMED"
    assert told(cast.member) == [["STEWARD_LOG_CONFIRMED"]]
    refused(AccountsReason.NOT_ALLOWED_NOW, confirm_log, log, by=cast.second_secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, return_log, log, reason="再写", by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, save_log, log.post, Q4, **WORDS, by=cast.member)


def test_who_saw_it_before_somebody_else_decided_is_told(cast, log):
    stale = StewardLog.objects.get(pk=log.pk)
    return_log(log, reason="写得再具体些", by=cast.secretary)
    refused(AccountsReason.STATE_CHANGED, confirm_log, stale, by=cast.second_secretary)


def test_returned_with_a_reason_it_is_mended_and_sent_again(cast, log):
    refused(Reason.REASON_MISSING, return_log, log, reason=" ", by=cast.secretary)
    return_log(log, reason="写得再具体些", by=cast.secretary)
    assert (state(log), log.return_reason) == ("RETURNED", "写得再具体些")
    refused(Reason.LOG_EMPTY, save_log, log.post, Q4, seen="", done="", by=cast.member)
    save_log(log.post, Q4, **WORDS | {"seen": "三楼和五楼。"}, by=cast.member)
    assert state(log) == "RETURNED"
    save_log(log.post, Q4, **WORDS, submit=True, by=cast.member)
    confirm_log(StewardLog.objects.get(), by=cast.secretary)


@pytest.mark.parametrize("who", ["branch", "other_secretary", "city_officer", "unit_officer", "member"])
def test_nobody_else_confirms_or_returns(cast, log, who):
    by = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        confirm_log(log, by=by) if who != "member" else confirm_log(log, by=neighbour(cast))
    assert not logs_to_confirm(by).exists()
    assert (log in logs_read_by(by)) == (who in ("branch", "member"))


def test_a_draft_is_confirmed_by_nobody(cast, post):
    log = save_log(post, Q4, **WORDS, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, confirm_log, log, by=cast.secretary)


def test_a_secretary_confirms_no_own_log_a_colleague_does_and_else_the_city(cast):
    member = MemberFactory(user=cast.secretary.user, community=cast.compound)
    post = StewardPostFactory(compound=cast.compound, holder=member)
    log = save_log(post, Q4, **WORDS, submit=True, by=member_actor(member))
    assert told(cast.second_secretary, cast.city_officer) == [["STEWARD_LOG_SENT"], []]
    refused(AccountsReason.ONESELF, confirm_log, log, by=cast.secretary)
    refused(AccountsReason.ONESELF, return_log, log, reason="不", by=cast.secretary)
    assert not logs_to_confirm(cast.secretary).exists()
    with pytest.raises(PermissionDenied):
        confirm_log(log, by=cast.city_officer)
    return_log(log, reason="再写", by=cast.second_secretary)
    Appointment.objects.filter(user=cast.second_secretary.user).update(ends_on=date(2026, 1, 1))
    save_log(post, Q4, **WORDS, submit=True, by=member_actor(member))
    assert told(cast.city_officer) == [["STEWARD_LOG_SENT"]]
    assert list(logs_to_confirm(cast.city_officer)) == [log]
    confirm_log(StewardLog.objects.get(), by=cast.city_officer)


# --- which are due -----------------------------------------------------------------------------


def test_the_running_quarter_and_those_before_are_shown_as_far_as_the_post_was_held(
    cast, post, django_assert_num_queries
):
    log = save_log(post, Q3, **WORDS, submit=True, by=cast.member)
    StewardPostFactory(compound=cast.community, holder=cast.member.member, held_from=date(2020, 1, 1))
    terms = list(cast.member.member.steward_terms.select_related("post").order_by("began_on"))
    with django_assert_num_queries(1):
        due = logs_due(terms, date(2026, 11, 24))
    first, second = (due[term.post_id] for term in terms)
    assert [row.quarter for row in first] == [Q4, Q3, Quarter(2026, 2), Quarter(2026, 1), Quarter(2025, 4)]
    assert [(row.quarter, row.log) for row in second] == [(Q4, None), (Q3, log)]
    assert [row.is_missing for row in first] == [False, True, True, True, True]
    assert [(row.is_to_write, row.is_missing) for row in second] == [(True, False), (False, False)]
