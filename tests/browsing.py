"""A person in front of the pages: log in under a hat, read what is on the screen."""

from html import unescape
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import TextChoices
from django.test import Client
from django.test.utils import CaptureQueriesContext

from accounts.access import Actor


def browser_of(actor: Actor) -> Client:
    """A browser in which that person is logged in and wears that hat."""
    client = Client()
    client.force_login(actor.user)
    session = client.session
    session["hat"] = f"appointment-{actor.appointment.pk}" if actor.appointment else "member"
    session.save()
    return client


def in_english(actor: Actor) -> Client:
    """The same, for pages whose sentences a test reads."""
    client = browser_of(actor)
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    return client


def screen(response: Any) -> str:
    """What the page says, with entities read as a browser reads them."""
    assert response.status_code == 200, (response.status_code, response.headers.get("Location"))
    return unescape(response.content.decode())


def sentence(reason: TextChoices, **details: Any) -> str:
    """The sentence of a refusal, in the language of the page."""
    return str(reason.label) % details


def queries_of(client: Client, url: str) -> int:
    """How many queries a page costs; asked once before, so that what is cached for all is not counted."""
    client.get(url)
    with CaptureQueriesContext(connection) as queries:
        screen(client.get(url))
    return len(queries)
