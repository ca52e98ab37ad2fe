"""From an uploaded file to lines that can be checked: headings are understood here, values are not yet judged."""

import re
import unicodedata
from dataclasses import dataclass, field
from typing import Any

from accounts.models import RosterImport
from accounts.roster_columns import NEEDED, Column, column_headed
from accounts.roster_faults import RosterFault
from vanguard.lib.sheet import Cell, Fault, Line, Unreadable
from vanguard.lib.sheet_reading import read_sheet

LONGEST = 200  # characters kept of a cell that is wrong anyway
SCIENTIFIC = re.compile(r"\d([.,]\d+)?e\+?\d+", re.IGNORECASE)
ROUNDED = "0" * 8  # 1.38E+10, opened and saved again, is 13800000000
WHOLE = re.compile(r"(\d+)\.0+")
HEADINGS_WITHIN = 20  # lines in which headings that do not stand first are looked for

# What only the file itself can tell: a line that is checked anew keeps these.
OF_THE_CELL = {RosterFault.FORMULA, RosterFault.BECAME_DATE, RosterFault.PHONE_LOST_DIGITS}


@dataclass
class ListedLine:
    """A line as listed: what stands in each column that is kept, and the cells that cannot be meant so."""

    row: int
    texts: dict[Column, str]
    faults: list[dict[str, Any]] = field(default_factory=list)


@dataclass
class Listed:
    """A unit's list: how it heads the columns that are kept, those that are not read, and its lines."""

    headings: dict[Column, str]
    ignored: list[str]
    lines: list[ListedLine]


def read_roster(content: bytes) -> Listed:
    """The list in an uploaded file; raises Unreadable, naming the row, where its headings are not understood.

    Columns that a roster does not keep, identity-card numbers among them, go no further than here.
    """
    first, *rest = read_sheet(content)
    positions = _positions(first, rest)
    if not rest:
        raise Unreadable(Fault(RosterFault.NO_LINES))
    again = next((line for line in rest if _repeats(line, positions)), None)
    if again:
        raise Unreadable(Fault(RosterFault.TWO_HEADINGS, row=again.row))
    headings = {column: first.cell(position).text for column, position in positions.items()}
    kept = set(positions.values())
    ignored = [cell.text[:LONGEST] for n, cell in enumerate(first.cells) if cell.text and n not in kept]
    return Listed(headings, ignored, [_listed(line, positions, headings) for line in rest])


def stored_list(roster_import: RosterImport) -> Listed:
    """The list again, from the lines of a check before: the file itself is no longer there."""
    headings = {Column(column): heading for column, heading in roster_import.headings.items()}
    lines = roster_import.lines.exclude(row=None).order_by("row").values_list("row", "values", "faults")
    return Listed(
        headings,
        roster_import.ignored_columns,
        [
            ListedLine(
                row or 0,
                {column: values[column] for column in headings},
                [fault for fault in faults if fault["code"] in OF_THE_CELL],
            )
            for row, values, faults in lines
        ],
    )


# --- headings -----------------------------------------------------------------------------


def _positions(first: Line, rest: list[Line]) -> dict[Column, int]:
    """Where each column stands, by the headings of the first line."""
    headed = _headed(first)
    missing = [column for column in NEEDED if column not in headed]
    if missing:
        _refuse_headings(first, missing, rest)
    twice = [(column, places) for column, places in headed.items() if len(places) > 1]
    if twice:
        raise Unreadable(*(_column_twice(first, column, places) for column, places in twice))
    return {column: place for column, (place,) in headed.items()}


def _headed(line: Line) -> dict[Column, list[int]]:
    headed: dict[Column, list[int]] = {}
    for position, cell in enumerate(line.cells):
        column = column_headed(cell.text) if cell.text else None
        if column:
            headed.setdefault(column, []).append(position)
    return headed


def _refuse_headings(first: Line, missing: list[Column], rest: list[Line]) -> None:
    """Say whether the headings stand further down, go over two rows, or are not there."""
    begun = bool(_headed(first))
    for line in rest[:HEADINGS_WITHIN]:
        headed = _headed(line)
        if begun and headed and set(missing) <= set(headed):
            raise Unreadable(Fault(RosterFault.TWO_HEADINGS, row=line.row))
        if all(column in headed for column in NEEDED):
            raise Unreadable(Fault(RosterFault.HEADING_NOT_FIRST, row=line.row))
    raise Unreadable(Fault(RosterFault.HEADING_MISSING, row=first.row, details={"columns": [*missing]}))


def _column_twice(first: Line, column: Column, places: list[int]) -> Fault:
    one, other = (first.cell(place).text for place in places[:2])
    return Fault(RosterFault.COLUMN_TWICE, row=first.row, column=other, details={"first": one, "columns": [column]})


def _repeats(line: Line, positions: dict[Column, int]) -> bool:
    return all(column_headed(line.cell(positions[column]).text) == column for column in NEEDED)


# --- lines --------------------------------------------------------------------------------


def _listed(line: Line, positions: dict[Column, int], headings: dict[Column, str]) -> ListedLine:
    listed = ListedLine(line.row, {})
    for column, position in positions.items():
        cell = line.cell(position)
        code = _fault_of(cell, column)
        if code:
            listed.faults.append(Fault(code, row=line.row, column=headings[column]).as_json)
        listed.texts[column] = _text(cell)
    return listed


def _text(cell: Cell) -> str:
    whole = WHOLE.fullmatch(cell.text)
    return whole[1] if whole else cell.text[:LONGEST]


def _narrow(text: str) -> str:
    return "".join(unicodedata.normalize("NFKC", text).split())


def _fault_of(cell: Cell, column: Column) -> RosterFault | None:
    if cell.is_formula:
        return RosterFault.FORMULA
    if cell.is_date:
        return RosterFault.BECAME_DATE
    rounded = cell.is_number and ("." in cell.text or cell.text.endswith(ROUNDED))
    if column == Column.PHONE and (rounded or SCIENTIFIC.fullmatch(_narrow(cell.text))):
        return RosterFault.PHONE_LOST_DIGITS
    return None
