"""A city a hundred times as large, made by copying the rows that a report reads: 1.1 million members, 8 million flags."""

from typing import Any

TIMES = 100
# As the plain statement is fastest; the platform's own is asked with the same.
SETTINGS = ("work_mem = '256MB'", "jit = off", "max_parallel_workers_per_gather = 0")
LIMITS = (1.5, None)  # of reading; how long writing takes is said beside it

KEYS = {
    "accounts_user": ["id"],
    "accounts_member": ["id", "user_id"],
    "accounts_unitmembership": ["id", "member_id", "unit_id"],
    "flags_flagaward": ["id", "member_id", "unit_id"],
}
# What is unique of each person, in the n-th copy.
OWN = {
    "username": "username || '-' || n",
    "phone": "NULL",
    "number": "to_hex(id + n * {step})",
}
LOOSE = {"claim_id", "log_id", "suggestion_id", "matter_id", "entry_id", "by_user_id", "by_appointment_id", "home_id"}


def multiply() -> None:
    """Copy units, people, memberships and awards; what the awards stand for is left behind, no report reads it."""
    from django.db import connection

    from accounts.models import Organization

    with connection.cursor() as cursor:
        cursor.execute("SELECT GREATEST(MAX(id), 1000000) FROM flags_flagaward")
        step = cursor.fetchone()[0] + 1
        cursor.execute("SET session_replication_role = replica")  # the copies point to copies: nothing to be checked
        units = Organization.Kind.WORK_UNIT
        copy(cursor, "accounts_organization", ["id"], step, where=f"kind = '{units}'", own=organization(step))
        for table, keys in KEYS.items():
            copy(cursor, table, keys, step)
        cursor.execute("SET session_replication_role = DEFAULT")
        cursor.execute("VACUUM ANALYZE")


def organization(step: int) -> dict[str, str]:
    """A unit of the same city, under a key and a path of its own."""
    city = "(SELECT path FROM accounts_organization city WHERE city.id = source.parent_id)"
    return {"code": "code || '-' || n", "name": "name || n", "path": f"{city} || (id + n * {step}) || '/'"}


def copy(
    cursor: Any, table: str, keys: list[str], step: int, *, where: str = "true", own: dict[str, str] | None = None
) -> None:
    cursor.execute(
        "SELECT column_name FROM information_schema.columns WHERE table_name = %s ORDER BY ordinal_position", [table]
    )
    columns = [name for (name,) in cursor.fetchall()]
    told = own if own is not None else {name: text.format(step=step) for name, text in OWN.items()}
    values = []
    for column in columns:
        if column in keys:
            values.append(f"{column} + n * {step}")
        elif column in told:
            values.append(told[column])
        else:
            values.append("NULL" if column in LOOSE else column)
    cursor.execute(
        f"INSERT INTO {table} ({', '.join(columns)}) SELECT {', '.join(values)} "
        f"FROM {table} source, generate_series(1, {TIMES - 1}) n WHERE {where}"
    )
