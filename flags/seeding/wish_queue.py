"""The wishes that a community has on its table: some in every state, two that say the same, some that wait too long."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, timedelta

from django.utils import timezone

from flags.seeding.ahead import Neighbourhood
from flags.seeding.people import Registry, Resident
from flags.seeding.pleas import PLEAS, Plea
from flags.seeding.times import at
from flags.seeding.wish import Passed, add_wish
from flags.seeding.year import claimed_after
from tasks.models import Claim, Task, Wish

S = Wish.Status

ANSWERS = {
    S.NEW: "",
    S.ACCEPTED: "",
    S.ASKED_BACK: "已收到。方便说一下具体是哪几天有空吗？",
    S.DECLINED: "这件事需要专业资质，已转请物业处理，社区会跟进。",
    S.MERGED: "和另一位邻居说的是同一件事，已合并在一起办理。",
}
# A merged one is part of the one before it.
ON_STAGE = {S.ACCEPTED: 3, S.ASKED_BACK: 2, S.DECLINED: 2, S.NEW: 4, S.MERGED: 1}
ELSEWHERE = {S.NEW: 2, S.ACCEPTED: 1}
LAMP, LAMP_TOLD_AGAIN = "三号楼门口的路灯坏了半个月", "3幢门口的路灯一直不亮，晚上老人不敢出门，麻烦修一下。"
SAID_NO = "还是没有弄好，请再派人来看看。"
REPORT = "按约定上门办好了，试用正常。"


def add_wish_queue(here: Neighbourhood, registry: Registry, *, on_stage: bool, member: Resident | None = None) -> None:
    """Wishes to be looked at, published ones with a free place and claimed ones; on stage, answered ones too."""
    lamp = next(plea for plea in PLEAS if plea.text.startswith(LAMP))
    pleas = iter(here.rng.sample([plea for plea in PLEAS if plea != lamp], len(PLEAS) - 1))
    for status, count in (ON_STAGE if on_stage else ELSEWHERE).items():
        for _ in range(count):
            _add_open(here, next(pleas), status, registry, days_ago=here.rng.randint(1, 3))
    if on_stage:
        _add_open(here, lamp, S.NEW, registry, days_ago=2)
        _add_open(here, replace(lamp, text=LAMP_TOLD_AGAIN), S.NEW, registry, days_ago=1)
    if on_stage or here.rng.random() < 0.15:
        _add_open(here, next(pleas), S.NEW, registry, days_ago=8)  # its secretary is told
        _add_open(here, next(pleas), S.NEW, registry, days_ago=20)  # and its street
    for days_ago in (3, 5, 27) if on_stage else (4,):
        _publish(here, next(pleas), registry, days_ago=days_ago)
    _add_taken(here, pleas, registry, on_stage=on_stage, member=member)


def _add_open(here: Neighbourhood, plea: Plea, status: str, registry: Registry, *, days_ago: int) -> None:
    rng = here.rng
    add_wish(
        here.board,
        plea,
        registry,
        sent_at=at(here.today - timedelta(days=days_ago), rng.randint(7, 21), rng.randint(0, 59)),
        status=status,
        compound=rng.choice(here.residents).compound,
        answer=ANSWERS[S(status)],
        merged_into=here.board.wishes[-1] if status == S.MERGED else None,
    )


def _publish(
    here: Neighbourhood,
    plea: Plea,
    registry: Registry,
    *,
    days_ago: int,
    taker: Resident | None = None,
    reported_at: datetime | None = None,
    **claim: datetime,
) -> None:
    """A wish published as a shift whose time is left to agreement; `claim` is the time agreed, if it is."""
    opens_at = at(here.today - timedelta(days=days_ago), here.rng.randint(8, 11))
    place = here.rng.choice(here.residents).compound
    task = here.board.task(plea.offer, place, opens_at=opens_at, status=Task.Status.OPEN)
    shift = here.board.shift_by_agreement(task, opens_at.date() + timedelta(days=30))
    status, taken_at = S.PUBLISHED, None
    if taker:
        taken_at = claimed_after(opens_at, here.rng)
        status = S.FULFILLED if reported_at else S.CLAIMED
        report = {"reported_at": reported_at, "report": REPORT} if reported_at else {}
        contacted = {"contacted_at": taken_at + timedelta(hours=2)} if claim else {}
        here.board.claim(shift, taker, taken_at, Claim.Status.HELD, **claim, **contacted, **report)
    passed = Passed(claimed_at=taken_at, fulfilled_at=reported_at)
    sent_at = opens_at - timedelta(days=1)
    add_wish(here.board, plea, registry, sent_at=sent_at, status=status, compound=place, task=task, passed=passed)


def _add_taken(
    here: Neighbourhood, pleas: Iterator[Plea], registry: Registry, *, on_stage: bool, member: Resident | None
) -> None:
    """One just taken; on stage one with a time agreed, one reported as done, and one of the demo's own member."""
    _publish(here, next(pleas), registry, days_ago=2, taker=here.takers(1)[0])
    if not on_stage:
        return
    agreed = at(here.today + timedelta(days=20), 15)
    _publish(
        here,
        next(pleas),
        registry,
        days_ago=4,
        taker=here.takers(1)[0],
        starts_at=agreed,
        ends_at=agreed + timedelta(hours=1),
    )
    served = at(here.today - timedelta(days=1), 10)
    _publish(
        here,
        next(pleas),
        registry,
        days_ago=6,
        taker=here.takers(1)[0],
        reported_at=min(served + timedelta(hours=3), timezone.now()),
        starts_at=served,
        ends_at=served + timedelta(hours=1),
    )
    _publish(here, next(pleas), registry, days_ago=2, taker=member)


def hear_from_residents(here: Neighbourhood) -> None:
    """Of the wishes fulfilled last, two residents have not answered yet and one says that it was not done."""
    fulfilled = [wish for wish in here.board.wishes if wish.status == S.DONE]
    for wish, status in zip(reversed(fulfilled), (S.REOPENED, S.FULFILLED, S.FULFILLED), strict=False):
        assert wish.fulfilled_at is not None
        wish.status, wish.done_at, wish.rating, wish.since = status, None, "", wish.fulfilled_at
        wish.resident_words = SAID_NO if status == S.REOPENED else ""
