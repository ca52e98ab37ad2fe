from collections.abc import Iterable
from typing import Any

from django.db.models import Count, Q, QuerySet

from accounts.access import Actor
from flags.models import ComplianceReport, ComplianceRow, ReportRun
from flags.models.report import State


def reports_seen(actor: Actor) -> QuerySet[ComplianceReport]:
    """The reports of the actor's units: newest year first, then by unit."""
    return ComplianceReport.objects.visible_to(actor).select_related("unit")


def runs_under_way(actor: Actor) -> QuerySet[ReportRun]:
    return ReportRun.objects.visible_to(actor).unfinished().select_related("scope")


def reports_of_run(run: ReportRun) -> QuerySet[ComplianceReport]:
    """What a run has built or, where a report is locked, has left as it was."""
    return ComplianceReport.objects.filter(unit__path__startswith=run.scope.path, year=run.year).select_related("unit")


def row_counts(reports: Iterable[ComplianceReport]) -> dict[int, Any]:
    """How many lines each report has in all and in each state, by its key."""
    states = {state: Count("pk", filter=Q(state=state)) for state in State.values}
    rows = ComplianceRow.objects.filter(report__in=[report.pk for report in reports]).order_by()
    return {counts["report"]: counts for counts in rows.values("report").annotate(all=Count("pk"), **states)}


def report_rows(report: ComplianceReport, *, state: str = "") -> QuerySet[ComplianceRow]:
    """The report's lines with their names, by member number; all, or those of one state."""
    rows = report.rows.select_related("name")
    return rows.filter(state=state) if state in State.values else rows
