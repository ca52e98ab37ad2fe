"""What a year costs: the units' reports, confirming, the member's wall and the unit's dashboard.

    make bench-report
    LONG=1 make bench-report        also at 1.1 million members and 8 million flags, which takes long

Fills two cities with `seed_city` on a PostgreSQL of its own, one of 11,000 members and one a tenth of it. Prints one
JSON line for each figure, all of the same run and each a ratio within it, so that the machine's speed cancels out;
exit code 1 when one is not as it should be. What is compared is asked in turn, and the medians count.
"""

import json
import os
import statistics
import sys
from collections.abc import Callable
from datetime import date
from time import perf_counter
from typing import Any

from bench.grab import MEMORY, at_most
from servers import postgres, site
from servers.children import Children, stop_on_signal
from servers.port import LOOPBACK

YEAR = date.today().year - 1
CITIES = {"small": (1_100, 8_000), "whole": (11_000, 80_000)}  # members and flags; the last one stays connected
SEED = 1
ROUNDS = 7
MINIMUM = 5


def main() -> int:
    stop_on_signal()
    with postgres.short_directory(within=MEMORY) as directory, Children(logs=directory) as children:
        url = postgres.start(children, directory / "data", directory / "sockets")
        env = site.environment(
            directory / "var",
            0,
            DEMO="0",
            DJANGO_SETTINGS_MODULE="vanguard.settings",
            SECRET_KEY="only-for-the-benchmark",
            ALLOWED_HOSTS=LOOPBACK,
            FICTIONAL_PHONES="1",
            STATIC_MANIFEST="1",
            DATABASE_URL=url,
            DATABASE_POOL="0",
            REDIS_URL="",
            EMAIL_URL="dummymail://",
        )
        site.collect_static(env)
        os.environ.update(env)
        import django

        django.setup()
        results = figures(str(directory / "sockets"))
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["ok"] for result in results) else 1


def figures(host: str) -> list[dict[str, Any]]:
    from bench import confirming, pages

    for name, (members, flags) in CITIES.items():
        fill(name, members, flags)
    results = [*of_pages(pages.Pages(YEAR)), *reports(host, "whole", ROUNDS), *confirming.figures()]
    if os.environ.get("LONG"):
        from bench import province

        fill("province", *CITIES["whole"])
        province.multiply()
        results += reports(host, "province", 3, settings=province.SETTINGS, limits=province.LIMITS)
    return results


def connect(name: str) -> None:
    """From now on the platform stands on another database of this server."""
    from django.db import connection

    connection.close()
    connection.settings_dict["NAME"] = name


def fill(name: str, members: int, flags: int) -> None:
    """A database of this name with a city of this size."""
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection

    from flags.seeding.sized_city import seed_city

    connect(postgres.SUPERUSER)
    with connection.cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}"')
    connect(name)
    call_command("migrate", verbosity=0)
    seed_city(members=members, flags=flags, year=YEAR, seed=SEED)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
    cache.clear()


def of_pages(pages: Any) -> list[dict[str, Any]]:
    """Each page in both cities in turn: how many queries it takes, and whether ten times the data make it slower."""
    for name in CITIES:
        connect(name)
        pages.meet(name)
    for _ in range(ROUNDS):
        for name in CITIES:
            connect(name)
            pages.open_all(name)
    return pages.figures()


def reports(
    host: str,
    name: str,
    rounds: int,
    *,
    settings: tuple[str, ...] = (),
    limits: tuple[float, float | None] = (2.0, 6.0),
) -> list[dict[str, Any]]:
    """The reports of all units, read and built, to the plain statement; and one unit's to all of them."""
    import psycopg
    from django.db import connection

    from accounts.models import Organization
    from bench.plain_report import as_plain, plain_answer
    from flags.queries.compliance import compliance_rows

    connect(name)
    city = Organization.objects.get(kind=Organization.Kind.CITY)
    unit = Organization.objects.units().order_by("code")[0]
    with psycopg.connect(host=host, user=postgres.SUPERUSER, dbname=name, autocommit=True) as plain:
        for setting in settings:
            plain.execute(f"SET {setting}")
        with connection.cursor() as cursor:
            for setting in settings:
                cursor.execute(f"SET {setting}")
        expected = plain_answer(plain, year=YEAR, minimum=MINIMUM)
        assert [as_plain(row) for row in compliance_rows(city.path, YEAR)] == expected, "the two answers differ"
        del expected
        asks: dict[str, Callable[[], Any]] = {
            "plain": lambda: plain_answer(plain, year=YEAR, minimum=MINIMUM),
            "read": lambda: compliance_rows(city.path, YEAR),
            "first": lambda: build(city),
            "all": lambda: build(city),
            "one": lambda: build(unit),
        }
        times: dict[str, list[float]] = {ask: [] for ask in asks}
        for _ in range(rounds):
            for ask, answer in asks.items():
                if ask == "first":
                    forget_drafts()
                times[ask].append(seconds(answer))
    took = {ask: statistics.median(each) for ask, each in times.items()}
    reading, writing = limits
    lines = [at_most(f"{name}: seconds to read all units' report, to plain SQL", took["read"], took["plain"], reading)]
    for ask, words in (("first", "for the first time"), ("all", "over drafts that stand")):
        built = f"{name}: seconds to build all units' reports {words}, to plain SQL"
        if writing is None:
            ratio = round(took[ask] / took["plain"], 2)
            lines.append({"name": built, "value": round(took[ask], 1), "ratio": ratio, "ok": True})
        else:
            lines.append(at_most(built, took[ask], took["plain"], writing))
    if writing is not None:
        lines.append(
            at_most(f"{name}: seconds to build one unit's report, to all units'", took["one"], took["all"], 0.1)
        )
    return lines


def forget_drafts() -> None:
    """As if no report had been built yet."""
    from django.db import connection

    from flags.models import ComplianceReport, ComplianceRow, RowName

    with connection.cursor() as cursor:
        for rows in (RowName, ComplianceRow, ComplianceReport):
            cursor.execute(f"DELETE FROM {rows._meta.db_table}")


def build(scope: Any) -> None:
    """As the worker does it, from the run to the last stored row; what was built before is replaced."""
    from flags.actions.report import build_reports
    from flags.models import ReportRun

    run = ReportRun.objects.create(scope=scope, year=YEAR, units_total=units_below(scope))
    build_reports(run.pk)
    run.refresh_from_db()
    assert run.status == ReportRun.Status.DONE, run.status


def units_below(scope: Any) -> int:
    from accounts.models import Organization

    return Organization.objects.within(scope.path).units().count()


def seconds(answer: Callable[[], Any]) -> float:
    started = perf_counter()
    answer()
    return perf_counter() - started


if __name__ == "__main__":
    sys.exit(main())
