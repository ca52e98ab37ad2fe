import csv
import io

import pytest
from openpyxl import load_workbook

from vanguard.lib.spreadsheet import csv_response, csv_text, harmless, original, xlsx_response

HEADER = ["姓名", "红旗"]


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\n"])
def test_text_that_would_run_as_a_formula_is_disarmed(start):
    assert harmless(f"{start}HYPERLINK(1)") == f"'{start}HYPERLINK(1)"


@pytest.mark.parametrize("value", ["张明", "", "a=b", 7, -7, None, 1.5])
def test_everything_else_passes_unchanged(value):
    assert harmless(value) == value
    assert type(harmless(value)) is type(value)


def test_csv_opens_in_excel_as_utf8():
    body = csv_response("report", HEADER, [["𠮷龘", 5]]).content
    assert body.startswith(b"\xef\xbb\xbf")
    assert list(csv.reader(io.StringIO(body.decode("utf-8-sig")))) == [HEADER, ["𠮷龘", "5"]]


def test_csv_keeps_commas_quotes_and_line_breaks_in_one_cell():
    name = '张"明",\n二'
    assert list(csv.reader(io.StringIO(csv_text(HEADER, [[name, 1]]), newline="")))[1] == [name, "1"]


def test_xlsx_keeps_numbers_as_numbers_and_formulas_as_text():
    response = xlsx_response("report", HEADER, [["=1+1", 5], ["龘", -1]])
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [[cell.value for cell in row] for row in sheet.iter_rows()] == [HEADER, ["'=1+1", 5], ["龘", -1]]
    assert sheet["A2"].data_type == "s"
    assert sheet["B2"].data_type == "n"
    assert sheet.freeze_panes == "A2"


@pytest.mark.parametrize("name", ["张\x0b明", "\x00张明", "张明\x1f"])
def test_a_control_character_in_a_name_spoils_no_download(name):
    response = xlsx_response("report", HEADER, [[name, 5]])
    assert load_workbook(io.BytesIO(response.content)).active["A2"].value == "张明"


def test_a_formula_does_not_hide_behind_a_control_character():
    assert harmless("\x0b=1+1") == "'=1+1"


def test_a_download_has_a_name():
    assert csv_response("CZJ-2026", HEADER, []).headers["Content-Disposition"] == 'attachment; filename="CZJ-2026.csv"'
    assert "CZJ-2026.xlsx" in xlsx_response("CZJ-2026", HEADER, []).headers["Content-Disposition"]


@pytest.mark.parametrize("text", ["=1+1", "-3", "'s", "张明", "", "'"])
def test_what_was_disarmed_can_be_read_back(text):
    assert original(harmless(text)) == text


def test_a_heading_is_disarmed_too():
    assert load_workbook(io.BytesIO(xlsx_response("r", ["=1+1"], []).content)).active["A1"].value == "'=1+1"
    assert csv_text(["=1+1"], []) == "'=1+1\r\n"


def test_columns_of_text_keep_what_is_typed_into_them():
    sheet = load_workbook(io.BytesIO(xlsx_response("r", HEADER, [], columns_of_text=True).content)).active
    assert sheet.column_dimensions["B"].number_format == "@"
