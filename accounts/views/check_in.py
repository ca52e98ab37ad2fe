from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Actor, Request
from accounts.actions.check_in import approve_check_in, resubmit_check_in, return_check_in, submit_check_in
from accounts.forms.check_in import CheckInForm, ReturnForm
from accounts.models import CheckIn
from accounts.queries.check_in import check_in_queue as queue_of
from accounts.queries.check_in import check_ins_of
from accounts.queries.community import community_by_code
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused


@require_GET
def check_in(request: Request) -> HttpResponse:
    """Where my check-in stands, or how to begin one."""
    return render(request, "accounts/check_in/status.html", {"check_ins": check_ins_of(request.user)})


@login_not_required
def check_in_at(request: Request, code: str) -> HttpResponse:
    """Check in to this community; who is not logged in signs up first and comes back here."""
    community = community_by_code(code)
    if not request.user.is_authenticated:
        return render(request, "accounts/check_in/begin.html", {"community": community})
    returned = CheckIn.objects.filter(member__user=request.user, status=CheckIn.Status.RETURNED).first()
    form = CheckInForm(request.POST or None, instance=returned, community=community)
    if request.method == "POST" and form.is_valid():
        asked = {name: form.cleaned_data[name] for name in ("compound", "unit", "address")}
        # Who checks in acts as a plain person: none of their hats has a say in it.
        by = Actor(user=request.user)
        try:
            if returned:
                returned.refresh_from_db()
                resubmit_check_in(returned, community=community, **asked, by=by)
            else:
                submit_check_in(request.user, community=community, **asked, by=by)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Sent to %(community)s. You will be told here.") % {"community": community})
            return redirect("check_in")
    return render(request, "accounts/check_in/form.html", {"form": form, "community": community, "returned": returned})


@require_GET
def check_in_queue(request: Request) -> HttpResponse:
    """The check-ins that wait for this community, oldest first."""
    request.actor.require(Ability.REVIEW_CHECK_INS)
    page = page_of(request, queue_of(request.actor))
    return render(request, "accounts/check_in/queue.html", {"page": page})


@require_POST
def check_in_approve(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.REVIEW_CHECK_INS)
    check_in = get_object_or_404(CheckIn.objects.visible_to(request.actor), pk=pk)
    try:
        approve_check_in(check_in, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(name)s is checked in.") % {"name": check_in.member})
    return redirect("check_in_queue")


def check_in_return(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.REVIEW_CHECK_INS)
    check_in = get_object_or_404(CheckIn.objects.visible_to(request.actor), pk=pk)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return_check_in(check_in, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Returned to %(name)s.") % {"name": check_in.member})
            return redirect("check_in_queue")
    return render(request, "accounts/check_in/return.html", {"form": form, "check_in": check_in})
