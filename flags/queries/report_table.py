"""The report as a table to take along: the columns of its spreadsheet, whole units or a whole city."""

from collections.abc import Iterable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from accounts.models import Exemption
from flags.models import ComplianceRow
from flags.queries.compliance import PARTS
from flags.queries.report import exemption_words, why
from tasks.models.task import Category


def header() -> list[str]:
    return [
        _("Code of the work unit"),
        _("Work unit"),
        _("Year"),
        _("Number of the report"),
        _("Version"),
        _("Member number"),
        _("Name"),
        _("Flags"),
        _("Services"),
        _("Quarter 1"),
        _("Quarter 2"),
        _("Quarter 3"),
        _("Quarter 4"),
        *map(str, Category.labels),
        _("Exempt months"),
        _("Required"),
        _("State"),
        _("Why"),
    ]


def lines(rows: QuerySet[ComplianceRow], year: int) -> Iterator[list[Any]]:
    """Each line with its unit and report; numbers stay numbers, and states are words."""
    exemptions = Exemption.objects.filter(member__in=rows.order_by().values("member"))
    words = exemption_words(exemptions, year)
    read: Iterable[ComplianceRow] = rows.select_related("report__unit", "name").iterator(chunk_size=2000)
    for row in read:
        report = row.report
        yield [
            report.unit.code,
            report.unit.name,
            report.year,
            report.number or "",
            report.version,
            row.member_number,
            str(getattr(row, "name", "")),
            row.flags,
            row.services,
            *(getattr(row, part) for part in PARTS),
            row.exempt_months,
            row.required,
            row.get_state_display(),
            why(row, words.get(row.member_id, "")),
        ]
