"""The drafts of running years are built anew every night, from midnight on in Asia/Shanghai."""

from collections.abc import Iterator
from datetime import date, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import CLOCK
from accounts.models import Beat, Organization
from flags.actions.report import request_run
from flags.models import ReportRun
from flags.queries.compliance import has_members
from flags.queries.year import is_locked
from tasks.models import YearRule

REBUILT = "reports_rebuilt"


def rebuild_tonight() -> None:
    """Ask once a day for each city's drafts, for every year that still changes (domain rule 8).

    That it was asked for is a row, written with the run, so that it may be started twice. A city whose run is still
    under way waits for the next look: what that run has built before midnight is built once more.
    """
    today = timezone.localdate()
    wanted = {f"{today}:{city.pk}:{year}": (city, year) for city in _cities() for year in years_to_rebuild(city, today)}
    done = set(Beat.objects.filter(job=REBUILT, period__in=wanted).values_list("period", flat=True))
    for period, (city, year) in wanted.items():
        if period not in done:
            _ask_once(period, city, year)


def years_to_rebuild(city: Organization, today: date) -> Iterator[int]:
    """The running year; and those that ended, as of their last day, until the night after their confirmation deadline."""
    for year in [today.year, *_ended(city, today)]:
        if has_members(city.path, year) and not is_locked(city.path, year):
            yield year


def _ended(city: Organization, today: date) -> list[int]:
    """The years behind us that still change, newest first: one with a late deadline may be more than a year old."""
    yesterday = today - timedelta(days=1)
    late = YearRule.objects.filter(city=city, year__lt=today.year - 1, deadline__gte=yesterday).order_by("-year")
    last = [today.year - 1] if YearRule.of(city.path, today.year - 1).confirm_by >= yesterday else []
    return [*last, *late.values_list("year", flat=True)]


def _cities() -> list[Organization]:
    return list(Organization.objects.filter(kind=Organization.Kind.CITY).in_use().order_by("pk"))


def _ask_once(period: str, city: Organization, year: int) -> None:
    try:
        with transaction.atomic():
            if ReportRun.objects.unfinished().filter(scope=city, year=year).exists():
                return
            Beat.objects.create(job=REBUILT, period=period)
            request_run(city, year, by=CLOCK)
    except IntegrityError:
        return  # another was faster
