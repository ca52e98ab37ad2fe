"""The first minutes of a task are for members who still lack flags this year, where its publisher wants it so."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Exemption, Member
from tasks.actions.claim import claim_shift
from tasks.actions.waiting import join_waiting_list, pass_on_what_is_free
from tasks.models import Claim, Shift, Task
from tasks.queries.fair_share import still_lacks_flags
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.flags.ledger import award
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
OPENS = datetime(2026, 12, 10, 19, tzinfo=SHANGHAI)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def shift(cast) -> Shift:
    task = TaskFactory(
        publisher=cast.community, opens_at=OPENS, first_minutes=10, status=Task.Status.SCHEDULED, flag_value=1
    )
    return ShiftFactory(task=task, starts_at=OPENS + timedelta(days=2), capacity=1)


@pytest.fixture
def served(cast):
    """Who has this year's five flags already."""
    member = MemberFactory(community=cast.community, unit=cast.unit)
    award(cast, member, date(2026, 3, 1), value=5)
    return member_actor(member)


def refused(why, shift, by) -> Refused:
    with pytest.raises(Refused) as caught:
        claim_shift(shift, by=by)
    assert caught.value.reason == why
    assert not Claim.objects.filter(member=by.member).exists()
    return caught.value


def test_before_the_opening_it_is_for_nobody(cast, shift, served):
    with time_machine.travel(OPENS - timedelta(seconds=1), tick=False):
        for by in (cast.member, served):
            refused(Reason.NOT_OPEN_YET, shift, by)


def test_in_the_first_minutes_only_who_lacks_flags_may_claim(cast, shift, served):
    for moment in (OPENS, OPENS + 10 * MINUTE - timedelta(seconds=1)):
        with time_machine.travel(moment, tick=False):
            until = moment_words(OPENS + 10 * MINUTE)
            assert refused(Reason.FIRST_FOR_OTHERS, shift, served).details == {"time": until}
    with time_machine.travel(OPENS, tick=False):
        assert claim_shift(shift, by=cast.member)


def test_after_them_it_is_for_everybody(shift, served):
    with time_machine.travel(OPENS + 10 * MINUTE, tick=False):
        assert claim_shift(shift, by=served)


def test_without_them_it_is_for_everybody_from_the_start(cast, shift, served):
    Task.objects.update(first_minutes=0)
    with time_machine.travel(OPENS, tick=False):
        assert claim_shift(shift, by=served)


def test_who_has_their_flags_may_wait_and_is_passed_over_until_then(cast, shift, served):
    Shift.objects.update(taken=1)
    with time_machine.travel(OPENS + MINUTE, tick=False):
        claim = join_waiting_list(shift, by=served)
        Shift.objects.update(taken=0)
        pass_on_what_is_free()
        assert Claim.objects.get(pk=claim.pk).status == Claim.Status.WAITING
    with time_machine.travel(OPENS + 10 * MINUTE, tick=False):
        pass_on_what_is_free()
    assert Claim.objects.get(pk=claim.pk).status == Claim.Status.HELD


def test_flags_that_were_taken_back_are_lacking_again(cast, shift, served):
    lit = served.member.awards.get()
    same = {name: getattr(lit, name) for name in ("category", "unit", "community")}
    award(cast, served.member, lit.served_on, value=-5, reverses=lit, **same)
    assert still_lacks_flags(served.member, 2026)


def test_what_awaits_confirmation_is_not_lit_yet(cast):
    member = cast.member.member
    award(cast, member, date(2026, 3, 1), value=4)
    with time_machine.travel(OPENS, tick=False):
        over = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=OPENS - timedelta(days=1))
        ClaimFactory(shift=over, member=member)
        assert still_lacks_flags(member, 2026)
        award(cast, member, date(2026, 12, 9))
        assert not still_lacks_flags(member, 2026)


def test_who_owes_nothing_lacks_nothing(cast):
    with time_machine.travel(OPENS, tick=False):
        ill = MemberFactory(community=cast.community, unit=cast.unit)
        Exemption.objects.create(member=ill, reason="OTHER", starts_on=date(2026, 1, 1), ends_on=None)
        retired = MemberFactory(community=cast.community, unit=cast.unit, retired_on=date(2026, 2, 1))
        without_unit = MemberFactory(community=cast.community, retired_on=date(2020, 1, 1))
        for member in (ill, retired, without_unit):
            assert not still_lacks_flags(member, 2026)
        assert still_lacks_flags(MemberFactory(community=cast.community), 2026), "no unit, and the city's minimum"


def test_at_new_year_everybody_lacks_flags_again(cast, served):
    midnight = datetime(2027, 1, 1, tzinfo=SHANGHAI)
    task = TaskFactory(publisher=cast.community, opens_at=midnight - 5 * MINUTE, first_minutes=60)
    shift = ShiftFactory(task=task, starts_at=midnight + timedelta(days=2))
    with time_machine.travel(midnight - timedelta(seconds=1), tick=False):
        refused(Reason.FIRST_FOR_OTHERS, shift, served)
    with time_machine.travel(midnight, tick=False):
        assert claim_shift(shift, by=served)


def test_the_question_costs_the_same_in_a_large_unit(cast, django_assert_num_queries):
    MemberFactory.create_batch(5, unit=cast.unit)
    member = Member.objects.select_related("home").get(pk=cast.member.member.pk)
    with django_assert_num_queries(5):
        still_lacks_flags(member, 2026)
