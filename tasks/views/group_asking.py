"""Where residents see what the groups of their community do, and ask for it; no account is needed."""

from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.access import Request
from accounts.queries.community import community_by_code, find_community
from tasks.models import GroupProject
from tasks.refusals import Reason
from tasks.views.sending import closed_page
from tasks.views.wish import wish_form
from vanguard.lib.paging import page_of


@login_not_required
@require_GET
def community_groups(request: Request, code: str) -> HttpResponse:
    """Groups by name with what they do for others; no member is named."""
    community = community_by_code(code)
    page = page_of(request, GroupProject.objects.in_public(community))
    return render(request, "tasks/group_asking/list.html", {"community": community, "page": page})


@login_not_required
def group_wish(request: Request, code: str, pk: int) -> HttpResponse:
    """A resident asks a group for one of its projects, by the same door as a wish.

    What is no longer offered once the form is sent is refused there, with all that was typed.
    """
    community = find_community(code)
    if community is None:
        return closed_page(request, code, Reason.COMMUNITY_CLOSED)
    projects = GroupProject.objects.filter(group__community=community).select_related("group")
    if request.method != "POST":
        projects = projects.on_offer()
    return wish_form(request, community, get_object_or_404(projects, pk=pk))
