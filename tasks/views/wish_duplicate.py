from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Request
from tasks.actions.wish_triage import merge_wish
from tasks.views.wish_page import visible_wish
from vanguard.lib.attempting import attempt


def wish_merge(request: Request, pk: int, into: int) -> HttpResponse:
    """Both side by side; then together."""
    wish, earlier = visible_wish(request, pk), visible_wish(request, into)
    if wish == earlier:
        raise Http404
    if request.method == "POST":
        said = _("Merged. The resident reads that it goes together with an earlier wish.")
        attempt(request, lambda: merge_wish(wish, into=earlier, by=request.actor), said)
        return redirect("wish", pk)
    return render(request, "tasks/wish_duplicate/merge.html", {"wish": wish, "earlier": earlier})
