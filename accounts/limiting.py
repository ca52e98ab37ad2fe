"""How often a visitor may try: allauth's counter, which log-in has too, with the limits of ACCOUNT_RATE_LIMITS.

It counts in the cache, by the visitor's address (TRUSTED_PROXIES) or by `key`, whichever the limit names.
"""

from allauth.core import ratelimit
from django.http import HttpRequest


def count_try(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Count one more; False where it is one too many."""
    return ratelimit.consume(request, action=action, key=key or None)


def may_try(request: HttpRequest, action: str, *, key: str = "") -> bool:
    """Whether one more would be allowed, without counting it."""
    return ratelimit.consume(request, action=action, key=key or None, dry_run=True)
