"""What the database itself refuses and does: append-only tables and rows that are kept; on PostgreSQL overlapping
claims, and functions.

Apps name their guards in `AppConfig.ready`; every migrate installs them again, because SQLite drops a table's
triggers silently when it remakes the table. `manage.py check` says which are missing.
"""

import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.core import checks
from django.db import DatabaseError, connections, transaction

REFUSE_FUNCTION = """
CREATE OR REPLACE FUNCTION vanguard_refuse() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '% is append-only', TG_TABLE_NAME USING ERRCODE = 'restrict_violation'; END $$
"""


@dataclass(frozen=True)
class Guard:
    """A trigger, constraint or function that one kind of database has on one table; of a function also its `body`."""

    name: str
    table: str
    vendor: str
    create: str
    drop: str
    body: str = ""


GUARDS: dict[str, Guard] = {}


def append_only(table: str) -> None:
    """Rows of `table` may be added, never changed, deleted or (where the database knows it) truncated."""
    for verb in ("UPDATE", "DELETE"):
        name = f"{table}_no_{verb.lower()}"
        _add(
            name,
            table,
            "sqlite",
            f'CREATE TRIGGER "{name}" BEFORE {verb} ON "{table}" '
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            f'DROP TRIGGER IF EXISTS "{name}"',
        )
    for verbs, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
        name = f"{table}_no_{'truncate' if verbs == 'TRUNCATE' else 'change'}"
        _add(
            name,
            table,
            "postgresql",
            f'CREATE TRIGGER "{name}" BEFORE {verbs} ON "{table}" FOR EACH {each} EXECUTE FUNCTION vanguard_refuse()',
            f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
        )


def refused_where(table: str, condition: str, *, name: str, because: str) -> None:
    """No row of `table` is written, changed or deleted for which `condition`, of the alias `line`, holds before or after.

    For whole statements on PostgreSQL, so that many rows cost one look; row by row on SQLite, which knows no other way.
    """
    for verb, sides in (("INSERT", ("NEW",)), ("UPDATE", ("OLD", "NEW")), ("DELETE", ("OLD",))):
        trigger = f"{name}_{verb.lower()}"
        holds = [re.sub(r"\bline\.", f"{side}.", condition) for side in sides]
        _add(
            f"{trigger}_row",
            table,
            "sqlite",
            f'CREATE TRIGGER "{trigger}_row" BEFORE {verb} ON "{table}" WHEN ({") OR (".join(holds)}) '
            f"BEGIN SELECT RAISE(ABORT, '{because}'); END",
            f'DROP TRIGGER IF EXISTS "{trigger}_row"',
        )
        lines = " UNION ALL ".join(f"SELECT * FROM {side.lower()}_lines" for side in sides)
        body = (
            f" BEGIN IF EXISTS (SELECT 1 FROM ({lines}) line WHERE {condition}) THEN "
            f"RAISE EXCEPTION '{because}' USING ERRCODE = 'restrict_violation'; END IF; RETURN NULL; END "
        )
        function(
            f"vanguard_{trigger}",
            table=table,
            create=f"CREATE OR REPLACE FUNCTION vanguard_{trigger}() RETURNS trigger LANGUAGE plpgsql AS $${body}$$",
        )
        tables = " ".join(f"{side} TABLE AS {side.lower()}_lines" for side in sides)
        _add(
            trigger,
            table,
            "postgresql",
            f'CREATE TRIGGER "{trigger}" AFTER {verb} ON "{table}" REFERENCING {tables} '
            f"FOR EACH STATEMENT EXECUTE FUNCTION vanguard_{trigger}()",
            f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"',
        )
    _never_truncated(table, f"{table}_no_truncate")


def kept_as_it_is(
    table: str, columns: Iterable[str], *, status: str, free: str, last: str, name: str, because: str
) -> None:
    """A row whose `status` is no longer `free` is never deleted, and nothing of it changes but the status itself.

    That goes to `last` alone and stays there. `columns` are all the others.
    """
    changed = " OR ".join(f"NEW.{column} IS DISTINCT FROM OLD.{column}" for column in columns)
    for verb, more in (("UPDATE", f" AND (NEW.{status} NOT IN (OLD.{status}, '{last}') OR {changed})"), ("DELETE", "")):
        trigger = f"{name}_{verb.lower()}"
        when = f"OLD.{status} <> '{free}'{more}"
        sqlite = when.replace("IS DISTINCT FROM", "IS NOT")
        _add(
            f"{trigger}_row",
            table,
            "sqlite",
            f'CREATE TRIGGER "{trigger}_row" BEFORE {verb} ON "{table}" WHEN {sqlite} '
            f"BEGIN SELECT RAISE(ABORT, '{because}'); END",
            f'DROP TRIGGER IF EXISTS "{trigger}_row"',
        )
        _add(
            trigger,
            table,
            "postgresql",
            f'CREATE TRIGGER "{trigger}" BEFORE {verb} ON "{table}" FOR EACH ROW WHEN ({when}) '
            "EXECUTE FUNCTION vanguard_refuse()",
            f'DROP TRIGGER IF EXISTS "{trigger}" ON "{table}"',
        )
    _never_truncated(table, f"{table}_no_truncate")


def _never_truncated(table: str, name: str) -> None:
    _add(
        name,
        table,
        "postgresql",
        f'CREATE TRIGGER "{name}" BEFORE TRUNCATE ON "{table}" FOR EACH STATEMENT EXECUTE FUNCTION vanguard_refuse()',
        f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
    )


def never_overlapping(table: str, *, name: str, owner: str, starts: str, ends: str, where: str) -> None:
    """No two rows of one owner overlap in time; where SQLite lacks this, the action checks in its transaction."""
    _add(
        name,
        table,
        "postgresql",
        f'ALTER TABLE "{table}" ADD CONSTRAINT "{name}" EXCLUDE USING gist '
        f"(int8range({owner}, {owner}, '[]') WITH &&, tstzrange({starts}, {ends}) WITH &&) WHERE ({where})",
        f'ALTER TABLE "{table}" DROP CONSTRAINT IF EXISTS "{name}"',
    )


def function(name: str, *, table: str, create: str) -> None:
    """What PostgreSQL itself does on `table`; missing also where it is there as an earlier release had it."""
    _, body, _ = create.split("$$")
    _add(name, table, "postgresql", create, f"DROP FUNCTION IF EXISTS {name}", body)


def trigger(name: str, *, table: str, create: str) -> None:
    """What PostgreSQL refuses of `table` besides; its function stands before it among the guards."""
    _add(name, table, "postgresql", create, f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"')


def _add(name: str, table: str, vendor: str, create: str, drop: str, body: str = "") -> None:
    GUARDS[name] = Guard(name, table, vendor, create, drop, body)


def install(using: str = "default") -> None:
    """Put in place every guard that its table lacks; safe to run again."""
    connection = connections[using]
    absent = missing(using)
    with transaction.atomic(using), connection.cursor() as cursor:
        if absent and connection.vendor == "postgresql":
            cursor.execute(REFUSE_FUNCTION)
        for guard in absent:
            if not guard.body:  # a trigger that was switched off is still there; a function is replaced as it stands
                cursor.execute(guard.drop)
            cursor.execute(guard.create)


def missing(using: str = "default") -> list[Guard]:
    """The guards that the tables of this database should have and have not."""
    connection = connections[using]
    tables = set(connection.introspection.table_names())
    present = _present(connection)
    return [
        guard
        for guard in GUARDS.values()
        if guard.vendor == connection.vendor and guard.table in tables and present.get(guard.name) != guard.body
    ]


@contextmanager
def lifted(using: str = "default") -> Iterator[None]:
    """Without the triggers, for what must empty a table (a test's flush). The only place that lifts them."""
    connection = connections[using]
    with connection.cursor() as cursor:
        for guard in GUARDS.values():
            if guard.vendor == connection.vendor and guard.drop.startswith("DROP TRIGGER"):
                cursor.execute(guard.drop)
    try:
        yield
    finally:
        install(using)


def _present(connection: Any) -> dict[str, str]:
    """The names of what there is; a function's with its body."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name, '' FROM sqlite_master WHERE type = 'trigger'")
        else:
            cursor.execute(
                "SELECT tgname, '' FROM pg_trigger WHERE NOT tgisinternal AND tgenabled IN ('O', 'A') "
                "UNION SELECT conname, '' FROM pg_constraint WHERE contype = 'x' "
                "UNION SELECT proname, prosrc FROM pg_proc WHERE proname LIKE 'vanguard%'"
            )
        return dict(cursor.fetchall())


def install_after_migrate(*, using: str, **_: Any) -> None:
    install(using)


@checks.register("guards")
def guards_are_in_place(*, databases: Any = None, **_: Any) -> list[checks.CheckMessage]:
    """An error for each missing guard; silent while there is no database or it has not been migrated.

    Asked about databases, as migrate asks, a warning: it is about to install them, and an error would stop it.
    """
    try:
        absent = missing()
    except (DatabaseError, OSError):
        return []
    level = checks.Warning if databases else checks.Error
    return [
        level(
            f"The database does not guard {guard.table}: {guard.name} is missing.",
            hint="Run `manage.py migrate`; it installs the guards again.",
            id="vanguard.E001",
        )
        for guard in absent
    ]
