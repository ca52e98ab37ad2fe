"""How fast places are grabbed, and whether what everybody is told is true: over HTTP, on a real PostgreSQL.

    make bench-grab

Fills a city of 11,000 members and serves it as `bin/serve web` does, with two workers of four threads. Prints one JSON
line for each figure, all of the same run, so that the machine's speed cancels out; exit code 1 when one is not as it
should be. Time counts to the answer of a tap; the page that it leads to is read afterwards, and compared with the
database.
"""

import json
import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench import city
from bench.rounds import ROUNDS, Rounds
from servers import postgres, site
from servers.children import Children, stop_on_signal
from servers.port import LOOPBACK, accepts, free_port, wait_until

# Where there is a file system in memory, PostgreSQL's files stand in it: all its settings are its own, it writes and
# syncs as ever, but what a sync of a shared machine's disk costs (0.05 ms now, and 4 ms a minute later) decides nothing.
MEMORY = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None


def main() -> int:
    stop_on_signal()
    with served() as rounds:
        rounds.warm_up()
        for n in range(ROUNDS):
            print(f"round {n + 1} of {ROUNDS}: {rounds.go()}", flush=True)
    results = results_of(rounds)
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["ok"] for result in results) else 1


@contextmanager
def served() -> Iterator[Rounds]:
    with postgres.short_directory(within=MEMORY) as directory, Children(logs=directory) as children:
        sockets = directory / "sockets"
        env = environment(directory / "var", postgres.start(children, directory / "data", sockets))
        fill(env)
        children.start("web", [site.SERVE, "web"], env=env)
        port = int(env["WEB_BIND"].partition(":")[2])
        wait_until(lambda: accepts(port), within=60, still=children.check)
        yield Rounds(port, ["-h", str(sockets), "-U", postgres.SUPERUSER, postgres.SUPERUSER])


def environment(var: Path, url: str) -> dict[str, str]:
    """As a city runs it, with the settings that know the yardstick, and without Redis: a tap never asks for it."""
    return site.environment(
        var,
        free_port(),
        DEMO="0",
        DJANGO_SETTINGS_MODULE="bench.settings",
        SECRET_KEY="only-for-the-benchmark",
        ALLOWED_HOSTS=LOOPBACK,
        FICTIONAL_PHONES="1",
        STATIC_MANIFEST="1",
        DATABASE_URL=url,
        DATABASE_POOL="1",
        REDIS_URL="",
        EMAIL_URL="dummymail://",
        WEB_WORKERS="2",
        WEB_THREADS="4",
        WEB_LOG_LEVEL="warning",
    )


def fill(env: site.Environment) -> None:
    """Migrate, collect the static files, and fill the city in this very process."""
    subprocess.run([site.SERVE, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
    site.collect_static(env)
    os.environ.update(env, DATABASE_POOL="0")
    import django

    django.setup()
    city.fill()


def results_of(rounds: Rounds) -> list[dict[str, Any]]:
    yardstick, spread = rounds.median("yardstick"), rounds.median("spread")
    return [
        *(truth(name, faults) for name, faults in rounds.faults.items()),
        at_most("300 on 50: seconds of the slowest hundredth", rounds.median("300 on 50"), 300 / yardstick, 1.6),
        at_least("claims a second, spread, to the yardstick", spread, yardstick, 0.6),
        at_least("claims a second, all on one shift, to spread", rounds.median("one shift"), spread, 0.9),
        at_least("claims a second, spread, to pgbench", spread, rounds.median("pgbench"), 0.04),
    ]


def truth(name: str, times: list[list[str]]) -> dict[str, Any]:
    """How many of the times were without any fault, and which faults there were."""
    right = sum(not faults for faults in times)
    result = at_least(f"{name}: times without a fault", right, len(times), 1)
    found = sorted({fault for faults in times for fault in faults})
    return {**result, "faults": found} if found else result


def at_most(name: str, value: float, limit: float, target: float) -> dict[str, Any]:
    return {**figure(name, value, limit, target), "ok": value / limit <= target}


def at_least(name: str, value: float, limit: float, target: float) -> dict[str, Any]:
    return {**figure(name, value, limit, target), "ok": value / limit >= target}


def figure(name: str, value: float, limit: float, target: float) -> dict[str, Any]:
    ratio = round(value / limit, 3)
    return {"name": name, "value": round(value, 3), "limit": round(limit, 3), "ratio": ratio, "target": target}


if __name__ == "__main__":
    sys.exit(main())
