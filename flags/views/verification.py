"""Whether a dossier on paper is genuine: for anybody who holds one, without an account."""

from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Request
from accounts.limiting import count_reading, may_read
from flags.forms.dossier import SerialForm
from flags.models.dossier_serial import read_serial
from flags.queries.verification import verified_as

WRONG = "dossier_not_found"


@login_not_required
@never_cache
@require_GET
def verify(request: Request) -> HttpResponse:
    """Type a number; one that this platform has never given out is said to be wrong before anything is looked up."""
    form = SerialForm(request.GET if "serial" in request.GET else None)
    if form.is_bound and form.is_valid():
        serial = read_serial(form.cleaned_data["serial"])
        if serial:
            return redirect("verified", serial)
        form.add_error("serial", _("No dossier has this number. Look at it again: 0, 1, I, L and O are never used."))
    return _page(request, {"form": form})


@login_not_required
@never_cache
@require_GET
def verified(request: Request, serial: str) -> HttpResponse:
    """What is known of a number: genuine and current, replaced, or none of ours."""
    known = read_serial(serial)
    if not known:
        return _page(request, {"form": SerialForm(initial={"serial": serial[:60]}), "unknown": True})
    if not may_read(request, WRONG):
        return _page(request, {"form": SerialForm(initial={"serial": known}), "too_often": True}, status=429)
    found = verified_as(known)
    if found is None:
        count_reading(request, WRONG)
        return _page(request, {"form": SerialForm(initial={"serial": known}), "unknown": True})
    return _page(request, {"found": found, "form": SerialForm()})


def _page(request: Request, context: dict[str, Any], *, status: int = 200) -> HttpResponse:
    response = render(request, "flags/dossier/verify.html", context, status=status)
    response.headers["X-Robots-Tag"] = "none"
    return response
