"""Addresses as people outside this server type or scan them."""

from django.conf import settings
from django.http import HttpRequest


def public_address(request: HttpRequest, path: str) -> str:
    """`path` of this site in full: under SITE_URL, which a printed poster needs, or else as this request came in."""
    if settings.SITE_URL:
        return settings.SITE_URL.rstrip("/") + path
    return request.build_absolute_uri(path)
