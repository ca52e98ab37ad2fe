import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db.models import QuerySet

from accounts.models import Organization
from flags.actions.report import require_data
from flags.models import ComplianceReport, ComplianceRow
from flags.queries.compliance import Standing, compliance_rows
from flags.queries.digest import disagreeing
from flags.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_text

COLUMNS = ["unit_code", "member_number", "name", "flags", "required", "state"]


class Command(BaseCommand):
    help = (
        "Print where each member stands in a year: from the ledger as it is now (domain rule 7), or with --locked as the "
        "locked reports say. With --verify print no member, but compare every locked report with its digest."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--unit", metavar="CODE", help="one work unit's code; without it, every unit of every city")
        parser.add_argument("--format", choices=["csv", "json"], default="csv")
        parser.add_argument("--locked", action="store_true", help="what the locked reports say, latest versions")
        parser.add_argument("--verify", action="store_true", help="compare the digests of all locked versions")

    def handle(self, *, year: int, unit: str | None, format: str, locked: bool, verify: bool, **options: Any) -> None:
        try:
            if verify:
                self.verify(locked_reports(unit, year).order_by("unit__code", "version"))
                return
            rows = locked_lines(unit, year) if locked else [line(standing) for standing in standings(unit, year)]
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        if format == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(csv_text(COLUMNS, (list(row.values()) for row in rows)), ending="")

    def verify(self, reports: QuerySet[ComplianceReport]) -> None:
        """Say of each version whether its lines are those that were locked; fails where one's are not."""
        wrong = {report.pk for report in disagreeing(reports)}
        for report in reports:
            said = "differs" if report.pk in wrong else "agrees"
            self.stdout.write(f"{report.number} {report.status.lower()} {report.digest} {said}")
        if wrong:
            raise CommandError(f"{len(wrong)} of {len(reports)} reports are not as they were locked.")


def locked_reports(code: str | None, year: int) -> QuerySet[ComplianceReport]:
    """The locked versions, former ones too, of one unit or of all; refused where the year is not locked."""
    reports = ComplianceReport.objects.filter(year=year).exclude(status=ComplianceReport.Status.DRAFT)
    if code is not None:
        reports = reports.filter(unit=unit_with(code))
    if not reports.exists():
        raise Refused(Reason.YEAR_NOT_LOCKED, year=year)
    return reports


def locked_lines(code: str | None, year: int) -> list[dict[str, Any]]:
    """The members as the latest locked versions have them, by unit and number."""
    current = locked_reports(code, year).filter(status=ComplianceReport.Status.LOCKED)
    rows = ComplianceRow.objects.filter(report__in=current).order_by("report__unit__code", "member_number")
    columns = ("report__unit__code", "member_number", "name__text", "flags", "required", "state")
    return [
        dict(zip(COLUMNS, (unit, number, name or "", *figures, state.lower()), strict=True))
        for unit, number, name, *figures, state in rows.values_list(*columns)
    ]


def standings(code: str | None, year: int) -> list[Standing]:
    """The members of one unit, or of every unit of every city, each city by its own rule."""
    if code is None:
        require_data("", year)
        cities = Organization.objects.filter(kind=Organization.Kind.CITY)
        return [standing for city in cities for standing in compliance_rows(city.path, year)]
    unit = unit_with(code)
    require_data(unit.path, year)
    return compliance_rows(unit.path, year)


def unit_with(code: str) -> Organization:
    unit = Organization.objects.units().filter(code=code).first()
    if unit is None:
        raise Refused(Reason.UNKNOWN_UNIT, code=code)
    return unit


def line(standing: Standing) -> dict[str, Any]:
    return {**{column: getattr(standing, column) for column in COLUMNS}, "state": standing.state.lower()}
