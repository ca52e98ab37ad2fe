"""What a form's select offers."""

from typing import Any, cast

from django import forms
from django.db.models import QuerySet


def offer(form: forms.BaseForm, name: str, rows: QuerySet, *, empty: Any = None) -> None:
    """Let the field `name` choose among `rows`; `empty` is the words of the choice of none, if there is one."""
    field = cast(forms.ModelChoiceField, form.fields[name])
    field.queryset = rows
    field.empty_label = empty
