"""Mobile phone numbers of mainland China, as typed by people."""

import re
import unicodedata
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

REAL = re.compile(r"1[3-9]\d{9}", re.ASCII)
FICTIONAL = re.compile(r"100\d{8}", re.ASCII)  # no network hands these out: demonstration people live here


def clean_phone(text: str) -> str:
    """The eleven digits in `text`; full-width digits, spaces, hyphens and +86 are forgiven, all else is refused."""
    phone = re.sub(r"[\s\-()]", "", unicodedata.normalize("NFKC", text))
    phone = re.sub(r"^(\+86|0086)", "", phone)
    if REAL.fullmatch(phone) or settings.FICTIONAL_PHONES and FICTIONAL.fullmatch(phone):
        return phone
    raise ValidationError(_("Enter a mobile phone number of eleven digits, like 13800000001."), code="phone")


class PhoneField(forms.CharField):
    """A form field whose clean value is eleven digits."""

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
        return clean_phone(value) if value else value
