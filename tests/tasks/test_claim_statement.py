"""PostgreSQL's one statement and the slow way decide alike; what one writes, the other would have written."""

from collections.abc import Callable
from datetime import datetime, timedelta
from types import SimpleNamespace
from typing import Any, NamedTuple

import pytest
import time_machine
from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Notice, Record, Skill, User
from tasks.actions.claim import claim_shift
from tasks.actions.claim_statement import claim_in_one_statement
from tasks.models import Claim, Shift, Task
from tasks.queries import fair_share
from tasks.refusals import Reason
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.unguarded import without_the_statement
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite always takes the slow way")
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
S = Claim.Status
CLAIM_MADE = Notice.Kind.CLAIM_MADE


class World(SimpleNamespace):
    """Two places of a task that the member of the cast, who lives in a compound, may claim."""

    cast: SimpleNamespace
    shift: Shift
    actor: Actor
    now: datetime

    def wants(self, **fields: Any) -> None:
        User.objects.filter(pk=self.actor.user.pk).update(**fields)
        self.actor.user.refresh_from_db()

    def task(self, **fields: Any) -> None:
        Task.objects.filter(pk=self.shift.task_id).update(**fields)

    def change(self, **fields: Any) -> None:
        Shift.objects.filter(pk=self.shift.pk).update(**fields)

    def own(self, *, shift: Shift | None = None, **fields: Any) -> Claim:
        return ClaimFactory(shift=shift or self.shift, member=self.actor.member, **fields)

    def elsewhere(self, starts_after: timedelta, **fields: Any) -> Shift:
        return ShiftFactory(task=TaskFactory(publisher=self.cast.city), starts_at=self.now + starts_after, **fields)

    def fill(self, **fields: Any) -> Claim:
        """Take the places, the last one as `fields` say."""
        ClaimFactory(shift=self.shift, member__home=None)
        return ClaimFactory(shift=self.shift, **fields)

    def places_to_come(self, n: int, **fields: Any) -> None:
        for i in range(n):
            self.own(shift=self.elsewhere((10 + i) * DAY), **fields)


class Case(NamedTuple):
    """What is different, what the slow way makes of it, and whether the statement says so itself."""

    change: Callable[[World], Any]
    answer: Reason | None = None
    at_once: bool = True


def no_check_in(w: World) -> None:
    Member.objects.filter(pk=w.actor.member.pk).update(home=None)


def next_door(w: World) -> None:
    Member.objects.filter(pk=w.actor.member.pk).update(home=w.cast.other_community)


def moved_within(w: World) -> None:
    """The page was loaded when they still lived in the compound."""
    Member.objects.filter(pk=w.actor.member.pk).update(home=w.cast.community)


def skilled(w: World) -> None:
    skill = Skill.objects.create(name="电工")
    w.change(skill=skill)
    w.actor.member.skills.add(skill)


def by_agreement(w: World) -> None:
    w.change(by_agreement=True, starts_at=w.now, ends_at=w.now + 9 * DAY)


def an_agreed_time(w: World) -> None:
    """In the hours of the shift, in one whose time was by agreement."""
    other = w.elsewhere(timedelta(), by_agreement=True, ends_at=w.now + 9 * DAY)
    w.own(shift=other, starts_at=w.shift.starts_at, ends_at=w.shift.ends_at)


def agreements(w: World, **fields: Any) -> None:
    for _ in range(settings.OPEN_CLAIMS_AT_MOST):
        other = w.elsewhere(timedelta(), by_agreement=True, ends_at=w.now + 9 * DAY)
        w.own(shift=other, **{"starts_at": None, "ends_at": None, **fields})


def reported(w: World) -> None:
    for i in range(settings.OPEN_CLAIMS_AT_MOST):
        other = w.elsewhere(-9 * DAY, by_agreement=True, ends_at=w.now + 9 * DAY)
        day = w.now - (i + 1) * DAY
        w.own(shift=other, starts_at=day, ends_at=day + HOUR, reported_at=w.now)


def full_and_too_many(w: World) -> None:
    w.fill()
    w.places_to_come(settings.OPEN_CLAIMS_AT_MOST)


def full_and_overlapping(w: World) -> None:
    w.fill()
    w.own(shift=w.elsewhere(2 * DAY))


CASES = {
    "nothing is in the way": Case(lambda w: None),
    "nobody is reached by mail": Case(lambda w: User.objects.update(email="")),
    "not wanted in the app": Case(lambda w: w.wants(app_off=[CLAIM_MADE])),
    "not wanted by mail": Case(lambda w: w.wants(mail_off=[CLAIM_MADE])),
    "not wanted either way": Case(lambda w: w.wants(app_off=[CLAIM_MADE], mail_off=[CLAIM_MADE])),
    "other things not wanted": Case(lambda w: w.wants(app_off=["WISH_TAKEN"], mail_off=["WISH_TAKEN", "CLAIM"])),
    "neither wanted nor reached by mail": Case(lambda w: w.wants(app_off=[CLAIM_MADE], email="")),
    "moved within the audience": Case(moved_within),
    "the last place": Case(lambda w: ClaimFactory(shift=w.shift)),
    "no check-in": Case(no_check_in, Reason.NOT_CHECKED_IN, False),
    "lives elsewhere": Case(next_door, Reason.NOT_IN_AUDIENCE, False),
    "a wider audience": Case(lambda w: (next_door(w), w.task(audience=w.cast.city))),
    "a draft": Case(lambda w: w.task(status=Task.Status.DRAFT), Reason.NOT_OPEN, False),
    "a task that is over": Case(lambda w: w.task(status=Task.Status.CLOSED), Reason.NOT_OPEN, False),
    "a task called off": Case(lambda w: w.task(status=Task.Status.CANCELLED), Reason.NOT_OPEN, False),
    "scheduled": Case(
        lambda w: w.task(status=Task.Status.SCHEDULED, opens_at=w.now + HOUR), Reason.NOT_OPEN_YET, False
    ),
    "scheduled, and its time has come": Case(lambda w: w.task(status=Task.Status.SCHEDULED, opens_at=w.now)),
    "open before its time": Case(lambda w: w.task(opens_at=w.now + HOUR), Reason.NOT_OPEN_YET, False),
    "a shift called off": Case(lambda w: w.change(status=Shift.Status.CANCELLED), Reason.NOT_OPEN, False),
    "a shift that has ended": Case(lambda w: w.change(status=Shift.Status.ENDED), Reason.NOT_OPEN, False),
    "begun": Case(lambda w: w.change(starts_at=w.now), Reason.BEGUN, False),
    "about to begin": Case(lambda w: w.change(starts_at=w.now + timedelta(seconds=1))),
    "by agreement": Case(by_agreement, None, False),
    "a skill not had": Case(lambda w: w.change(skill=Skill.objects.create(name="电工")), Reason.NEEDS_SKILL, False),
    "a skill had": Case(skilled, None, False),
    "the first minutes": Case(
        lambda w: w.task(opens_at=w.now - 9 * timedelta(minutes=1), first_minutes=10), Reason.FIRST_FOR_OTHERS, False
    ),
    "the first minutes are over": Case(lambda w: w.task(opens_at=w.now - timedelta(minutes=10), first_minutes=10)),
    "an own wish": Case(
        lambda w: WishFactory(status="PUBLISHED", task=w.shift.task, sender=w.actor.user), Reason.OWN_WISH, False
    ),
    "somebody else's wish": Case(lambda w: WishFactory(status="PUBLISHED", task=w.shift.task), None, False),
    "another place at that time": Case(lambda w: w.own(shift=w.elsewhere(2 * DAY + HOUR)), Reason.OVERLAP, False),
    "an offer of one at that time": Case(
        lambda w: w.own(shift=w.elsewhere(2 * DAY), status=S.OFFERED), Reason.OVERLAP, False
    ),
    "an agreed time at that time": Case(an_agreed_time, Reason.OVERLAP, False),
    "waits elsewhere at that time": Case(lambda w: w.own(shift=w.elsewhere(2 * DAY), status=S.WAITING)),
    "gave one back at that time": Case(lambda w: w.own(shift=w.elsewhere(2 * DAY), status=S.WITHDRAWN)),
    "asked about new hours": Case(
        lambda w: w.own(shift=w.elsewhere(2 * DAY), starts_at=None, ends_at=None, asked_at=w.now)
    ),
    "one ends when it begins": Case(lambda w: w.own(shift=w.elsewhere(2 * DAY - 2 * HOUR))),
    "one begins when it ends": Case(lambda w: w.own(shift=w.elsewhere(2 * DAY + 2 * HOUR))),
    "the limit": Case(lambda w: w.places_to_come(settings.OPEN_CLAIMS_AT_MOST), Reason.TOO_MANY, False),
    "one below the limit": Case(lambda w: w.places_to_come(settings.OPEN_CLAIMS_AT_MOST - 1)),
    "the limit, of waiting": Case(lambda w: w.places_to_come(settings.OPEN_CLAIMS_AT_MOST, status=S.WAITING)),
    "the limit, some asked": Case(
        lambda w: w.places_to_come(settings.OPEN_CLAIMS_AT_MOST, starts_at=None, ends_at=None, asked_at=w.now),
        Reason.TOO_MANY,
        False,
    ),
    "the limit, by agreement": Case(agreements, Reason.TOO_MANY, False),
    "the limit, all reported": Case(reported),
    "an own place": Case(lambda w: w.own()),
    "an own place that is settled": Case(lambda w: w.own(status=S.CONFIRMED)),
    "an own place, and it is full": Case(lambda w: (w.change(capacity=1), w.own())),
    "an own place, and it has begun": Case(lambda w: (w.change(starts_at=w.now - HOUR), w.own())),
    "given back before": Case(lambda w: w.own(status=S.WITHDRAWN)),
    "waits, and a place is free": Case(lambda w: w.own(status=S.WAITING), None, False),
    "waits, and it is full": Case(lambda w: (w.fill(), w.own(status=S.WAITING)), Reason.FULL, False),
    "is offered a place": Case(lambda w: w.own(status=S.OFFERED), None, False),
    "full": Case(lambda w: w.fill(), Reason.FULL),
    "full, of an offer": Case(lambda w: w.fill(status=S.OFFERED), Reason.FULL),
    "full, a stand-in is sought": Case(lambda w: w.fill(stand_in_since=w.now), None, False),
    "full, and no check-in": Case(lambda w: (w.fill(), no_check_in(w)), Reason.NOT_CHECKED_IN, False),
    "full, and too many": Case(full_and_too_many, Reason.TOO_MANY, False),
    "full, and another at that time": Case(full_and_overlapping, Reason.OVERLAP, False),
    "full, and a skill not had": Case(
        lambda w: (w.fill(), w.change(skill=Skill.objects.create(name="电工"))), Reason.NEEDS_SKILL, False
    ),
    "full, and a wish": Case(
        lambda w: (w.fill(), WishFactory(status="PUBLISHED", task=w.shift.task)), Reason.FULL, False
    ),
    "full, and scheduled": Case(
        lambda w: (w.fill(), w.task(status=Task.Status.SCHEDULED, opens_at=w.now + HOUR)), Reason.NOT_OPEN_YET, False
    ),
    "full, and begun": Case(lambda w: (w.fill(), w.change(starts_at=w.now)), Reason.BEGUN, False),
}


@pytest.fixture
def world(cast, monkeypatch) -> World:
    monkeypatch.setattr(fair_share, "RULES", [])
    now = timezone.now().replace(microsecond=0)
    User.objects.filter(pk=cast.member.user.pk).update(email="zhang@example.org")
    cast.member.user.refresh_from_db()
    task = TaskFactory(publisher=cast.community)
    return World(
        cast=cast, actor=cast.member, now=now, shift=ShiftFactory(task=task, starts_at=now + 2 * DAY, capacity=2)
    )


@on_postgresql
@pytest.mark.parametrize("name", CASES)
def test_both_ways_decide_alike_and_write_the_same(world, monkeypatch, name):
    case = CASES[name]
    with time_machine.travel(world.now, tick=False):
        case.change(world)
        said, written = undone(lambda: claim_in_one_statement(world.shift.pk, by=world.actor))
        without_the_statement(monkeypatch)
        slowly, written_slowly = undone(lambda: claim_shift(world.shift, by=world.actor))
    assert (slowly if isinstance(slowly, Reason) else None) == case.answer
    assert (said is not None) is case.at_once
    if case.at_once:
        assert said == slowly
    assert written == (written_slowly if case.at_once else rows())


def undone(act: Callable[[], Claim | None]) -> tuple[Any, list[Any]]:
    """What an act says, with a claim's columns for the claim, and what it has written before it is undone."""
    with transaction.atomic():
        try:
            claim = act()
            said = claim and {name: getattr(claim, name) for name in columns_of(claim) if name != "id"}
        except Refused as refused:
            said = refused.reason
        after = rows()
        transaction.set_rollback(True)
    return said, after


def columns_of(claim: Claim) -> list[str]:
    return [field.attname for field in claim._meta.concrete_fields]


def rows() -> list[Any]:
    """Every claim, record and notice, keys left out: those of what was undone are not given again."""
    claims = list(Claim.objects.order_by("pk"))
    order = {claim.pk: n for n, claim in enumerate(claims)}
    pages = {claim.page: n for n, claim in enumerate(claims)}
    return [
        *({name: getattr(claim, name) for name in columns_of(claim) if name != "id"} for claim in claims),
        *(
            {**row, "id": 0, "subject_id": order.get(row["subject_id"])}
            for row in Record.objects.order_by("pk").values()
        ),
        *({**row, "id": 0, "link": pages.get(row["link"])} for row in Notice.objects.order_by("pk").values()),
        *Shift.objects.order_by("pk").values_list("pk", "taken"),
    ]


@on_postgresql
def test_a_claim_by_the_statement_is_one_claim_one_record_and_one_notice(world):
    with time_machine.travel(world.now, tick=False):
        claim = claim_shift(world.shift, by=world.actor)
    notice = Notice.objects.get()
    assert Record.objects.get(verb="claimed").subject == claim
    assert (notice.user, notice.link, notice.params["task"]) == (world.actor.user, claim.page, world.shift.task.title)
    assert datetime.fromisoformat(notice.params["time"]) == world.shift.starts_at
    assert (notice.mail, notice.mail_due_at) == (Notice.Mail.WAITING, world.now)


@on_postgresql
def test_who_has_lost_the_account_is_told_nothing(world):
    User.objects.filter(pk=world.actor.user.pk).update(is_active=False)
    assert claim_in_one_statement(world.shift.pk, by=world.actor)
    assert not Notice.objects.exists()


@on_postgresql
def test_a_shift_that_is_none_is_left_to_the_slow_way(world):
    assert claim_in_one_statement(world.shift.pk + 1, by=world.actor) is None
    assert claim_in_one_statement(10**30, by=world.actor) is None


@on_postgresql
def test_what_changes_between_the_look_and_the_lock_takes_the_place_back(world):
    """As if somebody else had been faster: the member's last allowed place is taken within the statement itself."""
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE FUNCTION take_away() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "UPDATE accounts_member SET home_id = NULL; RETURN NULL; END $$"
        )
        cursor.execute("CREATE TRIGGER t AFTER UPDATE OF taken ON tasks_shift EXECUTE FUNCTION take_away()")
    assert claim_in_one_statement(world.shift.pk, by=world.actor) is None
    world.shift.refresh_from_db()
    assert (world.shift.taken, Claim.objects.count(), Record.objects.count(), Notice.objects.count()) == (0, 0, 0, 0)


@pytest.mark.skipif(connection.vendor != "sqlite", reason="what SQLite does")
def test_on_sqlite_the_slow_way_does_it_all(world):
    assert claim_in_one_statement(world.shift.pk, by=world.actor) is None
    assert claim_shift(world.shift, by=world.actor).status == S.HELD
