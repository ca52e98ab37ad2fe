from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from vanguard.lib.days import beginning_of, last_day_before

SHANGHAI = ZoneInfo("Asia/Shanghai")
NEW_YEAR = datetime(2027, 1, 1, tzinfo=SHANGHAI)


def test_a_day_begins_at_midnight_in_shanghai():
    assert beginning_of(date(2027, 1, 1)) == NEW_YEAR == datetime(2026, 12, 31, 16, tzinfo=UTC)


def test_midnight_ends_the_day_before_it():
    assert last_day_before(NEW_YEAR) == date(2026, 12, 31)
    assert last_day_before(NEW_YEAR + timedelta(minutes=1)) == date(2027, 1, 1)
