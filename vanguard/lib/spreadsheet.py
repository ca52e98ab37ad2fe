"""Tables that open well in Excel: typed XLSX, and CSV in UTF-8 with a byte order mark."""

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any, cast

from django.http import HttpResponse
from openpyxl import Workbook
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

RISKY_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


def harmless(value: Any) -> Any:
    """Text that a spreadsheet would run as a formula gets a leading apostrophe; other values pass unchanged.

    Control characters are left out: XLSX knows none, and one in a single name would spoil the whole unit's download.
    """
    if not isinstance(value, str):
        return value
    text = ILLEGAL_CHARACTERS_RE.sub("", value)
    return "'" + text if text.startswith(RISKY_STARTS) else text


def original(text: str) -> str:
    """What `harmless` was given: the apostrophe that our own export has put before a risky sign is taken off again."""
    return text[1:] if text.startswith("'") and text[1:].startswith(RISKY_STARTS) else text


def csv_text(header: Sequence[str], rows: Iterable[Sequence[Any]]) -> str:
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([harmless(cell) for cell in header])
    writer.writerows([harmless(cell) for cell in row] for row in rows)
    return out.getvalue()


def csv_response(name: str, header: Sequence[str], rows: Iterable[Sequence[Any]]) -> HttpResponse:
    """A CSV download; the byte order mark tells Excel that it is UTF-8."""
    body = "\ufeff" + csv_text(header, rows)
    return _download(body.encode(), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_response(
    name: str, header: Sequence[str], rows: Iterable[Sequence[Any]], *, columns_of_text: bool = False
) -> HttpResponse:
    """An XLSX download with a frozen, filterable header and numbers kept as numbers.

    With `columns_of_text` whatever is typed into it later stays as it was typed: Excel turns no phone into 1.38E+10.
    """
    book = Workbook()
    sheet = cast(Worksheet, book.active)
    sheet.append([harmless(str(cell)) for cell in header])
    for row in rows:
        sheet.append([harmless(cell) for cell in row])
    for column, cell in enumerate(sheet[1], start=1):
        cell.font = Font(bold=True)
        sheet.column_dimensions[get_column_letter(column)].width = 14
        if columns_of_text:
            sheet.column_dimensions[get_column_letter(column)].number_format = "@"
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = sheet.dimensions
    out = io.BytesIO()
    book.save(out)
    return _download(
        out.getvalue(), f"{name}.xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
    )


def _download(body: bytes, filename: str, content_type: str) -> HttpResponse:
    return HttpResponse(
        body, headers={"Content-Type": content_type, "Content-Disposition": f'attachment; filename="{filename}"'}
    )
