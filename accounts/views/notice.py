from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Request
from accounts.actions.notice import read_notice
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
