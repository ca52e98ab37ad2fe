"""Whether a city's year still stands open."""

from flags.models import ComplianceReport


def is_locked(city_path: str, year: int) -> bool:
    """Whether a report of that city and year is locked: from then on only a correction changes what is reported."""
    locked = ComplianceReport.objects.filter(year=year, status=ComplianceReport.Status.LOCKED)
    return locked.filter(unit__path__startswith=city_path).exists()
