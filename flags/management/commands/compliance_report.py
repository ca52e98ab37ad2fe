import json
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from accounts.models import Organization
from flags.actions.report import require_data
from flags.queries.compliance import Standing, compliance_rows
from flags.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.spreadsheet import csv_text

COLUMNS = ["unit_code", "member_number", "name", "flags", "required", "state"]


class Command(BaseCommand):
    help = "Print where each member stands in a year, from the ledger as it is now (domain rule 7)."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--year", type=int, required=True)
        parser.add_argument("--unit", metavar="CODE", help="one work unit's code; without it, every unit of every city")
        parser.add_argument("--format", choices=["csv", "json"], default="csv")

    def handle(self, *, year: int, unit: str | None, format: str, **options: Any) -> None:
        try:
            rows = [line(standing) for standing in standings(unit, year)]
        except Refused as refused:
            raise CommandError(refused.sentence) from None
        if format == "json":
            self.stdout.write(json.dumps(rows, ensure_ascii=False, indent=1))
        else:
            self.stdout.write(csv_text(COLUMNS, (list(row.values()) for row in rows)), ending="")


def standings(code: str | None, year: int) -> list[Standing]:
    """The members of one unit, or of every unit of every city, each city by its own rule."""
    if code is None:
        require_data("", year)
        cities = Organization.objects.filter(kind=Organization.Kind.CITY)
        return [standing for city in cities for standing in compliance_rows(city.path, year)]
    unit = Organization.objects.units().filter(code=code).first()
    if unit is None:
        raise Refused(Reason.UNKNOWN_UNIT, code=code)
    require_data(unit.path, year)
    return compliance_rows(unit.path, year)


def line(standing: Standing) -> dict[str, Any]:
    return {**{column: getattr(standing, column) for column in COLUMNS}, "state": standing.state.lower()}
