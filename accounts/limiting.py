"""How often a visitor may try: allauth's counter, which log-in has too, with the limits of ACCOUNT_RATE_LIMITS.

It counts in the cache, by the visitor's address (TRUSTED_PROXIES) or by `key`, whichever the limit names.
"""

from allauth.core import ratelimit
from allauth.core.internal.ratelimit import consume
from django.http import HttpRequest


def count_try(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Count one more; False where it is one too many."""
    return ratelimit.consume(request, action=action, key=key or None)


def may_try(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Whether one more would be allowed, without counting it."""
    return ratelimit.consume(request, action=action, key=key or None, dry_run=True)


def count_reading(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """As `count_try`, of what is only read: allauth's outer door counts no GET."""
    usage = consume(request, app="allauth.account", action=action, key=key or None, limit_get=True)
    return usage is not None


def may_read(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """As `may_try`, of what is only read."""
    usage = consume(request, app="allauth.account", action=action, key=key or None, limit_get=True, dry_run=True)
    return usage is not None
