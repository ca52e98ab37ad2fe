"""How long a unit's list of 5,000 lines takes to be checked and written, and whether that grows with the lines alone.

    DATABASE_URL=postgres://… python -m bench.roster_import

Prints one JSON line; exit code 1 when it takes longer than the limit, or when a line of the long list costs more than
one and a half times a line of one of 1,000. Of each list half is new, a third stands on the roster already and a sixth
has changed. A database named `bench_roster_import` is made on the server of DATABASE_URL (or, for SQLite, in memory)
and dropped again: what is there is not touched.
"""

import io
import json
import os
import sys
from pathlib import Path
from random import Random
from time import perf_counter

LIMIT_SECONDS = 20
RATIO_LIMIT = 1.5
SHORT, LONG = 1_000, 5_000
NAME = "bench_roster_import"


def seconds_in_a_new_database() -> dict[int, float]:
    """Migrate an empty database, then time both lists; what they wrote is counted before it is dropped."""
    from django.db import connection

    former = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = None if connection.vendor == "sqlite" else NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        seconds_to_import(SHORT)  # what is loaded and cached once is not the lists' cost
        return {lines: seconds_to_import(lines) for lines in (SHORT, LONG)}
    finally:
        connection.creation.destroy_test_db(former, verbosity=0)


def seconds_to_import(lines: int) -> float:
    """From the uploaded bytes to the written roster, in a unit of its own."""
    from accounts.actions.roster_checking import check_roster
    from accounts.actions.roster_import import apply_roster_import, upload_roster
    from accounts.actions.roster_writing import write_roster
    from accounts.models import RosterEntry, RosterImport

    officer = an_officer()
    unit = officer.organization
    rows = generated(lines)
    RosterEntry.objects.bulk_create(
        RosterEntry(unit=unit, name=name, phone=phone, address="" if n % 3 == 0 else address)
        for n, (name, phone, address) in enumerate(rows[: lines // 2])
    )
    content = workbook(rows)
    started = perf_counter()
    roster_import = upload_roster(unit, file_name="list.xlsx", content=content, by=officer)
    check_roster(roster_import.pk)
    roster_import = RosterImport.objects.get(pk=roster_import.pk)
    apply_roster_import(roster_import, remove_missing=True, by=officer)
    write_roster(roster_import.pk)
    seconds = perf_counter() - started
    written = RosterEntry.objects.current().filter(unit=unit).exclude(address="").count()
    assert (RosterImport.objects.get(pk=roster_import.pk).status, written) == ("APPLIED", lines)
    return seconds


def an_officer():
    """Who keeps the roster of a new unit in a new city."""
    from datetime import date

    from accounts.access import CLOCK, Actor
    from accounts.actions.appointment import appoint
    from accounts.actions.organization import add_organization
    from accounts.models import Organization, Role, User

    n = Organization.objects.count()
    city = add_organization(parent=None, kind=Organization.Kind.CITY, name=f"City {n}", code=f"C{n}", by=CLOCK)
    category = Organization.Category.CITY_ORGAN
    unit = add_organization(
        parent=city, kind=Organization.Kind.WORK_UNIT, category=category, name=f"Unit {n}", code=f"U{n}", by=CLOCK
    )
    user = User.objects.create(username=f"officer{n}", name="Officer")
    return Actor(user=user, appointment=appoint(user, unit, Role.UNIT_OFFICER, starts_on=date(2020, 1, 1), by=CLOCK))


def generated(lines: int) -> list[tuple[str, str, str]]:
    """Names, phones and rooms, the same ones from the same seed."""
    from flags.seeding.names import draw_name
    from flags.seeding.people import draw_address

    rng = Random(1)
    return [(draw_name(rng), f"138{n:08d}", draw_address(rng)) for n in range(lines)]


def workbook(rows: list[tuple[str, str, str]]) -> bytes:
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    for row in [("姓名", "手机号", "住址"), *rows]:
        sheet.append(row)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanguard.settings")
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DATABASE_POOL", "0")  # a pool would hold on to the database that is to be dropped
    import django
    from django.conf import settings

    django.setup()
    settings.DEBUG = False  # debug keeps every statement in memory
    seconds = seconds_in_a_new_database()
    growth = (seconds[LONG] / LONG) / (seconds[SHORT] / SHORT)
    result = {
        "name": f"roster_import {LONG} lines",
        "value": round(seconds[LONG], 2),
        "limit": LIMIT_SECONDS,
        "ratio": round(seconds[LONG] / LIMIT_SECONDS, 3),
        f"seconds for {SHORT}": round(seconds[SHORT], 2),
        "time a line, long to short": round(growth, 2),
        "target": f"at most {LIMIT_SECONDS} s, and a line at most {RATIO_LIMIT} times as long as in a list of {SHORT}",
        "ok": seconds[LONG] <= LIMIT_SECONDS and growth <= RATIO_LIMIT,
    }
    print(json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
