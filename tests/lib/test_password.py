import pytest
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.utils import translation


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("zh-hans", "密码太短，至少要 8 个字符。"),
        ("en", "This password is too short: use at least 8 characters."),
    ],
)
def test_a_short_password_is_refused_in_the_readers_language(language, sentence):
    with translation.override(language), pytest.raises(ValidationError) as refused:
        validate_password("kz4!")
    assert sentence in refused.value.messages
