"""What a resident says over the telephone, written down by the community's staff."""

from django.db import transaction

from accounts.access import Ability, Actor
from tasks.actions.wish import answer_whether_done, reply_to_question
from tasks.models import Wish


@transaction.atomic
def write_down_reply(wish: Wish, *, words: str, by: Actor) -> None:
    """The resident's reply to a question: the wish is new again."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    reply_to_question(wish, words=words, by=by)


@transaction.atomic
def write_down_outcome(wish: Wish, *, done: bool, words: str, rating: str, by: Actor) -> None:
    """The resident's word on whether it was really done, and how it was."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    answer_whether_done(wish, done=done, words=words, rating=rating, by=by)
