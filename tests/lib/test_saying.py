from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import translation

from vanguard.lib.saying import age, at_time, lasting, moment_words, on_day, percent, times, tone, until

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 2, 13, 12, 0, tzinfo=SHANGHAI)


@pytest.fixture(autouse=True)
def _friday_noon():
    with time_machine.travel(NOON, tick=False), translation.override("en"):
        yield


@pytest.mark.parametrize(
    ("moment", "words"),
    [
        (NOON, "today 12:00"),
        (NOON + timedelta(days=1), "tomorrow 12:00"),
        (NOON - timedelta(days=1), "yesterday 12:00"),
        (NOON + timedelta(days=2), "Feb 15 Sun 12:00"),
        (datetime(2027, 2, 14, 9, 5, tzinfo=SHANGHAI), "Feb 14, 2027 Sun 09:05"),
    ],
)
def test_a_moment_is_said_as_people_say_it(moment, words):
    assert moment_words(moment) == words


def test_in_chinese_too():
    with translation.override("zh-hans"):
        assert moment_words(NOON + timedelta(days=1)) == "明天 12:00"
        assert moment_words(NOON + timedelta(days=8)) == "2月21日 周六 12:00"
        assert moment_words(datetime(2027, 2, 14, 9, 5, tzinfo=SHANGHAI)) == "2027年2月14日 周日 09:05"


def test_the_day_is_that_of_shanghai_not_of_utc():
    assert moment_words(datetime(2026, 2, 12, 16, 0, tzinfo=UTC)) == "today 00:00"
    assert moment_words(datetime(2026, 2, 12, 15, 59, tzinfo=UTC)) == "yesterday 23:59"


def test_a_span_over_midnight_names_both_days():
    night = datetime(2026, 2, 13, 22, 0, tzinfo=SHANGHAI)
    assert ">today 22:00–23:00<" in until(night, night + timedelta(hours=1))
    assert ">today 22:00–tomorrow 02:00<" in until(night, night + timedelta(hours=4))


def test_the_exact_time_is_there_on_hover():
    assert 'title="2026-02-13 12:00"' in at_time(NOON)
    assert 'datetime="2026-02-13T12:00+08:00"' in at_time(NOON)


def test_nothing_is_said_of_no_time():
    assert at_time(None) == on_day(None) == until(None, None) == ""


def test_a_share_of_nothing_is_a_dash():
    assert percent(1, 3) == "33 %"
    assert percent(0, 0) == "–"


def test_a_count_below_zero_repeats_nothing():
    assert list(times(-2)) == []
    assert list(times(3)) == [0, 1, 2]


def test_a_query_string_keeps_what_it_does_not_change():
    request = RequestFactory().get("/", {"q": "灯笼&笔", "page": "3"})
    template = Template("{% query page=4 %} {% query page=None %}")
    changed, dropped = template.render(Context({"request": request})).split()
    assert changed.endswith("page=4")
    assert "page" not in dropped
    assert "%26" in dropped


@pytest.mark.parametrize(
    ("span", "words"),
    [
        (None, "–"),
        (timedelta(0), "under an hour"),
        (timedelta(minutes=29), "under an hour"),
        (timedelta(minutes=31), "1 hour"),
        (timedelta(hours=47, minutes=29), "47 hours"),
        (timedelta(hours=48), "2 days"),
        (timedelta(days=400), "400 days"),
    ],
)
def test_how_long_it_took_is_said_in_hours_and_then_in_days(span, words):
    with translation.override("en"):
        assert lasting(span) == words


@pytest.mark.parametrize(("ago", "words"), [(0, "since today"), (1, "1 day"), (40, "40 days")])
def test_an_age_is_counted_in_days_of_the_calendar(ago, words):
    with time_machine.travel("2027-01-01T00:30+08:00", tick=False), translation.override("en"):
        assert age(datetime.now(SHANGHAI) - timedelta(days=ago)) == words
        assert age(datetime.now(SHANGHAI) - timedelta(hours=1)) == "1 day", "yesterday, though in another year"


@pytest.mark.parametrize(
    ("state", "looks"),
    [("MET", "good"), ("NOT_MET", "late"), ("PROPOSED", "waiting"), ("HELD", "info"), ("EXEMPT", ""), ("", "")],
)
def test_a_state_has_its_tone_and_any_other_none(state, looks):
    assert tone(state) == looks
