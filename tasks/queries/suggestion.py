from collections.abc import Iterable

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.models import User
from tasks.models import Suggestion, SuggestionPhoto
from tasks.models.suggestion import SuggestionQuerySet
from tasks.queries.lateness import has_waited


def suggestions_to_answer(actor: Actor) -> SuggestionQuerySet:
    """What waits for this actor, who decides on nothing of their own; the longest waiting first."""
    if actor.user is None:
        return Suggestion.objects.none()
    return Suggestion.objects.answered_by(actor).of_others(actor.user).waiting().order_by("since", "pk")


def late_suggestions(actor: Actor) -> QuerySet[Suggestion]:
    """What should have been answered by now."""
    return suggestions_to_answer(actor).filter(unanswered_for(settings.SUGGESTION_ANSWER_WITHIN))


def unanswered_for(days: int) -> Q:
    return Q(status=Suggestion.Status.NEW) & has_waited("since", days)


def suggestions_in_state(actor: Actor, status: str = "") -> QuerySet[Suggestion]:
    """Whatever is the actor's to read for an organization, the latest news first."""
    suggestions = Suggestion.objects.answered_by(actor).order_by("-since", "-pk")
    return suggestions.filter(status=status) if status else suggestions


def suggestions_of(user: User) -> QuerySet[Suggestion]:
    """What a person has sent, as a member or logged in as a resident; newest first."""
    own = Suggestion.objects.filter(Q(author__user=user) | Q(sender=user))
    return own.select_related("community").order_by("-created_at", "-pk")


def suggestion_by_number(number: str, phone: str) -> Suggestion | None:
    """A resident's suggestion with that tracking number, if the phone is the one it came with."""
    return Suggestion.objects.filter(number=number, contact__phone=phone).first() if phone else None


def suggestion_photos_visible_to(actor: Actor, numbers: Iterable[str] = ()) -> QuerySet[SuggestionPhoto]:
    """For who reads the suggestion; a resident also by the `numbers` that this browser has proved."""
    proved = Q(suggestion__number__in=list(numbers))
    return SuggestionPhoto.objects.filter(proved | Q(suggestion__in=Suggestion.objects.visible_to(actor)))
