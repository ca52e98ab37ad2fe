"""Append-only tables are refused by the database itself: whoever writes SQL gets no further than the ORM does."""

import pytest
from django.contrib.contenttypes.models import ContentType
from django.core.management import call_command
from django.core.management.base import SystemCheckError
from django.db import DatabaseError, connection, transaction

from accounts.models import Record, User
from vanguard.lib import guards

pytestmark = pytest.mark.django_db

APPEND_ONLY = ["accounts_record", "flags_flagaward"]
on_postgresql = pytest.mark.skipif("postgresql" not in connection.vendor, reason="SQLite has no TRUNCATE")
only_sqlite = pytest.mark.skipif("sqlite" not in connection.vendor, reason="PostgreSQL has no REPLACE")
only_postgresql = pytest.mark.skipif("postgresql" not in connection.vendor, reason="SQLite has no functions of its own")


def new_record() -> Record:
    return Record.objects.create(subject_type=ContentType.objects.get_for_model(User), subject_id=1, verb="moved")


def run(sql: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(sql)


def refused(write) -> None:
    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic():
        write()


def drop_first_guard(table: str) -> guards.Guard:
    guard = next(g for g in guards.GUARDS.values() if g.table == table and g.vendor == connection.vendor)
    run(guard.drop)
    return guard


def test_a_row_is_added():
    record = new_record()
    assert Record.objects.get() == record


def test_saving_a_changed_row_is_refused():
    record = new_record()
    record.verb = "tampered"
    refused(record.save)
    assert Record.objects.get().verb == "moved"


def test_updating_a_queryset_is_refused():
    new_record()
    refused(lambda: Record.objects.update(verb="tampered"))


def test_bulk_update_is_refused():
    record = new_record()
    record.verb = "tampered"
    refused(lambda: Record.objects.bulk_update([record], ["verb"]))


def test_deleting_a_row_is_refused():
    refused(new_record().delete)
    assert Record.objects.count() == 1


def test_deleting_a_queryset_is_refused():
    new_record()
    refused(Record.objects.all().delete)


def test_raw_sql_is_refused():
    new_record()
    refused(lambda: run("UPDATE accounts_record SET verb = 'tampered'"))
    refused(lambda: run("DELETE FROM accounts_record"))


@only_sqlite
def test_replacing_a_row_is_refused():
    new_record()
    columns = [field.column for field in Record._meta.concrete_fields]
    tampered = ("'tampered'" if column == "verb" else column for column in columns)
    replace = f"REPLACE INTO accounts_record ({', '.join(columns)}) SELECT {', '.join(tampered)} FROM accounts_record"
    refused(lambda: run(replace))


@on_postgresql
@pytest.mark.parametrize("table", APPEND_ONLY)
def test_truncating_is_refused_even_when_empty(table):
    refused(lambda: run(f'TRUNCATE "{table}" CASCADE'))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_every_ledger_is_guarded(table):
    guarded = {guard.table for guard in guards.GUARDS.values() if guard.vendor == connection.vendor}
    assert table in guarded
    assert guards.missing() == []


def test_control_without_its_trigger_a_row_can_be_changed():
    new_record()
    with guards.lifted():
        assert Record.objects.update(verb="tampered") == 1
    refused(lambda: Record.objects.update(verb="moved"))


@pytest.mark.parametrize("table", APPEND_ONLY)
def test_check_names_a_dropped_guard(table):
    guard = drop_first_guard(table)
    with pytest.raises(SystemCheckError, match=guard.name):
        call_command("check")


def test_check_says_so_after_a_bad_restore():
    """A table that is written anew from a copy of its rows alone has none of its triggers."""
    table = "flags_flagaward"
    with connection.cursor() as cursor, transaction.atomic():
        cursor.execute("CREATE TABLE restored AS SELECT * FROM flags_flagaward")
        cascade = "CASCADE" if connection.vendor == "postgresql" else ""
        cursor.execute(f"DROP TABLE {table} {cascade}")
        cursor.execute(f"ALTER TABLE restored RENAME TO {table}")
        said = guards.guards_are_in_place()
        missing = {message.msg for message in said}
        transaction.set_rollback(True)
    names = {
        guard.name for guard in guards.GUARDS.values() if guard.vendor == connection.vendor and guard.table == table
    }
    triggers = {name for name in names if not name.startswith("vanguard_")}
    assert triggers
    assert all(any(name in message for message in missing) for name in triggers)


def test_migrate_puts_a_dropped_guard_back():
    drop_first_guard("accounts_record")
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    refused(new_record().delete)


@only_postgresql
@pytest.mark.parametrize("how", ["DISABLE TRIGGER", "ENABLE REPLICA TRIGGER"])
def test_migrate_puts_a_guard_back_that_was_switched_off(how):
    """As a restore leaves it that has switched off the triggers and was broken off."""
    run(f"ALTER TABLE accounts_record {how} accounts_record_no_change")
    assert [guard.name for guard in guards.missing()] == ["accounts_record_no_change"]
    call_command("migrate", verbosity=0)
    assert guards.missing() == []
    refused(new_record().delete)


def test_migrate_is_not_stopped_by_the_guard_that_it_is_about_to_install(capsys):
    """As an update meets a database that has no such guard yet."""
    guard = drop_first_guard("accounts_record")
    call_command("migrate", verbosity=0, skip_checks=False)
    assert guard.name in capsys.readouterr().err
    assert guards.missing() == []


@only_postgresql
def test_a_function_is_a_guard_that_check_names_and_migrate_puts_back():
    run("DROP FUNCTION vanguard_claim")
    with pytest.raises(SystemCheckError, match="vanguard_claim"):
        call_command("check")
    call_command("migrate", verbosity=0)
    assert guards.missing() == []


@only_postgresql
def test_a_function_of_an_earlier_release_is_missing_and_replaced():
    guard = guards.GUARDS["vanguard_claim"]
    run(guard.create.replace("BEGIN", "BEGIN RETURN;", 1))
    assert [absent.name for absent in guards.missing()] == ["vanguard_claim"]
    guards.install()
    assert guards.missing() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("_time", ["first", "second"])
def test_a_test_with_real_transactions_starts_empty_and_guarded(_time):
    assert not Record.objects.exists()
    new_record()
    refused(Record.objects.all().delete)
