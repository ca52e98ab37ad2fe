"""Whether a year has begun, and whether a city's still stands open."""

from django.utils import timezone

from flags.models import ComplianceReport


def has_begun(year: int) -> bool:
    """Whether it is a year of the calendar that is not still to come."""
    return 1 <= year <= timezone.localdate().year


def is_locked(city_path: str, year: int) -> bool:
    """Whether a report of that city and year is locked: from then on only a correction changes what is reported."""
    locked = ComplianceReport.objects.filter(year=year, status=ComplianceReport.Status.LOCKED)
    return locked.filter(unit__path__startswith=city_path).exists()
