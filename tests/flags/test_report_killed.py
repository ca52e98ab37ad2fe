"""A worker is killed in the middle of a run, without a word: another finishes it, with no line twice and none missing."""

import os
import signal
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from django.utils import timezone

from flags.actions.report import build_reports, request_report
from flags.jobs import resume_report_runs
from flags.models import ComplianceReport, ComplianceRow, ReportRun, RowName
from flags.queries.compliance import compliance_rows
from servers.port import wait_until
from tests.factories import MemberFactory, UnitFactory
from tests.flags.ledger import award

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a city's workers write to PostgreSQL"),
]
WORKER = "report worker to be killed"  # as PostgreSQL knows its connection
DIES_AT = 3  # units are through then, and the lines of one more are written and not committed

# One unit a batch; in the middle of the fourth it says so and waits for what comes.
PROGRAM = """
import sys, time, django
django.setup()
from flags.actions import report
report.UNITS_A_BATCH = 1
fill = report.fill_drafts
def fill_and_wait(path, year, units):
    fill(path, year, units)
    if run.objects.get(pk=number).units_done > {dies_at}:  # with the unit under way
        print("in the middle", flush=True)
        time.sleep(60)
from flags.models import ReportRun as run
number = int(sys.argv[1])
report.fill_drafts = fill_and_wait
report.build_reports(number)
"""


def worker(run: ReportRun) -> subprocess.Popen:
    server = os.environ["DATABASE_URL"].rpartition("/")[0]
    database = f"{server}/{connection.settings_dict['NAME']}"
    program = PROGRAM.format(dies_at=DIES_AT)
    return subprocess.Popen(
        [sys.executable, "-c", program, str(run.pk)],
        env=os.environ | {"DATABASE_URL": database, "PGAPPNAME": WORKER},
        cwd=Path(settings.BASE_DIR),
        stdout=subprocess.PIPE,
    )


def is_gone() -> bool:
    """Whether PostgreSQL has rolled back what the worker had begun."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [WORKER])
        return cursor.fetchone() == (0,)


def test_a_run_whose_worker_was_killed_is_finished_by_another(cast):
    for _ in range(4):
        members = MemberFactory.create_batch(3, unit=UnitFactory(parent=cast.city))
        award(cast, members[0], date(2025, 5, 1), value=5)
    run = request_report(cast.city, 2025, by=cast.city_officer)
    process = worker(run)
    assert process.stdout is not None
    assert process.stdout.readline() == b"in the middle\n"
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()
    wait_until(is_gone, within=10, still=lambda: None)
    run.refresh_from_db()
    assert (run.status, run.units_done, ComplianceReport.objects.count()) == (
        ReportRun.Status.RUNNING,
        DIES_AT,
        DIES_AT,
    )

    build_reports(run.pk)
    assert ComplianceReport.objects.count() == DIES_AT, "the dead worker's lease still holds"

    ReportRun.objects.filter(pk=run.pk).update(leased_until=timezone.now() - timedelta(seconds=1))
    resume_report_runs()
    run.refresh_from_db()
    assert (run.status, run.units_done) == (ReportRun.Status.DONE, 6)
    written = ComplianceRow.objects.values_list("report__unit", "member", "flags", "state")
    asked = [(row.unit_id, row.member_id, row.flags, row.state) for row in compliance_rows(cast.city.path, 2025)]
    assert sorted(written) == sorted(asked)
    assert RowName.objects.count() == len(asked) == 14
