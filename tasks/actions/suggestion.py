"""Proposing something to the community (建言献策): as a member who lives there, or as a resident without an account."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from tasks.actions.photo import storing, take_up
from tasks.models import Suggestion, SuggestionContact, SuggestionPhoto
from tasks.models.suggestion import SuggestionQuerySet
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@dataclass(frozen=True)
class Proposed:
    """What is proposed to which community; a resident says how to be reached, a member is known."""

    community: Organization
    category: str
    text: str
    name: str = ""
    phone: str = ""

    def once(self, form: UUID, by: Actor) -> UUID:
        """The same words from the same form are one suggestion; other words, written after going back, are another."""
        who = self.phone or f"member {by.member and by.member.pk}"
        return uuid5(form, "\n".join((str(self.community.pk), who, self.name, self.category, self.text)))


def suggest(
    *, category: str, text: str, by: Actor, photos: Sequence[bytes] = (), sent_once: UUID | None = None
) -> Suggestion:
    """A member's proposal to the community they live in. Photos are JPEGs; `sent_once` identifies the form.

    Refused: who has no approved check-in, more than `SUGGESTIONS_A_DAY`, and too many photos.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    if by.member.home is None:
        raise Refused(Reason.NOT_CHECKED_IN)
    return _send(Proposed(by.member.home.community, category, text), photos, form=sent_once, by=by)


def send_suggestion(
    community: Organization,
    *,
    category: str,
    text: str,
    name: str,
    phone: str,
    by: Actor,
    photos: Sequence[bytes] = (),
    sent_once: UUID | None = None,
) -> Suggestion:
    """A resident's proposal; no account is needed. Photos are JPEGs; `sent_once` identifies the form.

    Refused: a closed community, no phone, more than `SUGGESTIONS_A_DAY` with the same one, and too many photos.
    """
    if community.closed_on:
        raise Refused(Reason.NO_SUGGESTIONS_TAKEN)
    if not phone:
        raise Refused(Reason.PHONE_MISSING)
    return _send(Proposed(community, category, text, name, phone), photos, form=sent_once, by=by)


def _send(proposed: Proposed, photos: Sequence[bytes], *, form: UUID | None, by: Actor) -> Suggestion:
    once = proposed.once(form, by) if form else None
    if once and Suggestion.objects.filter(sent_once=once).exists():
        return _sent_again(once, photos, form=form)
    try:
        return _write(proposed, photos, form=form, once=once, by=by)
    except IntegrityError:
        if once is None:
            raise
        return _sent_again(once, photos, form=form)


def _sent_again(once: UUID, photos: Sequence[bytes], *, form: UUID | None) -> Suggestion:
    """The one that is there already; a photo that was added since comes to it."""
    with storing(SuggestionPhoto) as store:
        suggestion = Suggestion.objects.select_for_update(of=("self",), no_key=True).get(sent_once=once)
        there = SuggestionPhoto.objects.filter(suggestion=suggestion)
        take_up(there, photos, form=form, store=store, suggestion=suggestion)
    return suggestion


def _write(
    proposed: Proposed, photos: Sequence[bytes], *, form: UUID | None, once: UUID | None, by: Actor
) -> Suggestion:
    of_member = not proposed.phone
    sent = Suggestion.objects.filter(author=by.member) if of_member else _of_phone(proposed.phone)
    _refuse_too_many(sent)
    with storing(SuggestionPhoto) as store:
        suggestion = Suggestion.objects.create(
            community=proposed.community,
            author=by.member if of_member else None,
            sender=None if of_member else by.user,
            category=proposed.category,
            text=proposed.text,
            sent_once=once,
        )
        if not of_member:
            SuggestionContact.objects.create(
                suggestion=suggestion,
                name=proposed.name,
                phone=proposed.phone,
                consent_version=settings.PRIVACY_VERSION,
            )
        record(suggestion, "sent", by=by, new=Suggestion.Status.NEW)
        there = SuggestionPhoto.objects.filter(suggestion=suggestion)
        take_up(there, photos, form=form, store=store, suggestion=suggestion)
    return suggestion


def _of_phone(phone: str) -> SuggestionQuerySet:
    return Suggestion.objects.filter(contact__phone=phone)


def _refuse_too_many(sent: SuggestionQuerySet) -> None:
    """Two at once may both pass: this keeps off a flood, and one more is none."""
    today = sent.filter(created_at__gt=timezone.now() - timedelta(days=1)).count()
    if today >= settings.SUGGESTIONS_A_DAY:
        raise Refused(Reason.TOO_MANY_SUGGESTIONS, n=today)
