"""The member's own flags: what is lit, what is needed, what is awaited."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Exemption
from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from flags.queries.wall import awaiting_confirmation, progress_of, wall_of, years_of
from tasks.models import YearRule
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def served(cast, *, member=None, value: int = 1, hours_ago: int = 5, title: str = "元宵节家庭手工灯笼制作"):
    task = TaskFactory(publisher=cast.community, flag_value=value, title=title)
    shift = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(hours=hours_ago))
    return ClaimFactory(shift=shift, member=member or cast.member.member)


def confirmed(cast, **changed) -> FlagAward:
    claim = served(cast, **changed)
    settle_shift(claim.shift, {claim.pk: "ATTENDED"}, by=cast.secretary)
    return FlagAward.objects.get(claim=claim)


def take_back(award: FlagAward) -> FlagAward:
    same = {
        name: getattr(award, name) for name in ("member", "category", "served_on", "year", "unit", "community", "claim")
    }
    return FlagAward.objects.create(value=-award.value, reverses=award, **same)


def this_year(member) -> tuple[int, int, int, int, int]:
    progress = progress_of(member, timezone.localdate().year)
    return progress.lit, progress.needed, progress.missing, progress.services, progress.waiting


@time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=SHANGHAI), tick=False)
def test_flags_and_services_are_two_counts_against_five(cast):
    confirmed(cast, value=3)
    confirmed(cast, value=1, hours_ago=10)
    served(cast, value=2, hours_ago=15)
    assert this_year(cast.member.member) == (4, 5, 1, 2, 2)


@time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=SHANGHAI), tick=False)
def test_more_than_needed_is_never_missing(cast):
    for i in range(3):
        confirmed(cast, value=3, hours_ago=5 * (i + 1))
    assert this_year(cast.member.member) == (9, 5, 0, 3, 0)


@time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=SHANGHAI), tick=False)
def test_what_is_taken_back_counts_for_nothing_and_stays_readable(cast):
    take_back(confirmed(cast, value=3))
    assert this_year(cast.member.member) == (0, 5, 5, 0, 0)
    assert [award.value for award in wall_of(cast.member.member, 2026)] == [-3, 3]
    assert screen(browser_of(cast.member).get(reverse("flag_wall")))


def test_the_years_rule_says_how_many(cast):
    year = timezone.localdate().year
    YearRule.objects.create(city=cast.city, year=year, minimum=8)
    assert progress_of(cast.member.member, year).needed == 8
    assert progress_of(cast.member.member, year - 1).needed == 5
    assert progress_of(MemberFactory(unit=cast.unit), year).needed == 8, "by the unit, before a check-in"


def test_an_exempt_member_owes_nothing_as_in_the_report(cast):
    year = timezone.localdate().year
    Exemption.objects.create(
        member=cast.member.member, reason=Exemption.Reason.ILLNESS, starts_on=date(year, 1, 1), ends_on=date(year, 7, 1)
    )
    assert progress_of(cast.member.member, year).needed == 0
    assert progress_of(cast.member.member, year - 1).needed == 5


def test_a_retired_member_owes_nothing(cast):
    member = MemberFactory(community=cast.community, retired_on=date(2024, 1, 1))
    progress = progress_of(member, timezone.localdate().year)
    assert (progress.needed, progress.missing) == (0, 0)


def test_a_service_over_new_year_waits_in_the_year_it_ended(cast):
    with time_machine.travel(datetime(2027, 1, 1, 3, tzinfo=SHANGHAI), tick=False):
        member = cast.member.member
        for ends_at in (datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI)):
            shift = ShiftFactory(task=TaskFactory(), starts_at=ends_at - timedelta(minutes=1), ends_at=ends_at)
            ClaimFactory(shift=shift, member=member)
        assert progress_of(member, 2026).waiting == progress_of(member, 2027).waiting == 1
        assert len(awaiting_confirmation(member)) == 2


def test_a_new_year_begins_at_nought_and_the_old_one_stays(cast):
    with time_machine.travel(datetime(2026, 12, 31, 20, tzinfo=SHANGHAI), tick=False):
        confirmed(cast, value=2)
    with time_machine.travel(datetime(2027, 1, 1, 0, 1, tzinfo=SHANGHAI), tick=False):
        assert years_of(cast.member.member) == [2027, 2026]
        client = browser_of(cast.member)
        assert "灯笼" not in screen(client.get(reverse("flag_wall")))
        assert "灯笼" in screen(client.get(reverse("flag_wall"), {"year": "2026"}))


@pytest.mark.parametrize("year", ["", "x", "1999", "-1", "２０２６", "²", "9" * 30, "9" * 5000, "2026.0"])
def test_a_year_that_is_none_shows_this_one(cast, year):
    confirmed(cast)
    assert "灯笼" in screen(browser_of(cast.member).get(reverse("flag_wall"), {"year": year}))


def test_each_flag_says_what_when_where_and_who_confirmed(cast):
    confirmed(cast, title="反诈宣传")
    page = screen(browser_of(cast.member).get(reverse("flag_wall")))
    for words in ("反诈宣传", cast.community.name, cast.secretary.user.name):
        assert words in page


def test_nobody_sees_anothers_flags(cast):
    confirmed(cast, title="反诈宣传")
    assert "反诈宣传" not in screen(browser_of(cast.other_member).get(reverse("flag_wall")))
    for who in ("secretary", "unit_officer", "city_officer"):
        assert browser_of(getattr(cast, who)).get(reverse("flag_wall")).status_code == 403


@time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=SHANGHAI), tick=False)
def test_the_wall_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.member), reverse("flag_wall")
    confirmed(cast)
    served(cast, hours_ago=8)
    one = queries_of(client, url)
    for i in range(2, 31):
        confirmed(cast, hours_ago=6 * i + 5)
        served(cast, hours_ago=6 * i + 8)
    assert queries_of(client, url) == one
