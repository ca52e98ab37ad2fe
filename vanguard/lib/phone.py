"""Mobile phone numbers of mainland China, as typed by people."""

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

REAL = re.compile(r"1[3-9]\d{9}", re.ASCII)
LANDLINE = re.compile(r"0[1-9]\d{8,10}|[2-8]\d{6,7}", re.ASCII)  # with its area code, or as neighbours dial it
AREA_CODES = re.compile(r"(10|[2-9]\d)\d{8,9}", re.ASCII)  # after +86 the area code has lost its 0
ABROAD = re.compile(r"(\+|00)[1-9]\d{5,14}", re.ASCII)
FICTIONAL = re.compile(r"100\d{8}", re.ASCII)  # no network hands these out: demonstration people live here


def clean_phone(text: str) -> str:
    """The eleven digits in `text`; full-width digits, spaces, hyphens and +86 are forgiven, all else is refused.

    The code of the refusal says what it seems to be: `landline`, `abroad`, or any other mistake, `phone`.
    """
    typed = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    phone = re.sub(r"^(\+86|0086)", "", typed)
    if REAL.fullmatch(phone) or settings.FICTIONAL_PHONES and FICTIONAL.fullmatch(phone):
        return phone
    if LANDLINE.fullmatch(phone) or phone != typed and AREA_CODES.fullmatch(phone):
        raise ValidationError(_("This is a landline. Enter a mobile phone number of eleven digits."), code="landline")
    if ABROAD.fullmatch(phone):
        raise ValidationError(_("This number is from abroad. Enter one of mainland China."), code="abroad")
    raise ValidationError(_("Enter a mobile phone number of eleven digits, like 13800000001."), code="phone")


class PhoneField(forms.CharField):
    """A form field whose clean value is eleven digits; `error_messages` may say a refusal's code in other words."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Mobile phone"))
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel"}),
        )
        kwargs.setdefault("max_length", 24)
        super().__init__(**kwargs)

    def clean(self, value: str) -> str:
        value = super().clean(value)
        try:
            return clean_phone(value) if value else value
        except ValidationError as refused:
            if refused.code in self.error_messages:
                raise ValidationError(self.error_messages[refused.code], code=refused.code) from None
            raise
