"""Two secretaries at the same queue: each member is taken in once, told once, and lives in one place."""

from threading import Barrier

import pytest
from django.db import connection

from accounts.access import Actor
from accounts.actions import approval
from accounts.actions.approval import approve_check_in, approve_check_ins
from accounts.actions.check_in import Details, return_check_ins, submit_check_in
from accounts.models import CheckIn, Notice, Record, UnitMembership, UnitNews
from tests.factories import MemberFactory, UserFactory
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def waiting(cast, user=None):
    user = user or UserFactory()
    details = Details(community=cast.community, compound=cast.compound, unit=cast.unit, address="3-301")
    return submit_check_in(user, details, by=Actor(user=user))


@pytest.mark.parametrize("round", ROUNDS)
def test_two_who_approve_the_same_many_take_each_in_once(cast, round):
    check_ins = [waiting(cast) for _ in range(6)]
    outcomes = at_once(
        lambda: approve_check_ins(check_ins, by=cast.secretary),
        lambda: approve_check_ins(list(reversed(check_ins)), by=cast.second_secretary),
    )
    assert reasons(outcomes) == []
    assert sorted(len(outcome.check_ins) for outcome in outcomes) == [0, 6]
    assert set(CheckIn.objects.filter(pk__in=[c.pk for c in check_ins]).values_list("status")) == {("APPROVED",)}
    assert UnitMembership.objects.filter(member__in=[c.member_id for c in check_ins]).count() == 6
    assert UnitNews.objects.count() == 6
    assert Notice.objects.filter(kind=Notice.Kind.CHECK_IN_APPROVED).count() == 6
    assert Record.objects.filter(new_status="APPROVED").count() == 6


@pytest.mark.parametrize("round", ROUNDS)
def test_a_move_approved_by_two_at_once_ends_the_former_and_not_the_new(cast, round):
    check_in = waiting(cast, cast.other_member.user)
    stale = CheckIn.objects.get(pk=check_in.pk)
    outcomes = at_once(
        lambda: approve_check_in(check_in, by=cast.secretary),
        lambda: approve_check_in(stale, by=cast.second_secretary),
    )
    assert len(reasons(outcomes)) == 1
    states = CheckIn.objects.filter(member=cast.other_member.member).order_by("pk").values_list("status", flat=True)
    assert list(states) == ["ENDED", "APPROVED"]


@pytest.mark.parametrize("round", ROUNDS)
def test_approved_or_returned_but_never_both(cast, round):
    check_ins = [waiting(cast) for _ in range(4)]
    outcomes = at_once(
        lambda: approve_check_ins(check_ins, by=cast.secretary),
        lambda: return_check_ins(check_ins, reason="请写单元", by=cast.second_secretary),
    )
    assert reasons(outcomes) == []
    told = Notice.objects.filter(kind__in=["CHECK_IN_APPROVED", "CHECK_IN_RETURNED"])
    assert told.count() == 4


@on_postgresql
def test_control_without_holding_the_rows_both_take_the_same_one_in(cast, monkeypatch):
    """Both have seen it waiting; the member is told twice and so is the unit."""
    both_have_looked, look = Barrier(2), approval._pending

    def look_and_wait(check_ins):
        seen = look(check_ins)
        both_have_looked.wait(timeout=10)
        return seen

    check_in = waiting(cast, MemberFactory(community=cast.other_community, unit=cast.unit).user)
    monkeypatch.setattr(approval, "_pending", look_and_wait)
    monkeypatch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)
    outcomes = at_once(
        lambda: approve_check_ins([check_in], by=cast.secretary),
        lambda: approve_check_ins([check_in], by=cast.second_secretary),
    )
    assert reasons(outcomes) == []
    assert [len(outcome.check_ins) for outcome in outcomes] == [1, 1]
    assert Notice.objects.filter(kind=Notice.Kind.CHECK_IN_APPROVED).count() == 2
    assert UnitNews.objects.filter(member=check_in.member).count() == 2
