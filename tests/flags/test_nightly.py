"""Drafts built anew every night, also at New Year's midnight in Asia/Shanghai."""

from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine

from accounts.models import Notice
from flags.actions import nightly
from flags.actions.lock import lock_year
from flags.actions.report import request_report
from flags.jobs import rebuild_reports, resume_report_runs
from flags.models import ComplianceReport, ComplianceRow, ReportRun
from tasks.models import YearRule
from tests.factories import OrganizationFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2024, 2, 28, 23, 59, tzinfo=SHANGHAI), tick=False) as traveller:
        yield traveller


def night() -> list[tuple[int, date]]:
    """What a round of the clock leaves: each year with the day as of which its drafts are."""
    rebuild_reports()
    resume_report_runs()
    return sorted(set(ComplianceReport.objects.values_list("year", "as_of")))


def runs(year: int) -> int:
    return ReportRun.objects.filter(year=year).count()


def test_each_day_once_however_often_the_clock_looks(cast, clock):
    YearRule.objects.create(city=cast.city, year=2023, deadline=date(2024, 1, 1))
    assert night() == night() == [(2024, date(2024, 2, 28))]
    assert runs(2024) == 1
    clock.move_to(datetime(2024, 2, 29, tzinfo=SHANGHAI))
    assert night() == [(2024, date(2024, 2, 29))]
    assert runs(2024) == 2
    assert not Notice.objects.exists(), "nobody has asked, so nobody is told"


def test_at_midnight_the_year_that_has_ended_is_built_once_more(cast, clock):
    clock.move_to(datetime(2024, 12, 31, 23, 59, tzinfo=SHANGHAI))
    assert night() == [(2024, date(2024, 12, 31))]
    award(cast, cast.member.member, date(2024, 12, 31), value=5)
    clock.move_to(datetime(2025, 1, 1, tzinfo=SHANGHAI))
    assert night() == [(2024, date(2024, 12, 31)), (2025, date(2025, 1, 1))]
    states = {(row.report.year, row.state) for row in ComplianceRow.objects.filter(member=cast.member.member)}
    assert states == {(2024, "MET"), (2025, "NOT_MET")}


def test_a_run_that_was_under_way_at_midnight_does_not_count_for_the_new_day(cast, clock):
    clock.move_to(datetime(2024, 12, 31, 23, 59, tzinfo=SHANGHAI))
    rebuild_reports()
    clock.move_to(datetime(2025, 1, 1, tzinfo=SHANGHAI))
    rebuild_reports()
    assert runs(2024) == 1
    resume_report_runs()
    rebuild_reports()
    assert runs(2024) == 2


def test_the_year_that_has_ended_until_the_night_after_its_deadline(cast, clock):
    for day, asked in ((1, True), (31, True)):
        clock.move_to(datetime(2025, 1, day, 1, tzinfo=SHANGHAI))
        assert (2024 in nightly.years_to_rebuild(cast.city, date(2025, 1, day))) is asked
    assert list(nightly.years_to_rebuild(cast.city, date(2025, 2, 1))) == [2025, 2024]
    assert list(nightly.years_to_rebuild(cast.city, date(2025, 2, 2))) == [2025]


def test_a_year_whose_deadline_is_later_than_the_next_year_too(cast, clock):
    YearRule.objects.create(city=cast.city, year=2024, deadline=date(2026, 2, 15))
    clock.move_to(datetime(2026, 2, 17, tzinfo=SHANGHAI))
    for day, years in ((1, [2026, 2025, 2024]), (2, [2026, 2024]), (16, [2026, 2024]), (17, [2026])):
        assert list(nightly.years_to_rebuild(cast.city, date(2026, 2, day))) == years


def test_a_locked_year_and_a_city_without_members_are_left_alone(cast, clock):
    clock.move_to(datetime(2025, 2, 1, tzinfo=SHANGHAI))
    lock_year(cast.city, 2024, by=cast.city_officer)
    empty = OrganizationFactory()
    night()
    assert list(ReportRun.objects.values_list("year", "scope")) == [(2025, cast.city.pk)]
    assert list(nightly.years_to_rebuild(empty, date(2025, 2, 1))) == []


def test_two_clocks_at_once_ask_once(cast, monkeypatch):
    ask = nightly._ask_once
    monkeypatch.setattr(nightly, "_ask_once", lambda *asked: [ask(*asked), finish(), ask(*asked)])
    rebuild_reports()
    assert runs(2024) == 1


def finish() -> None:
    """The first run is through, so that only the row of the night keeps a second one away."""
    ReportRun.objects.update(status=ReportRun.Status.DONE)


def test_who_has_asked_meanwhile_gets_theirs_first(cast):
    asked = request_report(cast.city, 2024, by=cast.city_officer)
    rebuild_reports()
    assert list(ReportRun.objects.filter(year=2024)) == [asked]
