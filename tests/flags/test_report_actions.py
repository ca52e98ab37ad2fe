"""Domain rule 8: drafts are rebuilt at will, once for all workers; a locked report stays as it is."""

import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.actions.lease import LEASE, take
from accounts.models import Notice, Record, UnitMembership
from flags.actions import report as actions
from flags.actions.report import build_drafts, build_reports, request_report
from flags.models import ComplianceReport, ComplianceRow, ReportRun, RowName
from flags.queries.compliance import compliance_rows, question
from flags.refusals import Reason
from tests.factories import MemberFactory, OrganizationFactory, UnitFactory
from tests.flags.ledger import award
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))


class Killed(BaseException):
    """What happens to a worker whose machine is switched off: no handler of ours runs."""


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture
def small_batches(monkeypatch):
    monkeypatch.setattr(actions, "UNITS_A_BATCH", 1)


@pytest.fixture
def run(cast) -> ReportRun:
    return request_report(cast.city, 2025, by=cast.city_officer)


def lines() -> list[tuple]:
    return sorted(
        ComplianceRow.objects.values_list("report__unit__code", "member_number", "name__text", "flags", "state")
    )


# --- asking -------------------------------------------------------------------------------


def test_a_request_is_a_row_that_waits(cast):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    assert (run.status, run.units_done, run.units_total) == (ReportRun.Status.WAITING, 0, 1)
    assert (run.requested_by, run.appointment) == (cast.unit_officer.user, cast.unit_officer.appointment)
    assert Record.objects.filter(subject_id=run.pk, verb="requested", user=run.requested_by).count() == 1


def test_asking_again_gives_the_run_already_on_its_way(cast, run):
    assert request_report(cast.city, 2025, by=cast.city_officer) == run
    assert request_report(cast.city, 2026, by=cast.city_officer) != run
    build_reports(run.pk)
    assert request_report(cast.city, 2025, by=cast.city_officer) != run


@pytest.mark.parametrize(
    ("year", "reason"), [(2027, Reason.FUTURE_YEAR), (1999, Reason.YEAR_WITHOUT_DATA), (-3, Reason.YEAR_WITHOUT_DATA)]
)
def test_it_refuses_a_year_without_data(cast, year, reason):
    with pytest.raises(Refused) as refused:
        request_report(cast.unit, year, by=cast.unit_officer)
    assert refused.value.reason == reason
    assert str(year) in refused.value.sentence
    assert not ReportRun.objects.exists()


def test_it_refuses_a_unit_without_members(cast):
    with pytest.raises(Refused):
        request_report(UnitFactory(parent=cast.city), 2025, by=cast.city_officer)


def test_only_within_ones_own_organization(cast):
    for scope, actor in [
        (cast.other_unit, cast.unit_officer),
        (cast.city, cast.unit_officer),
        (OrganizationFactory(), cast.city_officer),
        (cast.unit, cast.inspector),
        (cast.unit, cast.secretary),
        (cast.unit, cast.member),
    ]:
        with pytest.raises(PermissionDenied):
            request_report(scope, 2025, by=actor)


# --- building -----------------------------------------------------------------------------


def test_it_writes_what_the_query_answers(cast, run):
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    build_reports(run.pk)
    run.refresh_from_db()
    assert (run.status, run.units_done, run.units_total) == (ReportRun.Status.DONE, 2, 2)
    assert lines() == [("CZJ", "0000000001", "张小明", 5, "MET"), ("JYJ", "0000000002", "王芳", 0, "NOT_MET")]
    figures = ("flags", "services", "q1", "q2", "q3", "q4", "required", "exempt_months", "state")
    for standing in compliance_rows(cast.city.path, 2025):
        row = ComplianceRow.objects.get(member=standing.member_id)
        assert [getattr(row, figure) for figure in figures] == [getattr(standing, figure) for figure in figures]
    report = ComplianceReport.objects.get(unit=cast.unit)
    assert (report.status, report.version, report.as_of) == ("DRAFT", 1, date(2025, 12, 31))


def test_a_run_for_a_unit_leaves_the_others_alone(cast):
    build_reports(request_report(cast.unit, 2026, by=cast.unit_officer).pk)
    assert [line[0] for line in lines()] == ["CZJ"]
    assert ComplianceReport.objects.get().as_of == date(2026, 6, 30)


def test_building_again_gives_the_same_lines_once(cast, run):
    build_reports(run.pk)
    before = lines()
    build_reports(run.pk)
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)
    assert lines() == before
    assert (ComplianceReport.objects.count(), RowName.objects.count()) == (2, 2)


def test_a_draft_follows_the_ledger_and_the_unit(cast, run):
    build_reports(run.pk)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    UnitMembership.objects.filter(member=cast.other_member.member).update(ends_on=date(2025, 6, 1))
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)
    assert lines() == [("CZJ", "0000000001", "张小明", 5, "MET")]
    assert ComplianceReport.objects.filter(unit=cast.other_unit, status="DRAFT").count() == 1


def test_a_unit_without_members_gets_no_report(cast, run):
    UnitFactory(parent=cast.city)
    build_reports(request_report(cast.city, 2026, by=cast.city_officer).pk)
    assert set(ComplianceReport.objects.values_list("unit__code", flat=True)) == {"CZJ", "JYJ"}


def test_a_locked_report_is_never_touched(cast, run):
    build_reports(run.pk)
    ComplianceReport.objects.filter(unit=cast.unit).update(
        status=ComplianceReport.Status.LOCKED, number="QL-2025-1-1", digest="0" * 64, locked_at=NOON
    )
    locked = ComplianceReport.objects.values().get(unit=cast.unit)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    award(cast, cast.other_member.member, date(2025, 5, 1), value=5)
    build_drafts(cast.city.path, 2025, [cast.unit, cast.other_unit])
    assert ComplianceReport.objects.values().get(unit=cast.unit) == locked
    assert lines() == [("CZJ", "0000000001", "张小明", 0, "NOT_MET"), ("JYJ", "0000000002", "王芳", 5, "MET")]


def test_the_one_who_asked_is_told_once(cast, run):
    build_reports(run.pk)
    build_reports(run.pk)
    notice = Notice.objects.get(kind=Notice.Kind.REPORT_READY)
    assert notice.user == cast.city_officer.user
    assert notice.params == {"year": "2025", "scope": "青澜市"}
    assert notice.link == f"/reports/runs/{run.pk}/"


# --- two workers, and one that dies -------------------------------------------------------


def taken(run):
    """The run as another worker reads it, and leases; None where it may not."""
    row = ReportRun.objects.select_related("scope", "requested_by").get(pk=run.pk)
    return row if take(row) else None


def test_while_one_worker_builds_a_second_keeps_its_hands_off(cast, run, monkeypatch, small_batches):
    replace, tried = actions._replace_drafts, []

    def replace_and_let_another_try(*args):
        replace(*args)
        tried.append(taken(run))

    monkeypatch.setattr(actions, "_replace_drafts", replace_and_let_another_try)
    build_reports(run.pk)
    assert tried == [None, None]
    assert len(lines()) == 2


def test_two_that_take_at_once_do_not_both_get_it(cast, run):
    """Both have read the row as waiting; the conditional update lets one of them through."""
    first = taken(run)
    assert first is not None
    stale = ReportRun.objects.get(pk=run.pk)
    stale.status = ReportRun.Status.WAITING
    with pytest.raises(Refused):
        actions.move(stale, ReportRun.Status.RUNNING, by=actions.CLOCK)


def test_another_worker_goes_on_where_a_dead_one_stopped(cast, run, monkeypatch, clock, small_batches):
    replace = actions._replace_drafts

    def die_at_the_second_unit(run, units):
        if run.units_done:
            raise Killed
        replace(run, units)

    with monkeypatch.context() as patched, suppress(Killed):
        patched.setattr(actions, "_replace_drafts", die_at_the_second_unit)
        build_reports(run.pk)
    run.refresh_from_db()
    assert (run.status, run.units_done, len(lines())) == (ReportRun.Status.RUNNING, 1, 1)

    build_reports(run.pk)
    run.refresh_from_db()
    assert run.status == ReportRun.Status.RUNNING, "the dead worker's lease still holds"

    clock.move_to(NOON + LEASE)
    build_reports(run.pk)
    run.refresh_from_db()
    assert (run.status, run.units_done, len(lines())) == (ReportRun.Status.DONE, 2, 2)


def test_a_worker_that_slept_through_its_lease_writes_nothing_more(cast, run, clock, small_batches):
    sleeper = taken(run)
    clock.move_to(NOON + LEASE)
    build_reports(run.pk)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    before = lines()
    with pytest.raises(actions.LeaseLost):
        actions._build_next_units(sleeper)
    with pytest.raises(actions.LeaseLost):
        actions._finish(sleeper)
    assert lines() == before
    assert Notice.objects.filter(kind=Notice.Kind.REPORT_READY).count() == 1


def test_a_worker_that_slept_keeps_out_while_another_builds(cast, run, clock, small_batches):
    sleeper = taken(run)
    clock.move_to(NOON + LEASE)
    other = taken(run)
    with pytest.raises(actions.LeaseLost):
        actions._build_next_units(sleeper)
    assert lines() == []
    assert actions._build_next_units(other)
    assert len(lines()) == 1


def test_a_run_that_cannot_be_built_says_so_and_frees_the_way(cast, run, monkeypatch):
    def fail(*args):
        raise ValueError("a fault of ours")

    with monkeypatch.context() as patched:
        patched.setattr(actions, "_replace_drafts", fail)
        with pytest.raises(ValueError, match="a fault"):
            build_reports(run.pk)
    run.refresh_from_db()
    assert run.status == ReportRun.Status.FAILED
    assert not Notice.objects.exists()
    again = request_report(cast.city, 2025, by=cast.city_officer)
    build_reports(again.pk)
    assert len(lines()) == 2


@pytest.fixture
def slow_batches(small_batches, monkeypatch):
    """Before a draft is filled there is time for another worker to come in."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has one writer at a time: there is nothing to race")

    def linger(*args, **kwargs):
        time.sleep(0.05)
        return question(*args, **kwargs)

    monkeypatch.setattr(actions, "question", linger)


def race(cast) -> list[Exception]:
    """Runs for the city and for one of its units, each offered to two workers at once; what went wrong."""
    asked = [(cast.city, cast.city_officer), (cast.unit, cast.unit_officer)]
    run_ids = [request_report(scope, 2025, by=by).pk for scope, by in asked for _ in range(2)]
    start, failures = threading.Barrier(len(run_ids)), []

    def work(run_id: int) -> None:
        start.wait()
        try:
            build_reports(run_id)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(run_id,)) for run_id in run_ids]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    return failures


@pytest.fixture
def empty_drafts(cast):
    """Nothing in them yet: every worker has every line to write."""
    for unit in (cast.unit, cast.other_unit):
        ComplianceReport.objects.create(unit=unit, year=2025, as_of=date(2025, 12, 31), built_at=NOON)


@pytest.mark.django_db(transaction=True)
def test_workers_racing_over_the_same_drafts_leave_each_line_once(cast, slow_batches, empty_drafts):
    for _ in range(10):
        MemberFactory(unit=cast.unit)
    for _ in range(3):
        assert race(cast) == []
        assert set(ReportRun.objects.values_list("status", flat=True)) == {ReportRun.Status.DONE}
        assert (ComplianceReport.objects.count(), ComplianceRow.objects.count(), RowName.objects.count()) == (2, 12, 12)
