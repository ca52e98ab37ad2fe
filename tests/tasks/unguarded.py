"""Guards taken out, for the control of a race: without its guard it has to go wrong, or it would show nothing."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from django.db import connection

from tasks.actions import claim as claim_actions
from tasks.models import Claim, Shift
from vanguard.lib import guards


@contextmanager
def without_constraint(table: str, name: str) -> Iterator[None]:
    """The table without that constraint, which is put back the same once the rows that it would refuse are gone."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = %s", [name])
        (definition,) = cursor.fetchone()
        cursor.execute(f'ALTER TABLE "{table}" DROP CONSTRAINT "{name}"')
    try:
        yield
    finally:
        Claim.objects.all().delete()
        Shift.objects.update(taken=0)
        with connection.cursor() as cursor:
            cursor.execute(f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" {definition}')


@contextmanager
def without_index(name: str) -> Iterator[None]:
    """The table without that unique index, which is put back the same."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT indexdef FROM pg_indexes WHERE indexname = %s", [name])
        (definition,) = cursor.fetchone()
        cursor.execute(f'DROP INDEX "{name}"')
    try:
        yield
    finally:
        Claim.objects.all().delete()
        with connection.cursor() as cursor:
            cursor.execute(definition)


@contextmanager
def without_the_locks(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setattr("django.db.models.query.QuerySet.select_for_update", lambda rows, **_: rows)
        yield


def without_the_statement(monkeypatch: pytest.MonkeyPatch) -> None:
    """Step by step, as on SQLite and as for all that is no plain place."""
    monkeypatch.setattr(claim_actions, "claim_in_one_statement", lambda *_, **__: None)


@contextmanager
def statement_without(*parts: str) -> Iterator[None]:
    """The function of the one statement without these parts, and so slow that all look, and count, before any writes."""
    create = guards.GUARDS["vanguard_claim"].create
    slow = create.replace("    UPDATE tasks_shift", "    PERFORM pg_sleep(0.2);\n    UPDATE tasks_shift")
    slow = slow.replace("    INSERT INTO tasks_claim", "    PERFORM pg_sleep(0.1);\n    INSERT INTO tasks_claim")
    for part in parts:
        assert part in slow
        slow = slow.replace(part, "")
    with connection.cursor() as cursor:
        cursor.execute(slow)
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(create)
