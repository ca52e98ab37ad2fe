from datetime import timedelta

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.jobs import beat
from accounts.models import Beat
from vanguard import health

pytestmark = pytest.mark.django_db


def answer() -> tuple[int, dict[str, str]]:
    response = Client().get(reverse("healthz"))
    return response.status_code, response.json()


def test_it_is_well_with_a_fresh_beat():
    beat()
    assert answer() == (200, {"web": "ok", "database": "ok", "cache": "ok", "worker": "ok"})


def test_it_answers_json_to_a_browser_too():
    response = Client().get(reverse("healthz"), headers={"accept": "text/html"})
    assert response.headers["Content-Type"] == "application/json"
    assert "no-store" in response.headers["Cache-Control"]


def test_no_beat_is_a_missing_worker():
    assert answer() == (
        503,
        {"web": "ok", "database": "ok", "cache": "ok", "worker": "unavailable: no beat yet"},
    )


def test_an_old_beat_is_a_missing_worker():
    beat()
    Beat.objects.update(at=timezone.now() - health.ALIVE_FOR - timedelta(seconds=1))
    status, parts = answer()
    assert status == 503
    assert parts["worker"].startswith("unavailable: no beat since ")


def test_a_beat_of_another_job_does_not_count():
    Beat.objects.create(job="chase", period="2026-11-24")
    assert answer()[1]["worker"] == "unavailable: no beat yet"


def test_a_cache_that_cannot_be_reached_fails(settings):
    beat()
    settings.CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": "redis://127.0.0.1:1/0",
        }
    }
    status, parts = answer()
    settings.CACHES = {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}
    assert status == 503
    assert parts == {"web": "ok", "database": "ok", "cache": "unexpected result: connection error", "worker": "ok"}


def test_a_database_that_refuses_fails_and_hides_the_worker(monkeypatch):
    def refuse(*args, **kwargs):
        raise OperationalError("connection refused: secret details")

    monkeypatch.setattr("django.db.backends.base.base.BaseDatabaseWrapper.temporary_connection", refuse)
    status, parts = answer()
    assert status == 503
    assert parts["database"] == "unavailable: connection refused"
    assert parts["worker"] == "unavailable: cannot tell without the database"
