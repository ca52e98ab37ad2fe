"""What the community's staff finds out and notes about a wish; its state stays as it is."""

from collections.abc import Iterable
from typing import Any

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_photo import drop_photos
from tasks.models import Wish
from tasks.queries.wish_desk import WITH_STAFF
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def verify_wish(wish: Wish, *, how: str, by: Actor) -> None:
    """It was checked by telephone or at the door. Both may follow each other; the same way twice is refused."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if wish.verified == how:
        raise Refused(Reason.VERIFIED_ALREADY)
    _note(wish, WITH_STAFF, verified=how)
    record(wish, "verified", by=by, why=wish.get_verified_display())


@transaction.atomic
def edit_text(wish: Wish, *, text: str, by: Actor) -> None:
    """Set what may be published beside the resident's own words, which stay; nothing, or these, takes it back."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    words = text.strip()
    edited = "" if words.splitlines() == wish.text.strip().splitlines() else words
    if edited.splitlines() != wish.edited_text.splitlines():
        _note(wish, WITH_STAFF, edited_text=edited)
        record(wish, "edited", by=by)


@transaction.atomic
def mark_wish(wish: Wish, *, hardship: bool, for_minor: bool, by: Actor) -> None:
    """Say whether a household in special hardship asks, and whether it is for a child, whose photos go (rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    if (wish.hardship, wish.for_minor) == (hardship, for_minor):
        return
    Wish.objects.filter(pk=wish.pk).update(hardship=hardship, for_minor=for_minor)
    wish.hardship, wish.for_minor = hardship, for_minor
    record(wish, "marked", by=by)
    if for_minor:
        drop_photos(wish, by=by)


def _note(wish: Wish, states: Iterable[str], **fields: Any) -> None:
    """Write `fields` where the wish is in one of `states`, now and not only when it was read."""
    if wish.status not in states:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display())
    if not Wish.objects.filter(pk=wish.pk, status__in=states).update(**fields):
        raise Refused(AccountsReason.STATE_CHANGED)
    for name, value in fields.items():
        setattr(wish, name, value)
