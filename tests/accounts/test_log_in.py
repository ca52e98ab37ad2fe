"""Log-in: attempts are limited for each visitor, and nobody's limit is another one's."""

import pytest
from django.test import Client
from django.urls import reverse

pytestmark = pytest.mark.django_db

REFUSED = 429


def attempt(address: str) -> int:
    """A wrong password from behind the proxy; what the forger wrote stands left of what the proxy saw."""
    form = {"login": "10000000001", "password": "not this one"}
    forwarded = {"x-forwarded-for": f"203.0.113.99, {address}"}
    return Client().post(reverse("account_login"), form, headers=forwarded).status_code


def test_who_tries_too_often_behind_a_proxy_locks_out_nobody_else(settings):
    settings.ALLAUTH_TRUSTED_PROXY_COUNT = 1
    tried = [attempt("198.51.100.1") for _ in range(40)]
    assert (tried[0], tried[-1]) == (200, REFUSED)
    assert attempt("198.51.100.2") == 200
