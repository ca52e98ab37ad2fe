"""What a resident says over the telephone, written down by the community's staff."""

from django.db import transaction

from accounts.access import Ability, Actor
from tasks.actions.wish import answer_whether_done
from tasks.actions.wish_step import step
from tasks.models import Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def write_down_reply(wish: Wish, *, words: str, by: Actor) -> None:
    """The resident's reply to a question: the wish is new again. Refused without words."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if not words.strip():
        raise Refused(Reason.REPLY_MISSING)
    step(wish, Wish.Status.NEW, by=by, why=words)


@transaction.atomic
def write_down_answer(wish: Wish, *, done: bool, words: str, rating: str, by: Actor) -> None:
    """The resident's word on whether it was really done, and how it was."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    answer_whether_done(wish, done=done, words=words, rating=rating, by=by)
