"""Tables as text: comma, tab or semicolon, in UTF-8, GB18030 (GBK) or UTF-16."""

import codecs
import csv
import io
import re
from collections.abc import Iterator

from vanguard.lib.sheet import Cell, Fault, Line, SheetFault, Unreadable, numbered, plain
from vanguard.lib.spreadsheet import original

OTHER_FILES = (
    b"\x89PNG",
    b"\xff\xd8\xff",
    b"GIF8",
    b"BM",
    b"RIFF",
    b"II*\0",
    b"MM\0*",
    b"%PDF",
    b"Rar!",
    b"7z\xbc\xaf",
    b"\x1f\x8b",
)
CONTROL_SIGNS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")
SAMPLE = 1000  # characters: a file that is no text shows it early
DELIMITERS = ",\t;"


def read_delimited(content: bytes) -> list[Line]:
    if content.startswith(OTHER_FILES):
        raise Unreadable(Fault(SheetFault.NOT_A_SHEET))
    text = _decoded(content)
    stray = CONTROL_SIGNS.search(text)
    if stray and stray.start() < SAMPLE:
        raise Unreadable(Fault(SheetFault.NOT_A_SHEET))
    if stray:
        raise Unreadable(Fault(SheetFault.STRAY_SIGN, row=_row_at(text, stray.start())))
    return numbered(_rows(text), lambda row: [_cell(value) for value in row])


def _decoded(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "gb18030"]  # Chinese in GBK is practically never valid UTF-8
    furthest = 0
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError as error:
            furthest = max(furthest, error.start)
    raise Unreadable(Fault(SheetFault.UNDECODABLE, row=content.count(b"\n", 0, furthest) + 1))


def _row_at(text: str, position: int) -> int:
    return text.count("\n", 0, position) + 1


def _rows(text: str) -> Iterator[list[str]]:
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    row = 1
    try:
        for values in reader:
            yield values
            row += 1
    except csv.Error:
        raise Unreadable(Fault(SheetFault.OPEN_QUOTE, row=row)) from None


def _delimiter(text: str) -> str:
    """The one that the first line with any text has most of."""
    heading = next((line for line in text.splitlines() if line.strip(DELIMITERS + " ")), "")
    return max(DELIMITERS, key=heading.count)


def _cell(value: str) -> Cell:
    text = plain(value)
    return Cell(original(text), is_formula=text.startswith("="))
