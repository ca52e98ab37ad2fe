from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.queries.wish_time import LateWish, board_of, late_rows
from vanguard.lib.paging import page_of


@require_GET
def wishes_late(request: Request) -> HttpResponse:
    """Which communities leave wishes unanswered, and for how long; nothing of what they say or of who asks."""
    request.actor.require(Ability.SEE_FIGURES)
    page = page_of(request, late_rows(request.actor, request.GET.get("community", "")))
    context = {"page": page, "rows": [LateWish(*row) for row in page], "limit": settings.WISH_STREET_AFTER}
    return render(request, "tasks/wish/late.html", context)


@require_GET
def wishes_board(request: Request) -> HttpResponse:
    """How the community's wishes fare: how many stand where, since when, and what waits too long."""
    request.actor.require(Ability.HANDLE_WISHES)
    context = {
        "board": board_of(request.actor),
        "answer_within": settings.WISH_ANSWER_WITHIN,
        "widen_after": settings.WISH_WIDEN_AFTER,
    }
    return render(request, "tasks/wish/board.html", context)
