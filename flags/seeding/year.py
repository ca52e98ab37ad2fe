"""A time that is over: services done, confirmed and awarded in one community."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import accumulate, groupby
from random import Random

from flags.seeding.board import Board
from flags.seeding.offers import FEW, FEW_OFFERS, MANY_OFFERS, in_season
from flags.seeding.people import Registry, Resident
from flags.seeding.pleas import PLEAS
from flags.seeding.shares import VALUES, into_services
from flags.seeding.times import Slot, at
from flags.seeding.wish import Passed, add_wish
from tasks.models import Claim, Shift, Task, Wish

Roster = list[Resident]
SMALL_SHIFT, LARGE_SHIFT = 2, 16
PEOPLE_A_SHIFT = 10


def serve(
    board: Board,
    residents: list[Resident],
    flags: list[int],
    slots: list[Slot],
    services_at_most: int,
    registry: Registry,
) -> None:
    """Put on the board services that earn each resident exactly their `flags`, in slots of the community's time.

    Every shift has a slot of its own and nobody is in one twice, so no two claims of a member overlap.
    """
    rng = registry.rng
    planned = [
        (value, roster)
        for value, wanted in _wanted(residents, flags, services_at_most, rng).items()
        for roster in draw_rosters(wanted, len(slots) // len(VALUES), rng)
    ]
    rng.shuffle(planned)
    in_time = sorted(rng.sample(slots, len(planned)))
    for (value, few), held in groupby(zip(planned, in_time, strict=True), key=_kind_of_shift):
        shifts = [(roster, slot) for (_value, roster), slot in held]
        for group in _tasks_of(shifts, few, rng):
            _hold(board, value, group, residents, registry)


def _kind_of_shift(planned: tuple[tuple[int, Roster], Slot]) -> tuple[int, bool]:
    (value, roster), _slot = planned
    return value, len(roster) <= FEW


def _wanted(
    residents: list[Resident], flags: list[int], services_at_most: int, rng: Random
) -> dict[int, list[tuple[Resident, int]]]:
    """For each flag value, who does how many services of it."""
    wanted: dict[int, list[tuple[Resident, int]]] = {value: [] for value in VALUES}
    for resident, owed in zip(residents, flags, strict=True):
        values = into_services(owed, services_at_most, rng)
        for value in VALUES:
            if count := values.count(value):
                wanted[value].append((resident, count))
    return wanted


def draw_rosters(wanted: list[tuple[Resident, int]], shifts_at_most: int, rng: Random) -> list[Roster]:
    """Who serves together: small shifts and large ones, each person in as many different ones as wanted."""
    if not wanted:
        return []
    most = max(count for _, count in wanted)
    services = sum(count for _, count in wanted)
    shifts = min(max(services // PEOPLE_A_SHIFT, 2 * most), shifts_at_most)
    rosters: list[Roster] = [[] for _ in range(shifts)]
    weights = [SMALL_SHIFT if rng.random() < 0.4 else rng.randint(6, 2 * LARGE_SHIFT) for _ in rosters]
    cum_weights = list(accumulate(weights))
    for resident, count in wanted:
        drawn: dict[int, None] = {}
        while len(drawn) < count:
            drawn[rng.choices(range(shifts), cum_weights=cum_weights)[0]] = None
        for n in drawn:
            rosters[n].append(resident)
    return [roster for roster in rosters if roster]


def _tasks_of(shifts: list[tuple[Roster, Slot]], few: bool, rng: Random) -> Iterator[list[tuple[Roster, Slot]]]:
    """Neighbouring shifts of one kind, now and then two or three large ones under one task."""
    while shifts:
        size = 1 if few else rng.choice((1, 1, 1, 1, 2, 3))
        yield shifts[:size]
        shifts = shifts[size:]


def _hold(
    board: Board, value: int, group: list[tuple[Roster, Slot]], residents: list[Resident], registry: Registry
) -> None:
    rng = registry.rng
    few = len(group[0][0]) <= FEW
    first = group[0][1]
    opens_at = at(first.day - timedelta(days=rng.randint(3, 10)), rng.randint(8, 17), rng.choice((0, 30)))
    place = rng.choice(residents).compound
    plea = rng.choice(PLEAS) if few and rng.random() < 0.6 else None
    offer = plea.offer if plea else rng.choice(in_season(FEW_OFFERS if few else MANY_OFFERS, first.day.month))
    task = board.task(offer, place, opens_at=opens_at, flag_value=value, status=Task.Status.CLOSED)
    if plea:
        sent_at, served_at = opens_at - timedelta(days=2), group[-1][1].ends_at
        passed = Passed(claimed_after(opens_at, rng), served_at, served_at + timedelta(hours=rng.randint(2, 40)))
        add_wish(
            board,
            plea,
            registry,
            sent_at=sent_at,
            status=Wish.Status.DONE,
            task=task,
            compound=place,
            passed=passed,
        )
    for roster, slot in group:
        spare = 0 if few else rng.choice((0, 0, 1, 2, 4))
        _settle_shift(board, board.shift(task, slot, len(roster) + spare), roster, residents, rng)


def _settle_shift(board: Board, shift: Shift, roster: Roster, residents: list[Resident], rng: Random) -> None:
    """Confirm those who came; on some shifts another one stayed away or had withdrawn in time."""
    opens_at = shift.task.opens_at
    for resident in roster:
        board.confirm(shift, resident, claimed_after(opens_at, rng))
    other = rng.choice(residents)
    if other in roster:
        return
    if shift.taken < shift.capacity and rng.random() < 0.3:
        board.claim(shift, other, claimed_after(opens_at, rng), rng.choice((Claim.Status.ABSENT, Claim.Status.EXCUSED)))
    elif rng.random() < 0.1:
        board.claim(shift, other, claimed_after(opens_at, rng), Claim.Status.WITHDRAWN)


def claimed_after(opens_at: datetime, rng: Random) -> datetime:
    """Most places go within minutes of publication, none later than a day after it."""
    return opens_at + timedelta(seconds=min(86_400, 2 + int(rng.expovariate(1 / 1800))))
