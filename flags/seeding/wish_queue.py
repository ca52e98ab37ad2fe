"""The wishes that a community has on its table: some in every state."""

from collections.abc import Iterator
from datetime import timedelta

from flags.seeding.ahead import Neighbourhood, publish_open
from flags.seeding.people import Registry
from flags.seeding.pleas import PLEAS, Plea
from flags.seeding.times import at
from flags.seeding.year import add_wish
from tasks.models import Wish

S = Wish.Status

ANSWERS = {
    S.NEW: "",
    S.ACCEPTED: "",
    S.ASKED_BACK: "已收到。方便说一下具体是哪几天有空吗？",
    S.DECLINED: "这件事需要专业资质，已转请物业处理，社区会跟进。",
    S.MERGED: "和另一位邻居说的是同一件事，已合并在一起办理。",
}
ON_STAGE = {S.ACCEPTED: 3, S.ASKED_BACK: 2, S.DECLINED: 2, S.NEW: 6, S.MERGED: 1}
ELSEWHERE = {S.NEW: 2, S.ACCEPTED: 1}


def add_wish_queue(here: Neighbourhood, registry: Registry, *, on_stage: bool) -> None:
    """Wishes to be looked at, published ones with a free place and claimed ones; on stage, answered ones too."""
    pleas = iter(here.rng.sample(PLEAS, len(PLEAS)))
    for status, count in (ON_STAGE if on_stage else ELSEWHERE).items():
        for _ in range(count):
            _add_open(here, next(pleas), status, registry)
    _add_published(here, pleas, S.PUBLISHED, 5 if on_stage else 2, registry)
    _add_published(here, pleas, S.CLAIMED, 4 if on_stage else 1, registry)


def _add_open(here: Neighbourhood, plea: Plea, status: str, registry: Registry) -> None:
    rng = here.rng
    sent_at = at(here.today - timedelta(days=rng.randint(1, 6)), rng.randint(7, 21), rng.randint(0, 59))
    earlier = here.board.wishes[-1] if status == S.MERGED else None
    add_wish(here.board, plea, registry, sent_at=sent_at, status=status, answer=ANSWERS[S(status)], merged_into=earlier)


def _add_published(here: Neighbourhood, pleas: Iterator[Plea], status: str, count: int, registry: Registry) -> None:
    for _ in range(count):
        plea = next(pleas)
        roster = here.takers(1) if status == S.CLAIMED else []
        task = publish_open(here, plea.offer, [here.next_slot()], 2, [roster])
        sent_at = task.opens_at - timedelta(days=1)
        add_wish(here.board, plea, registry, sent_at=sent_at, status=status, task=task)


def hear_from_residents(here: Neighbourhood) -> None:
    """Of the wishes fulfilled last, two residents have not answered yet and one says that it was not done."""
    fulfilled = [wish for wish in here.board.wishes if wish.status == S.DONE]
    for wish, status in zip(reversed(fulfilled), (S.REOPENED, S.FULFILLED, S.FULFILLED), strict=False):
        wish.status = status
