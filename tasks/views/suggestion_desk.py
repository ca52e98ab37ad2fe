"""Where suggestions are answered: the queue, and one with all that is said to it."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.suggestion_answer import answer_suggestion, decide_suggestion, reveal_sender, tell_outcome
from tasks.forms.suggestion import AnswerSuggestionForm, OutcomeForm
from tasks.models import Suggestion
from tasks.queries.suggestion import suggestions_in_state, suggestions_to_answer
from vanguard.lib.attempting import attempt_with
from vanguard.lib.paging import page_of

WHO_ANSWERS = (Ability.ANSWER_SUGGESTIONS, Ability.STAND_IN)
S = Suggestion.Status


@require_GET
def suggestion_queue(request: Request) -> HttpResponse:
    """What waits for an answer; and, by state, everything there is."""
    request.actor.require_any(*WHO_ANSWERS)
    status = request.GET.get("status", "")
    if status in S.values or status == "all":
        suggestions = suggestions_in_state(request.actor, status.replace("all", ""))
    else:
        suggestions = suggestions_to_answer(request.actor)
    context = {
        "page": page_of(request, suggestions.select_related("author__user")),
        "status": status,
        "statuses": S.choices,
        "answer_within": settings.SUGGESTION_ANSWER_WITHIN,
    }
    return render(request, "tasks/suggestion/queue.html", context)


@require_POST
def suggestion_answer(request: Request, pk: int) -> HttpResponse:
    """An answer now, or the decision at once."""
    suggestion, form = _to_answer(request, pk), AnswerSuggestionForm(request.POST)

    def act() -> None:
        to, words = form.cleaned_data["to"], form.cleaned_data["words"]
        if to == S.ANSWERED:
            answer_suggestion(suggestion, words=words, by=request.actor)
        else:
            decide_suggestion(suggestion, to, reason=words, by=request.actor)

    if not attempt_with(form, act):
        return desk_page(request, _to_answer(request, pk), answer=form)
    messages.success(request, _("Sent. Who suggested it can read your answer now."))
    return redirect("suggestion", pk)


@require_POST
def suggestion_outcome(request: Request, pk: int) -> HttpResponse:
    suggestion, form = _to_answer(request, pk), OutcomeForm(request.POST)
    if not attempt_with(form, lambda: tell_outcome(suggestion, **form.cleaned_data, by=request.actor)):
        return desk_page(request, _to_answer(request, pk), outcome=form)
    messages.success(request, _("Told. Who suggested it can read what came of it."))
    return redirect("suggestion", pk)


def _to_answer(request: Request, pk: int) -> Suggestion:
    request.actor.require_any(*WHO_ANSWERS)
    return get_object_or_404(Suggestion.objects.answered_by(request.actor).with_all(), pk=pk)


def desk_page(
    request: Request,
    suggestion: Suggestion,
    *,
    answer: AnswerSuggestionForm | None = None,
    outcome: OutcomeForm | None = None,
) -> HttpResponse:
    """The page, on which a form that was sent and not carried out stands with what was typed."""
    own = suggestion.is_of(request.user)
    context: dict[str, Any] = {
        "suggestion": suggestion,
        "contact": reveal_sender(suggestion, by=request.actor),
        "photos": suggestion.photos.all(),
        "own": own,
    }
    if answer or not own and suggestion.status in Suggestion.NEXT:
        context["answer"] = answer or AnswerSuggestionForm()
        context["answer"].offer_what_is_open(suggestion)
    if outcome or not own and suggestion.status in Suggestion.DECIDED:
        context["outcome"] = outcome or OutcomeForm()
    return render(request, "tasks/suggestion/desk.html", context)
