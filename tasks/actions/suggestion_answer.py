"""What the community says to a suggestion: an answer, a decision with its reasons, and later what came of it."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.earning import suggestion_adopted
from tasks.actions.place import hold_members
from tasks.models import Suggestion, SuggestionContact
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

S = Suggestion.Status


@transaction.atomic
def answer_suggestion(suggestion: Suggestion, *, words: str, by: Actor) -> None:
    """Answer now; whether it is adopted may be decided later. Refused without words, for one's own, and a second time."""
    _require_say(suggestion, by)
    _require_words(words)
    now = timezone.now()
    move(suggestion, S.ANSWERED, by=by, why=words, since=now, answer=words, answered_at=now)
    _tell(suggestion, Notice.Kind.SUGGESTION_ANSWERED)


@transaction.atomic
def decide_suggestion(suggestion: Suggestion, to: str, *, reason: str, by: Actor) -> None:
    """Adopt it, adopt it in part or not: `to` is one of `DECIDED`, and final.

    The day is kept: an adopted one lights its author a flag by it (domain rule 5), one adopted in part does not. Refused without reasons, whatever is decided,
    for one's own, and a second time.
    """
    assert to in Suggestion.DECIDED
    if to == S.ADOPTED and suggestion.author_id:
        hold_members([suggestion.author_id])  # before the suggestion, as a merger of two accounts does
        suggestion.refresh_from_db(fields=["author"])
    _require_say(suggestion, by)
    _require_words(reason)
    now = timezone.now()
    answered_at = suggestion.answered_at or now
    move(suggestion, to, by=by, why=reason, since=now, reason=reason, decided_at=now, answered_at=answered_at)
    _tell(suggestion, Notice.Kind.SUGGESTION_DECIDED)
    if to == S.ADOPTED:
        suggestion_adopted(suggestion, by)


@transaction.atomic
def tell_outcome(suggestion: Suggestion, *, words: str, by: Actor) -> None:
    """Say what came of it once it is decided; the last word stands, the records keep those before.

    The same words again change nothing. Refused without words, for one's own, and before it is decided.
    """
    _require_say(suggestion, by)
    if not words.strip():
        raise Refused(Reason.OUTCOME_MISSING)
    if suggestion.status not in Suggestion.DECIDED:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=suggestion.get_status_display())
    changed = Suggestion.objects.filter(pk=suggestion.pk).exclude(outcome=words)
    if changed.update(outcome=words, outcome_at=timezone.now()):
        record(suggestion, "outcome told", by=by, why=words)
        _tell(suggestion, Notice.Kind.SUGGESTION_OUTCOME)


@transaction.atomic
def reveal_sender(suggestion: Suggestion, *, by: Actor) -> SuggestionContact | None:
    """The resident's name and phone for the community's staff, until they are erased; every look is recorded (rule 10)."""
    contact: SuggestionContact | None = getattr(suggestion, "contact", None)
    if contact is None or not by.can(Ability.ANSWER_SUGGESTIONS, suggestion.community):
        return None
    record(suggestion, "revealed", by=by)
    return contact


def _require_say(suggestion: Suggestion, by: Actor) -> None:
    if not Suggestion.objects.answered_by(by).filter(pk=suggestion.pk).exists():
        raise PermissionDenied
    if suggestion.is_of(by.user):
        raise Refused(Reason.OWN_SUGGESTION)


def _require_words(words: str) -> None:
    if not words.strip():
        raise Refused(Reason.ANSWER_MISSING)


def _tell(suggestion: Suggestion, kind: Notice.Kind) -> None:
    """Who sent it, where there is an account; everybody else follows with number and phone."""
    if suggestion.person:
        day = timezone.localdate(suggestion.created_at)
        notify([suggestion.person], kind, link=suggestion.page, community=suggestion.community, day=day)
