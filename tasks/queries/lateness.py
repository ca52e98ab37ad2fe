"""How long what residents and members sent has waited, in working days: whole ones between the day it began and today."""

from datetime import datetime, timedelta

from django.db.models import Q
from django.utils import timezone

from vanguard.lib.days import beginning_of
from vanguard.lib.working_days import sent_by, waited


def days_waited(since: datetime) -> int:
    return waited(timezone.localdate(since), today=timezone.localdate())


def has_waited(field: str, days: int) -> Q:
    """The condition that `days` working days have passed since the moment in `field`."""
    day_after = sent_by(days, today=timezone.localdate()) + timedelta(days=1)
    return Q(**{f"{field}__lt": beginning_of(day_after)})
