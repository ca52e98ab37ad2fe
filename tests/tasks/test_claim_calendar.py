"""The week and the month of a member: every place on its day, whatever the hour and the year."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from tasks.queries.claim_calendar import OPEN_A_DAY, By, Item, days_of, span_of
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOW = datetime(2026, 12, 30, 10, tzinfo=SHANGHAI)  # a Wednesday
HOUR = timedelta(hours=1)
TODAY = NOW.date()


@pytest.fixture(autouse=True)
def at_the_end_of_a_year():
    with time_machine.travel(NOW, tick=False):
        yield


def at(month: int, day: int, hour: int, minute: int = 0, year: int = 2026) -> datetime:
    return datetime(year, month, day, hour, minute, tzinfo=SHANGHAI)


def shift(cast, starts_at: datetime, ends_at: datetime | None = None, *, title: str = "守小门", **changed):
    task = TaskFactory(publisher=cast.community, title=title)
    return ShiftFactory(task=task, starts_at=starts_at, ends_at=ends_at or starts_at + 2 * HOUR, **changed)


def shown(cast, by: By = By.WEEK, day: date = TODAY, **asked) -> dict[date, list[Item]]:
    """Which items stand on which day; days without any are left out."""
    days = days_of(span_of(by, day), cast.member.member, timezone.now(), **asked)
    return {day.date: day.items for day in days if day.items}


def page(cast, **asked) -> str:
    return screen(browser_of(cast.member).get(reverse("claim_calendar"), asked))


# --- spans ----------------------------------------------------------------------------------


def test_a_week_runs_from_monday_over_new_year():
    span = span_of(By.WEEK, date(2027, 1, 1))
    assert (span.begins, span.ends) == (date(2026, 12, 28), date(2027, 1, 3))
    assert (span.before, span.after) == (date(2026, 12, 27), date(2027, 1, 4))


@pytest.mark.parametrize(
    ("day", "first", "last", "before", "after"),
    [
        (date(2026, 12, 31), date(2026, 11, 30), date(2027, 1, 3), date(2026, 11, 30), date(2027, 1, 1)),
        (date(2027, 2, 1), date(2027, 2, 1), date(2027, 2, 28), date(2027, 1, 31), date(2027, 3, 1)),
        (date(2028, 2, 29), date(2028, 1, 31), date(2028, 3, 5), date(2028, 1, 31), date(2028, 3, 1)),
    ],
)
def test_a_month_is_shown_in_whole_weeks(day, first, last, before, after):
    span = span_of(By.MONTH, day)
    assert (span.first, span.last, span.before, span.after) == (first, last, before, after)


# --- what stands where ----------------------------------------------------------------------


def test_own_places_and_what_is_open_stand_on_their_day_in_order(cast):
    later = ClaimFactory(shift=shift(cast, at(12, 31, 14)), member=cast.member.member)
    open_one = shift(cast, at(12, 31, 9))
    items = shown(cast)[date(2026, 12, 31)]
    assert [item.place for item in items] == [open_one, later]
    assert [item.is_own for item in items] == [False, True]
    assert [item.place for item in shown(cast, own_only=True)[date(2026, 12, 31)]] == [later]


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "days"),
    [
        (at(12, 31, 22), at(1, 1, 2, year=2027), [date(2026, 12, 31), date(2027, 1, 1)]),
        (at(12, 31, 22), at(1, 1, 0, year=2027), [date(2026, 12, 31)]),
        (at(1, 1, 0, year=2027), at(1, 1, 2, year=2027), [date(2027, 1, 1)]),
        (at(12, 31, 7, 30), at(12, 31, 8, 30), [date(2026, 12, 31)]),  # around midnight in London
    ],
)
def test_what_lasts_over_midnight_stands_on_both_days_and_midnight_belongs_to_one(cast, starts_at, ends_at, days):
    ClaimFactory(shift=shift(cast, starts_at, ends_at), member=cast.member.member)
    assert list(shown(cast)) == days


def test_of_a_night_each_day_says_its_own_hours(cast):
    ClaimFactory(shift=shift(cast, at(12, 31, 22), at(1, 1, 2, year=2027)), member=cast.member.member)
    words = page(cast)
    assert "22:00–24:00" in words
    assert "00:00–02:00" in words


def test_a_week_begins_at_its_midnight(cast):
    before = shift(cast, at(12, 27, 22), at(12, 28, 0))
    over = shift(cast, at(12, 27, 23), at(12, 28, 1))
    after = shift(cast, at(1, 4, 0, year=2027))
    for each in (before, over, after):
        ClaimFactory(shift=each, member=cast.member.member, status="CONFIRMED")
    assert {day: [item.shift for item in items] for day, items in shown(cast).items()} == {date(2026, 12, 28): [over]}


def test_by_agreement_a_place_stands_on_the_agreed_day_and_before_that_on_the_last(cast):
    wish = {"by_agreement": True, "starts_at": at(12, 20, 0), "ends_at": at(1, 3, 0, year=2027)}
    open_time = ClaimFactory(
        shift=shift(cast, **wish), member=cast.member.member, starts_at=None, ends_at=None, status="HELD"
    )
    agreed = ClaimFactory(
        shift=shift(cast, **wish), member=cast.member.member, starts_at=at(12, 31, 9), ends_at=at(12, 31, 10)
    )
    shift(cast, **wish)  # open, at no day
    places = {day: [item.place for item in items] for day, items in shown(cast).items()}
    assert places == {date(2026, 12, 31): [agreed], date(2027, 1, 2): [open_time]}
    assert str(open_time.shift.task) in page(cast)


def test_who_is_asked_about_new_hours_finds_the_shift_at_them(cast):
    ClaimFactory(
        shift=shift(cast, at(12, 31, 9)), member=cast.member.member, starts_at=None, ends_at=None, asked_at=NOW
    )
    assert list(shown(cast)) == [date(2026, 12, 31)]


@pytest.mark.parametrize("status", ["WITHDRAWN", "DECLINED", "EXPIRED", "CANCELLED"])
def test_what_is_given_back_or_called_off_is_gone(cast, status):
    ClaimFactory(shift=shift(cast, at(12, 31, 9), status="CANCELLED"), member=cast.member.member, status=status)
    assert shown(cast) == {}


def test_past_days_show_what_was_served_and_nothing_one_has_waited_for(cast):
    served = ClaimFactory(shift=shift(cast, at(12, 28, 9)), member=cast.member.member, status="CONFIRMED")
    ClaimFactory(shift=shift(cast, at(12, 29, 9)), member=cast.member.member, status="WAITING")
    shift(cast, at(12, 29, 14))
    assert {day: [item.place for item in items] for day, items in shown(cast).items()} == {date(2026, 12, 28): [served]}


def test_nobody_elses_places_and_nothing_for_others(cast):
    mine = shift(cast, at(12, 31, 9), title="别人的班", capacity=1)
    ClaimFactory(shift=mine)
    ShiftFactory(task=TaskFactory(publisher=cast.other_community, title="枕溪的班"), starts_at=at(12, 31, 9))
    words = page(cast)
    assert [item.place for item in shown(cast)[date(2026, 12, 31)]] == [mine]  # full, and open to wait for
    assert "枕溪的班" not in words


def test_a_day_with_very_much_that_is_open_lists_the_first_and_counts_the_rest(cast):
    most = OPEN_A_DAY[By.MONTH]
    for minute in range(most + 2):
        shift(cast, at(12, 31, 9, minute))
    own = ClaimFactory(shift=shift(cast, at(12, 31, 20)), member=cast.member.member)
    [day] = [day for day in days_of(span_of(By.MONTH, NOW.date()), cast.member.member, NOW) if day.items]
    assert (len(day.items), day.items[-1].place, day.more) == (most + 1, own, 2)
    assert "?by=week&day=2026-12-31" in page(cast, by="month")


# --- the page -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "day", ["", "nonsense", "2026-02-30", "0001-01-01", "9999-12-31", "2100-01-01", "12/31", "一", "1" * 3000]
)
@pytest.mark.parametrize("by", ["month", "week"])
def test_a_day_that_cannot_be_is_today(cast, by, day):
    _before, _mark, today = page(cast, by=by, day=day).partition('aria-current="date"')
    assert '<time datetime="2026-12-30">' in today[:100]


@pytest.mark.parametrize("day", ["2000-01-01", "2099-12-31"])
def test_the_first_and_the_last_day_there_are_lead_nowhere_that_breaks(cast, day):
    for by in ("week", "month"):
        assert 'rel="next"' in page(cast, by=by, day=day)


def test_the_way_to_the_days_before_and_after_keeps_what_is_shown(cast):
    words = page(cast, by="month", day="2026-12-30", own="1")
    assert "?by=month&own=1&day=2026-11-30" in words
    assert "?by=month&own=1&day=2027-01-01" in words
    assert "?by=month&own=1" in words


@pytest.mark.parametrize("by", ["week", "month"])
def test_it_costs_the_same_for_one_and_for_thirty(cast, by):
    browser, url = browser_of(cast.member), f"{reverse('claim_calendar')}?by={by}"

    def add(minute: int) -> None:
        shift(cast, at(12, 31, 9, minute))
        ClaimFactory(shift=shift(cast, at(12, 31, 9, minute)), member=cast.member.member, status="CONFIRMED")

    add(0)
    one = queries_of(browser, url)
    for minute in range(1, 30):
        add(minute)
    assert queries_of(browser, url) == one


@pytest.mark.parametrize("who", ["secretary", "unit_officer"])
def test_only_members_have_a_calendar(cast, who):
    assert browser_of(getattr(cast, who)).get(reverse("claim_calendar")).status_code == 403
