"""A year stands open for flags until its deadline; after it they are the city's to light (domain rule 7)."""

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Organization
from flags.queries.deadline import is_city_of
from flags.queries.year import is_locked
from flags.refusals import Reason
from tasks.models import YearRule
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words


def require_year_open(city_path: str, year: int, *, by: Actor, why: str = "") -> bool:
    """Refuse what changes the flags of a year that is closed, but to the city that says why.

    A year is closed after its confirmation deadline, and once a report of it is locked: then what is written belongs to
    the report's next version. Back comes whether the year is closed, and so the reason is to be kept.
    """
    today = timezone.localdate()
    if year >= today.year:
        return False
    rule, locked = YearRule.of(city_path, year), is_locked(city_path, year)
    if today <= rule.confirm_by and not locked:
        return False
    if not is_city_of(by, city_path):
        city = Organization.objects.get(path=city_path)
        if locked:
            raise Refused(Reason.AWARD_IN_LOCKED_YEAR, year=year, city=city)
        raise Refused(Reason.YEAR_OVER, year=year, city=city, day=day_words(rule.confirm_by))
    if not why.strip():
        raise Refused(Reason.YEAR_NEEDS_REASON, year=year)
    return True
