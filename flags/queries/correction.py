"""What differs: between a locked report and the ledger as it is now, and between two versions of a report."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple

from accounts.models import Organization
from flags.models import ComplianceReport, ComplianceRow
from flags.models.report import State
from flags.queries.compliance import FIGURES, compliance_rows

Figures = tuple[Any, ...]


class Change(NamedTuple):
    """One member whose figures differ; without `before` they are new in the report, without `after` no longer in it."""

    number: str
    name: str
    before: Figures | None
    after: Figures | None

    @property
    def parts(self) -> Iterator[tuple[str, Any, Any]]:
        """Each figure that differs, in words, with both its values."""
        if self.before and self.after:
            for name, before, after in zip(FIGURES, self.before, self.after, strict=True):
                if before != after:
                    yield _words(name), _said(name, before), _said(name, after)

    @property
    def now(self) -> Iterator[tuple[str, Any]]:
        """What a line says that is in one of the two alone: flags, what is asked, and the state."""
        for name, value in zip(FIGURES, self.after or self.before or (), strict=True):
            if name in ("flags", "required", "state"):
                yield _words(name), _said(name, value)


Lines = dict[str, tuple[str, Figures]]


def pending_changes(scope: Organization, year: int) -> dict[int, list[Change]]:
    """Who would stand differently if the locked reports of a unit, or of all units of a city, were corrected now.

    By the unit's key; units in which nothing differs are left out.
    """
    locked = ComplianceRow.objects.filter(
        report__unit__path__startswith=scope.path, report__year=year, report__status=ComplianceReport.Status.LOCKED
    )
    before: dict[int, Lines] = defaultdict(dict)
    for unit, number, name, *figures in locked.values_list(
        "report__unit", "member_number", "name__text", *FIGURES
    ).iterator():
        before[unit][number] = (name or "", tuple(figures))
    after: dict[int, Lines] = defaultdict(dict)
    for row in compliance_rows(scope.path, year):
        after[row.unit_id][row.member_number] = (row.name, tuple(getattr(row, name) for name in FIGURES))
    found = {unit: _compared(before[unit], after[unit]) for unit in sorted({*before, *after})}
    return {unit: changes for unit, changes in found.items() if changes}


def changes_of(report: ComplianceReport) -> list[Change]:
    """Who stands differently in this version than in the one that it corrects."""
    if report.corrects_id is None:
        return []
    lines: dict[int, Lines] = {report.corrects_id: {}, report.pk: {}}
    rows = ComplianceRow.objects.filter(report__in=lines)
    for key, number, name, *figures in rows.values_list("report", "member_number", "name__text", *FIGURES):
        lines[key][number] = (name or "", tuple(figures))
    return _compared(lines[report.corrects_id], lines[report.pk])


def _compared(before: Lines, after: Lines) -> list[Change]:
    nothing = ("", None)
    both = ((number, before.get(number, nothing), after.get(number, nothing)) for number in sorted({*before, *after}))
    return [Change(number, new[0] or old[0], old[1], new[1]) for number, old, new in both if old[1] != new[1]]


def _words(name: str) -> str:
    field: Any = ComplianceRow._meta.get_field(name)
    return str(field.verbose_name)


def _said(name: str, value: Any) -> Any:
    return str(State(value).label) if name == "state" else value


def versions_of(report: ComplianceReport) -> Iterable[ComplianceReport]:
    """Every version of the same unit and year, newest first."""
    versions = ComplianceReport.objects.filter(unit=report.unit_id, year=report.year)
    return versions.select_related("reason").order_by("-version")
