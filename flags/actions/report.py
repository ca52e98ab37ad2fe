from contextlib import suppress

from django.db import connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK, Ability, Actor
from accounts.actions.lease import LeaseLost, holding, take
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization, UnitMembership
from accounts.queries.membership import BELONGS
from flags.models import ComplianceReport, ComplianceRow, ReportRun
from flags.queries.compliance import FIGURES, STANDING, columns, deciding_day, has_members, question
from flags.queries.year import is_locked
from flags.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.waking import wake

UNITS_A_BATCH = 30

# Into drafts that stand ready; a line that says already what it should is left as it is, so that a night in which
# nothing changed writes nothing. The names go beside the figures, in rows of their own.
COPIED = columns("{}", FIGURES)
DRAFT_ROWS = f"""
INSERT INTO flags_compliancerow (report_id, member_id, member_number, {COPIED})
{STANDING}
SELECT report.id, standing.member_id, standing.number, {COPIED}
FROM standing
JOIN flags_compliancereport report
  ON report.unit_id = standing.unit_id AND report.year = %(year)s AND report.status = 'DRAFT'
WHERE true
ON CONFLICT (report_id, member_id) DO UPDATE SET {columns("{0} = excluded.{0}", ["member_number", *FIGURES])}
WHERE {" OR ".join(f"flags_compliancerow.{name} <> excluded.{name}" for name in ["member_number", *FIGURES])}
"""
DRAFT_NAMES = """
INSERT INTO flags_rowname (row_id, text)
SELECT line.id, person.name
FROM flags_compliancerow line
JOIN flags_compliancereport report ON report.id = line.report_id
JOIN accounts_organization unit ON unit.id = report.unit_id
JOIN accounts_member member ON member.id = line.member_id
JOIN accounts_user person ON person.id = member.user_id
WHERE report.year = %(year)s AND report.status = 'DRAFT'
  AND unit.path LIKE %(below)s AND unit.id BETWEEN %(first_unit)s AND %(last_unit)s
ON CONFLICT (row_id) DO UPDATE SET text = excluded.text WHERE flags_rowname.text <> excluded.text
"""
GONE = f"""
SELECT line.id
FROM flags_compliancerow line
JOIN flags_compliancereport report ON report.id = line.report_id
JOIN accounts_organization unit ON unit.id = report.unit_id
WHERE report.year = %(year)s AND report.status = 'DRAFT'
  AND unit.path LIKE %(below)s AND unit.id BETWEEN %(first_unit)s AND %(last_unit)s
  AND NOT EXISTS (
    SELECT 1 FROM accounts_unitmembership membership
    JOIN accounts_member member ON member.id = membership.member_id
    WHERE membership.member_id = line.member_id AND membership.unit_id = report.unit_id
      AND member.merged_into_id IS NULL AND {BELONGS})
"""


def require_data(path: str, year: int) -> None:
    """Refuse a year still to come, and one in which nobody belongs to a unit at or below `path`."""
    if year > timezone.localdate().year:
        raise Refused(Reason.FUTURE_YEAR, year=year)
    if not has_members(path, year):
        raise Refused(Reason.YEAR_WITHOUT_DATA, year=year)


def require_unlocked(city_path: str, year: int) -> None:
    """Refuse a year that is locked: from then on it is corrected, not built anew."""
    if is_locked(city_path, year):
        raise Refused(Reason.YEAR_LOCKED, year=year)


@transaction.atomic
def request_report(scope: Organization, year: int, *, by: Actor) -> ReportRun:
    """Have the reports of a unit, or of all units of a city, built for `year` (domain rule 8).

    The row is what counts; a worker is woken for it. A run already on its way is returned instead of a second one.
    Refused for a future year, for one without members and for one that is locked.
    """
    by.require(Ability.BUILD_REPORTS, scope)
    require_data(scope.path, year)
    require_unlocked(scope.city_path, year)
    return request_run(scope, year, by=by)


def request_run(scope: Organization, year: int, *, by: Actor) -> ReportRun:
    """The run that waits or is under way, or a new one, for which a worker is woken."""
    run, created = ReportRun.objects.unfinished().get_or_create(
        scope=scope,
        year=year,
        defaults={
            "requested_by": by.user,
            "appointment": by.appointment,
            "units_total": Organization.objects.within(scope.path).units().count(),
        },
    )
    if created:
        record(run, "requested", by=by, new=run.status)
        from flags.jobs import build_report

        wake(build_report, run.pk)
    return run


def build_reports(run_id: int) -> None:
    """Build what a run asks for, some units a transaction, from where it stands (domain rule 8).

    A lease sees to it that one worker builds; when a worker dies its lease runs out and another goes on. Building twice
    leaves the same rows once; a year that is locked is passed over.
    """
    run = ReportRun.objects.select_related("scope", "requested_by").filter(pk=run_id).first()
    if run is None or not take(run):
        return
    try:
        while _build_next_units(run):
            pass
        _finish(run)
    except LeaseLost:
        return
    except Exception:
        with suppress(LeaseLost):
            _fail(run)
        raise


def _build_next_units(run: ReportRun) -> bool:
    """One batch and its progress in one transaction; False when no unit is left."""
    done = min(run.units_done + UNITS_A_BATCH, run.units_total)
    units = list(Organization.objects.within(run.scope.path).units().order_by("pk")[run.units_done : done])
    if not units:
        return False
    with holding(run, units_done=done):
        _replace_drafts(run, units)
    return True


def _replace_drafts(run: ReportRun, units: list[Organization]) -> None:
    if not is_locked(run.scope.city_path, run.year):  # it may have been locked since the run was asked for
        build_drafts(run.scope.path, run.year, units)


def build_drafts(path: str, year: int, units: list[Organization]) -> list[int]:
    """Bring the drafts of `units` up to date, all of those at or below `path` between two keys; the drafts' keys come back."""
    drafts = _drafts(year, units)
    fill_drafts(path, year, units)
    return drafts


def fill_drafts(path: str, year: int, units: list[Organization]) -> None:
    """Let the drafts of `units` say what is true now: lines and names that are missing, have changed or are gone."""
    params = question(path, year, units=(units[0].pk, units[-1].pk))
    with connection.cursor() as cursor:
        cursor.execute(GONE, params)
        ComplianceRow.objects.filter(pk__in=[key for (key,) in cursor.fetchall()]).delete()
        cursor.execute(DRAFT_ROWS, params)
        cursor.execute(DRAFT_NAMES, params)


def _drafts(year: int, units: list[Organization]) -> list[int]:
    """One draft for each unit that has members or had a draft, locked to this transaction, unless a report is locked.

    A run for a unit and one for its city may meet here: the second waits for the first and then finds its rows.
    """
    day, now = deciding_day(year), timezone.now()
    standing = ComplianceReport.objects.filter(unit__in=units, year=year)
    with_members = UnitMembership.objects.on(day).filter(unit__in=units).values_list("unit", flat=True)
    passed_over = standing.exclude(status=ComplianceReport.Status.SUPERSEDED).values_list("unit", flat=True)
    ComplianceReport.objects.bulk_create(
        [
            ComplianceReport(unit_id=unit, year=year, as_of=day, built_at=now)
            for unit in sorted(set(with_members) - set(passed_over))
        ],
        ignore_conflicts=True,
    )
    drafts = standing.filter(status=ComplianceReport.Status.DRAFT)
    held = drafts.order_by("pk").select_for_update(of=("self",), no_key=True)
    keys = list(held.values_list("pk", flat=True))
    ComplianceReport.objects.filter(pk__in=keys).update(as_of=day, built_at=now)
    return keys


def _finish(run: ReportRun) -> None:
    with holding(run):
        move(run, ReportRun.Status.DONE, by=CLOCK)
        if run.requested_by:
            notify(
                [run.requested_by],
                Notice.Kind.REPORT_READY,
                link=reverse("report_run", args=[run.pk]),
                once=f"report-run-{run.pk}",
                year=run.year,
                scope=run.scope,
            )


def _fail(run: ReportRun) -> None:
    with holding(run):
        move(run, ReportRun.Status.FAILED, by=CLOCK)
