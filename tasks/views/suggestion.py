"""A member's own suggestions, and the one page of a suggestion: as its author reads it, or as who answers it."""

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Member
from tasks.actions.suggestion import suggest
from tasks.forms.suggestion import SuggestionForm
from tasks.models import Suggestion
from tasks.queries.suggestion import suggestions_of
from tasks.views.suggestion_desk import desk_page
from tasks.views.suggestion_sending import form_page, sent
from tasks.views.wish_tracking import draft_sent, just_sent
from vanguard.lib.paging import page_of


@require_GET
def my_suggestions(request: Request) -> HttpResponse:
    """What I have sent, as a member or while signed in as a resident."""
    return render(request, "tasks/suggestion/mine.html", {"page": page_of(request, suggestions_of(request.user))})


def suggestion_new(request: Request) -> HttpResponse:
    """A member proposes something to the own community."""
    request.actor.require(Ability.CLAIM)
    member = request.actor.member
    assert member is not None
    form = SuggestionForm(request.POST or None, request.FILES or None)
    suggestion = sent(form, suggest, by=request.actor)
    if suggestion is None:
        community = member.home.community if member.home else None
        return form_page(request, form, community, draft=_draft_of(member))
    just_sent(request, _draft_of(member))
    days = {"days": settings.SUGGESTION_ANSWER_WITHIN}
    messages.success(request, _("Sent. The community answers within %(days)s working days.") % days)
    return redirect("suggestion", suggestion.pk)


def _draft_of(member: Member) -> str:
    """Of the person: others may use the same browser."""
    return f"suggestion-{member.number}"


@never_cache
@require_GET
def suggestion(request: Request, pk: int) -> HttpResponse:
    suggestion = get_object_or_404(Suggestion.objects.visible_to(request.actor).with_all(), pk=pk)
    if Suggestion.objects.answered_by(request.actor).filter(pk=pk).exists():
        return desk_page(request, suggestion)
    context = {"suggestion": suggestion, "photos": suggestion.photos.all(), "draft_sent": draft_sent(request)}
    return render(request, "tasks/suggestion/page.html", context)
