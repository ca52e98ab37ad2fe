"""Confirming a shift of sixty to confirming one: time, and the number of queries."""

import statistics
from datetime import timedelta
from time import perf_counter
from typing import Any

from bench.grab import at_most

MANY, TIMES = 60, 15
LIMIT = 3.0


def figures() -> list[dict[str, Any]]:
    """Shifts of one community that are over, of one place and of sixty, confirmed in turn by its secretary."""
    times: dict[int, list[float]] = {1: [], MANY: []}
    queries: dict[int, set[int]] = {1: set(), MANY: set()}
    for turn in range(TIMES + 1):
        for places in times:
            seconds, asked = confirm(shift_of(places, turn))
            if turn:  # what is loaded once is not the cost of confirming
                times[places].append(seconds)
                queries[places].add(asked)
    one, many = statistics.median(times[1]), statistics.median(times[MANY])
    line = at_most(f"milliseconds to confirm a shift of {MANY}, to one", 1000 * many, 1000 * one, LIMIT)
    same = at_most(f"queries to confirm a shift of {MANY}, to one", max(queries[MANY]), max(queries[1]), 1.0)
    return [line, {**same, "ok": queries[1] == queries[MANY]}]


def shift_of(places: int, turn: int) -> Any:
    """One that ended an hour ago, with its claims; each on a day of its own, so that no two overlap."""
    from django.utils import timezone

    from accounts.models import Member, Organization
    from tasks.models import Claim, Shift, Task

    community = Organization.objects.communities().order_by("code")[0]
    ends_at = timezone.now() - timedelta(hours=1 + 3 * (2 * turn + (places == MANY)))
    task = Task.objects.create(
        publisher=community,
        audience=community,
        title="灯笼制作",
        status=Task.Status.OPEN,
        opens_at=ends_at,
        served="孩子",
    )
    starts_at = ends_at - timedelta(hours=2)
    shift = Shift.objects.create(task=task, starts_at=starts_at, ends_at=ends_at, capacity=places, taken=places)
    members = Member.objects.filter(home__path__startswith=community.path).order_by("number")[:places]
    Claim.objects.bulk_create(
        Claim(
            shift=shift, member=member, community=community, starts_at=starts_at, ends_at=ends_at, claimed_at=starts_at
        )
        for member in members
    )
    assert shift.claims.count() == places
    return shift


def confirm(shift: Any) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from accounts.access import Actor
    from accounts.models import Appointment, Role
    from flags.actions.confirm import settle_shift
    from tasks.models import Claim

    secretaries = Appointment.objects.select_related("user", "organization").filter(role=Role.SECRETARY)
    appointment = secretaries.filter(organization=shift.task.publisher)[0]
    secretary = Actor(user=appointment.user, appointment=appointment)
    marks = dict.fromkeys(shift.claims.values_list("pk", flat=True), Claim.Status.ATTENDED)
    with CaptureQueriesContext(connection) as queries:
        started = perf_counter()
        settled = settle_shift(shift, marks, by=secretary)
        seconds = perf_counter() - started
    assert settled == len(marks)
    return seconds, len(queries)
