"""Which years stand open for confirmations, and what is left to the city (domain rule 7)."""

from datetime import date, datetime

from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Organization, Role
from flags.models import ComplianceReport
from tasks.queries.deadline import past_years_in_time
from vanguard.lib.days import beginning_of


def past_years_open(city_path: str) -> list[int]:
    """The years before this one in which communities still confirm: in time, and no report of them locked."""
    years = past_years_in_time(city_path)
    if not years:
        return years
    locked = ComplianceReport.objects.filter(
        unit__path__startswith=city_path, year__in=years, status=ComplianceReport.Status.LOCKED
    )
    closed = set(locked.values_list("year", flat=True))
    return [year for year in years if year not in closed]


def is_open(city_path: str, year: int) -> bool:
    """Whether a community may still light flags of `year`: the running one, and a past one until its deadline or lock."""
    return year >= timezone.localdate().year or year in past_years_open(city_path)


def is_city_of(actor: Actor, city_path: str) -> bool:
    """Whether the hat is the city's own: it may light flags of a year that is closed, with a reason."""
    own = actor.organization
    return actor.role == Role.CITY_OFFICER and own is not None and own.path == city_path


def left_to_the_city(actor: Actor, city_path: str, year: int) -> Organization | None:
    """The city that this hat has to ask, because the year is closed and it is not the city's own; else nothing."""
    if is_open(city_path, year) or is_city_of(actor, city_path):
        return None
    return Organization.objects.get(path=city_path)


def served_in_closed_years(city_path: str) -> Q:
    """The condition on claims that their service was done in a year that is closed."""
    this_year = _from(timezone.localdate().year)
    fixed = Q(ends_at=None, shift__by_agreement=False, shift__ends_at__lt=this_year)
    condition = Q(ends_at__lt=this_year) | fixed
    for year in past_years_open(city_path):
        begins, ends = _from(year), _from(year + 1)
        condition &= ~Q(ends_at__gte=begins, ends_at__lt=ends)
        condition &= ~Q(ends_at=None, shift__ends_at__gte=begins, shift__ends_at__lt=ends)
    return condition


def _from(year: int) -> datetime:
    return beginning_of(date(year, 1, 1))
