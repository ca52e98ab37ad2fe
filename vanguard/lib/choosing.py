"""What a form's select offers, and which rows of a list were ticked."""

from collections.abc import Iterable
from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict


def offer(form: forms.BaseForm, name: str, rows: QuerySet, *, empty: Any = None) -> None:
    """Let the field `name` choose among `rows`; `empty` is the words of the choice of none, if there is one."""
    field = cast(forms.ModelChoiceField, form.fields[name])
    field.queryset = rows
    field.empty_label = empty


def one_of(choices: Iterable[str], asked: str | None, *, default: str = "") -> str:
    """What an address asks for, if it is one of the choices; else `default`."""
    return asked if asked in set(choices) and asked is not None else default


def key_in(text: str) -> int | None:
    """The key that an address or a form names; None for what could be no key."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 19 else None


def ticked(sent: QueryDict, name: str) -> list[int]:
    """The keys of the rows ticked in a list; what could be no key is passed over."""
    return [key for text in sent.getlist(name) if (key := key_in(text)) is not None]
