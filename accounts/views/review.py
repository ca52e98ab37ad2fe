"""The community's desk: check-ins beside the roster, decided one by one or many at once."""

from collections import Counter

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.actions.approval import approve_check_in, approve_check_ins
from accounts.actions.check_in import return_check_in, return_check_ins
from accounts.forms.check_in import ReturnForm
from accounts.models import CheckIn
from accounts.queries.review import (
    Review,
    Verdict,
    check_ins_to_review,
    pending_check_ins,
    reviewed_check_ins,
    reviews_of,
)
from vanguard.lib.choosing import one_of, ticked
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

AT_ONCE = 500  # a form takes a thousand fields
REVIEWERS = (Ability.REVIEW_CHECK_INS, Ability.STAND_IN)


@require_GET
def check_in_queue(request: Request) -> HttpResponse:
    """What waits for this community, oldest first, each beside the roster line that names the same person."""
    request.actor.require_any(*REVIEWERS)
    reviews = reviews_of(pending_check_ins(request.actor))
    counts = Counter(review.verdict for review in reviews)
    show = one_of(Verdict.values, request.GET.get("show"))
    chips = [(verdict, counts[verdict]) for verdict in Verdict if counts[verdict] or verdict == show]
    page = page_of(request, [review for review in reviews if not show or review.verdict == show])
    agreeing = counts[Verdict.AGREES]
    return render(
        request,
        "accounts/check_in/queue.html",
        {"page": page, "chips": chips, "show": show, "agreeing": agreeing, "total": len(reviews)},
    )


@require_GET
def check_ins_reviewed(request: Request) -> HttpResponse:
    """What this community has approved, newest first, and whether the units have read it."""
    request.actor.require_any(*REVIEWERS)
    page = page_of(request, reviewed_check_ins(request.actor))
    return render(request, "accounts/check_in/reviewed.html", {"page": page})


@require_POST
def check_in_approve(request: Request, pk: int) -> HttpResponse:
    """Take one member in."""
    request.actor.require_any(*REVIEWERS)
    check_in = get_object_or_404(check_ins_to_review(request.actor), pk=pk)
    try:
        approve_check_in(check_in, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("%(name)s is checked in.") % {"name": check_in.member})
    return redirect("check_in_queue")


def check_in_return(request: Request, pk: int) -> HttpResponse:
    """Give one back, saying what has to be mended."""
    request.actor.require_any(*REVIEWERS)
    check_in = get_object_or_404(check_ins_to_review(request.actor), pk=pk)
    form = ReturnForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            return_check_in(check_in, reason=form.cleaned_data["reason"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Returned to %(name)s.") % {"name": check_in.member})
            return redirect("check_in_queue")
    return render(request, "accounts/check_in/return.html", {"form": form, "check_ins": [check_in]})


def check_ins_approve(request: Request) -> HttpResponse:
    """Approve those ticked, or, after a look at the names, all that agree with the roster."""
    request.actor.require_any(*REVIEWERS)
    if request.method != "POST":
        agreeing = _agreeing_reviews(request)
        page = {"reviews": agreeing[:AT_ONCE], "left": max(0, len(agreeing) - AT_ONCE)}
        return render(request, "accounts/check_in/approve_all.html", page)
    check_ins = _chosen_check_ins(request)
    if "all" in request.POST:  # those whose names were shown, as far as they still agree
        agreeing_now = {review.check_in.pk for review in _agreeing_reviews(request)}
        check_ins = [check_in for check_in in check_ins if check_in.pk in agreeing_now]
    if not check_ins:
        messages.warning(request, _("Tick at least one check-in first."))
    else:
        _tell_result(request, check_ins)
    return redirect("check_in_queue")


@require_POST
def check_ins_return(request: Request) -> HttpResponse:
    """Return those ticked with one reason for all of them; without a reason yet it asks for one."""
    request.actor.require_any(*REVIEWERS)
    check_ins = _chosen_check_ins(request)
    if not check_ins:
        messages.warning(request, _("Tick at least one check-in first."))
        return redirect("check_in_queue")
    form = ReturnForm(request.POST if "reason" in request.POST else None)
    if form.is_valid():
        count = return_check_ins(check_ins, reason=form.cleaned_data["reason"], by=request.actor)
        if count:
            messages.success(request, ngettext("%(n)s returned.", "%(n)s returned.", count) % {"n": count})
        if count < len(check_ins):
            messages.warning(request, _("Your own, and what somebody else has decided meanwhile, was left as it is."))
        return redirect("check_in_queue")
    return render(request, "accounts/check_in/return.html", {"form": form, "check_ins": check_ins})


def _agreeing_reviews(request: Request) -> list[Review]:
    return [review for review in reviews_of(pending_check_ins(request.actor)) if review.verdict == Verdict.AGREES]


def _chosen_check_ins(request: Request) -> list[CheckIn]:
    """Those ticked that still wait for this community; keys that name nothing here are passed over."""
    return list(pending_check_ins(request.actor).filter(pk__in=ticked(request.POST, "check_in")))


def _tell_result(request: Request, check_ins: list[CheckIn]) -> None:
    try:
        approved = approve_check_ins(check_ins, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return
    count = len(approved.check_ins)
    if count:
        said = ngettext("%(n)s member is checked in.", "%(n)s members are checked in.", count)
        messages.success(request, said % {"n": count})
    for check_in, why in approved.left:
        messages.error(request, f"{check_in.member}: {why.sentence}")
