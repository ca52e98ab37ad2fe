import pytest

from vanguard.lib.masking import mask_name, mask_phone


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("张小明", "张*明"),
        ("张明", "张*"),
        ("张", "*"),
        ("", ""),
        ("   ", ""),
        (" 张明 ", "张*"),
        ("欧阳小小明", "欧*明"),
        ("龘䶮", "龘*"),
        ("𠮷田明", "𠮷*明"),
    ],
)
def test_it_keeps_the_first_and_the_last_character(name, masked):
    assert mask_name(name) == masked


@pytest.mark.parametrize("name", ["张明", "张小明", "买买提·阿不都热合曼"])
def test_it_says_nothing_about_how_long_a_name_is_beyond_three(name):
    assert len(mask_name(name)) <= 3


@pytest.mark.parametrize(
    ("phone", "masked"),
    [("13800000001", "138****0001"), ("12345678", "123****5678"), ("1234567", "****"), ("", "****")],
)
def test_it_hides_the_middle_of_a_phone(phone, masked):
    assert mask_phone(phone) == masked
