"""What the community's staff does with a wish until it is published or declined."""

from django.db import transaction

from accounts.access import Ability, Actor
from tasks.actions.wish_step import step
from tasks.models import Wish
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def accept_wish(wish: Wish, *, by: Actor) -> None:
    by.require(Ability.HANDLE_WISHES, wish.community)
    step(wish, Wish.Status.ACCEPTED, by=by)


@transaction.atomic
def decline_wish(wish: Wish, *, reason: str, by: Actor) -> None:
    """Say no with words that the resident reads; refused without them."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    step(wish, Wish.Status.DECLINED, by=by, why=reason, answer=reason)
