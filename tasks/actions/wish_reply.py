"""What a resident says of the own wish: typed by themselves, or over the telephone to the community's staff.

Whoever types it has no hat: that the wish is their own (its number and phone, or the account that sent it) the caller
has proved. What staff writes down asks for their authority here.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Notice
from tasks.actions.wish_step import step
from tasks.models import Wish
from tasks.queries.wish import handlers_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def reply_to_question(wish: Wish, *, words: str, by: Actor) -> None:
    """The resident replies to what the community has asked back; refused without words. The caller has proved whose it is."""
    if not words.strip():
        raise Refused(Reason.REPLY_MISSING)
    step(wish, Wish.Status.NEW, by=by, why=words)


@transaction.atomic
def say_outcome(wish: Wish, *, done: bool, words: str, by: Actor, rating: str = "") -> None:
    """The resident's word on a fulfilled wish: it is done, or it goes back to the community (the flag stays).

    After "done", "not done after all" is still possible; the last word counts. The community's staff is told of a "no".
    The caller has proved whose wish it is.
    """
    to = Wish.Status.DONE if done else Wish.Status.REOPENED
    again = {} if done else {"thanks_passed_at": None}  # whoever helps next can be thanked too
    step(wish, to, by=by, why=words, resident_words=words, rating=rating if done else "", **again)
    if not done and wish.task:
        notify(
            handlers_of(wish),
            Notice.Kind.WISH_REOPENED,
            but=by.user,
            link=reverse("wish", args=[wish.pk]),
            task=wish.task.title,
        )


@transaction.atomic
def keep_wish(wish: Wish, *, by: Actor) -> None:
    """Take a wish that was sent without an account into the own one; the caller has proved whose it is.

    Refused where another account has it already; once more by the same changes nothing.
    """
    if by.user is None:
        raise PermissionDenied
    if Wish.objects.filter(pk=wish.pk, sender=None).update(sender=by.user):
        record(wish, "linked", by=by)
    elif not Wish.objects.filter(pk=wish.pk, sender=by.user).exists():
        raise Refused(Reason.KEPT_ELSEWHERE)


@transaction.atomic
def write_down_reply(wish: Wish, *, words: str, by: Actor) -> None:
    """The resident's reply to a question: the wish is new again."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    reply_to_question(wish, words=words, by=by)


@transaction.atomic
def write_down_outcome(wish: Wish, *, done: bool, words: str, rating: str, by: Actor) -> None:
    """The resident's word on whether it was really done, and how it was."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    say_outcome(wish, done=done, words=words, rating=rating, by=by)
