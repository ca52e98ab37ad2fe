"""Who came: members, the retired among them, companions, hours; counted in one place, agreeing with the claims."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.utils import timezone

from accounts.models import PastRetirement
from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from tasks.models import Attendance, Claim, DayNote
from tasks.queries.turnout import Turnout, held, turnout
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def task(cast):
    return TaskFactory(publisher=cast.community, flag_value=2, companions_at_most=5)


def shift_of(task, days_ago=1, **fields):
    return ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=days_ago), **{"capacity": 30, **fields})


def counted(task):
    return turnout(held(task, timezone.now()))


def test_nobody_yet(task):
    assert counted(task) == Turnout()


def test_members_once_services_each_and_companions_with_who_brought_them(cast, task):
    first, second = shift_of(task), shift_of(task, 2)
    retired = MemberFactory(community=cast.community, retired_on=date(2020, 5, 1))
    for shift in (first, second):
        ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")
    ClaimFactory(shift=first, member=retired, status="ATTENDED", companions=2)
    ClaimFactory(shift=first, status="ABSENT", companions=3)
    ClaimFactory(shift=first, status="HELD")
    shift_of(task, -2)
    shift_of(task, 3, status="CANCELLED")
    found = counted(task)
    assert found == Turnout(shifts=2, members=2, retired=1, services=3, companions=2, hours=6.0)
    assert found.people == 4


def test_what_was_noted_on_the_day_counts_rather_than_what_was_announced(cast, task):
    first, second = shift_of(task), shift_of(task, 2)
    brought, alone = (ClaimFactory(shift=first, status="CONFIRMED", companions=n) for n in (3, 1))
    Attendance.objects.create(claim=brought, companions_came=1)
    Attendance.objects.create(claim=alone, companions_came=0)
    ClaimFactory(shift=second, status="CONFIRMED", companions=2)
    DayNote.objects.create(shift=first, family=4, retired=1, residents=10)
    DayNote.objects.create(shift=second, family=1)
    DayNote.objects.create(shift=shift_of(task, 3, status="CANCELLED"), family=9)
    found = counted(task)
    assert (found.companions, found.family, found.retired_guests, found.residents) == (3, 5, 1, 10)
    assert found.people == 3 + 3 + 5 + 1 + 10


def test_flags_agree_with_the_ledger_also_after_one_was_taken_back(cast, task):
    shift = shift_of(task)
    claims = [ClaimFactory(shift=shift, member=MemberFactory(community=cast.community)) for _ in range(2)]
    settle_shift(shift, {claim.pk: Claim.Status.ATTENDED for claim in claims}, by=cast.secretary)
    assert counted(task).flags == 4
    lit = FlagAward.objects.get(claim=claims[0])
    same = ("member", "category", "served_on", "year", "unit", "community", "claim")
    kept = {name: getattr(lit, name) for name in same}
    FlagAward.objects.create(value=-2, reverses=lit, **kept)
    assert counted(task).flags == 2


def test_one_person_with_two_accounts_is_one(cast, task):
    shift = shift_of(task)
    gone = MemberFactory(merged_into=cast.member.member)
    for member in (gone, cast.member.member):
        ClaimFactory(shift=shift, member=member, status="CONFIRMED")
    assert (counted(task).members, counted(task).services) == (1, 2)


@pytest.mark.parametrize(("retired_on", "retired"), [(date(2026, 1, 1), 0), (date(2025, 12, 31), 1)])
def test_retired_on_the_day_of_the_service_by_the_clock_of_shanghai(cast, task, retired_on, retired):
    """At half past eleven on New Year's Eve it is the old day still, though in Greenwich it is the afternoon."""
    starts_at = datetime(2025, 12, 31, 21, 30, tzinfo=SHANGHAI)
    shift = ShiftFactory(task=task, starts_at=starts_at, ends_at=starts_at + timedelta(hours=2))
    ClaimFactory(shift=shift, member=MemberFactory(retired_on=retired_on), status="CONFIRMED")
    assert counted(task).retired == retired


def test_who_works_again_was_retired_until_then(task):
    day = timezone.localdate()
    member = MemberFactory()
    PastRetirement.objects.create(member=member, starts_on=day - timedelta(days=9), ends_on=day - timedelta(days=2))
    for days_ago in (1, 4):
        ClaimFactory(shift=shift_of(task, days_ago), member=member, status="CONFIRMED")
    assert (counted(task).members, counted(task).retired) == (1, 1)


def test_it_costs_the_same_for_one_and_for_thirty(task, django_assert_num_queries):
    shift = shift_of(task)
    for n in (1, 29):
        for _ in range(n):
            ClaimFactory(shift=shift, status="CONFIRMED")
        with django_assert_num_queries(4):
            counted(task)
