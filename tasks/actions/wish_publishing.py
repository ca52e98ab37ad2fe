"""From wish to task: in one tap with a time by agreement, or as part of a task with fixed hours."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_request_end import end_requests_of_wishes
from tasks.actions.task_offer import ShiftTime, check_offer, write_offer
from tasks.actions.wish_step import step
from tasks.models import Task, Wish
from tasks.models.task import Category
from tasks.queries.wish import is_stranded
from tasks.queries.wish_publishing import can_be_published, words_of_contact
from tasks.refusals import Reason
from vanguard.lib.days import A_YEAR, beginning_of
from vanguard.lib.redacting import contacts_in, even, personal_data_in
from vanguard.lib.refused import Refused

TAKERS_AT_MOST = 10
TOGETHER_AT_MOST = 20


@transaction.atomic
def publish_wish(
    wish: Wish,
    *,
    by: Actor,
    audience: Organization | None = None,
    last_day: date | None = None,
    places: int = 1,
    **fields: Any,
) -> Task:
    """Make one wish a task whose time member and resident agree on: one flag, one place or a few for a joint claim.

    `fields` are those of `Task`. One that is new is accepted by it. Without `audience` it is for the members of the
    actor's community, without `last_day` it can be taken for WISH_LAST_DAY_AFTER. Refused: a wish that does not wait
    to be published, a last day past or more than a year ahead, more than ten places, a text that says who asked
    (domain rules 3 and 10).
    """
    by.require(Ability.HANDLE_WISHES, wish.community)
    audience = audience or by.organization
    assert audience is not None
    check_offer(by=by, audience=audience, **fields)
    if not 1 <= places <= TAKERS_AT_MOST:
        raise Refused(Reason.WISH_PLACES, most=TAKERS_AT_MOST)
    now = timezone.now()
    shift = ShiftTime(now, end_of(last_day or last_day_offered()), places, by_agreement=True)
    task = write_offer(by=by, audience=audience, shifts=[shift], category=Category.MICRO_WISH, opens_at=now, **fields)
    join_task([wish], task, by=by)
    return task


def last_day_offered() -> date:
    return timezone.localdate(timezone.now() + settings.WISH_LAST_DAY_AFTER)


def end_of(last_day: date) -> datetime:
    """The midnight after it; refused unless that is to come, and within a year."""
    today = timezone.localdate()
    if not today <= last_day < today + A_YEAR:
        raise Refused(Reason.LAST_DAY)
    return beginning_of(last_day + timedelta(days=1))


def join_task(wishes: Sequence[Wish], task: Task, *, by: Actor) -> None:
    """Let all the wishes be fulfilled by this task, or none of them: each is named nowhere in it, and still waits."""
    refuse_too_large_an_activity(wishes)
    for wish in sorted(wishes, key=lambda wish: wish.pk):
        by.require(Ability.HANDLE_WISHES, wish.community)
        refuse_naming(wish, task)
        _join(wish, task, by=by)


def refuse_too_large_an_activity(wishes: Sequence[Wish]) -> None:
    if len(wishes) > TOGETHER_AT_MOST:
        raise Refused(Reason.WISHES_TOGETHER, most=TOGETHER_AT_MOST)


def _join(wish: Wish, task: Task, *, by: Actor) -> None:
    """A wish whose task came to nothing stays published and gets its new task; a new one is accepted on the way."""
    if not can_be_published(wish):
        raise Refused(Reason.WISH_NOT_READY)
    if is_stranded(wish):
        old = Wish.objects.filter(pk=wish.pk, task=wish.task, status=Wish.Status.PUBLISHED)
        if not old.update(task=task, since=timezone.now()):
            raise Refused(AccountsReason.STATE_CHANGED)
        record(wish, "published again", by=by)
        end_requests_of_wishes([wish.pk], by=by)
        return
    if wish.status == Wish.Status.NEW:
        step(wish, Wish.Status.ACCEPTED, by=by)
    step(wish, Wish.Status.PUBLISHED, by=by, task=task)


def refuse_naming(wish: Wish, task: Task) -> None:
    """What everybody can read must not say who asked (domain rule 10); one character alone is no name."""
    said = (task.title, task.content, task.place, task.served, task.requirements, task.risk_note, task.justification)
    refuse_saying_who(wish, said, own_phone=task.publisher.phone)


def refuse_saying_who(wish: Wish, said: Iterable[str], *, own_phone: str = "") -> None:
    """Refuse words for others that tell whose wish it is; the publisher's own telephone may stand there."""
    words = next(_said_of_resident(wish, "\n".join(said), own_phone=own_phone), "")
    if words:
        raise Refused(Reason.NAMES_RESIDENT, words=words)


def _said_of_resident(wish: Wish, public: str, *, own_phone: str) -> Iterator[str]:
    """The pieces of `public` that tell: the contact however spaced, the door in `place`, any way to reach somebody.

    The publisher's own telephone may stand there.
    """
    close = _closed_up(public)
    known = words_of_contact(wish)
    if wish.for_whom != Wish.ForWhom.EVERYONE:
        known += personal_data_in(wish.place)
    yield from (words.strip() for words in known if len(_closed_up(words)) > 1 and _closed_up(words) in close)
    own = _digits(own_phone)
    yield from (piece.strip() for piece in contacts_in(public) if not own or _digits(piece) != own)


def _closed_up(text: str) -> str:
    return "".join(even(text).split())


def _digits(text: str) -> str:
    return "".join(sign for sign in even(text) if sign.isdecimal())
