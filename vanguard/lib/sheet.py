"""What an uploaded list consists of, and what can be wrong with it as a whole."""

import re
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, NamedTuple

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

MEGABYTE = 1024 * 1024
MOST_BYTES = 5 * MEGABYTE
MOST_LINES = 10_000
SURROGATES = re.compile(r"[\ud800-\udfff]")  # halves of a character: no database takes them


class SheetFault(TextChoices):
    """Why a file cannot be read as a list; the sentence says what to do. `row` and `details` fill the placeholders."""

    TOO_BIG = (
        "TOO_BIG",
        _("The file is larger than %(limit)s MB. Leave out pictures and other sheets, or split the list."),
    )
    EMPTY_FILE = "EMPTY_FILE", _("The file is empty. Save the list again and upload it.")
    EMPTY_SHEET = "EMPTY_SHEET", _("The first sheet is empty. Put the list on the first sheet.")
    NOT_A_SHEET = "NOT_A_SHEET", _("This is no spreadsheet, whatever its name says. Save the list as XLSX or CSV.")
    ENCRYPTED = "ENCRYPTED", _("The workbook is locked with a password. Take the password off and upload it again.")
    OLD_FORMAT = "OLD_FORMAT", _("This is the old XLS format. Open it, save it as XLSX and upload that.")
    DAMAGED = (
        "DAMAGED",
        _("The workbook cannot be opened. Copy the list into a new one, save it as XLSX and upload that."),
    )
    UNPACKS_TOO_BIG = (
        "UNPACKS_TOO_BIG",
        _("The workbook becomes too large when it is unpacked. Copy only the list into a new one and upload that."),
    )
    MERGED_CELLS = (
        "MERGED_CELLS",
        _("Row %(row)s: the cells %(range)s are merged. Split them, so that each line has its own cells."),
    )
    TOO_MANY_LINES = "TOO_MANY_LINES", _("The list has more than %(limit)s lines, up to row %(row)s. Split it.")
    UNDECODABLE = "UNDECODABLE", _("Row %(row)s cannot be read as text. Save the list as XLSX, or as CSV in UTF-8.")
    STRAY_SIGN = "STRAY_SIGN", _("Row %(row)s holds a sign that no text has. Save the list as XLSX and upload that.")
    OPEN_QUOTE = "OPEN_QUOTE", _("Row %(row)s: a quotation mark is not closed, or stands where none may stand.")


@dataclass(frozen=True)
class Fault:
    """One thing that is wrong, where, and what fills the placeholders of its sentence."""

    code: str
    row: int | None = None
    column: str = ""
    details: dict[str, Any] = field(default_factory=dict)

    @property
    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class Unreadable(Exception):
    """The file as a whole cannot be taken; every fault that could be found is named."""

    def __init__(self, *faults: Fault) -> None:
        self.faults = faults
        super().__init__(", ".join(fault.code for fault in faults))


class Cell(NamedTuple):
    """What a cell says, as text, and what it is where that is not plain text."""

    text: str = ""
    is_number: bool = False
    is_formula: bool = False
    is_date: bool = False


EMPTY = Cell()


class Line(NamedTuple):
    """A row that is not blank, under the number that the spreadsheet gives it."""

    row: int
    cells: list[Cell]

    def cell(self, position: int) -> Cell:
        return self.cells[position] if position < len(self.cells) else EMPTY


def plain(text: str) -> str:
    """Without what no database and no workbook takes, and without space around it."""
    return SURROGATES.sub("", ILLEGAL_CHARACTERS_RE.sub("", text)).strip()


def numbered(rows: Any, cells_of: Callable[[Any], list[Cell]]) -> list[Line]:
    """The rows that are not blank, with their numbers; more than the limit is a fault."""
    lines: list[Line] = []
    blank: Any = None
    for number, row in enumerate(rows, start=1):
        if row is blank:  # a gap of a million rows is one and the same tuple a million times
            continue
        cells = cells_of(row)
        if not any(cell.text for cell in cells):
            blank = row
            continue
        lines.append(Line(number, cells))
        if len(lines) > MOST_LINES + 1:  # one is the heading
            raise Unreadable(Fault(SheetFault.TOO_MANY_LINES, row=number, details={"limit": MOST_LINES}))
    if not lines:
        raise Unreadable(Fault(SheetFault.EMPTY_SHEET))
    return lines
