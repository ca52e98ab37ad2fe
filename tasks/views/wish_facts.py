"""What the community's staff finds out and notes about a wish."""

from django.http import Http404, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Request
from tasks.actions.wish_facts import edit_text, mark_wish, verify_wish
from tasks.forms.wish_triage import MarkForm, TextForm, VerifyForm
from tasks.views.wish_page import sent_from_page, visible_wish
from vanguard.lib.attempting import attempt


@require_POST
def wish_verify(request: Request, pk: int) -> HttpResponse:
    """It was checked by telephone or at the door."""
    wish = visible_wish(request, pk)
    form = VerifyForm(request.POST)
    if not form.is_valid():
        raise Http404
    how = form.cleaned_data["how"]
    attempt(request, lambda: verify_wish(wish, how=how, by=request.actor), _("Noted as verified."))
    return redirect("wish", pk)


@require_POST
def wish_text(request: Request, pk: int) -> HttpResponse:
    """Say it in words that may be published."""
    wish = visible_wish(request, pk)
    form = TextForm(request.POST)

    def said() -> str:
        kept = _("This text may be published now. The resident's own words are kept.")
        return kept if wish.edited_text else _("The resident's own words stand.")

    return sent_from_page(request, wish, form, lambda: edit_text(wish, **form.said, by=request.actor), said)


@require_POST
def wish_mark(request: Request, pk: int) -> HttpResponse:
    """What only the staff knows of the household, and whether it is for a child."""
    wish = visible_wish(request, pk)
    form = MarkForm(request.POST)
    said = _("Noted; only staff sees it.")
    return sent_from_page(request, wish, form, lambda: mark_wish(wish, **form.said, by=request.actor), said)
