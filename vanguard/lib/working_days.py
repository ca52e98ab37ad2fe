"""Working days of mainland China: public holidays off, the weekends worked in exchange on."""

from datetime import date, timedelta

from chinese_calendar import get_holiday_detail, is_workday

DAY = timedelta(days=1)
FRIDAY = 4
FIXED_HOLIDAYS = {(1, 1), (5, 1), (5, 2), (10, 1), (10, 2), (10, 3)}  # by law, whatever the year's list adds


def is_working_day(day: date) -> bool:
    """The State Council's yearly list, as the library has it; Monday to Friday for years that it does not know."""
    try:
        return is_workday(day)
    except NotImplementedError:
        return day.weekday() <= FRIDAY


def is_public_holiday(day: date) -> bool:
    """Whether a festival makes it a day off, as the yearly list has it; for other years the days fixed by law."""
    try:
        is_off, festival = get_holiday_detail(day)
    except NotImplementedError:
        return (day.month, day.day) in FIXED_HOLIDAYS
    return is_off and festival is not None


def waited(since: date, *, today: date) -> int:
    """How many whole working days lie between: neither the day of `since` nor today is over or was whole."""
    between = (since + DAY * count for count in range(1, (today - since).days))
    return sum(is_working_day(day) for day in between)


def sent_by(days: int, *, today: date) -> date:
    """The latest day such that what was sent by then has waited `days` whole working days before `today`.

    Sent on a Friday with a limit of 3, Monday to Wednesday pass and Thursday is the first day of being late.
    A limit of 0 is reached at once: today.
    """
    if days <= 0:
        return today
    day = today
    while days:
        day -= DAY
        days -= is_working_day(day)
    return day - DAY
