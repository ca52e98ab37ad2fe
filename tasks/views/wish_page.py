"""One wish as the community's staff sees it; the other views of the desk come back to it."""

from django import forms
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.actions.wish import reveal_contact
from tasks.forms.wish_triage import (
    AskBackForm,
    DeclineForm,
    HeardForm,
    MarkForm,
    ReplyForm,
    TextForm,
    ThanksForm,
)
from tasks.models import Wish
from tasks.queries.wish import history_of
from tasks.queries.wish_desk import moves_open
from tasks.queries.wish_duplicate import likely_duplicates
from vanguard.lib.site_address import public_address


@require_GET
def wish(request: Request, pk: int) -> HttpResponse:
    """One wish with its contact, for the community's staff."""
    return wish_page(request, visible_wish(request, pk))


def visible_wish(request: Request, pk: int) -> Wish:
    request.actor.require(Ability.HANDLE_WISHES)
    wishes = Wish.objects.visible_to(request.actor)
    return get_object_or_404(wishes.select_related("contact", "community", "compound", "task", "merged_into"), pk=pk)


def wish_page(request: Request, wish: Wish, **sent: forms.Form) -> HttpResponse:
    """The page, on which a form that was `sent` and not carried out stands with what was typed."""
    if sent:
        wish.refresh_from_db()  # somebody else may have been faster
    contact = reveal_contact(wish, by=request.actor)
    moves = moves_open(wish)
    context = {
        "wish": wish,
        "contact": contact,
        "moves": moves,
        "forms": _forms(wish, moves) | sent,
        "photos": wish.photos.all(),
        "history": history_of(wish),
        "alike": likely_duplicates(wish) if "merge" in moves else [],
        "ask_at": public_address(request, reverse("wish_track")),
    }
    return render(request, "tasks/wish/page.html", context)


def _forms(wish: Wish, moves: set[str]) -> dict[str, forms.BaseForm]:
    """A form for each open move that asks for words."""
    every: dict[str, forms.BaseForm] = {
        "ask": AskBackForm(community=wish.community),
        "reply": ReplyForm(auto_id="reply_%s"),
        "decline": DeclineForm(community=wish.community),
        "text": TextForm(auto_id="text_%s", initial={"text": wish.public_text}),
        "answer": HeardForm(auto_id="answer_%s"),
        "thanks": ThanksForm(auto_id="thanks_%s", initial={"words": wish.resident_words}),
    }
    return {name: form for name, form in every.items() if name in moves} | {"mark": MarkForm(instance=wish)}
