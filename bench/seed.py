"""How long a city of 11,000 members and 80,000 flags takes to build, in an emptied database of its own.

    DATABASE_URL=postgres://… python -m bench.seed

Prints one JSON line; exit code 1 when it takes longer than the limit. A database named `bench_seed` is made on the
server of DATABASE_URL (or, for SQLite, in memory) and dropped again: what is there is not touched.
"""

import json
import os
import sys
from pathlib import Path
from time import perf_counter

LIMIT_SECONDS = 120
MEMBERS, FLAGS, YEAR, SEED = 11_000, 80_000, 2025, 1
NAME = "bench_seed"


def seconds_to_seed() -> float:
    """Migrate an empty database, then time the seeding alone; what it wrote is counted before it is dropped."""
    from django.db import connection
    from django.db.models import Sum

    from accounts.models import Member
    from flags.models import FlagAward
    from flags.seeding.sized_city import seed_city

    former = connection.settings_dict["NAME"]
    connection.settings_dict["TEST"]["NAME"] = None if connection.vendor == "sqlite" else NAME
    connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
    try:
        started = perf_counter()
        seed_city(members=MEMBERS, flags=FLAGS, year=YEAR, seed=SEED)
        seconds = perf_counter() - started
        flags = FlagAward.objects.aggregate(sum=Sum("value"))["sum"]
        assert (Member.objects.count(), flags) == (MEMBERS, FLAGS)
    finally:
        connection.creation.destroy_test_db(former, verbosity=0)
    return seconds


def main() -> int:
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "vanguard.settings")
    os.environ.setdefault("DEBUG", "1")
    os.environ.setdefault("DATABASE_POOL", "0")  # a pool would hold on to the database that is to be dropped
    import django
    from django.conf import settings

    django.setup()
    settings.DEBUG = False  # debug keeps every statement in memory
    seconds = seconds_to_seed()
    result = {
        "name": f"seed_city {MEMBERS} members {FLAGS} flags",
        "value": round(seconds, 1),
        "limit": LIMIT_SECONDS,
        "ratio": round(seconds / LIMIT_SECONDS, 3),
        "target": f"at most {LIMIT_SECONDS} s",
        "ok": seconds <= LIMIT_SECONDS,
    }
    print(json.dumps(result))
    return 0 if result["ok"] else 1


if __name__ == "__main__":
    sys.exit(main())
