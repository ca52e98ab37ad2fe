from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.access import Ability, Request
from tasks.actions.wish_entry import enter_wish
from tasks.forms.wish_entry import FOLDED, EntryForm
from tasks.models import Wish
from vanguard.lib.attempting import attempt_with

LAST_ENTRY = "last_entry"  # what the session keeps for the next one: the channel, and whether to accept at once


def wish_enter(request: Request) -> HttpResponse:
    """Write down a wish for a resident, and the next one right after it."""
    request.actor.require(Ability.HANDLE_WISHES)
    community = request.actor.organization
    assert community is not None
    form = EntryForm(request.POST or None, community=community, initial=request.session.get(LAST_ENTRY, {}))
    wishes: list[Wish] = []
    if request.method == "POST" and attempt_with(
        form, lambda: wishes.append(enter_wish(community, **form.said, by=request.actor))
    ):
        return _next_one(request, wishes[0], form)
    folded = [form[name] for name in FOLDED]
    return render(request, "tasks/wish_entry/new.html", {"form": form, "folded": folded})


def _next_one(request: Request, wish: Wish, form: EntryForm) -> HttpResponse:
    request.session[LAST_ENTRY] = {name: form.cleaned_data[name] for name in ("channel", "accept")}
    words = {"number": wish.number, "text": Truncator(wish.text).chars(60)}
    messages.success(request, _("Written down: %(number)s “%(text)s”") % words)
    return redirect("wish_enter")
