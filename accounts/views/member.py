from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.queries.member import resident_members
from vanguard.lib.paging import page_of


@require_GET
def members(request: Request) -> HttpResponse:
    """The members who live in the organization, for its staff."""
    request.actor.require(Ability.SEE_RESIDENT_MEMBERS)
    search = request.GET.get("q", "").strip()
    page = page_of(request, resident_members(request.actor, search))
    return render(request, "accounts/members.html", {"page": page, "search": search})
