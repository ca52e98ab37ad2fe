from collections import defaultdict
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Actor
from accounts.models import Exemption, Organization
from flags.models import ComplianceReport, ComplianceRow, ReportRun
from flags.models.report import State
from flags.queries.at_risk import rows_behind, those_behind
from flags.queries.unit import awaiting_by_member, awaiting_confirmation

AT_RISK = "RISK"
Status = ComplianceReport.Status


def reports_seen(actor: Actor) -> QuerySet[ComplianceReport]:
    """The reports of the actor's units, every version: newest year first, then by unit."""
    return ComplianceReport.objects.visible_to(actor).select_related("unit").order_by("-year", "unit__code", "-version")


def reports_current(actor: Actor, year: int | None = None) -> QuerySet[ComplianceReport]:
    """The same without former versions; all, or those of a year."""
    current = reports_seen(actor).exclude(status=Status.SUPERSEDED)
    return current if year is None else current.filter(year=year)


def runs_under_way(actor: Actor) -> QuerySet[ReportRun]:
    return ReportRun.objects.visible_to(actor).unfinished().select_related("scope")


def reports_of_run(run: ReportRun) -> QuerySet[ComplianceReport]:
    """What a run has built or, where a report is locked, has left as it was."""
    built = ComplianceReport.objects.filter(unit__path__startswith=run.scope.path, year=run.year)
    return built.exclude(status=Status.SUPERSEDED).select_related("unit")


def row_counts(reports: Iterable[ComplianceReport]) -> dict[int, Any]:
    """How many lines each report has in all and in each state, by its key."""
    rows = ComplianceRow.objects.filter(report__in=[report.pk for report in reports]).order_by()
    counted = rows.values("report").annotate(all=Count("pk"), **_states())
    return {counts["report"]: counts for counts in counted}


def year_counts(actor: Actor, year: int) -> dict[str, int]:
    """How many lines the current reports of a year have in all and in each state, and how many reports are locked."""
    current = reports_current(actor, year).order_by()
    counts = ComplianceRow.objects.filter(report__in=current.values("pk")).aggregate(all=Count("pk"), **_states())
    locked = Count("pk", filter=Q(status=Status.LOCKED))
    return counts | current.aggregate(reports=Count("pk"), locked=locked)


def _states() -> dict[str, Count]:
    return {state: Count("pk", filter=Q(state=state)) for state in State.values}


def still_unconfirmed(city: Organization, year: int) -> int:
    """Services of `year` in a city that are over and still wait for the community's word."""
    return awaiting_confirmation(year).filter(community__path__startswith=city.path).count()


def report_rows(report: ComplianceReport, *, state: str = "") -> QuerySet[ComplianceRow]:
    """The report's lines with their names, by member number; all, those of one state, or those at risk."""
    rows = report.rows.select_related("name")
    if state == AT_RISK:
        return rows_behind(rows, report.year)
    return rows.filter(state=state) if state in State.values else rows


def rows_of_year(actor: Actor, year: int) -> QuerySet[ComplianceRow]:
    """The lines of every current report of a year, by unit and member number."""
    rows = ComplianceRow.objects.filter(report__in=reports_current(actor, year).order_by().values("pk"))
    return rows.select_related("report__unit", "name").order_by("report__unit__code", "member_number")


def can_be_at_risk(report: ComplianceReport) -> bool:
    """Whether something can still be done: a draft of the running year."""
    return report.status == Status.DRAFT and report.year == timezone.localdate().year


def explain(rows: Iterable[ComplianceRow], report: ComplianceReport) -> list[ComplianceRow]:
    """These lines, each with `why` its state is what it is, and in a draft that can still change with who is `behind`
    and how many services are `awaiting`; as many queries for one as for all.
    """
    rows = list(rows)
    members = [row.member_id for row in rows]
    words = exemption_words(Exemption.objects.filter(member__in=members), report.year)
    at_risk = can_be_at_risk(report)
    behind = those_behind(rows, report.year) if at_risk else set()
    awaiting = awaiting_by_member(members, report.year) if at_risk else {}
    for row in rows:
        line: Any = row
        line.why = why(row, words.get(row.member_id, ""))
        line.behind = row.member_id in behind
        line.awaiting = awaiting.get(row.member_id, 0)
    return rows


def exemption_words(exemptions: QuerySet[Exemption], year: int) -> dict[int, str]:
    """By member, what the exemptions that reach into `year` are for: reason codes only, each once."""
    reaching = exemptions.filter(starts_on__lte=date(year, 12, 31)).filter(
        Q(ends_on=None) | Q(ends_on__gte=date(year, 1, 1))
    )
    reasons: dict[int, list[str]] = defaultdict(list)
    for member, reason in reaching.order_by("starts_on").values_list("member", "reason"):
        label = str(Exemption.Reason(reason).label)
        if label not in reasons[member]:
            reasons[member].append(label)
    return {member: ", ".join(labels) for member, labels in reasons.items()}


def why(row: ComplianceRow, exempted: str = "") -> str:
    """Why a line's state is what it is, in words; `exempted` are the reasons of its exemptions."""
    if row.state == State.NOT_APPLICABLE:
        return _("Retired: owes no flags.")
    if row.state == State.EXEMPT:
        if not row.exempt_months:
            return _("No month of the year counted.")
        months = ngettext("Exempt for %(n)s month", "Exempt for %(n)s months", row.exempt_months)
        return months % {"n": row.exempt_months} + (f" · {exempted}" if exempted else "")
    if row.state == State.MET:
        return _("%(flags)s of %(required)s flags.") % {"flags": row.flags, "required": row.required}
    lacking = row.required - row.flags
    return ngettext("%(n)s flag is missing.", "%(n)s flags are missing.", lacking) % {"n": lacking}
