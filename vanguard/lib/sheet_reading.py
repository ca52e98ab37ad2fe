"""Read an uploaded list, XLSX or CSV, whatever the file calls itself."""

from vanguard.lib.delimited_reading import read_delimited
from vanguard.lib.sheet import MEGABYTE, MOST_BYTES, Fault, Line, SheetFault, Unreadable
from vanguard.lib.workbook_reading import read_workbook

ZIP = b"PK\x03\x04"
OLE = bytes.fromhex("D0CF11E0A1B11AE1")
LOCKED_PART = "EncryptedPackage".encode("utf-16-le")


def read_sheet(content: bytes) -> list[Line]:
    """The rows of the first sheet that are not blank, under the spreadsheet's own numbers.

    Raises Unreadable, naming row and column where it can, for whatever is not a plain table of at most 10,000 lines.
    """
    if len(content) > MOST_BYTES:
        raise Unreadable(Fault(SheetFault.TOO_BIG, details={"limit": MOST_BYTES // MEGABYTE}))
    if not content.strip(b"\0\t\r\n \xef\xbb\xbf"):
        raise Unreadable(Fault(SheetFault.EMPTY_FILE))
    if content.startswith(OLE):
        raise Unreadable(Fault(SheetFault.ENCRYPTED if LOCKED_PART in content else SheetFault.OLD_FORMAT))
    return read_workbook(content) if content.startswith(ZIP) else read_delimited(content)
