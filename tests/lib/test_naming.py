"""Names are written one way, rare characters and all."""

import pytest
from django.core.exceptions import ValidationError
from hypothesis import given
from hypothesis import strategies as st

from vanguard.lib.naming import clean_name


@pytest.mark.parametrize(
    ("typed", "name"),
    [
        ("张三", "张三"),
        ("张 三", "张三"),
        ("张　三", "张三"),
        ("  欧阳 修\t", "欧阳修"),
        ("龘䶮𠮷", "龘䶮𠮷"),
        ("𠮷 龘", "𠮷龘"),
        ("阿依古丽•买买提", "阿依古丽·买买提"),
        ("阿依古丽・买买提", "阿依古丽·买买提"),
        ("阿依古丽 . 买买提", "阿依古丽 . 买买提"),
        ("Ｌｉ Ｌｅｉ", "Li Lei"),
        ("Li  Lei", "Li Lei"),
        ("O'Neill-Li", "O'Neill-Li"),
        ("张\u200b三", "张三"),
        ("〇明", "〇明"),
    ],
)
def test_it_is_evened_and_taken(typed, name):
    assert clean_name(typed) == name
    assert clean_name(name) == name


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "   ",
        "\u200b",
        "张3",
        "=cmd|' /C calc'!A0",
        "-张三",
        "@张三",
        "+张三",
        "张三<b>",
        "张\x00三",
        "张三😀",
        "名" * 41,
    ],
)
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(ValidationError):
        clean_name(typed)


@given(st.text(max_size=60))
def test_whatever_is_typed_is_refused_or_settles_at_once(typed):
    try:
        name = clean_name(typed)
    except ValidationError:
        return
    assert clean_name(name) == name
    assert 0 < len(name) <= 40
