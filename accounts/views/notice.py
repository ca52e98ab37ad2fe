from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Request
from accounts.actions.notice import read_notice
from accounts.actions.notice_choice import choose_notices
from accounts.forms.notice_choice import NoticeChoiceForm
from vanguard.lib.paging import page_of


@require_GET
def notices(request: Request) -> HttpResponse:
    """One inbox for a person, whatever hat: newest first."""
    return render(request, "accounts/notices.html", {"page": page_of(request, request.user.notices.all())})


@require_POST
def notice_open(request: Request, pk: int) -> HttpResponse:
    """Mark it read and go where it points."""
    notice = get_object_or_404(request.user.notices, pk=pk)
    read_notice(notice)
    return redirect(notice.link or "notices")


@require_POST
def notices_read(request: Request) -> HttpResponse:
    request.user.notices.unread().update(read_at=timezone.now())
    return redirect("notices")


def notice_settings(request: Request) -> HttpResponse:
    """What I want to be told of, in the app and by mail, and when not to be mailed: for all of my hats at once."""
    roles = {hat.role for hat in request.hats.values()}
    form = NoticeChoiceForm(request.POST if request.method == "POST" else None, user=request.user, roles=roles)
    if request.method == "POST" and form.is_valid():
        choose_notices(request.user, **form.chosen)
        messages.success(request, _("Saved."))
        return redirect(reverse("notice_settings") + form.anchor)
    return render(request, "accounts/notice_settings.html", {"form": form})
