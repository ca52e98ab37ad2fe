"""What every page of the administrator is held to, whatever its rows."""

from collections.abc import Callable

from django.db import connection
from django.db.models import Model
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse


def address(model: type[Model], page: str = "changelist", *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}", args=args)


def queries_of(client: Client, url: str, **query: str) -> int:
    with CaptureQueriesContext(connection) as queries:
        response = client.get(url, query)
    assert response.status_code == 200
    return len(queries)


def assert_list_costs_the_same(client: Client, model: type[Model], make: Callable[[], object]) -> None:
    """The list and a search in it answer, with as many queries for one row as for thirty."""
    make()
    client.get(address(model))  # fills the caches of content types and templates
    one = queries_of(client, address(model)), queries_of(client, address(model), q="1")
    for _ in range(29):
        make()
    assert (queries_of(client, address(model)), queries_of(client, address(model), q="1")) == one
    assert len(client.get(address(model)).context["cl"].result_list) >= 30


def assert_row_answers(client: Client, row: Model) -> None:
    assert client.get(address(type(row), "change", row.pk)).status_code == 200
    history = client.get(address(type(row), "history", row.pk), follow=True)
    assert history.status_code == 200


def assert_read_only(client: Client, row: Model) -> None:
    """No button, and no way around it."""
    page = client.get(address(type(row), "change", row.pk))
    assert 'name="_save"' not in page.content.decode()
    assert client.post(address(type(row), "change", row.pk), {}).status_code == 403
    assert client.get(address(type(row), "add")).status_code == 403
    assert client.post(address(type(row), "delete", row.pk), {"post": "yes"}).status_code == 403
    assert type(row)._default_manager.filter(pk=row.pk).exists()
