"""The rule of a city's year: for which years it can be set, and what another one would do."""

from typing import NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Organization, Record
from flags.queries.compliance import Outcome, has_members, outcome
from flags.queries.year import is_locked
from tasks.models import YearRule
from vanguard.lib.fingerprint import fingerprint

KEPT = ("minimum", "pro_rating", "community_value_at_most", "city_value_at_most", "deadline")
YEARS_BACK = 3


class Preview(NamedTuple):
    """Where a city's members stand in `year` now, and where they would under another rule."""

    year: int
    now: Outcome
    then: Outcome


def rule_seen(rule: YearRule) -> str:
    """What a form to change it is opened with, so that nobody overwrites what somebody else has just changed."""
    return fingerprint(*(getattr(rule, name) for name in KEPT))


def years_with_rules(city: Organization) -> list[int]:
    """The next year, this one, and the years before it that have members, as far as a page offers them; newest first."""
    running = timezone.localdate().year
    past = [year for year in range(running - 1, running - 1 - YEARS_BACK, -1) if has_members(city.path, year)]
    return [running + 1, running, *past]


def can_be_set(city: Organization, year: int) -> bool:
    """Whether a rule can be set at all: for the years of the page, until they are locked."""
    return year in years_with_rules(city) and not is_locked(city.path, year)


def preview(city: Organization, year: int, rule: YearRule) -> Preview:
    """What `rule` would do to the city's members, counted by the statement of the report; nothing is written.

    A year to come is measured by the flags of the running one.
    """
    measured = min(year, timezone.localdate().year)
    return Preview(
        measured,
        outcome(city.path, measured, YearRule.of(city.path, year)),
        outcome(city.path, measured, rule),
    )


def changes_of_rule(rule: YearRule) -> QuerySet[Record]:
    """Who changed a rule and when, newest first, each with the old and the new values as its reason."""
    records = Record.objects.filter(subject_type=ContentType.objects.get_for_model(YearRule), subject_id=rule.pk)
    return records.select_related("user", "appointment__organization", "reason").order_by("-pk")
