"""One wish with its life so far: when it got how far, who asked, and the records that tell of it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.models import Organization, Record, RecordReason
from flags.seeding.board import Board
from flags.seeding.names import draw_name
from flags.seeding.people import BATCH, Registry
from flags.seeding.pleas import Plea
from tasks.models import Task, Wish, WishContact
from tasks.models.wish import READABLE

S, Channel, ForWhom, Rating = Wish.Status, Wish.Channel, Wish.ForWhom, Wish.Rating
CHANNELS = {
    Channel.ONLINE: 50,
    Channel.WECHAT: 20,
    Channel.PHONE: 12,
    Channel.IN_PERSON: 10,
    Channel.STEWARD: 5,
    Channel.SAFETY_APP: 3,
}
AWAY = {S.ASKED_BACK, S.DECLINED, S.MERGED}  # answered, and not on the way to be done
TAKEN = {S.CLAIMED, S.FULFILLED}
WAY = (
    (S.ACCEPTED, "answered_at"),
    (S.PUBLISHED, "published_at"),
    (S.CLAIMED, "claimed_at"),
    (S.FULFILLED, "fulfilled_at"),
    (S.DONE, "done_at"),
)
KIND_WORDS = (
    "谢谢，修得又快又好。",
    "志愿者很耐心，老人很高兴。",
    "办好了，辛苦了。",
    "比预想的还周到，谢谢邻居。",
    "",
    "",
)


@dataclass(frozen=True)
class Passed:
    """When a published wish was taken and served, as far as it has got."""

    claimed_at: datetime | None = None
    fulfilled_at: datetime | None = None
    done_at: datetime | None = None


def add_wish(
    board: Board,
    plea: Plea,
    registry: Registry,
    *,
    sent_at: datetime,
    status: str,
    compound: Organization | None = None,
    task: Task | None = None,
    passed: Passed = Passed(),
    **fields: Any,
) -> Wish:
    """A wish of a resident without an account, in the state given; `fields` say what else is known of it."""
    rng = registry.rng
    answered_at = None if status == S.NEW else _answered(sent_at, task, rng)
    wish = Wish(
        number="".join(rng.choices(READABLE, k=10)),
        community=board.publisher,
        compound=compound if compound != board.publisher else None,
        category=plea.category,
        text=plea.text,
        place=f"{rng.randint(1, 24)}幢{rng.randint(1, 6)}楼",
        wanted_when=plea.wanted_when,
        status=status,
        task=task,
        created_at=sent_at,
        answered_at=answered_at,
        published_at=task.opens_at if task else None,
        **vars(passed),
        **(_drawn(plea, status, rng) | fields),
    )
    wish.since = max(at for _, at in steps_of(wish))
    board.wish(wish, _contact(wish, registry))
    return wish


def _answered(sent_at: datetime, task: Task | None, rng: Random) -> datetime:
    """Within a day or so, before it was published and before now."""
    last = task.opens_at if task else timezone.now()
    return min(sent_at + timedelta(minutes=rng.randint(20, 1800)), sent_at + (last - sent_at) * 0.9)


def _drawn(plea: Plea, status: str, rng: Random) -> dict[str, Any]:
    """What differs from wish to wish; most of those that went on were verified."""
    for_whom = ForWhom.EVERYONE if plea.category == Wish.Category.PUBLIC else ForWhom.SELF
    if for_whom == ForWhom.SELF and rng.random() < 0.2:
        for_whom = ForWhom.OTHER
    drawn: dict[str, Any] = {
        "channel": rng.choices(list(CHANNELS), list(CHANNELS.values()))[0],
        "for_whom": for_whom,
        "for_minor": plea.category == Wish.Category.SCHOOL,
        "hardship": plea.category in (Wish.Category.ELDERLY, Wish.Category.GOODS) and rng.random() < 0.15,
        "verified": rng.choice(("", "", "", "PHONE") if status == S.NEW else ("", "PHONE", "PHONE", "DOOR")),
    }
    if status == S.DONE:
        drawn |= {"rating": rng.choices(list(Rating), (80, 16, 4))[0], "resident_words": rng.choice(KIND_WORDS)}
    return drawn


def _contact(wish: Wish, registry: Registry) -> WishContact:
    another = wish.for_whom == ForWhom.OTHER
    return WishContact(
        wish=wish,
        name=draw_name(registry.rng),
        phone=registry.phone(),
        for_name=draw_name(registry.rng) if another else "",
        for_phone=registry.phone() if another else "",
        for_consent=another,
        consent_version=settings.PRIVACY_VERSION,
    )


def steps_of(wish: Wish) -> Iterator[tuple[str, datetime]]:
    """The states that it has gone through, and when."""
    yield S.NEW, wish.created_at
    if wish.status in AWAY and wish.answered_at:
        yield wish.status, wish.answered_at
        return
    for status, field in WAY:
        if at := getattr(wish, field):
            yield status, at
    if wish.status == S.REOPENED:
        yield wish.status, wish.since


def record_steps(board: Board) -> None:
    """What the records tell of wishes that are not at their end; those of years gone by have only their dates."""
    wishes, by = [wish for wish in board.wishes if wish.status != S.DONE], board.appointments[0]
    kind = ContentType.objects.get_for_model(Wish)
    takers = {claim.shift.task_id: claim.member.user for claim in board.claims}
    doers = dict.fromkeys((S.ACCEPTED, S.PUBLISHED, *AWAY), by.user)
    told = [(wish, status, at) for wish in wishes for status, at in steps_of(wish)]
    records = Record.objects.bulk_create(
        (
            Record(
                subject_type=kind,
                subject_id=wish.pk,
                verb="sent" if status == S.NEW else "moved",
                new_status=status,
                user=takers.get(wish.task_id or 0) if status in TAKEN else doers.get(S(status)),
                appointment=by if status in doers else None,
                at=at,
            )
            for wish, status, at in told
        ),
        BATCH,
    )
    reasons = (
        RecordReason(record=record, text=wish.resident_words if status == S.REOPENED else wish.answer)
        for record, (wish, status, _) in zip(records, told, strict=True)
        if status in AWAY or status == S.REOPENED
    )
    RecordReason.objects.bulk_create((reason for reason in reasons if reason.text), BATCH)
