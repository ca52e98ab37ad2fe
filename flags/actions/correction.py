"""A locked report is corrected by its next version; the former one stays as it was (domain rule 8)."""

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move_all
from accounts.models import Notice, Organization
from flags.actions.lock import lock_drafts, tell_units
from flags.actions.report import fill_drafts
from flags.models import ComplianceReport, CorrectionReason
from flags.queries.compliance import deciding_day
from flags.queries.correction import pending_changes
from flags.queries.year import is_locked
from flags.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def correct_reports(scope: Organization, year: int, *, reason: str, by: Actor) -> list[ComplianceReport]:
    """Make the next version of each locked report of a unit, or of all units of a city, that the ledger has left behind.

    Awards, reversals, exemptions and retirements since then are in it; each unit concerned is told why. Refused: a
    year that is not locked, without a reason, and where nothing differs.
    """
    by.require(Ability.LOCK_YEAR, scope)
    Organization.objects.for_change(scope.parent or scope)  # one correction of a city at a time
    if not is_locked(scope.city_path, year):
        raise Refused(Reason.YEAR_NOT_LOCKED, year=year)
    if not reason.strip():
        raise Refused(Reason.CORRECTION_UNEXPLAINED)
    differing = list(pending_changes(scope, year))
    if not differing:
        raise Refused(Reason.NOTHING_DIFFERS, year=year)
    reports = lock_drafts(scope.parent or scope, _next_versions(differing, year, reason.strip(), by), by=by)
    tell_units(reports, Notice.Kind.REPORT_CORRECTED, by=by, reason=reason.strip())
    return reports


def _next_versions(units: list[int], year: int, reason: str, by: Actor) -> list[int]:
    locked = ComplianceReport.objects.filter(unit__in=units, year=year, status=ComplianceReport.Status.LOCKED)
    former = {report.unit_id: report for report in locked}
    move_all(locked, ComplianceReport.Status.SUPERSEDED, by=by, why=reason)
    day, now = deciding_day(year), timezone.now()
    drafts = ComplianceReport.objects.bulk_create(
        ComplianceReport(
            unit_id=unit,
            year=year,
            version=former[unit].version + 1 if unit in former else 1,
            corrects=former.get(unit),
            as_of=day,
            built_at=now,
        )
        for unit in units
    )
    CorrectionReason.objects.bulk_create(CorrectionReason(report=draft, text=reason) for draft in drafts)
    for unit in Organization.objects.filter(pk__in=units).order_by("pk"):
        fill_drafts(unit.path, year, [unit])
    return [draft.pk for draft in drafts]
