from hashlib import sha256

import segno
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core.cache import cache
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.access import Request
from accounts.forms.check_in import CodeForm
from accounts.models import Organization
from accounts.queries.community import communities_by_street, community_by_code
from vanguard.lib.printing import CannotPrint, pdf_of
from vanguard.lib.site_address import public_address

POSTER_KEPT = 3600  # seconds


@login_not_required
@require_GET
def communities(request: Request) -> HttpResponse:
    """Find a community: by the code on its poster or in the list."""
    form = CodeForm(request.GET if "code" in request.GET else None)
    if form.is_bound and form.is_valid():
        return redirect("community", form.cleaned_data["code"])
    return render(request, "accounts/community/list.html", {"form": form, "communities": communities_by_street()})


@login_not_required
@require_GET
def community(request: Request, code: str) -> HttpResponse:
    """A community's public page: name, telephone and forms, never members or addresses."""
    return render(request, "accounts/community/page.html", {"community": community_by_code(code)})


@login_not_required
@require_GET
@cache_control(public=True, max_age=3600)
def community_qr(request: Request, code: str) -> HttpResponse:
    """The QR code that leads to the community's page."""
    address = _address_of(request, community_by_code(code))
    return HttpResponse(segno.make(address, error="m").svg_inline(scale=6, border=2, omitsize=False), "image/svg+xml")


@login_not_required
@require_GET
def community_poster(request: Request, code: str) -> HttpResponse:
    """The poster to hang in the stairwell, as a page that prints on one sheet."""
    return render(request, "accounts/community/poster.html", _poster(request, community_by_code(code)))


@require_GET
def community_poster_pdf(request: Request, code: str) -> HttpResponse:
    """The same poster as a PDF; where the machine cannot make one, the page is there to be printed."""
    context = _poster(request, community_by_code(code))
    community = context["community"]
    shown = (community.name, community.parent, community.phone, community.address, context["address"], get_language())
    key = f"poster-{sha256(repr(list(map(str, shown))).encode()).hexdigest()}"
    body = cache.get(key)
    try:
        body = body or pdf_of("accounts/community/poster_print.html", context)
    except CannotPrint:
        messages.warning(request, _("This server cannot make a PDF. Print this page from your browser instead."))
        return redirect("community_poster", community.code)
    cache.set(key, body, POSTER_KEPT)
    disposition = f'attachment; filename="poster-{community.code}.pdf"'
    return HttpResponse(body, headers={"Content-Type": "application/pdf", "Content-Disposition": disposition})


def _poster(request: Request, community: Organization) -> dict:
    address = _address_of(request, community)
    typed = address.partition("://")[2]  # nobody types a scheme
    return {
        "community": community,
        "language": get_language(),
        "address": typed,
        "qr": segno.make(address, error="m").svg_data_uri(scale=8),
    }


def _address_of(request: Request, community: Organization) -> str:
    return public_address(request, reverse("community", args=[community.code]))
