"""Days that count for an answer: public holidays and the weekends worked in exchange."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vanguard.lib.working_days import is_public_holiday, is_working_day, sent_by, waited

DAY = timedelta(days=1)


def on(text):
    return date.fromisoformat(text)


@pytest.mark.parametrize(
    ("day", "works"),
    [
        ("2026-02-13", True),  # the last Friday before Spring Festival
        ("2026-02-14", True),  # the Saturday worked in exchange
        ("2026-02-15", False),
        ("2026-02-17", False),  # New Year's Day of the lunar year, a Tuesday
        ("2026-02-23", False),  # the ninth day off, a Monday
        ("2026-02-24", True),
        ("2026-02-28", True),  # a Saturday again
        ("2026-03-01", False),
        ("2026-09-20", True),  # a Sunday worked for National Day
        ("2026-10-07", False),
        ("2026-10-10", True),
        ("2026-12-31", True),
    ],
)
def test_it_knows_the_days_off_and_the_days_worked_in_exchange(day, works):
    assert is_working_day(on(day)) is works


@pytest.mark.parametrize("year", [1999, 2099])
def test_a_year_that_nobody_has_announced_works_from_monday_to_friday(year):
    days = [date(year, 10, 1) + DAY * count for count in range(28)]
    assert [is_working_day(day) for day in days] == [day.isoweekday() <= 5 for day in days]


@pytest.mark.parametrize(
    ("day", "is_holiday"),
    [
        ("2026-02-14", False),  # a Saturday worked in exchange for Spring Festival
        ("2026-02-17", True),
        ("2026-02-23", True),
        ("2026-03-01", False),  # a Sunday like any other
        ("2026-10-01", True),
        ("2099-01-01", True),  # fixed by law, whatever is still to be announced
        ("2099-05-02", True),
        ("2099-05-03", False),
        ("2099-10-04", False),
    ],
)
def test_a_public_holiday_is_more_than_a_weekend(day, is_holiday):
    assert is_public_holiday(on(day)) is is_holiday


@pytest.mark.parametrize(
    ("sent", "first_day_late"),
    [
        ("2026-03-06", "2026-03-12"),  # Friday: Monday to Wednesday pass
        ("2026-03-07", "2026-03-12"),  # Saturday and Sunday are no better off
        ("2026-03-08", "2026-03-12"),
        ("2026-03-09", "2026-03-13"),
        ("2026-02-12", "2026-02-25"),  # Friday, the worked Saturday, and the 24th after Spring Festival
        ("2026-02-18", "2026-02-27"),  # in the middle of the holiday
        ("2026-09-30", "2026-10-11"),  # 8th, 9th and the worked Saturday after National Day
    ],
)
def test_three_whole_working_days_pass_before_it_is_late(sent, first_day_late):
    sent, late = on(sent), on(first_day_late)
    assert sent <= sent_by(3, today=late)
    assert sent > sent_by(3, today=late - DAY)


def test_new_years_midnight_is_crossed_by_the_calendar_of_either_year():
    # 2026-01-01 to 03 are off, Sunday the 4th is worked: three working days are the 31st, the 4th and the 5th.
    assert sent_by(3, today=on("2026-01-06")) == on("2025-12-30")
    assert waited(on("2025-12-31"), today=on("2026-01-01")) == 0
    assert waited(on("2025-12-31"), today=on("2026-01-05")) == 1
    # Years that nobody has announced: January 1, 2099 is a Thursday like any other.
    assert sent_by(3, today=on("2099-01-05")) == on("2098-12-30")


def test_no_limit_is_reached_at_once():
    assert sent_by(0, today=on("2026-03-08")) == on("2026-03-08")


def test_what_was_sent_today_or_tomorrow_has_not_waited():
    assert waited(on("2026-03-10"), today=on("2026-03-10")) == 0
    assert waited(on("2026-03-11"), today=on("2026-03-10")) == 0


@given(st.dates(date(2003, 6, 1), date(2031, 6, 1)), st.integers(1, 40))
def test_it_is_the_latest_day_that_has_waited_long_enough(today, days):
    day = sent_by(days, today=today)
    assert waited(day, today=today) >= days
    assert waited(day + DAY, today=today) < days
