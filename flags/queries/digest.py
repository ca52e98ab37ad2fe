"""The digest of a locked report: what it is made of, and whether it still agrees (domain rule 8).

SHA-256 over UTF-8 text. Its first line is the report's number; then one line a member, in the order of member numbers:
the number and the figures of `FIGURES`, in that order, set apart by tabs. Every line ends with a line feed. Whole
numbers are written plainly, the state by its code. Names are no part of it, so that they can be erased.
"""

from collections.abc import Iterable, Sequence
from hashlib import sha256
from itertools import groupby
from operator import itemgetter
from typing import Any

from flags.models import ComplianceReport, ComplianceRow
from flags.queries.compliance import FIGURES


def digest_of(number: str, lines: Iterable[Sequence[Any]]) -> str:
    """The digest of a report with that number and these lines, each a member number and its figures."""
    text = "".join("\t".join(map(str, line)) + "\n" for line in [[number], *sorted(lines, key=itemgetter(0))])
    return sha256(text.encode()).hexdigest()


def digests(numbers: dict[int, str]) -> dict[int, str]:
    """The digest of each report, by its key, as its lines are now; `numbers` are the reports' numbers by key."""
    rows = ComplianceRow.objects.filter(report__in=numbers).order_by("report")
    lines = rows.values_list("report", "member_number", *FIGURES)
    found = {key: [line[1:] for line in own] for key, own in groupby(lines.iterator(), key=lambda line: line[0])}
    return {key: digest_of(number, found.get(key, [])) for key, number in numbers.items()}


def agrees(report: ComplianceReport) -> bool:
    """Whether the lines of a locked report are those that were locked."""
    return digests({report.pk: report.number or ""})[report.pk] == report.digest


def disagreeing(reports: Iterable[ComplianceReport]) -> list[ComplianceReport]:
    """Those of these locked reports whose lines are no longer those that were locked."""
    reports = list(reports)
    found = digests({report.pk: report.number or "" for report in reports})
    return [report for report in reports if found[report.pk] != report.digest]
