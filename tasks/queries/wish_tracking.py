"""What a resident is told of the own wish: states, times and masked names, and the words written for them."""

from datetime import datetime
from typing import NamedTuple

from django.db.models import QuerySet

from accounts.models import Record, User
from accounts.queries.record import records_of
from tasks.models import Claim, Wish

S = Wish.Status
# Where the words of a step were written for the resident, or by them; all others are meant for staff (of a merger it is
# the number of the earlier wish, which is its resident's secret).
TOLD = {S.ASKED_BACK, S.DECLINED, S.DONE, S.REOPENED}
HELPED = {S.CLAIMED, S.FULFILLED, S.DONE, S.REOPENED}
HELPERS_SHOWN = 10
MERGERS_FOLLOWED = 10


class Told(NamedTuple):
    """One step, without who took it."""

    status: str
    before: str
    at: datetime
    words: str = ""


def steps_told(wish: Wish, *, with_words: bool = True) -> list[Told]:
    """Every step of a wish, oldest first; a row from elsewhere that nobody moved has only the state it is in."""
    told = [
        Told(step.new_status, step.old_status, step.at, _words_of(step) if with_words else "")
        for step in records_of(wish).exclude(new_status="")
    ]
    return told or [Told(wish.status, "", wish.since, wish.answer if with_words and wish.status in TOLD else "")]


def _words_of(step: Record) -> str:
    is_reply = step.old_status == S.ASKED_BACK
    reason = getattr(step, "reason", None)
    return reason.text if reason and (step.new_status in TOLD or is_reply) else ""


def helpers_of(wish: Wish) -> QuerySet[Claim]:
    """Who helps, from the claim on, with the time that was agreed; of many the first ten."""
    helping = Claim.objects.filter(shift__task=wish.task_id, status__in=Claim.HELPING)
    if wish.status not in HELPED:
        helping = helping.none()
    return helping.select_related("member__user").order_by("pk")[:HELPERS_SHOWN]


def goes_with(wish: Wish) -> Wish | None:
    """The earlier wish that this one goes together with, the last one where that has been merged itself."""
    earlier = wish.merged_into
    for _step in range(MERGERS_FOLLOWED):
        if earlier is None or earlier.merged_into is None:
            break
        earlier = earlier.merged_into
    return earlier


def wishes_kept_by(user: User) -> QuerySet[Wish]:
    """What a person has sent while signed in, or taken into the account later; newest first."""
    return Wish.objects.filter(sender=user).select_related("community").order_by("-created_at", "-pk")
