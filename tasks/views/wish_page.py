"""One wish as the community's staff sees it; the other views of the desk come back to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.actions.wish import reveal_contact
from tasks.forms.wish_publishing import PublishWishForm
from tasks.forms.wish_triage import (
    AskBackForm,
    DeclineForm,
    MarkForm,
    MoveForm,
    TextForm,
    ThanksForm,
    WrittenOutcomeForm,
    WrittenReplyForm,
)
from tasks.models import Wish
from tasks.queries.group_request import is_with_a_group, request_about
from tasks.queries.wish import history_of
from tasks.queries.wish_desk import moves_open
from tasks.queries.wish_duplicate import likely_duplicates
from tasks.queries.wish_time import days_unclaimed, widening_of
from vanguard.lib.attempting import attempt_with
from vanguard.lib.site_address import public_address


@never_cache
@require_GET
def wish(request: Request, pk: int) -> HttpResponse:
    """One wish with its contact, for the community's staff."""
    return wish_page(request, visible_wish(request, pk))


def visible_wish(request: Request, pk: int) -> Wish:
    request.actor.require(Ability.HANDLE_WISHES)
    return get_object_or_404(Wish.objects.visible_to(request.actor).with_all(), pk=pk)


def sent_from_page(
    request: Request,
    wish: Wish,
    form: MoveForm,
    act: Callable[[], Any],
    said: str | Callable[[], str],
    *,
    then: str = "wish",
) -> HttpResponse:
    """Do what a form of the page asks for, say so and go on; else the page comes back with what was typed."""
    if not attempt_with(form, act):
        return wish_page(request, wish, form)
    messages.success(request, said if isinstance(said, str) else said())
    return redirect(then, wish.pk) if then == "wish" else redirect(then)


def wish_page(
    request: Request, wish: Wish, sent: MoveForm | None = None, *, publishing: PublishWishForm | None = None
) -> HttpResponse:
    """The page, on which a form that was sent and not carried out stands with what was typed."""
    if sent or publishing:
        wish.refresh_from_db()  # somebody else may have been faster
    contact = reveal_contact(wish, by=request.actor)
    moves = moves_open(wish)
    forms = _forms(wish, moves) | ({sent.name: sent} if sent else {})
    asked = request_about(wish)
    context = {
        "wish": wish,
        "asked": asked,
        "may_ask_group": "publish" in moves and request.actor.can(Ability.KEEP_GROUPS) and not is_with_a_group(asked),
        "contact": contact,
        "moves": moves,
        "outcome": forms.pop(WrittenOutcomeForm.name, None),
        "forms": forms.values(),
        "photos": wish.photos.all(),
        "unclaimed": days_unclaimed(wish),
        "wider": widening_of(wish),
        "history": history_of(wish),
        "alike": likely_duplicates(wish) if "merge" in moves else [],
        "publishing": publishing or ("publish" in moves and PublishWishForm(wish=wish, by=request.actor)),
        "ask_at": public_address(request, reverse("wish_track", query={"number": wish.number})),
    }
    return render(request, "tasks/wish/page.html", context)


def _forms(wish: Wish, moves: set[str]) -> dict[str, MoveForm]:
    """A form for each open move that asks for words, in the order of the page."""
    marks = {"hardship": wish.hardship, "for_minor": wish.for_minor}
    every = [
        ThanksForm(initial={"words": wish.resident_words}),
        WrittenReplyForm(),
        AskBackForm(community=wish.community.community),
        TextForm(initial={"text": wish.current_text}),
        MarkForm(initial=marks),
        DeclineForm(community=wish.community.community),
        WrittenOutcomeForm(),
    ]
    return {form.name: form for form in every if form.name in moves}
