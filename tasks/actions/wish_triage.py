"""What the community's staff decides about a wish until it is published, declined or put together with another."""

from django.db import transaction

from accounts.access import Ability, Actor
from tasks.actions.answer_template import remember_words
from tasks.actions.wish_facts import mark_wish
from tasks.actions.wish_step import step
from tasks.models import AnswerTemplate, Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Purpose = AnswerTemplate.Purpose


@transaction.atomic
def accept_wish(wish: Wish, *, by: Actor) -> None:
    by.require(Ability.HANDLE_WISHES, wish.community)
    step(wish, Wish.Status.ACCEPTED, by=by)


@transaction.atomic
def ask_back(wish: Wish, *, question: str, by: Actor, keep: bool = False) -> None:
    """Ask the resident what is not clear; refused without a question. `keep` makes a template of the words."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if not question.strip():
        raise Refused(Reason.QUESTION_MISSING)
    step(wish, Wish.Status.ASKED_BACK, by=by, why=question, answer=question)
    if keep:
        remember_words(wish.community.community, purpose=Purpose.ASK_BACK, text=question, by=by)


@transaction.atomic
def decline_wish(wish: Wish, *, reason: str, by: Actor, keep: bool = False) -> None:
    """Say no with words that the resident reads; refused without them. `keep` makes a template of the words."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    step(wish, Wish.Status.DECLINED, by=by, why=reason, answer=reason)
    if keep:
        remember_words(wish.community.community, purpose=Purpose.DECLINE, text=reason, by=by)


@transaction.atomic
def merge_wish(wish: Wish, *, into: Wish, by: Actor) -> None:
    """Put a new wish together with an earlier one of the same community; what was merged into it goes along.

    Refused into itself, a neighbour's, a later one, and one that is declined or merged itself.
    """
    by.require(Ability.HANDLE_WISHES, wish.community)
    # The earlier one is held first, always in this order; what holds it can then neither decline nor merge it.
    earlier = Wish.objects.select_for_update(of=("self",), no_key=True).get(pk=into.pk)
    if earlier.pk == wish.pk:
        raise Refused(Reason.MERGED_INTO_ITSELF)
    if earlier.community_id != wish.community_id:
        raise Refused(Reason.MERGED_ELSEWHERE)
    if not earlier.came_before(wish):
        raise Refused(Reason.MERGED_INTO_A_LATER)
    if earlier.status in Wish.LEADS_NOWHERE:
        raise Refused(Reason.MERGED_INTO_AN_ENDED, state=earlier.get_status_display())
    step(wish, Wish.Status.MERGED, by=by, why=earlier.number, merged_into=earlier)
    Wish.objects.filter(merged_into=wish).update(merged_into=earlier)
    _carry_marks(wish, earlier, by=by)


def _carry_marks(wish: Wish, earlier: Wish, *, by: Actor) -> None:
    """A household in hardship keeps its turn, and a child its rule, in the wish that both go on as (domain rule 10)."""
    hardship, for_minor = earlier.hardship or wish.hardship, earlier.for_minor or wish.for_minor
    if (hardship, for_minor) != (earlier.hardship, earlier.for_minor):
        mark_wish(earlier, hardship=hardship, for_minor=for_minor, by=by)
