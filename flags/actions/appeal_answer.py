"""What is said to an appeal: the answer of the community or the unit, and the city's decision."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, require_step
from accounts.actions.notice import notify
from accounts.models import Notice, Organization
from flags.actions.appeal import deciders_of, tell_deciders
from flags.actions.appeal_remedy import Remedy, put_right
from flags.models import Appeal
from flags.queries.appeal import may_be_decided
from flags.refusals import Reason
from vanguard.lib.refused import Refused

S = Appeal.Status


@transaction.atomic
def answer_appeal(appeal: Appeal, *, words: str, by: Actor) -> None:
    """Say how the community, or the unit, sees it; the member is told, and the city decides.

    Whoever marked or revoked may answer: the decision is not theirs. Refused: one's own, without words, a second time,
    and once it is decided.
    """
    by.require(Ability.ANSWER_APPEALS, appeal.organization)
    _refuse_own(appeal, by)
    _require_words(words)
    said: dict[str, Any] = {"answer": words.strip(), "answered_at": timezone.now()}
    move(appeal, S.ANSWERED, by=by, **said, answered_by=by.user, answered_as=by.appointment)
    notify(
        [appeal.person],
        Notice.Kind.APPEAL_ANSWERED,
        link=appeal.page,
        organization=appeal.organization,
        day=appeal.sent_on,
    )
    tell_deciders(appeal)


@transaction.atomic
def decide_appeal(appeal: Appeal, *, upheld: bool, reasons: str, by: Actor, remedy: Remedy | None = None) -> None:
    """The city's decision, with its reasons, is final; upheld, the ordinary action puts right what was wrong.

    `remedy` says what to record where the appeal alone does not: of an exemption, and of a service that is written
    nowhere. Refused: one's own; before it was answered, while there is time to; who took the decision appealed against
    or gave the answer, where another officer of the city may decide; without reasons; a second time; and whatever the
    ordinary action refuses, in which case nothing is decided.
    """
    by.require(Ability.DECIDE_APPEALS, appeal.organization)
    _refuse_own(appeal, by)
    _require_words(reasons)
    Organization.objects.for_change(appeal.organization)  # of two who decide at once the second sees the first
    appeal.refresh_from_db()
    to = S.UPHELD if upheld else S.REJECTED
    require_step(appeal, to)
    _refuse_involved(appeal, by)
    if not may_be_decided(appeal):
        raise Refused(Reason.APPEAL_UNANSWERED, organization=appeal.organization)
    lit = put_right(appeal, remedy, reason=reasons, by=by) if upheld else None
    said: dict[str, Any] = {"reasons": reasons.strip(), "decided_at": timezone.now(), "lit": lit}
    move(appeal, to, by=by, **said, decided_by=by.user, decided_as=by.appointment)
    notify([appeal.person], Notice.Kind.APPEAL_DECIDED, link=appeal.page, day=appeal.sent_on)


def _refuse_own(appeal: Appeal, by: Actor) -> None:
    if by.is_person(appeal.member):
        raise Refused(Reason.OWN_APPEAL)


def _refuse_involved(appeal: Appeal, by: Actor) -> None:
    if is_left_to_another(appeal, by):
        raise Refused(Reason.APPEAL_INVOLVED)


def is_left_to_another(appeal: Appeal, by: Actor) -> bool:
    """Whether this officer has marked, revoked or answered, and another one of the city can decide.

    Where the city has no other, whoever is there decides: the record shows it.
    """
    involved = {appeal.against_user_id, appeal.answered_by_id}
    assert by.user is not None
    return by.user.pk in involved and any(user.pk not in involved for user in deciders_of(appeal))


def _require_words(words: str) -> None:
    if not words.strip():
        raise Refused(Reason.APPEAL_ANSWER_MISSING)
