"""A calendar as a file that calendar programs read (iCalendar, RFC 5545), in UTC, which every one of them knows."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

import icalendar

CONTENT_TYPE = "text/calendar; charset=utf-8"
PRODUCT = "-//Vanguard Micro-Home//places//ZH"
READ_AGAIN = timedelta(hours=1)


class Status(StrEnum):
    TENTATIVE = "TENTATIVE"
    CONFIRMED = "CONFIRMED"
    CANCELLED = "CANCELLED"


class Event(NamedTuple):
    """`sequence` and `changed_at` never fall: by them a calendar knows which of two versions is the later one."""

    uid: str
    title: str
    starts_at: datetime
    ends_at: datetime
    place: str
    address: str
    words: str
    contact: str
    status: Status
    sequence: int
    changed_at: datetime


def calendar_file(events: Iterable[Event], *, name: str, now: datetime) -> bytes:
    """One calendar of that name; a subscriber is asked to look again after an hour."""
    calendar = icalendar.Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    calendar.add("calscale", "GREGORIAN")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", READ_AGAIN, parameters={"VALUE": "DURATION"})
    calendar.add("x-published-ttl", icalendar.vDuration(READ_AGAIN))
    for event in events:
        calendar.add_component(_component(event, now))
    return calendar.to_ical()


def _component(event: Event, now: datetime) -> icalendar.Event:
    component = icalendar.Event()
    component.add("uid", event.uid)
    component.add("dtstamp", now.astimezone(UTC))
    component.add("dtstart", event.starts_at.astimezone(UTC))
    component.add("dtend", event.ends_at.astimezone(UTC))
    component.add("summary", event.title)
    component.add("location", event.place)
    component.add("description", event.words)
    component.add("contact", event.contact)
    component.add("url", event.address)
    component.add("status", event.status)
    component.add("sequence", event.sequence)
    component.add("last-modified", event.changed_at.astimezone(UTC))
    component.add("class", "PRIVATE")
    component.add("transp", "OPAQUE" if event.status == Status.CONFIRMED else "TRANSPARENT")
    return component
