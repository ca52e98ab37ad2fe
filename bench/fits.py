"""What it costs to say what fits: to one member among 500 open shifts, and to 11,000 members at once.

    make bench-fits

Fills a city of 11,000 members, all of whom say what they can do, like and when they are free, on a PostgreSQL of its own
and prints two JSON lines; exit code 1 when one is not as it should be. The first is a ratio within the run: the shifts
that fit with their reasons, best first, to the plain list of what is open, each read whole by the same members in turn.
The second is the daily job that tells members of shifts lacking people, from the question to the last notice written.
"""

import json
import os
import statistics
import subprocess
import sys
from datetime import timedelta
from random import Random
from time import perf_counter
from typing import TYPE_CHECKING, Any

from bench import city
from bench.grab import MEMORY, at_most
from servers import postgres, site
from servers.children import Children, stop_on_signal
from servers.port import LOOPBACK

if TYPE_CHECKING:
    from accounts.models import Member

SHIFTS = 500
RATIO_LIMIT = 2.0
SECONDS_LIMIT = 30.0
READERS, ROUNDS = 40, 5
SKILLS = 14
PLACES_TAKEN, CAPACITY = 5_000, 50
EVERY = 3  # so many shifts are for everybody, for a street, and for one community


def main() -> int:
    stop_on_signal()
    with postgres.short_directory(within=MEMORY) as directory, Children(logs=directory) as children:
        env = site.environment(
            directory / "var",
            0,
            DEMO="0",
            DJANGO_SETTINGS_MODULE="vanguard.settings",
            SECRET_KEY="only-for-the-benchmark",
            ALLOWED_HOSTS=LOOPBACK,
            FICTIONAL_PHONES="1",
            DATABASE_URL=postgres.start(children, directory / "data", directory / "sockets"),
            DATABASE_POOL="0",
            REDIS_URL="",
            EMAIL_URL="dummymail://",
        )
        subprocess.run([site.SERVE, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
        os.environ.update(env)
        import django

        django.setup()
        city.fill()
        fill()
        results = [of_one_member(), of_all()]
    for result in results:
        print(json.dumps(result, ensure_ascii=False))
    return 0 if all(result["ok"] for result in results) else 1


def fill() -> None:
    """Everybody's profile, and the shifts of the next three days: a third of them for the whole city."""
    from django.db import connection

    from accounts.models import Member, Skill
    from accounts.models.interest import INTEREST_BITS
    from vanguard.lib import week
    from vanguard.lib.bits import bits_of

    random = Random(1)
    skills = Skill.objects.bulk_create(Skill(name=f"技能 {n}") for n in range(SKILLS))
    members = list(Member.objects.order_by("pk"))
    for member in members:
        member.free_at = bits_of(random.sample(list(week.BITS), random.randint(3, 10)), week.BITS)
        member.interests = bits_of(random.sample(list(INTEREST_BITS), random.randint(1, 4)), INTEREST_BITS)
        member.told_what_fits = True
    Member.objects.bulk_update(members, ["free_at", "interests", "told_what_fits"], 1000)
    has = Member.skills.through
    has.objects.bulk_create(
        [has(member=member, skill=skill) for member in members for skill in random.sample(skills, 2)], 5000
    )
    publish(skills, random)
    take_places(members, random)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def publish(skills: list[Any], random: Random) -> None:
    from django.utils import timezone

    from accounts.models import Organization
    from tasks.models import Shift, Task
    from tasks.models.task import Category

    Kind = Organization.Kind
    now = timezone.now().replace(microsecond=0)
    places = [list(Organization.objects.filter(kind=kind)) for kind in (Kind.CITY, Kind.STREET, Kind.COMMUNITY)]
    told = {"place": "文化家园", "content": "和孩子们一起做灯笼。", "served": "孩子", "contact_name": "王书记"}
    for n in range(SHIFTS):
        audience = random.choice(places[n % EVERY])
        publisher = audience if audience.kind != Kind.STREET else random.choice(list(audience.children.all()))
        task = Task.objects.create(
            publisher=publisher,
            audience=audience,
            title=f"灯笼制作 {n}",
            category=random.choice(Category.values),
            status=Task.Status.OPEN,
            opens_at=now,
            **told,
        )
        begin = now + timedelta(hours=random.randint(4, 70))
        skill = random.choice(skills) if n % 5 == 0 else None
        Shift.objects.create(
            task=task, starts_at=begin, ends_at=begin + timedelta(hours=2), capacity=20, taken=n % 8, skill=skill
        )


def take_places(members: list["Member"], random: Random) -> None:
    """Places that members have elsewhere in these days, and which are in the way: in tasks that nobody can claim any more."""
    from django.utils import timezone

    from accounts.models import Organization
    from tasks.models import Claim, Shift, Task

    now, hour = timezone.now().replace(microsecond=0), timedelta(hours=1)
    publisher = Organization.objects.filter(kind=Organization.Kind.COMMUNITY)[0]
    task = Task.objects.create(
        publisher=publisher, audience=publisher, title="满了", status=Task.Status.CLOSED, opens_at=now, served="孩子"
    )
    begins = [now + hour * random.randint(4, 70) for _ in range(PLACES_TAKEN // CAPACITY)]
    shifts = Shift.objects.bulk_create(
        Shift(task=task, starts_at=begin, ends_at=begin + 2 * hour, capacity=CAPACITY, taken=CAPACITY)
        for begin in begins
    )
    Claim.objects.bulk_create(
        Claim(
            shift=shifts[n % len(shifts)],
            member=member,
            community=publisher,
            starts_at=shifts[n % len(shifts)].starts_at,
            ends_at=shifts[n % len(shifts)].ends_at,
            claimed_at=now,
        )
        for n, member in enumerate(random.sample(members, PLACES_TAKEN))
    )


def of_one_member() -> dict[str, Any]:
    """Both lists whole, without pages, by members who are free at any time: nearly everything fits them."""
    from django.db import connection
    from django.utils import timezone

    from accounts.models import Member, Organization
    from tasks.models import Task
    from tasks.queries.fitting import shifts_that_fit
    from tasks.queries.task import shifts_open_to
    from vanguard.lib.week import WHOLE_WEEK

    Task.objects.update(audience=Organization.objects.get(kind=Organization.Kind.CITY))
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    members = list(Member.objects.checked_in().select_related("user", "home").order_by("number")[:READERS])
    for member in members:
        member.free_at = WHOLE_WEEK
    now = timezone.now()

    def milliseconds(ask: Any) -> float:
        started = perf_counter()
        rows = list(ask())
        assert rows
        return 1000 * (perf_counter() - started)

    def both(member: "Member") -> tuple[float, float]:
        plain = milliseconds(lambda: shifts_open_to(member, now))
        return plain, milliseconds(lambda: shifts_that_fit(member, now))

    both(members[0])  # what is loaded once is not the lists' cost
    times = [both(member) for _ in range(ROUNDS) for member in members]
    plain, fitting = (statistics.median(each) for each in zip(*times, strict=True))
    listed = len(shifts_open_to(members[0], now))
    fit = statistics.median(shifts_that_fit(member, now).count() for member in members)
    line = at_most(
        f"milliseconds for what fits among {listed} open shifts, to the plain list", fitting, plain, RATIO_LIMIT
    )
    return {**line, "shifts that fit": fit}


def of_all() -> dict[str, Any]:
    """The job as the clock runs it, with every shift open to the whole city, which is the most that it can have to do."""
    from accounts.models import Member, Notice
    from tasks.actions.fit_offer import tell_whom_it_fits
    from tasks.models import FitOffer

    started = perf_counter()
    tell_whom_it_fits()
    seconds = perf_counter() - started
    members = Member.objects.filter(told_what_fits=True).count()
    assert (
        Notice.objects.filter(kind__startswith="FITTING").count()
        == FitOffer.objects.values("member").distinct().count()
    )
    line = at_most(f"seconds to offer {SHIFTS} shifts to {members} members", seconds, SECONDS_LIMIT, 1.0)
    told = FitOffer.objects.values("member").distinct().count()
    return {**line, "offers": FitOffer.objects.count(), "members told": told}


if __name__ == "__main__":
    sys.exit(main())
