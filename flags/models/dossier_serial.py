"""The number that stands on a sealed dossier: who guesses or mistypes one is told so before the database is asked."""

import re
import secrets
from collections.abc import Iterator
from unicodedata import normalize

from django.conf import settings
from django.utils.crypto import constant_time_compare, salted_hmac

from tasks.models.wish import READABLE

DRAWN = 8
SIGNED = 4
SHAPE = re.compile(rf"(20\d\d)([{READABLE}]{{{DRAWN}}})([{READABLE}]{{{SIGNED}}})")
BETWEEN = re.compile(r"[\s\-‐-―－]+")


def new_serial(year: int) -> str:
    """2025-7KQF-3MWX-R9TZ: the year, eight characters drawn at random and four that follow from these and our key."""
    drawn = "".join(secrets.choice(READABLE) for _ in range(DRAWN))
    return _in_groups(f"{year}{drawn}{_signature(f'{year}{drawn}', settings.SECRET_KEY)}")


def read_serial(typed: str) -> str:
    """The number as it is kept, however it was typed; empty for what this platform has never given out."""
    plain = BETWEEN.sub("", normalize("NFKC", typed)).upper()
    found = SHAPE.fullmatch(plain)
    if not found:
        return ""
    year, drawn, signature = found.groups()
    signed = any(constant_time_compare(signature, _signature(year + drawn, key)) for key in _keys())
    return _in_groups(plain) if signed else ""


def _in_groups(plain: str) -> str:
    return "-".join(plain[start : start + 4] for start in range(0, len(plain), 4))


def _signature(body: str, key: str) -> str:
    signed = salted_hmac("dossier serial", body, secret=key, algorithm="sha256").digest()
    return "".join(READABLE[byte % len(READABLE)] for byte in signed[:SIGNED])


def _keys() -> Iterator[str]:
    """Paper lasts longer than a key: numbers signed with an earlier one stay good while it is named as a fallback."""
    yield settings.SECRET_KEY
    yield from settings.SECRET_KEY_FALLBACKS
