from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import icalendar
import pytest

from vanguard.lib.calendar_file import Event, Status, calendar_file

NEW_YEAR = datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))


def event(**changed) -> Event:
    said = {
        "uid": "claim-1@weijia.example.org",
        "title": "反诈宣传",
        "starts_at": NEW_YEAR,
        "ends_at": NEW_YEAR + timedelta(hours=2),
        "place": "荷风雅苑",
        "address": "https://weijia.example.org/claims/1/",
        "words": "",
        "contact": "王书记 000-0000001",
        "status": Status.CONFIRMED,
        "sequence": 3,
        "changed_at": NEW_YEAR - timedelta(days=1),
    }
    return Event(**{**said, **changed})


def written(*events: Event) -> bytes:
    return calendar_file(events, name="先锋微家", now=NEW_YEAR)


def read_back(*events: Event) -> list[icalendar.Event]:
    return list(icalendar.Calendar.from_ical(written(*events)).walk("VEVENT"))


def test_what_is_written_is_read_back():
    [found] = read_back(event())
    assert found.decoded("dtstart") == datetime(2026, 12, 31, 16, tzinfo=UTC)
    assert found.decoded("dtend") == datetime(2026, 12, 31, 18, tzinfo=UTC)
    assert (found["summary"], found["location"], found["status"]) == ("反诈宣传", "荷风雅苑", "CONFIRMED")
    assert (found["uid"], found["sequence"], found["url"]) == (event().uid, 3, event().address)
    assert not found.walk("VALARM")


@pytest.mark.parametrize(
    "title",
    [
        "元宵节家庭手工灯笼制作" * 8,
        "a" * 74 + "灯笼",
        "先,后;左\\右:“引号”",
        "👩‍👩‍👧‍👦 𠮷野家" * 9,
        "一行\n两行",
        "END:VEVENT\nBEGIN:VEVENT\nSUMMARY:forged",
    ],
)
def test_any_words_come_back_whole_from_lines_of_75_bytes(title):
    raw = written(event(title=title, words=title, place=title))
    assert max(len(line) for line in raw.split(b"\r\n")) <= 75
    assert b"\n" not in raw.replace(b"\r\n", b"")
    [found] = icalendar.Calendar.from_ical(raw).walk("VEVENT")
    assert found["summary"] == found["description"] == found["location"] == title


def test_no_events_are_a_calendar_too():
    calendar = icalendar.Calendar.from_ical(written())
    assert (calendar["method"], calendar["x-wr-calname"]) == ("PUBLISH", "先锋微家")
    assert calendar["refresh-interval"].dt == timedelta(hours=1)
