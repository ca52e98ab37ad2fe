"""The community's desk: the queue, and what is decided about each wish in it."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.wish_reply import write_down_reply
from tasks.actions.wish_triage import accept_wish, ask_back, decline_wish
from tasks.forms.wish_triage import AskBackForm, DeclineForm, WrittenReplyForm
from tasks.models import Wish
from tasks.queries.wish import wishes_of, wishes_to_handle
from tasks.views.wish_page import visible_wish, wish_page
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of


@require_GET
def wish_queue(request: Request) -> HttpResponse:
    """What the community has to do something about; and, by state, everything there is."""
    request.actor.require(Ability.HANDLE_WISHES)
    status = request.GET.get("status", "")
    if status in Wish.Status.values:
        wishes = wishes_of(request.actor, status)
    else:
        wishes = wishes_of(request.actor) if status == "all" else wishes_to_handle(request.actor)
    page = page_of(request, wishes)
    together = any(wish.status == Wish.Status.ACCEPTED for wish in page)
    context = {"page": page, "status": status, "statuses": Wish.Status.choices, "together": together}
    return render(request, "tasks/wish/queue.html", context)


@require_POST
def wish_accept(request: Request, pk: int) -> HttpResponse:
    """Accept now, to publish it later, alone or with others."""
    wish = visible_wish(request, pk)
    said = _("Accepted. Publish it when you like, alone or ticked together with others.")
    done = attempt(request, lambda: accept_wish(wish, by=request.actor), said)
    return redirect("wish_queue") if done else redirect("wish", pk)


@require_POST
def wish_ask(request: Request, pk: int) -> HttpResponse:
    """Ask the resident back."""
    wish = visible_wish(request, pk)
    form = AskBackForm(request.POST, community=wish.community.community)

    def ask(question: str, keep: bool, **_template: object) -> None:
        ask_back(wish, question=question, keep=keep, by=request.actor)

    if attempt_with(form, ask):
        messages.success(request, _("Asked; the resident reads your question."))
        return redirect("wish_queue")
    return wish_page(request, wish, form)


@require_POST
def wish_reply_written(request: Request, pk: int) -> HttpResponse:
    """What the resident says to the question, over the telephone."""
    wish = visible_wish(request, pk)
    form = WrittenReplyForm(request.POST)
    if attempt_with(form, lambda words: write_down_reply(wish, words=words, by=request.actor)):
        messages.success(request, _("Written down. Now decide."))
        return redirect("wish", pk)
    return wish_page(request, wish, form)


@require_POST
def wish_decline(request: Request, pk: int) -> HttpResponse:
    wish = visible_wish(request, pk)
    form = DeclineForm(request.POST, community=wish.community.community)

    def decline(reason: str, keep: bool, **_template: object) -> None:
        decline_wish(wish, reason=reason, keep=keep, by=request.actor)

    if attempt_with(form, decline):
        messages.success(request, _("Declined; the resident reads your reason."))
        return redirect("wish_queue")
    return wish_page(request, wish, form)
