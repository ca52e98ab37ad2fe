"""How every wish moves: with the move goes since when it stands there, and when it first got so far."""

from datetime import datetime
from typing import Any

from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, move_all
from accounts.actions.notice import notify
from accounts.models import Notice
from tasks.actions.group_request_end import end_requests_of_wishes
from tasks.models import Task, Wish

S = Wish.Status
FIRST = {
    S.ASKED_BACK: "answered_at",
    S.DECLINED: "answered_at",
    S.MERGED: "answered_at",
    S.ACCEPTED: "answered_at",
    S.PUBLISHED: "published_at",
    S.CLAIMED: "claimed_at",
    S.FULFILLED: "fulfilled_at",
    S.DONE: "done_at",
}
ANOTHER_WAY = (S.DECLINED, S.MERGED, S.PUBLISHED)  # a group that is asked about it need not come
WORTH_TELLING = (S.ASKED_BACK, S.DECLINED, S.MERGED, S.CLAIMED, S.FULFILLED)


def step(wish: Wish, to: str, *, by: Actor, why: str = "", **fields: Any) -> None:
    """Move one wish, as `move` does; a resident with an account is told where the step concerns them."""
    now = timezone.now()
    first = FIRST.get(S(to))
    kept = getattr(wish, first) if first and to != S.DONE else None  # done is when it was done at last
    stamp: dict[str, datetime] = {first: kept or now} if first else {}
    move(wish, to, by=by, why=why, since=now, **stamp, **fields)
    if to in ANOTHER_WAY:
        end_requests_of_wishes([wish.pk], by=by)
    _tell([wish], to)


def hold_wishes(task: Task) -> None:
    """All the wishes of a task stay as they are until this is done; what is read after it is true of them.

    Whatever state they are in: who gives a place back and who takes another one would else not meet.
    """
    list(task.wishes.select_for_update(of=("self",), no_key=True).order_by("pk").values_list("pk"))


def take_up_wishes(task: Task, *, by: Actor) -> None:
    """Somebody has a place in the task: its wishes are claimed."""
    hold_wishes(task)
    step_all(task.wishes.filter(status=Wish.Status.PUBLISHED), Wish.Status.CLAIMED, by=by)


def step_all(wishes: QuerySet[Wish], to: str, *, by: Actor, why: str = "", **fields: Any) -> list[int]:
    """Move every wish that may go there, as `move_all` does; their keys come back."""
    now = timezone.now()
    first = FIRST.get(S(to))
    stamp = {first: Coalesce(F(first), now)} if first else {}
    moved = move_all(wishes, to, by=by, why=why, since=now, **stamp, **fields)
    if to in ANOTHER_WAY:
        end_requests_of_wishes(moved, by=by)
    _tell(Wish.objects.filter(pk__in=moved, sender__isnull=False).select_related("sender", "community"), to)
    return moved


def _tell(wishes: "QuerySet[Wish] | list[Wish]", to: str) -> None:
    """The resident's own account, where there is one; everybody else follows with number and phone."""
    if to not in WORTH_TELLING:
        return
    for wish in wishes:
        if wish.sender:
            link = reverse("wish_tracked", args=[wish.number])
            notify([wish.sender], Notice.Kind.WISH_NEWS, link=link, community=wish.community, number=wish.number)
