"""Two secretaries at the same queue: each member is taken in once, told once, and lives in one place."""

import pytest

from accounts.access import Actor
from accounts.actions.approval import approve_check_in, approve_check_ins
from accounts.actions.check_in import Details, return_check_ins, submit_check_in
from accounts.models import CheckIn, Notice, Record, UnitMembership, UnitNews
from tests.factories import UserFactory
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


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
