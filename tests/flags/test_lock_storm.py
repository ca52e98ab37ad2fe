"""Two officers lock or correct a year at the same moment: it is done once, and the other is told."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Notice, Role
from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceReport, ComplianceRow
from flags.queries.digest import disagreeing
from flags.refusals import Reason
from tests.conftest import actor
from tests.flags.ledger import award
from tests.storm import at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def february() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 2, 1, 9, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        yield


def test_locked_and_corrected_once_by_two_at_the_same_moment(cast):
    officers = [cast.city_officer, actor(cast.city, Role.CITY_OFFICER, "马部长")]
    run = request_report(cast.city, 2025, by=cast.city_officer)
    build_reports(run.pk)
    outcomes = at_once(*(lambda by=by: lock_year(cast.city, 2025, by=by) for by in officers))
    assert reasons(outcomes) == [Reason.YEAR_LOCKED]
    assert Notice.objects.filter(kind=Notice.Kind.REPORT_LOCKED).count() == 2
    award(cast, cast.member.member, date(2025, 5, 1))
    outcomes = at_once(*(lambda by=by: correct_reports(cast.city, 2025, reason="补记", by=by) for by in officers))
    assert reasons(outcomes) == [Reason.NOTHING_DIFFERS]
    assert ComplianceReport.objects.filter(unit=cast.unit).count() == 2
    assert not disagreeing(ComplianceReport.objects.all())


@pytest.mark.parametrize("scope", ["city", "unit"])
def test_a_run_under_way_while_the_year_is_locked_writes_nothing_into_what_is_locked(cast, scope):
    run = request_report(getattr(cast, scope), 2025, by=cast.city_officer)
    outcomes = at_once(lambda: build_reports(run.pk), lambda: lock_year(cast.city, 2025, by=cast.city_officer))
    assert reasons(outcomes) == []
    assert ComplianceReport.objects.filter(status="LOCKED").count() == 2
    assert not ComplianceReport.objects.filter(status="DRAFT").exists()
    assert ComplianceRow.objects.count() == 2
    assert not disagreeing(ComplianceReport.objects.all())
