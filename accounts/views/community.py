import segno
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_GET

from accounts.access import Request
from accounts.forms.check_in import CodeForm
from accounts.queries.community import communities_by_street, community_by_code


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
    address = request.build_absolute_uri(reverse("community", args=[community_by_code(code).code]))
    image = segno.make(address, error="m").svg_inline(scale=6, border=2, omitsize=False)
    return HttpResponse(image, content_type="image/svg+xml")
