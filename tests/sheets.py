"""Files as people upload them, made for a test: real workbooks, real text, and what only pretends to be either."""

import io
import zipfile
from collections.abc import Iterable, Sequence
from typing import Any

from openpyxl import Workbook
from openpyxl.worksheet.worksheet import Worksheet

HEADINGS = ["姓名", "手机号", "社区", "小区", "住址"]
OLE = bytes.fromhex("D0CF11E0A1B11AE1") + b"\0" * 504
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d49484452000000010000000108060000001f15c4890000000d49444154789c6360f8cf50"
    "0f0003860180500d0a2db40000000049454e44ae426082"
)
JPEG = bytes.fromhex("ffd8ffe000104a46494600010100000100010000ffdb004300") + bytes(range(64)) + b"\xff\xd9"


def workbook(*sheets: Iterable[Sequence[Any]]) -> Workbook:
    """A workbook with these rows on its sheets."""
    book = Workbook()
    for number, rows in enumerate(sheets):
        sheet = book.worksheets[0] if number == 0 else book.create_sheet()
        for row in rows:
            sheet.append(row)
    return book


def first_sheet(book: Workbook) -> Worksheet:
    return book.worksheets[0]


def saved(book: Workbook) -> bytes:
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def xlsx(*rows: Sequence[Any]) -> bytes:
    return saved(workbook(rows))


def csv(*rows: Sequence[Any], delimiter: str = ",", encoding: str = "utf-8") -> bytes:
    return "\r\n".join(delimiter.join(map(str, row)) for row in rows).encode(encoding)


def zipped(parts: dict[str, bytes], compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", compression) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


def with_part(content: bytes, name: str, part: bytes) -> bytes:
    """A workbook with one of its parts replaced."""
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    return zipped({**parts, name: part})
