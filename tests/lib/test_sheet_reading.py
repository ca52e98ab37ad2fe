"""Uploaded files: what they say, and what is wrong with them, whatever they call themselves."""

import io
import struct
import time
import zipfile
from datetime import date
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests import sheets
from vanguard.lib import workbook_reading
from vanguard.lib.sheet import MOST_BYTES, MOST_LINES, SheetFault, Unreadable
from vanguard.lib.sheet_reading import read_sheet

F = SheetFault
SHEET = "xl/worksheets/sheet1.xml"
ROWS = [["姓名", "手机"], ["张三", "13800000001"], ["𠮷龘䶮", "13800000002"]]


def texts(content):
    return [(line.row, [cell.text for cell in line.cells if cell.text]) for line in read_sheet(content)]


def faults(content):
    with pytest.raises(Unreadable) as unreadable:
        read_sheet(content)
    return [(fault.code, fault.row) for fault in unreadable.value.faults]


# --- what is read ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "content",
    [
        sheets.xlsx(*ROWS),
        sheets.csv(*ROWS),
        sheets.csv(*ROWS, encoding="utf-8-sig"),
        sheets.csv(*ROWS, encoding="gb18030"),
        sheets.csv(*ROWS, encoding="utf-16"),
        "\ufeff".encode("utf-16-be") + sheets.csv(*ROWS, encoding="utf-16-be"),
        sheets.csv(*ROWS, delimiter="\t"),
        sheets.csv(*ROWS, delimiter=";"),
        sheets.csv(*ROWS).replace(b"\r\n", b"\r"),
        sheets.csv(*ROWS) + b"\r\n",
    ],
    ids=["xlsx", "utf-8", "bom", "gb18030", "utf-16", "utf-16-be", "tab", "semicolon", "old-mac", "last-line-ended"],
)
def test_the_same_list_in_every_format(content):
    assert texts(content) == [(row, values) for row, values in enumerate(ROWS, start=1)]


def test_gbk_as_excel_saves_it():
    assert texts(sheets.csv(*ROWS[:2], encoding="gbk"))[1] == (2, ["张三", "13800000001"])


@pytest.mark.parametrize(
    "content",
    [
        sheets.xlsx([], ["姓名"], [], ["  "], [], ["张三"]),
        "\n姓名\n\n  \n,,\n张三".encode(),
    ],
    ids=["xlsx", "csv"],
)
def test_blank_rows_are_passed_over_but_counted(content):
    assert texts(content) == [(2, ["姓名"]), (6, ["张三"])]


def test_a_cell_of_two_lines_is_one_row_as_in_a_spreadsheet():
    assert texts('姓名,住址\n张三,"3 幢\n301"\n李四,1'.encode()) == [
        (1, ["姓名", "住址"]),
        (2, ["张三", "3 幢\n301"]),
        (3, ["李四", "1"]),
    ]


def test_whole_numbers_become_digits_and_others_stay():
    line = read_sheet(sheets.xlsx([13800000001, 13800000001.0, 1.5, True, date(2026, 3, 1)]))[0]
    assert [cell.text for cell in line.cells[:4]] == ["13800000001", "13800000001", "1.5", "True"]
    assert [cell.is_number for cell in line.cells[:5]] == [True, True, True, False, False]
    assert line.cells[4].is_date


def test_formulas_and_what_they_failed_to_be_are_marked():
    book = sheets.workbook([["=A1", "x"], ["#N/A", "=x"]])
    sheet = sheets.first_sheet(book)
    sheet["B2"].data_type = "s"
    cells = [line.cells[:2] for line in read_sheet(sheets.saved(book))]
    assert [[cell.is_formula for cell in row] for row in cells] == [[True, False], [True, False]]
    assert read_sheet(b"a,=1+1")[0].cells[1].is_formula


def test_the_apostrophe_of_our_own_export_is_taken_off_and_others_stay():
    for content in (sheets.xlsx(["'=1+1", "'s", "'-3"]), b"'=1+1,'s,'-3"):
        line = read_sheet(content)[0]
        assert [cell.text for cell in line.cells[:3]] == ["=1+1", "'s", "-3"]
        assert not any(cell.is_formula for cell in line.cells)


def test_only_the_first_sheet_that_can_be_seen_is_read():
    book = sheets.workbook([["hidden"]], [["姓名"]], [["later"]])
    book.worksheets[0].sheet_state = "hidden"
    book.active = 1
    assert texts(sheets.saved(book)) == [(1, ["姓名"])]


def test_a_row_far_down_keeps_its_number_and_costs_little():
    book = sheets.workbook([["姓名"]])
    sheets.first_sheet(book)["A1048576"] = "张三"
    started = time.perf_counter()
    assert texts(sheets.saved(book)) == [(1, ["姓名"]), (1048576, ["张三"])]
    assert time.perf_counter() - started < 5


# --- what is refused ------------------------------------------------------------------------


def test_an_empty_file_and_an_empty_sheet():
    assert faults(b"") == faults(b" \r\n") == faults(b"\xef\xbb\xbf") == [(F.EMPTY_FILE, None)]
    assert faults(sheets.xlsx()) == faults(b",,\n , ") == [(F.EMPTY_SHEET, None)]


def test_a_large_file_is_not_even_looked_at(monkeypatch):
    monkeypatch.setattr("vanguard.lib.sheet_reading.read_workbook", None)
    assert faults(b"PK\x03\x04" + b"x" * MOST_BYTES) == [(F.TOO_BIG, None)]


@pytest.mark.parametrize("content", [sheets.PNG, sheets.JPEG, b"%PDF-1.7\n", b"\x7fELF\x01\x01\0\0abc"])
def test_a_picture_renamed_is_no_spreadsheet(content):
    assert faults(content) == [(F.NOT_A_SHEET, None)]


def test_other_archives_are_no_spreadsheet():
    assert faults(sheets.zipped({"word/document.xml": b"<a/>"})) == [(F.NOT_A_SHEET, None)]
    assert faults(sheets.zipped({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"})) == [
        (F.NOT_A_SHEET, None)
    ]


def test_a_password_and_the_old_format_are_told_apart():
    assert faults(sheets.OLE + "EncryptedPackage".encode("utf-16-le") + b"\0" * 900) == [(F.ENCRYPTED, None)]
    assert faults(sheets.OLE + "Workbook".encode("utf-16-le") + b"\0" * 900) == [(F.OLD_FORMAT, None)]


def test_an_archive_locked_part_by_part():
    content = bytearray(sheets.xlsx(*ROWS))
    for signature, offset in ((b"PK\x01\x02", 8), (b"PK\x03\x04", 6)):
        at = content.find(signature)
        content[at + offset] |= 1
    assert faults(bytes(content)) == [(F.ENCRYPTED, None)]


@pytest.mark.parametrize("part", ["xl/worksheets/sheet1.xml", "xl/workbook.xml", "[Content_Types].xml"])
@pytest.mark.parametrize("broken", [b"", b"<a", b"<a/>", b"\xff\xfe"])
def test_a_damaged_part_is_said_and_nothing_worse(part, broken):
    content = sheets.with_part(sheets.xlsx(*ROWS), part, broken)
    assert faults(content)[0][0] in (F.DAMAGED, F.EMPTY_SHEET)


def test_a_workbook_cut_short():
    whole = sheets.xlsx(*ROWS)
    assert faults(whole[: len(whole) // 2]) == [(F.DAMAGED, None)]


# --- bombs ----------------------------------------------------------------------------------


@pytest.fixture
def small_limits(monkeypatch):
    monkeypatch.setattr(workbook_reading, "MOST_UNPACKED", 1024 * 1024)
    monkeypatch.setattr(workbook_reading, "MOST_TAGS", 20_000)


@pytest.fixture
def nothing_parsed(monkeypatch):
    def parse(*args, **kwargs):
        raise AssertionError("a bomb was parsed")

    monkeypatch.setattr(workbook_reading, "ExcelReader", parse)


def test_a_zip_bomb_is_refused_by_its_directory(nothing_parsed):
    bomb = sheets.with_part(sheets.xlsx(*ROWS), "xl/media/image1.png", b"\0" * 50 * 1024 * 1024)
    assert len(bomb) < 100_000
    assert faults(bomb) == [(F.UNPACKS_TOO_BIG, None)]


def test_a_bomb_whose_directory_lies_is_not_unpacked_either(small_limits, nothing_parsed):
    bomb = bytearray(sheets.with_part(sheets.xlsx(*ROWS), "xl/media/image1.png", b"\0" * 2 * 1024 * 1024))
    for signature, offset, name in ((b"PK\x01\x02", 24, 46), (b"PK\x03\x04", 22, 30)):
        at = bomb.find(b"xl/media/image1.png") if name == 30 else bomb.rfind(b"xl/media/image1.png")
        start = bomb.rfind(signature, 0, at)
        assert at - start == name
        bomb[start + offset : start + offset + 4] = struct.pack("<I", 10)
    assert faults(bytes(bomb))[0][0] in (F.UNPACKS_TOO_BIG, F.DAMAGED)


def test_millions_of_tags_are_refused_though_they_are_short(small_limits, nothing_parsed):
    bomb = sheets.with_part(sheets.xlsx(*ROWS), SHEET, b"<worksheet>" + b"<a/>" * 30_000 + b"</worksheet>")
    assert faults(bomb) == [(F.UNPACKS_TOO_BIG, None)]


def test_thousands_of_parts_are_refused(nothing_parsed):
    bomb = sheets.zipped({"[Content_Types].xml": b"", **{f"xl/{n}.xml": b"" for n in range(2001)}})
    assert faults(bomb) == [(F.UNPACKS_TOO_BIG, None)]


def test_what_cannot_be_unpacked_in_steps_is_not_unpacked(nothing_parsed):
    assert faults(sheets.zipped({"[Content_Types].xml": b"<a/>"}, zipfile.ZIP_BZIP2)) == [(F.DAMAGED, None)]


def test_entities_that_multiply_come_to_nothing():
    levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
    part = f'<!DOCTYPE x [<!ENTITY l0 "lol">{levels}]><worksheet><sheetData>&l11;</sheetData></worksheet>'
    started = time.perf_counter()
    assert faults(sheets.with_part(sheets.xlsx(*ROWS), SHEET, part.encode()))[0][0] in (F.DAMAGED, F.EMPTY_SHEET)
    assert time.perf_counter() - started < 5


@pytest.mark.parametrize("number", ["99999999999", "-5", "x"])
def test_a_row_number_that_no_sheet_has(number):
    row = f'<row r="{number}"><c t="inlineStr"><is><t>张三</t></is></c></row>'
    part = f'<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>{row}</sheetData></worksheet>'
    started = time.perf_counter()
    assert faults(sheets.with_part(sheets.xlsx(*ROWS), SHEET, part.encode()))[0][0] in (F.DAMAGED, F.EMPTY_SHEET)
    assert time.perf_counter() - started < 5


# --- tables that are none -------------------------------------------------------------------


def test_merged_cells_are_named_with_range_and_row():
    book = sheets.workbook([["姓名", "手机"], ["张三", "1"], ["李四", "2"]])
    sheets.first_sheet(book).merge_cells("A2:A3")
    sheets.first_sheet(book).merge_cells("A5:C5")
    with pytest.raises(Unreadable) as unreadable:
        read_sheet(sheets.saved(book))
    found = [(fault.code, fault.row, fault.details["range"]) for fault in unreadable.value.faults]
    assert sorted(found) == [(F.MERGED_CELLS, 2, "A2:A3"), (F.MERGED_CELLS, 5, "A5:C5")]


def test_ten_thousand_lines_are_read_and_one_more_is_not():
    rows = [["姓名"], *[["张三"]] * MOST_LINES]
    assert len(read_sheet(sheets.csv(*rows))) == MOST_LINES + 1
    assert faults(sheets.csv(*rows, ["李四"])) == [(F.TOO_MANY_LINES, MOST_LINES + 2)]


def test_bytes_that_are_no_text_name_the_row():
    assert faults("姓名,手机\n张三,1\n".encode() + b"\x80\xff,2") == [(F.UNDECODABLE, 3)]
    assert faults(b"\xff\xfe\x00\xd8\x00\xd8") == [(F.UNDECODABLE, 1)]


def test_a_stray_nul_names_its_row():
    lines = [f"张三{n},13800000001" for n in range(200)]
    lines[150] = "李\0四,2"
    assert faults("\n".join(lines).encode()) == [(F.STRAY_SIGN, 151)]
    assert faults("姓\0名,手机".encode()) == [(F.NOT_A_SHEET, None)]


def test_an_open_quotation_mark_names_the_row():
    assert faults('姓名,手机\n张三,1\n"李四,2\n王五,3'.encode()) == [(F.OPEN_QUOTE, 3)]


@pytest.mark.parametrize("fault", SheetFault)
def test_every_fault_is_given_by_the_readers(fault):
    readers = [Path(workbook_reading.__file__).with_name(f"{name}.py") for name in ("sheet", "sheet_reading")]
    readers += [reader.with_name(f"{kind}_reading.py") for reader in readers[:1] for kind in ("workbook", "delimited")]
    assert any(f"SheetFault.{fault.name}" in reader.read_text() for reader in readers)


# --- whatever comes -------------------------------------------------------------------------

WHATEVER = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
WHOLE = sheets.xlsx(*ROWS)


def answers(content: bytes) -> None:
    """A list or a fault; and no text in it that a database would refuse."""
    try:
        lines = read_sheet(content)
    except Unreadable:
        return
    for line in lines:
        for cell in line.cells:
            assert "\0" not in cell.text
            cell.text.encode()


@WHATEVER
@given(st.binary(max_size=400))
def test_any_bytes_are_a_list_or_a_fault(content):
    answers(content)


@WHATEVER
@given(st.sampled_from([b"PK\x03\x04", sheets.OLE[:8], b"\xff\xfe", b"\xef\xbb\xbf"]), st.binary(max_size=400))
def test_any_bytes_behind_a_known_beginning(beginning, content):
    answers(beginning + content)


@WHATEVER
@given(st.lists(st.tuples(st.integers(0, len(WHOLE) - 1), st.integers(0, 255)), min_size=1, max_size=8))
def test_a_workbook_with_any_bytes_changed(changes):
    content = bytearray(WHOLE)
    for position, value in changes:
        content[position] = value
    answers(bytes(content))


@WHATEVER
@given(st.sampled_from(["xl/worksheets/sheet1.xml", "xl/workbook.xml", "xl/styles.xml"]), st.data())
def test_a_workbook_with_any_characters_of_its_xml_changed(part, data):
    with zipfile.ZipFile(io.BytesIO(WHOLE)) as archive:
        xml = archive.read(part)
    at = data.draw(st.integers(0, len(xml)))
    answers(
        sheets.with_part(
            WHOLE, part, xml[:at] + data.draw(st.binary(max_size=6)) + xml[at + data.draw(st.integers(0, 9)) :]
        )
    )


@WHATEVER
@given(st.text(max_size=300), st.sampled_from(["utf-8", "utf-16", "gb18030"]))
def test_any_text_is_a_list_or_a_fault(text, encoding):
    answers(text.encode(encoding, "ignore"))
