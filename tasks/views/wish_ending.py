"""After a wish has been fulfilled: what the resident says, and what the members hear of it."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Request
from tasks.actions.wish_reply import write_down_answer
from tasks.actions.wish_thanks import pass_on_thanks
from tasks.forms.wish_triage import HeardForm, ThanksForm
from tasks.views.wish_page import visible_wish, wish_page
from vanguard.lib.attempting import attempt_with


@require_POST
def wish_answer_written(request: Request, pk: int) -> HttpResponse:
    """Was it done? The resident's word, over the telephone."""
    wish = visible_wish(request, pk)
    if request.POST.get("done") not in ("yes", "no"):
        raise Http404
    done = request.POST["done"] == "yes"
    form = HeardForm(request.POST)
    if attempt_with(form, lambda **said: write_down_answer(wish, done=done, **said, by=request.actor)):
        messages.success(request, _("Written down: done.") if done else _("Written down: not done."))
        return redirect("wish", pk)
    return wish_page(request, wish, form)


@require_POST
def wish_thanks(request: Request, pk: int) -> HttpResponse:
    """Let those who did it read the resident's words."""
    wish = visible_wish(request, pk)
    form = ThanksForm(request.POST)
    if attempt_with(form, lambda words: pass_on_thanks(wish, words=words, by=request.actor)):
        messages.success(request, _("Passed on to who helped."))
        return redirect("wish", pk)
    return wish_page(request, wish, form)
