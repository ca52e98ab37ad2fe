from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.wish import reveal_contact
from tasks.actions.wish_triage import accept_wish, decline_wish
from tasks.forms.wish_triage import DeclineForm
from tasks.models import Wish
from tasks.queries.wish import is_stranded, steps_of, wishes_of, wishes_to_handle
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused


@require_GET
def wish_queue(request: Request) -> HttpResponse:
    """What the community has to do something about; and, by state, everything there is."""
    request.actor.require(Ability.HANDLE_WISHES)
    status = request.GET.get("status", "")
    if status in Wish.Status.values:
        wishes = wishes_of(request.actor, status)
    else:
        wishes = wishes_of(request.actor) if status == "all" else wishes_to_handle(request.actor)
    context = {"page": page_of(request, wishes), "status": status, "statuses": Wish.Status.choices}
    return render(request, "tasks/wish/queue.html", context)


@require_GET
def wish(request: Request, pk: int) -> HttpResponse:
    """One wish with its contact, for the community's staff."""
    return _wish_page(request, _visible(request, pk), DeclineForm())


@require_POST
def wish_accept(request: Request, pk: int) -> HttpResponse:
    wish = _visible(request, pk)
    try:
        accept_wish(wish, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("wish", pk)
    messages.success(request, _("Accepted. Publish it so that a member can take it."))
    return redirect("wish_publish", pk)


@require_POST
def wish_decline(request: Request, pk: int) -> HttpResponse:
    wish = _visible(request, pk)
    form = DeclineForm(request.POST)
    if form.is_valid():
        try:
            decline_wish(wish, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Declined; the resident reads your reason."))
            return redirect("wish_queue")
    return _wish_page(request, wish, form)


def _wish_page(request: Request, wish: Wish, form: DeclineForm) -> HttpResponse:
    contact = reveal_contact(wish, by=request.actor)
    can_publish = wish.status in (Wish.Status.ACCEPTED, Wish.Status.REOPENED) or is_stranded(wish)
    context = {"wish": wish, "contact": contact, "steps": steps_of(wish), "form": form, "can_publish": can_publish}
    return render(request, "tasks/wish/page.html", context)


def _visible(request: Request, pk: int) -> Wish:
    request.actor.require(Ability.HANDLE_WISHES)
    wishes = Wish.objects.visible_to(request.actor).select_related("contact", "community", "task")
    return get_object_or_404(wishes, pk=pk)
