"""A page's one move that may be refused: done and said, or said why not."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from vanguard.lib.refused import Refused


def attempt(request: HttpRequest, act: Callable[[], Any], said: Any = "") -> bool:
    """Whether `act` was done; the next page says `said`, if anything, or the sentence of the refusal."""
    try:
        act()
    except Refused as refused:
        messages.error(request, refused.sentence)
        return False
    if said:
        messages.success(request, said)
    return True


def attempt_with(form: forms.BaseForm, act: Callable[[], Any]) -> bool:
    """Whether the form was filled in well and `act` was done; else the form says why not, and keeps what was typed."""
    if not form.is_valid():
        return False
    try:
        act()
    except Refused as refused:
        form.add_error(None, refused.sentence)
        return False
    return True
