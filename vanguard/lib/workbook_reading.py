"""XLSX workbooks from strangers: the archive is measured before anything in it is parsed."""

import io
import re
import zlib
from datetime import date, time, timedelta
from typing import Any
from zipfile import ZIP_DEFLATED, ZIP_STORED, BadZipFile, ZipFile, ZipInfo

from openpyxl.reader.excel import ExcelReader
from openpyxl.utils.cell import range_boundaries

from vanguard.lib.sheet import EMPTY, MEGABYTE, Cell, Fault, Line, SheetFault, Unreadable, numbered, plain
from vanguard.lib.spreadsheet import original

MOST_UNPACKED = 40 * MEGABYTE
MOST_PARTS = 2000
MOST_TAGS = 3_000_000  # each becomes an object in memory: far more than 10,000 lines of sixty cells ever need
MOST_COLUMNS = 60
LAST_ROW = 1_048_576
MERGES_SHOWN = 20
CHUNK = 256 * 1024
MERGED = re.compile(rb"<(?:\w+:)?mergeCell\s[^>]*?\bref=[\"']([A-Z]{1,3}\d+:[A-Z]{1,3}\d+)[\"']")
ENCRYPTED_FLAG = 0x1
DATES = (date, time, timedelta)


def read_workbook(content: bytes) -> list[Line]:
    """The lines of the first sheet that can be seen."""
    _measure(content)
    try:
        reader = ExcelReader(io.BytesIO(content), read_only=True, keep_links=False)
        reader.read()
        sheet = next((sheet for sheet in reader.wb.worksheets if sheet.sheet_state == "visible"), None)
        if sheet is None:
            raise Unreadable(Fault(SheetFault.EMPTY_SHEET))
        path = next(relation.target for found, relation in reader.parser.find_sheets() if found.name == sheet.title)
        _refuse_merged(reader.archive.read(path))
        return numbered(sheet.iter_rows(max_row=LAST_ROW, max_col=MOST_COLUMNS), _cells)
    except Unreadable:
        raise
    except Exception:  # a damaged workbook makes openpyxl raise whatever its line of code happens to raise
        raise Unreadable(Fault(SheetFault.DAMAGED)) from None


def _measure(content: bytes) -> None:
    """Refuse a bomb: by what the archive's directory says, and then by what really comes out."""
    try:
        with ZipFile(io.BytesIO(content)) as archive:
            parts = archive.infolist()
            _refuse_by_directory(parts)
            tags, left = 0, MOST_UNPACKED
            for part in parts:
                with archive.open(part) as stream:
                    while chunk := stream.read(CHUNK):
                        left -= len(chunk)
                        tags += chunk.count(b"<") if part.filename.endswith((".xml", ".rels")) else 0
                        if left < 0 or tags > MOST_TAGS:
                            raise Unreadable(Fault(SheetFault.UNPACKS_TOO_BIG))
    except (BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, ValueError, OSError):
        raise Unreadable(Fault(SheetFault.DAMAGED)) from None


def _refuse_by_directory(parts: list[ZipInfo]) -> None:
    if "[Content_Types].xml" not in {part.filename for part in parts}:
        raise Unreadable(Fault(SheetFault.NOT_A_SHEET))
    if any(part.flag_bits & ENCRYPTED_FLAG for part in parts):
        raise Unreadable(Fault(SheetFault.ENCRYPTED))
    if any(part.compress_type not in (ZIP_STORED, ZIP_DEFLATED) for part in parts):
        raise Unreadable(Fault(SheetFault.DAMAGED))  # no workbook has others, and they cannot be read in bounded steps
    if len(parts) > MOST_PARTS or sum(part.file_size for part in parts) > MOST_UNPACKED:
        raise Unreadable(Fault(SheetFault.UNPACKS_TOO_BIG))


def _refuse_merged(sheet: bytes) -> None:
    ranges = [found.decode() for found in MERGED.findall(sheet)][:MERGES_SHOWN]
    if ranges:
        raise Unreadable(
            *(
                Fault(SheetFault.MERGED_CELLS, row=range_boundaries(cells)[1], details={"range": cells})
                for cells in ranges
            )
        )


def _cells(row: Any) -> list[Cell]:
    return [EMPTY if cell.value is None else _cell(cell.value, cell.data_type) for cell in row]


def _cell(value: Any, data_type: str) -> Cell:
    if data_type in "fe":  # an error in a cell is what a formula has come to
        return Cell(plain(str(value)) or "=", is_formula=True)
    if isinstance(value, DATES):
        return Cell(str(value), is_date=True)
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        value = int(value)
    if isinstance(value, int | float) and not isinstance(value, bool):
        return Cell(str(value), is_number=True)
    return Cell(original(plain(str(value))))
