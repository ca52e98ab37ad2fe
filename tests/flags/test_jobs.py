from collections.abc import Iterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.lease import LEASE
from accounts.models import Appointment, Notice
from flags.actions import reminder
from flags.actions.report import request_report
from flags.jobs import build_report, chase_unconfirmed, rebuild_reports, resume_report_runs
from flags.models import ComplianceReport, ReportRun
from tasks.models import Claim, Shift
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def test_jobs_go_by_the_names_of_the_schedule(settings):
    names = {job.name for job in (resume_report_runs, chase_unconfirmed, rebuild_reports)}
    assert names <= set(settings.SCHEDULE)
    assert build_report.name == "flags.jobs.build_report"


# --- reports ------------------------------------------------------------------------------


def test_a_job_builds_the_run_it_is_given(cast):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    build_report(run.pk)
    assert ComplianceReport.objects.get().unit == cast.unit


def test_a_run_that_is_gone_harms_nobody(db):
    build_report(404)
    assert not ComplianceReport.objects.exists()


def test_what_waits_is_built_even_when_no_worker_was_woken(cast):
    request_report(cast.unit, 2025, by=cast.unit_officer)
    request_report(cast.other_unit, 2025, by=cast.city_officer)
    resume_report_runs()
    assert set(ReportRun.objects.values_list("status", flat=True)) == {ReportRun.Status.DONE}
    assert ComplianceReport.objects.count() == 2


def test_what_a_dead_worker_left_is_built_once_its_lease_has_run_out(cast, clock):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    ReportRun.objects.filter(pk=run.pk).update(status=ReportRun.Status.RUNNING, leased_until=NOON + LEASE)
    resume_report_runs()
    assert not ComplianceReport.objects.exists()
    clock.move_to(NOON + LEASE)
    resume_report_runs()
    assert ComplianceReport.objects.count() == 1


# --- chasing ------------------------------------------------------------------------------


def ended(ago: timedelta, publisher, **fields) -> Shift:
    ends_at = timezone.now() - ago
    task = TaskFactory(publisher=publisher, title="反诈宣传")
    shift = ShiftFactory(task=task, starts_at=ends_at - timedelta(hours=2), ends_at=ends_at)
    ClaimFactory(shift=shift, **fields)
    return shift


def chased() -> list[str]:
    notices = Notice.objects.filter(kind=Notice.Kind.SHIFT_UNCONFIRMED)
    return sorted(notices.values_list("user__name", flat=True))


WEEK = timedelta(days=7)


def test_the_communitys_secretaries_hear_of_a_shift_a_week_over(cast):
    shift = ended(WEEK, cast.community)
    chase_unconfirmed()
    assert chased() == ["林书记", "陈书记"]
    notice = Notice.objects.first()
    assert notice.params["task"] == "反诈宣传"
    assert notice.link == f"/confirm/{shift.pk}/"
    assert "反诈宣传" in notice.text


def test_thirty_shifts_are_chased_in_as_many_queries_as_one(cast):
    def chasing(n: int) -> int:
        for _ in range(n):
            ended(timedelta(days=8), cast.community)
        with CaptureQueriesContext(connection) as queries:
            chase_unconfirmed()
        return len(queries)

    assert chasing(1) == chasing(30)


def test_each_shift_is_chased_once(cast, clock):
    ended(WEEK, cast.community)
    chase_unconfirmed()
    clock.move_to(NOON + WEEK)
    chase_unconfirmed()
    assert chased() == ["林书记", "陈书记"]
    ended(WEEK, cast.community)
    chase_unconfirmed()
    assert len(chased()) == 4


def test_a_shift_over_for_less_than_a_week_is_not_chased(cast):
    ended(WEEK - timedelta(minutes=1), cast.community)
    chase_unconfirmed()
    assert chased() == []


@pytest.mark.parametrize("status", [Claim.Status.CONFIRMED, Claim.Status.ABSENT, Claim.Status.WITHDRAWN])
def test_a_settled_shift_is_not_chased(cast, status):
    ended(WEEK, cast.community, status=status)
    chase_unconfirmed()
    assert chased() == []


def test_a_compounds_shift_is_its_communitys_to_confirm(cast):
    ended(WEEK, cast.compound)
    chase_unconfirmed()
    assert chased() == ["林书记", "陈书记"]


def test_the_citys_shift_is_its_officers_to_confirm(cast):
    ended(WEEK, cast.city)
    chase_unconfirmed()
    assert chased() == ["周部长"]


def test_a_secretary_whose_appointment_is_over_hears_nothing(cast):
    ended(WEEK, cast.community)
    Appointment.objects.filter(pk=cast.secretary.appointment.pk).update(ends_on=NOON.date() - timedelta(days=1))
    chase_unconfirmed()
    assert chased() == ["林书记"]


# --- after two weeks the street -------------------------------------------------------------


def street_reads(actor) -> list[tuple[str, str, str]]:
    notices = Notice.objects.filter(kind=Notice.Kind.UNCONFIRMED_STREET, user=actor.user).order_by("pk")
    return [(notice.params["community"], notice.params["n"], notice.params["days"]) for notice in notices]


def test_after_fourteen_days_the_street_reads_community_and_count_and_nobodys_name(cast):
    for publisher in (cast.community, cast.compound, cast.other_community):
        ended(2 * WEEK, publisher)
    ended(2 * WEEK - timedelta(minutes=1), cast.community)
    chase_unconfirmed()
    assert sorted(street_reads(cast.street_officer)) == [("枕溪社区", "1", "14"), ("荷风社区", "2", "14")]
    notice = Notice.objects.filter(user=cast.street_officer.user).last()
    assert notice.link in {f"/c/{cast.community.code}/", f"/c/{cast.other_community.code}/"}
    assert "反诈宣传" not in f"{notice.text}{notice.params}"


def test_the_street_reads_of_each_shift_once(cast, clock):
    ended(2 * WEEK, cast.community)
    for _ in range(2):
        chase_unconfirmed()
    clock.move_to(NOON + timedelta(days=1))
    ended(2 * WEEK, cast.community)
    chase_unconfirmed()
    assert street_reads(cast.street_officer) == [("荷风社区", "1", "14")] * 2


def test_another_run_at_the_same_moment_tells_nothing_twice(cast, monkeypatch):
    ended(2 * WEEK, cast.community)
    tell = reminder._tell_streets

    def another_run_is_faster(new):
        tell(new)
        tell(new)

    monkeypatch.setattr(reminder, "_tell_streets", another_run_is_faster)
    chase_unconfirmed()
    assert street_reads(cast.street_officer) == []
    monkeypatch.undo()
    chase_unconfirmed()
    assert len(street_reads(cast.street_officer)) == 1


def test_without_an_officer_it_waits_for_one_and_the_city_has_no_street(cast):
    ended(2 * WEEK, cast.community)
    ended(2 * WEEK, cast.city)
    appointments = Appointment.objects.filter(pk=cast.street_officer.appointment.pk)
    appointments.update(starts_on=NOON.date() + timedelta(days=1))
    chase_unconfirmed()
    appointments.update(starts_on=NOON.date())
    chase_unconfirmed()
    assert street_reads(cast.street_officer) == [("荷风社区", "1", "14")]
