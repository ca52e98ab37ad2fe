import pytest
from django.core.exceptions import ValidationError

from vanguard.lib.phone import PhoneField, clean_phone


@pytest.mark.parametrize(
    "typed",
    [
        "13800000001",
        " 138 0000 0001 ",
        "138-0000-0001",
        "+86 138 0000 0001",
        "008613800000001",
        "１３８０００００００１",
        "＋８６－１３８－００００－０００１",
        "(138)00000001",
        "138\u30000000\u00a00001",
    ],
)
def test_it_forgives_how_people_type(typed):
    assert clean_phone(typed) == "13800000001"


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "1380000000",
        "138000000011",
        "12800000001",
        "一三八〇〇〇〇〇〇〇一",
        "13800000001;13800000002",
        "<script>13800000001</script>",
        "1380000000x",
        "+8613800000001 ext 2",
        "23800000001",
        "8613800000001",
        "1380000000\u0661",
        "138\u06600000\u0660\u0660\u0661",
        "13800000001\u0000",
    ],
)
def test_it_refuses_what_is_not_eleven_digits(typed):
    with pytest.raises(ValidationError):
        clean_phone(typed)


@pytest.mark.parametrize(
    ("typed", "code"),
    [
        ("0571-8888 0001", "landline"),
        ("010 88880001", "landline"),
        ("88880001", "landline"),
        ("+86 571 8888 0001", "landline"),
        ("+86 (0)571 88880001", "landline"),
        ("+44 20 7946 0000", "abroad"),
        ("00852 9123 0000", "abroad"),
        ("+1 (202) 555-0100", "abroad"),
        ("1380000000", "phone"),
        ("12345", "phone"),
        ("+86 138 0000 000", "phone"),
        ("", "phone"),
    ],
)
def test_it_says_what_the_number_seems_to_be(typed, code):
    with pytest.raises(ValidationError) as refused:
        clean_phone(typed)
    assert refused.value.code == code
    with pytest.raises(ValidationError) as said:
        PhoneField(error_messages={code: "Call us."}).clean(typed or "x")
    assert said.value.messages == ["Call us."]


def test_numbers_that_cannot_be_dialled_are_for_demonstrations_only(settings):
    assert clean_phone("10000000001") == "10000000001"
    settings.FICTIONAL_PHONES = False
    with pytest.raises(ValidationError):
        clean_phone("10000000001")
    assert clean_phone("13800000001") == "13800000001"


def test_the_field_asks_only_where_it_is_required():
    assert PhoneField(required=False).clean("") == ""
    with pytest.raises(ValidationError):
        PhoneField().clean("")
