"""A city's year: when its confirmations end, and from when on it is locked."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from django.db import IntegrityError, transaction

from flags.models import ComplianceReport
from flags.queries.year import is_locked
from tasks.models import YearRule
from tests.factories import OrganizationFactory

pytestmark = pytest.mark.django_db
AT = datetime(2026, 2, 2, 9, tzinfo=ZoneInfo("Asia/Shanghai"))
LOCKED = {"status": "LOCKED", "number": "QL-2025-1-1", "digest": "0" * 64, "locked_at": AT}


def report(unit, **fields) -> ComplianceReport:
    return ComplianceReport.objects.create(unit=unit, year=2025, as_of=date(2025, 12, 31), built_at=AT, **fields)


def test_confirmations_end_on_january_31_unless_the_city_says_otherwise(cast):
    assert YearRule.of(cast.city.path, 2025).confirm_by == date(2026, 1, 31)
    YearRule.objects.create(city=cast.city, year=2025, deadline=date(2026, 2, 28))
    assert YearRule.of(cast.city.path, 2025).confirm_by == date(2026, 2, 28)


def test_the_database_refuses_a_deadline_within_the_year(cast):
    with pytest.raises(IntegrityError), transaction.atomic():
        YearRule.objects.create(city=cast.city, year=2025, deadline=date(2025, 12, 31))


def test_a_year_is_locked_once_a_report_of_its_city_is(cast):
    report(cast.unit)
    assert not is_locked(cast.city.path, 2025)
    report(cast.other_unit, **LOCKED)
    assert is_locked(cast.city.path, 2025)
    assert not is_locked(cast.city.path, 2024)
    assert not is_locked(OrganizationFactory().path, 2025)


@pytest.mark.parametrize(
    "changed",
    [
        {"status": "DRAFT"},
        {"number": None},
        {"digest": ""},
        {"locked_at": None},
        {"version": 2},
    ],
)
def test_the_database_knows_what_a_locked_report_has(cast, changed):
    with pytest.raises(IntegrityError), transaction.atomic():
        report(cast.unit, **LOCKED | changed)


def test_a_unit_has_one_locked_report_a_year_and_no_number_stands_twice(cast):
    first = report(cast.unit, **LOCKED)
    for unit, changed in (
        (cast.unit, {"number": "QL-2025-1-2", "version": 2, "corrects": first}),
        (cast.other_unit, {}),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            report(unit, **LOCKED | changed)
