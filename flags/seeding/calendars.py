"""The demo's member has their places in their own calendar."""

from datetime import date, timedelta

from flags.seeding.people import Resident
from flags.seeding.times import at
from tasks.models import CalendarAddress

SINCE = timedelta(days=40)


def subscribe(resident: Resident, today: date) -> None:
    CalendarAddress.objects.create(member=resident.member, made_at=at(today - SINCE, 20, 15))
