"""The community's desk: the queue, what is decided about each wish, and what is heard once it was fulfilled."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.wish_reply import write_down_outcome, write_down_reply
from tasks.actions.wish_thanks import pass_on_thanks
from tasks.actions.wish_triage import accept_wish, ask_back, decline_wish
from tasks.forms.wish_triage import AskBackForm, DeclineForm, ThanksForm, WrittenOutcomeForm, WrittenReplyForm
from tasks.models import Wish
from tasks.queries.wish import wishes_of, wishes_to_handle
from tasks.views.wish_page import sent_from_page, visible_wish
from vanguard.lib.attempting import attempt
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
    said = _("Asked; the resident reads your question.")
    return sent_from_page(
        request, wish, form, lambda: ask_back(wish, **form.said, by=request.actor), said, then="wish_queue"
    )


@require_POST
def wish_reply_written(request: Request, pk: int) -> HttpResponse:
    """What the resident says to the question, over the telephone."""
    wish = visible_wish(request, pk)
    form = WrittenReplyForm(request.POST)
    said = _("Written down. Now decide.")
    return sent_from_page(request, wish, form, lambda: write_down_reply(wish, **form.said, by=request.actor), said)


@require_POST
def wish_decline(request: Request, pk: int) -> HttpResponse:
    wish = visible_wish(request, pk)
    form = DeclineForm(request.POST, community=wish.community.community)
    said = _("Declined; the resident reads your reason.")
    return sent_from_page(
        request, wish, form, lambda: decline_wish(wish, **form.said, by=request.actor), said, then="wish_queue"
    )


@require_POST
def wish_outcome_written(request: Request, pk: int) -> HttpResponse:
    """Was it done? The resident's word, over the telephone."""
    wish = visible_wish(request, pk)
    if request.POST.get("done") not in ("yes", "no"):
        raise Http404
    done = request.POST["done"] == "yes"
    form = WrittenOutcomeForm(request.POST)
    said = _("Written down: done.") if done else _("Written down: not done.")
    return sent_from_page(
        request, wish, form, lambda: write_down_outcome(wish, done=done, **form.said, by=request.actor), said
    )


@require_POST
def wish_thanks(request: Request, pk: int) -> HttpResponse:
    """Let those who did it read the resident's words."""
    wish = visible_wish(request, pk)
    form = ThanksForm(request.POST)
    said = _("Passed on to who helped.")
    return sent_from_page(request, wish, form, lambda: pass_on_thanks(wish, **form.said, by=request.actor), said)
