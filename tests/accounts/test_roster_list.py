"""What a unit's list may look like, and what is said of each line that is wrong."""

import re
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings
from django.utils import translation

from accounts.actions.roster_lines import LineChecker
from accounts.actions.roster_reading import read_roster
from accounts.models import Organization, RosterImport, RosterImportLine
from accounts.roster_columns import Column, column_headed, template_headings
from accounts.roster_faults import RosterFault, sentence_of
from tests import sheets
from tests.accounts.rosters import checked
from tests.factories import CommunityFactory, CompoundFactory, OrganizationFactory, StreetFactory, UnitFactory
from vanguard.lib.sheet import SheetFault, Unreadable

F = RosterFault
GOOD = ["张三", "13800000001", "荷风社区", "荷风雅苑一期", "3幢301"]
pytestmark = pytest.mark.django_db


def of_file(content):
    with pytest.raises(Unreadable) as unreadable:
        read_roster(content)
    return [(fault.code, fault.row) for fault in unreadable.value.faults]


def faults_of(roster_import):
    """Row, column and code of every fault that the check has found."""
    lines = roster_import.lines.filter(kind="WRONG").order_by("row")
    return [(fault["row"], fault["column"], fault["code"]) for line in lines for fault in line.faults]


# --- headings -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("heading", "column"),
    [
        ("姓名", "name"),
        ("姓 名", "name"),
        ("姓\u3000名", "name"),
        ("*姓名", "name"),
        ("姓名：", "name"),
        ("NAME", "name"),
        ("ｎａｍｅ", "name"),
        ("手机", "phone"),
        ("手机号（必填）", "phone"),
        ("手机\n号码", "phone"),
        ("联系电话", "phone"),
        ("Mobile Phone", "phone"),
        ("mobilephone", "phone"),
        ("工作单位", "unit"),
        ("居住社区", "community"),
        ("小区", "compound"),
        ("楼栋房号", "address"),
        ("Building and room", "address"),
        ("身份证号", None),
        ("备注", None),
        ("", None),
    ],
)
def test_headings_are_forgiven_spaces_width_case_and_remarks(heading, column):
    assert column_headed(heading) == column


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_our_own_template_is_understood_in_both_languages(language):
    headings = template_headings(language)
    listed = read_roster(sheets.xlsx(headings, ["张三", "13800000001"]))
    assert list(listed.headings) == list(Column)
    assert listed.ignored == []


def test_columns_stand_in_any_order_and_others_are_passed_over():
    listed = read_roster(
        sheets.csv(["身份证号", "手机", "备注", "姓名"], ["330000199001010001", "13800000001", "x", "张三"])
    )
    assert listed.headings == {"phone": "手机", "name": "姓名"}
    assert listed.ignored == ["身份证号", "备注"]
    assert listed.lines[0].texts == {"phone": "13800000001", "name": "张三"}


def test_what_is_missing_from_the_headings_is_named():
    assert of_file(sheets.csv(["姓名", "住址"], ["张三", "1"])) == [(F.HEADING_MISSING, 1)]
    with pytest.raises(Unreadable) as unreadable:
        read_roster(sheets.csv(["a"], ["b"]))
    assert unreadable.value.faults[0].details == {"columns": ["name", "phone"]}


def test_a_title_above_the_headings_names_their_row():
    assert of_file(sheets.csv(["财政局党员名册"], [], ["姓名", "手机"], ["张三", "1"])) == [(F.HEADING_NOT_FIRST, 3)]


def test_blank_rows_above_the_headings_do_no_harm():
    assert read_roster(sheets.csv([], ["姓名", "手机"], ["张三", "1"])).lines[0].row == 3


@pytest.mark.parametrize(
    "rows",
    [
        [["姓名", "手机"], ["姓名", "手机"], ["张三", "1"]],
        [["姓名", "联系信息"], ["", "手机"], ["张三", "1"]],
        [["姓名", "手机"], ["Name", "Phone"], ["张三", "1"]],
    ],
    ids=["repeated", "over two rows", "two languages"],
)
def test_two_rows_of_headings_name_the_second(rows):
    assert of_file(sheets.csv(*rows)) == [(F.TWO_HEADINGS, 2)]


def test_headings_repeated_on_each_printed_page_are_named():
    assert of_file(sheets.csv(["姓名", "手机"], ["张三", "1"], ["姓名", "手机"], ["李四", "2"])) == [
        (F.TWO_HEADINGS, 3)
    ]


def test_two_columns_for_one_thing_are_both_named():
    with pytest.raises(Unreadable) as unreadable:
        read_roster(sheets.csv(["姓名", "手机", "联系电话"], ["张三", "1", "2"]))
    fault = unreadable.value.faults[0]
    assert (fault.code, fault.row, fault.column, fault.details["first"]) == (F.COLUMN_TWICE, 1, "联系电话", "手机")
    said = sentence_of(fault.as_json)
    assert "手机" in said
    assert "联系电话" in said


def test_headings_without_lines():
    assert of_file(sheets.csv(["姓名", "手机"])) == [(F.NO_LINES, None)]


# --- lines ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("张 三", "张三"),
        ("张\u3000三", "张三"),
        ("龘䶮𠮷", "龘䶮𠮷"),
        ("阿依古丽·买买提", "阿依古丽·买买提"),
        ("阿依古丽．买买提", "阿依古丽·买买提"),
        ("John Smith", "John Smith"),
    ],
)
def test_names_of_all_kinds_are_accepted(cast, typed, kept):
    line = checked(cast.unit_officer, [typed, "13800000001"]).lines.get(kind="NEW")
    assert line.values["name"] == kept


@pytest.mark.parametrize(
    "typed", ["１３８００００００01", "138 0000 0001", "+86 13800000001", "13800000001.0", "'+8613800000001"]
)
def test_phones_of_all_kinds_are_accepted(cast, typed):
    assert checked(cast.unit_officer, ["张三", typed]).lines.get(kind="NEW").values["phone"] == "13800000001"


@pytest.mark.parametrize("number", [13800000001, 13800000001.0])
def test_a_phone_that_is_a_number_is_accepted(cast, number):
    content = sheets.xlsx(["姓名", "手机"], ["张三", number])
    assert checked(cast.unit_officer, content=content).lines.get().values["phone"] == "13800000001"


LINES = [
    (["", "13800000002"], "姓名", F.NAME_MISSING),
    (["张3", "13800000002"], "姓名", F.NAME_INVALID),
    (["=cmd|'/c calc'!A1", "13800000002"], "姓名", F.FORMULA),
    (["@SUM(1)", "13800000002"], "姓名", F.NAME_INVALID),
    (["李" * 41, "13800000002"], "姓名", F.NAME_INVALID),
    (["李四", ""], "手机号", F.PHONE_MISSING),
    (["李四", "1380000000"], "手机号", F.PHONE_INVALID),
    (["李四", "12800000002"], "手机号", F.PHONE_INVALID),
    (["李四", "1.38E+10"], "手机号", F.PHONE_LOST_DIGITS),
    (["李四", "１．38e10"], "手机号", F.PHONE_LOST_DIGITS),
    (["李四", "13800000001"], "手机号", F.PHONE_TWICE),
    (["李四", "13800000002", "无名社区"], "社区", F.COMMUNITY_UNKNOWN),
    (["李四", "13800000002", "远山社区"], "社区", F.COMMUNITY_ELSEWHERE),
    (["李四", "13800000002", "旧社区"], "社区", F.COMMUNITY_CLOSED),
    (["李四", "13800000002", "并入社区"], "社区", F.COMMUNITY_MERGED),
    (["李四", "13800000002", "同名社区"], "社区", F.COMMUNITY_TWO),
    (["李四", "13800000002", "荷风社区", "枕溪花园"], "小区", F.COMPOUND_UNKNOWN),
    (["李四", "13800000002", "枕溪社区", "枕溪花园"], "小区", F.COMPOUND_NONE),
    (["李四", "13800000002", "", "荷风雅苑一期"], "小区", F.COMPOUND_ALONE),
    (["李四", "13800000002", "", "", "3" * 61], "住址", F.ADDRESS_TOO_LONG),
]


@pytest.fixture
def places(cast):
    """Communities that are closed, merged, of one name, and one of another city."""
    today = date(2026, 1, 1)
    CommunityFactory(parent=cast.street, name="旧社区", closed_on=today)
    CommunityFactory(parent=cast.street, name="并入社区", closed_on=today, merged_into=cast.community)
    for _ in range(2):
        CommunityFactory(parent=cast.street, name="同名社区")
    elsewhere = OrganizationFactory(name="白鹭市", code="BL")
    CommunityFactory(parent=StreetFactory(parent=elsewhere), name="远山社区", code="440001")
    UnitFactory(parent=elsewhere, name="白鹭市财政局", code="BLCZJ")
    return cast


@pytest.mark.parametrize(("row", "column", "code"), LINES, ids=[code for _row, _column, code in LINES])
def test_a_wrong_line_names_row_column_and_what_to_do(places, row, column, code):
    roster_import = checked(places.unit_officer, GOOD, [], row)
    assert faults_of(roster_import) == [(4, column, code)]
    assert roster_import.lines.filter(kind="NEW").count() == 1
    for language in ("zh-hans", "en"):
        with translation.override(language):
            shown, sentence = roster_import.lines.get(kind="WRONG").problems[0]
            assert shown == column
            assert "%(" not in sentence


def test_several_things_wrong_with_one_line_are_all_named(places):
    roster_import = checked(places.unit_officer, ["", "1", "无名社区", "x", "3" * 61])
    assert [code for _row, _column, code in faults_of(roster_import)] == [
        F.NAME_MISSING,
        F.PHONE_INVALID,
        F.COMMUNITY_UNKNOWN,
        F.ADDRESS_TOO_LONG,
    ]


@pytest.mark.parametrize(
    ("unit", "code"),
    [
        ("青澜市财政局", None),
        ("czj", None),
        ("青澜市 财政局", None),
        ("", None),
        ("青澜市教育局", F.UNIT_OTHER),
        ("JYJ", F.UNIT_OTHER),
        ("白鹭市财政局", F.UNIT_ELSEWHERE),
        ("没有这个局", F.UNIT_UNKNOWN),
    ],
)
def test_the_unit_of_a_line_has_to_be_the_own_one(places, unit, code):
    content = sheets.csv(["姓名", "手机", "单位"], ["张三", "13800000001", unit])
    assert faults_of(checked(places.unit_officer, content=content)) == ([(2, "单位", code)] if code else [])


def test_a_unit_that_became_part_of_the_own_one_is_the_own_one(places):
    UnitFactory(parent=places.city, name="旧财政局", closed_on=date(2026, 1, 1), merged_into=places.unit)
    content = sheets.csv(["姓名", "手机", "单位"], ["张三", "13800000001", "旧财政局"])
    assert faults_of(checked(places.unit_officer, content=content)) == []


@pytest.mark.parametrize("role", ["unit_officer", "other_unit_officer"])
def test_the_own_name_is_the_own_one_whoever_else_bears_it(places, role):
    Organization.objects.filter(pk=places.other_unit.pk).update(name=places.unit.name)
    UnitFactory(parent=places.city, name=places.unit.name, closed_on=date(2026, 1, 1))
    content = sheets.csv(["姓名", "手机", "单位"], ["张三", "13800000001", places.unit.name])
    assert faults_of(checked(getattr(places, role), content=content)) == []


def test_a_closed_unit_yields_its_name_to_one_in_use(places):
    new = UnitFactory(parent=places.city, name="旧财政局")
    UnitFactory(parent=places.city, name="旧财政局", closed_on=date(2026, 1, 1), merged_into=places.unit)
    content = sheets.csv(["姓名", "手机", "单位"], ["张三", "13800000001", "旧财政局"])
    assert faults_of(checked(places.unit_officer, content=content)) == [(2, "单位", F.UNIT_OTHER)]
    new.delete()
    assert faults_of(checked(places.unit_officer, content=content)) == []


@pytest.mark.parametrize("community", ["荷风社区", "荷风", "330001", "荷 风 社 区", "３３０００１"])
def test_a_community_is_known_by_name_and_code(places, community):
    line = checked(places.unit_officer, ["张三", "13800000001", community, "HF1"]).lines.get()
    assert (line.values["community_id"], line.values["compound_id"]) == (places.community.pk, places.compound.pk)
    assert line.home == "荷风社区 荷风雅苑一期"


def test_a_closed_community_yields_its_name_to_one_in_use(places):
    new = CommunityFactory(parent=places.street, name="旧社区")
    line = checked(places.unit_officer, ["张三", "13800000001", "旧社区"]).lines.get()
    assert line.values["community_id"] == new.pk


def test_the_compounds_that_exist_are_named(places):
    CompoundFactory(parent=places.community, name="荷风雅苑二期")
    CompoundFactory(parent=places.community, name="拆了的小区", closed_on=date(2026, 1, 1))
    line = checked(places.unit_officer, ["张三", "13800000001", "荷风社区", "拆了的小区"]).lines.get()
    assert line.faults[0]["details"]["compounds"] == "荷风雅苑一期, 荷风雅苑二期"


def test_what_a_spreadsheet_made_of_a_value_is_said(cast):
    rows = [["姓名", "手机", "住址"], ["=A1", 1.38e10, date(2026, 3, 1)], ["李四", 1380000000.5, "=B2"]]
    roster_import = checked(cast.unit_officer, content=sheets.xlsx(*rows))
    assert faults_of(roster_import) == [
        (2, "姓名", F.FORMULA),
        (2, "手机", F.PHONE_LOST_DIGITS),
        (2, "住址", F.BECAME_DATE),
        (3, "手机", F.PHONE_LOST_DIGITS),
        (3, "住址", F.FORMULA),
    ]


def test_risky_text_in_an_address_is_kept_as_text(cast):
    for address in ("+3-301", "@here", "'=1+1"):
        line = checked(cast.unit_officer, ["张三", "13800000001", "", "", address]).lines.get()
        assert (line.kind, line.values["address"]) == ("NEW", address.removeprefix("'"))


def test_identity_card_numbers_are_kept_nowhere(cast):
    content = sheets.csv(["姓名", "手机", "身份证号"], ["张三", "13800000001", "330000199001010001"])
    roster_import = checked(cast.unit_officer, content=content)
    assert roster_import.ignored_columns == ["身份证号"]
    assert "330000199001010001" not in str(list(RosterImport.objects.values()))
    assert "330000199001010001" not in str(list(RosterImportLine.objects.values()))


def test_a_list_of_any_length_asks_for_places_the_same_number_of_times(cast, django_assert_num_queries):
    for n in (1, 50):
        rows = [[f"张{'三' * i}", f"138000{i:05d}", f"无名{i}社区", "", ""] for i in range(1, n + 1)]
        listed = read_roster(sheets.csv(["姓名", "手机", "社区", "小区", "住址"], *rows))
        with django_assert_num_queries(2):
            checker = LineChecker(cast.unit, listed)
            assert all(checker.check(line).faults for line in listed.lines)


# --- the list of faults ---------------------------------------------------------------------


@pytest.mark.parametrize("fault", RosterFault)
def test_every_fault_is_found_by_the_check(fault):
    files = Path(settings.BASE_DIR, "accounts", "actions").glob("roster_*.py")
    assert any(re.search(rf"RosterFault\.{fault.name}\b", file.read_text()) for file in files)


def test_no_code_stands_in_both_lists():
    assert not set(RosterFault.values) & set(SheetFault.values)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("fault", [*SheetFault, *RosterFault])
def test_every_sentence_can_be_said(fault, language):
    names = ("limit", "range", "first", "unit", "own", "community", "new", "compounds")
    stored = {"code": fault, "row": 7, "column": "姓名", "details": {**dict.fromkeys(names, "甲"), "columns": ["name"]}}
    with translation.override(language):
        assert "%(" not in sentence_of(stored)
