from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Member
from accounts.queries.member_duplicate import pairs_alike
from flags.actions.member_merge import merge_members, tell_members_apart
from flags.queries.member_merge import flags_by_member
from vanguard.lib.attempting import attempt
from vanguard.lib.paging import page_of


@require_GET
def member_duplicates(request: Request) -> HttpResponse:
    """Who may have two accounts: the same name in the same unit, with what each has earned this year."""
    request.actor.require(Ability.MERGE_MEMBERS)
    page = page_of(request, pairs_alike(request.actor))
    flags = flags_by_member([member for pair in page for member in pair], timezone.localdate().year)
    return render(request, "flags/member_merge/list.html", {"page": page, "flags": flags})


@require_POST
def member_merge(request: Request, kept: str, other: str) -> HttpResponse:
    """Keep one of two accounts; what was earned with the other counts for it."""
    one, two = _member(request, kept), _member(request, other)
    said = _("One member now: %(name)s.") % {"name": one}
    attempt(request, lambda: merge_members(one, two, by=request.actor), said)
    return redirect("member_duplicates")


@require_POST
def members_distinct(request: Request, one: str, other: str) -> HttpResponse:
    """They are two people: the pair is not shown again."""
    first, second = _member(request, one), _member(request, other)
    attempt(request, lambda: tell_members_apart(first, second, by=request.actor), _("Noted: two people."))
    return redirect("member_duplicates")


def _member(request: Request, number: str) -> Member:
    request.actor.require(Ability.MERGE_MEMBERS)
    return get_object_or_404(Member.objects.visible_to(request.actor).select_related("user"), number=number)
