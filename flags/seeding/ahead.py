"""What is coming in the next weeks, and what is just over and waits to be confirmed."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date, time, timedelta
from random import Random

from accounts.models import Organization
from flags.seeding.board import Board
from flags.seeding.offers import ACTIVITY, MANY_OFFERS, OFFERS, Offer, in_season
from flags.seeding.people import Resident
from flags.seeding.times import HOURS, Slot, at, days, slot, slots
from flags.seeding.year import claimed_after
from tasks.models import Claim, Shift, Task

SETTLED_UNTIL = timedelta(days=12)
WEEKS_AHEAD = timedelta(days=21)
CLAIMS_A_HEAD = 4  # one less than is allowed, so that everybody can still take something
CITY_HOURS = time(16, 30), time(18)

MORNING, AFTERNOON, EVENING = HOURS
FREE_CLINIC, FIRE_DRILL, ANTI_FRAUD, NEIGHBOURS_DAY, SWEEP = (
    next(offer for offer in OFFERS if offer.title.startswith(title))
    for title in ("社区义诊", "消防演练", "反诈宣传", "邻里节", "周末大扫除")
)
CITY_OFFERS = (
    (
        Offer(
            ACTIVITY,
            "全市文明交通志愿服务日",
            "在主要路口劝导非机动车，帮助老人和孩子过马路。",
            "市人民广场集合",
            "全市出行的市民",
        ),
        10,
        2,
    ),
    (
        Offer(
            ACTIVITY,
            "青澜马拉松赛道补给",
            "在补给点递水、引导、清理杯子，赛后一起收拾。",
            "市体育中心",
            "参赛选手和沿线居民",
        ),
        17,
        5,
    ),
)


@dataclass
class Neighbourhood:
    """A community as the coming weeks see it: its board, its people and which hours are still free."""

    board: Board
    residents: list[Resident]
    today: date
    rng: Random
    free: list[Slot] = field(default_factory=list)
    coming: Counter[Resident] = field(default_factory=Counter)
    drawing: bool = False

    def __post_init__(self) -> None:
        self.free = slots(days(self.today + timedelta(days=1), self.today + WEEKS_AHEAD))
        self.rng.shuffle(self.free)

    def take(self, wanted: Slot) -> Slot:
        """An hour by name: before the first is drawn by lot, or on some days the lot would have taken it."""
        assert not self.drawing, f"{wanted} is to be taken before any hour is drawn"
        self.free.remove(wanted)
        return wanted

    def next_slot(self) -> Slot:
        self.drawing = True
        return self.free.pop()

    def takers(self, count: int) -> list[Resident]:
        """At most `count` people who have not taken too much yet."""
        able = [resident for resident in self.residents if self.coming[resident] < CLAIMS_A_HEAD]
        drawn = self.rng.sample(able, min(count, len(able)))
        self.coming.update(drawn)
        return drawn


def publish_coming(here: Neighbourhood, tasks: int = 5) -> None:
    """Open tasks of the next weeks: one of them full, the others with free places."""
    for n, offer in enumerate(here.rng.sample(in_season(MANY_OFFERS, here.today.month), tasks)):
        held = sorted(here.next_slot() for _ in range(here.rng.choice((1, 1, 2))))
        capacity = here.rng.randint(6, 20)
        wanted = capacity if n == 0 else here.rng.randint(0, capacity - 2)
        publish_open(here, offer, held, capacity, [here.takers(wanted) for _ in held], full=n == 0)


def publish_open(
    here: Neighbourhood,
    offer: Offer,
    held: list[Slot],
    capacity: int,
    rosters: list[list[Resident]],
    full: bool = False,
) -> Task:
    """An open task with people in it already; a full one has as many places as people."""
    rng = here.rng
    opens_at = at(here.today - timedelta(days=rng.randint(2, 6)), rng.randint(8, 18))
    value = rng.choices((1, 2, 3), (80, 15, 5))[0]
    place = rng.choice(here.residents).compound
    task = here.board.task(offer, place, opens_at=opens_at, flag_value=value, status=Task.Status.OPEN)
    for when, roster in zip(held, rosters, strict=True):
        places = max(1, len(roster)) if full else capacity
        shift = here.board.shift(task, when, places, Shift.Status.OPEN)
        for resident in roster:
            here.board.claim(shift, resident, claimed_after(opens_at, rng))
    return task


def leave_unconfirmed(here: Neighbourhood, offer: Offer, days_ago: int, capacity: int, roster: list[Resident]) -> None:
    """A shift that ended some days ago: everybody on the list still waits for the confirmation."""
    day = here.today - timedelta(days=days_ago)
    opens_at = at(day - timedelta(days=5), 10)
    task = here.board.task(offer, here.rng.choice(here.residents).compound, opens_at=opens_at)
    shift = here.board.shift(task, slot(day, *AFTERNOON), capacity, Shift.Status.ENDED)
    for resident in roster:
        here.board.claim(shift, resident, claimed_after(opens_at, here.rng))


def set_the_stage(here: Neighbourhood, member: Resident) -> None:
    """What the demo accounts find: the member's next two shifts, 17 claims of yesterday and a forgotten shift."""
    rng, today = here.rng, here.today
    here.coming[member] = CLAIMS_A_HEAD
    others = [resident for resident in here.residents if resident is not member]
    tomorrow = here.take(slot(today + timedelta(days=1), *MORNING))
    next_week = here.take(slot(today + timedelta(days=8), *AFTERNOON))
    publish_open(here, ANTI_FRAUD, [tomorrow], 10, [[member, *here.takers(5)]])
    publish_open(here, NEIGHBOURS_DAY, [next_week], 18, [[member, *here.takers(11)]])
    leave_unconfirmed(here, FREE_CLINIC, 1, 18, [member, *rng.sample(others, 16)])
    leave_unconfirmed(here, FIRE_DRILL, 9, 8, rng.sample(others, 6))
    _schedule_one(here)


def _schedule_one(here: Neighbourhood) -> None:
    """A task whose places can be taken from tomorrow evening on."""
    opens_at = at(here.today + timedelta(days=1), 19)
    held = here.take(slot(here.today + timedelta(days=12), *EVENING))
    task = here.board.task(
        Offer(
            ACTIVITY, "邻里电影之夜", "搬椅子、放电影、维持秩序，散场后一起收拾。", "{community}广场", "社区全体居民"
        ),
        here.board.publisher,
        opens_at=opens_at,
        created_at=at(here.today - timedelta(days=1), 16),
        status=Task.Status.SCHEDULED,
        first_minutes=10,
    )
    here.board.shift(task, held, 15, Shift.Status.OPEN)


def cancel_one(here: Neighbourhood) -> None:
    held = here.next_slot()
    task = publish_open(here, SWEEP, [held], 12, [[]])
    task.status, task.cancel_reason = Task.Status.CANCELLED, "气象台发布暴雨预警，改期再通知。"
    here.board.shifts[-1].status = Shift.Status.CANCELLED


def publish_in_compound(board: Board, neighbours: list[Resident], today: date, rng: Random) -> None:
    """A compound's own tasks: one over, proposed for confirmation in part, and one to come with free places."""
    day = today - timedelta(days=3)
    opens_at = at(day - timedelta(days=4), 12)
    over = board.task(SWEEP, board.publisher, opens_at=opens_at)
    ended = board.shift(over, slot(day, *EVENING), 6, Shift.Status.ENDED)
    for n, resident in enumerate(rng.sample(neighbours, min(6, len(neighbours)))):
        status = Claim.Status.PROPOSED if n < 3 else Claim.Status.HELD
        board.claim(ended, resident, claimed_after(opens_at, rng), status)
    opens_at = at(today - timedelta(days=3), 12)
    coming = board.task(SWEEP, board.publisher, opens_at=opens_at, status=Task.Status.OPEN)
    board.shift(coming, slot(today + timedelta(days=6), *CITY_HOURS), 10, Shift.Status.OPEN)


def publish_for_city(board: Board, residents: list[Resident], today: date, rng: Random) -> None:
    """What the city publishes for everybody, at an hour that no community uses."""
    for offer, days_ahead, value in CITY_OFFERS:
        opens_at = at(today - timedelta(days=5), 9)
        task = board.task(offer, board.publisher, opens_at=opens_at, flag_value=value, status=Task.Status.OPEN)
        shift = board.shift(task, slot(today + timedelta(days=days_ahead), *CITY_HOURS), 60, Shift.Status.OPEN)
        for resident in rng.sample(residents, 37):
            board.claim(shift, resident, claimed_after(opens_at, rng))


def leave_one_unconfirmed(here: Neighbourhood) -> None:
    """In four communities of ten a shift of the last days is still to be confirmed."""
    if here.rng.random() < 0.4:
        offer = here.rng.choice(in_season(MANY_OFFERS, here.today.month))
        roster = here.rng.sample(here.residents, min(8, len(here.residents)))
        leave_unconfirmed(here, offer, here.rng.randint(1, 5), 10, roster)


def compound_of(residents: list[Resident], compound: Organization) -> list[Resident]:
    return [resident for resident in residents if resident.compound == compound]
