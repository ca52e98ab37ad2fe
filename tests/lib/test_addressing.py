"""Two ways to write one room are one room."""

import pytest

from vanguard.lib.addressing import address_key


@pytest.mark.parametrize(
    "address", ["3 幢 2 单元 301", "3幢2单元301室", "３－２－３０１", "3-2-301", "3栋2单元 301 室"]
)
def test_they_have_one_key(address):
    assert address_key(address) == "3-2-301"


def test_another_room_has_another_key():
    assert len({address_key(text) for text in ("3-2-301", "32-301", "3-2-302", "A座301", "B座301")}) == 5


@pytest.mark.parametrize("address", ["", "村口老槐树旁", "——"])
def test_without_letters_and_digits_there_is_none(address):
    assert address_key(address) == ""
