"""The form of a suggestion, a member's and a resident's, and what becomes of it; a resident's comes by the door of wishes."""

from collections.abc import Callable
from functools import partial
from typing import Any
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Actor, Request
from accounts.limiting import count_try
from accounts.models import Organization
from accounts.queries.community import find_community
from tasks.actions.photo import drop, keep_with_form
from tasks.actions.suggestion import send_suggestion
from tasks.forms.suggestion import ResidentSuggestionForm, SuggestionForm
from tasks.models import Suggestion, SuggestionPhoto
from tasks.queries.photo import kept_with
from tasks.refusals import Reason
from tasks.views.sending import closed_page, sent_or_kept
from tasks.views.wish_tracking import draft_sent, just_sent, numbers_of, remember


@login_not_required
def suggestion_send(request: Request, code: str) -> HttpResponse:
    """A resident proposes something; no account, few fields. What is refused keeps its words and its photos."""
    community = find_community(code)
    if community is None:
        return closed_page(request, code, Reason.NO_SUGGESTIONS_TAKEN)
    draft = f"suggestion-{community.code}"
    page = partial(form_page, request, community=community, draft=draft)
    if request.method != "POST":
        return page(ResidentSuggestionForm())
    if not count_try(request, "wish_sent"):  # one door: both count together
        return page(ResidentSuggestionForm(request.POST), too_often=True)
    form = ResidentSuggestionForm(request.POST, request.FILES)
    suggestion = sent(form, partial(send_suggestion, community), by=request.actor)
    if suggestion is None:
        return page(form)
    remember(request, suggestion)
    just_sent(request, draft)
    number = {"number": suggestion.number}
    messages.success(request, _("Your suggestion has been sent. Keep this number: %(number)s") % number)
    return redirect("suggestion_tracked", suggestion.number)


def sent(form: SuggestionForm, send: Callable[..., Suggestion], *, by: Actor) -> Suggestion | None:
    """The suggestion that a form has become; nothing, with its photos kept, where it was refused."""

    def keep(key: UUID) -> None:
        keep_with_form(SuggestionPhoto, key, form.cleaned_data.get("photos", []))

    return sent_or_kept(
        form,
        lambda key: send(**form.said, sent_once=key, by=by),
        keep=keep,
        drop=lambda key: drop(kept_with(SuggestionPhoto, key)),
    )


def form_page(
    request: Request, form: SuggestionForm, community: Organization | None, *, draft: str, too_often: bool = False
) -> HttpResponse:
    context: dict[str, Any] = {
        "form": form,
        "community": community,
        "draft": draft,
        "kept": kept_with(SuggestionPhoto, form.key).count(),
        "too_often": too_often,
        "answer_within": settings.SUGGESTION_ANSWER_WITHIN,
    }
    return render(request, "tasks/suggestion/new.html", context, status=429 if too_often else 200)


@login_not_required
@never_cache
@require_GET
def suggestion_tracked(request: Request, number: str) -> HttpResponse:
    """A resident's own, in a browser that sent it or has opened it with number and phone, or in the own account."""
    suggestions = Suggestion.objects.filter(number=number, author=None).with_all()
    suggestion = suggestions.first()
    mine = request.user.is_authenticated and suggestion is not None and suggestion.sender == request.user
    if suggestion is None or not mine and number not in numbers_of(request):
        raise Http404
    context = {"suggestion": suggestion, "photos": suggestion.photos.all(), "draft_sent": draft_sent(request)}
    return render(request, "tasks/suggestion/tracked.html", context)
