"""Two ways to write one room are one room."""

from itertools import combinations

import pytest

from accounts.models import CheckIn, RosterEntry
from vanguard.lib.addressing import KEY_LENGTH, address_key


@pytest.mark.parametrize(
    "address",
    [
        "3 幢 2 单元 301",
        "3幢2单元301室",
        "３－２－３０１",
        "3-2-301",
        "3栋2单元 301 室",
        "三栋二单元301",
        "三幢二单元三〇一室",
        "3号楼2单元301户",
    ],
)
def test_they_have_one_key(address):
    assert address_key(address) == "3-2-301"


@pytest.mark.parametrize(
    ("numeral", "number"),
    [
        ("十", "10"),
        ("十二", "12"),
        ("二十", "20"),
        ("二十三", "23"),
        ("一百零二", "102"),
        ("一百二十", "120"),
        ("一二〇一", "1201"),
        ("零八", "08"),
    ],
)
def test_chinese_numerals_are_numbers(numeral, number):
    assert address_key(f"{numeral}栋") == number


@pytest.mark.parametrize(
    "rooms",
    [
        ("3-2-301", "32-301", "3-2-302", "A座301", "B座301"),
        ("东区3栋301", "西区3栋301", "3栋301"),
        ("甲座 101", "乙座101", "101"),
        ("三栋二单元", "三栋三单元", "十三栋二单元"),
        ("村口老槐树旁", "村尾老槐树旁"),
    ],
)
def test_another_room_has_another_key(rooms):
    for one, other in combinations(rooms, 2):
        assert address_key(one) != address_key(other)


def test_words_are_compared_however_they_are_spaced():
    assert address_key("东区 3 幢 301 室") == address_key("东区三栋301") == "东区-3-301"


@pytest.mark.parametrize("address", ["", "室", "——"])
def test_what_names_no_place_has_none(address):
    assert address_key(address) == ""


@pytest.mark.parametrize("address", ["1东" * 30, "㍿" * 60, "九" * 5000])
def test_a_key_never_outgrows_its_column(address):
    assert len(address_key(address)) == KEY_LENGTH
    assert {model._meta.get_field("address_key").max_length for model in (CheckIn, RosterEntry)} == {KEY_LENGTH}


def test_numerals_without_end_are_a_number_too():
    assert address_key("十" + "九" * 5000)
