"""One wish as the community's staff sees it; the other views of the desk come back to it."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.actions.wish import reveal_contact
from tasks.forms.wish_publishing import PublishWishForm
from tasks.forms.wish_triage import (
    AskBackForm,
    DeclineForm,
    HeardForm,
    MarkForm,
    MoveForm,
    TextForm,
    ThanksForm,
    WrittenReplyForm,
)
from tasks.models import Wish
from tasks.queries.wish import history_of
from tasks.queries.wish_desk import moves_open
from tasks.queries.wish_duplicate import likely_duplicates
from tasks.queries.wish_time import days_unclaimed, widening_of
from vanguard.lib.site_address import public_address


@require_GET
def wish(request: Request, pk: int) -> HttpResponse:
    """One wish with its contact, for the community's staff."""
    return wish_page(request, visible_wish(request, pk))


def visible_wish(request: Request, pk: int) -> Wish:
    request.actor.require(Ability.HANDLE_WISHES)
    shown = ("contact", "community__merged_into", "compound", "task", "merged_into")
    return get_object_or_404(Wish.objects.visible_to(request.actor).select_related(*shown), pk=pk)


def wish_page(request: Request, wish: Wish, sent: MoveForm | None = None) -> HttpResponse:
    """The page, on which a form that was `sent` and not carried out stands with what was typed."""
    if sent:
        wish.refresh_from_db()  # somebody else may have been faster
    contact = reveal_contact(wish, by=request.actor)
    moves = moves_open(wish)
    forms = _forms(wish, moves) | ({sent.name: sent} if sent else {})
    context = {
        "wish": wish,
        "contact": contact,
        "moves": moves,
        "heard": forms.pop(HeardForm.name, None),
        "forms": forms.values(),
        "photos": wish.photos.all(),
        "unclaimed": days_unclaimed(wish),
        "wider": widening_of(wish),
        "history": history_of(wish),
        "alike": likely_duplicates(wish) if "merge" in moves else [],
        "publishing": PublishWishForm(wish=wish, by=request.actor) if "publish" in moves else None,
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
        HeardForm(),
    ]
    return {form.name: form for form in every if form.name in moves}
