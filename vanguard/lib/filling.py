"""Sentences with placeholders that are said, and filled, in the language of whoever reads them."""

from typing import Any

from django.utils.functional import Promise, lazy


def filled(words: str | Promise, **details: Any) -> str:
    """`words` with `details`, where a form is made before anybody's language is known."""
    return _filled(words, details)


_filled = lazy(lambda words, details: str(words) % details, str)
