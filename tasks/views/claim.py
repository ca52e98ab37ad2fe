from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.claim import claim_shift, is_late, own_claim, withdraw_claim
from tasks.forms.agreement import HandBackForm
from tasks.forms.task import WithdrawForm
from tasks.models import Claim, Shift
from tasks.queries.claim import claims_past, claims_to_come, mates_of, next_step, steps_of_place, wish_in_hand
from tasks.queries.wish_photo import photos_visible_to
from vanguard.lib.attempting import attempt_with
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused


@require_POST
def shift_claim(request: Request, pk: int) -> HttpResponse:
    """One tap: the page of the shift says that the place is mine, or a sentence says why not and what else is open."""
    try:
        claim_shift(Shift(pk=pk), by=request.actor)
    except Shift.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        messages.error(request, refused.sentence)
    return redirect("shift", pk)


@require_GET
def shift(request: Request, pk: int) -> HttpResponse:
    """How it stands with a shift: mine, free or full; light, for everybody comes here within the same seconds."""
    request.actor.require(Ability.CLAIM)
    member, now = request.actor.member, timezone.now()
    assert member is not None
    shifts = Shift.objects.visible_to(request.actor).select_related("task__publisher")
    shift = get_object_or_404(shifts, pk=pk)
    context = {"shift": shift, "claim": own_claim(shift, member), "now": now}
    return render(request, "tasks/shift/page.html", context)


@require_GET
def claims(request: Request) -> HttpResponse:
    """My places to come and my services so far."""
    request.actor.require(Ability.CLAIM)
    member, now = request.actor.member, timezone.now()
    assert member is not None
    context = {"coming": claims_to_come(member, now), "page": page_of(request, claims_past(member, now)), "now": now}
    return render(request, "tasks/claim/list.html", context)


@require_GET
def claim(request: Request, pk: int) -> HttpResponse:
    """My place: what, where, when, and what I do next; the resident's contact only on demand."""
    claim, now = own_claim_at(request, pk), timezone.now()
    context = {
        "claim": claim,
        "steps": steps_of_place(claim, now),
        "next": next_step(claim, now),
        "wish": wish_in_hand(claim),
        "mates": mates_of(claim),
        "photos": photos_visible_to(request.actor).filter(wish__task=claim.shift.task_id),
        "now": now,
    }
    return render(request, "tasks/claim/page.html", context)


def claim_withdraw(request: Request, pk: int) -> HttpResponse:
    """Give a place back: at once while it is early, with a reason when it is late."""
    claim = own_claim_at(request, pk)
    late = is_late(claim, timezone.now())
    form = (HandBackForm if claim.shift.by_agreement else WithdrawForm)(request.POST or None)
    if not late:
        form.fields["reason"].required = False
    if request.method == "POST" and attempt_with(
        form, lambda: withdraw_claim(claim, by=request.actor, reason=form.cleaned_data["reason"])
    ):
        messages.success(request, _("Your place in “%(task)s” is given back.") % {"task": claim.shift.task})
        return redirect("claims")
    return render(request, "tasks/claim/withdraw.html", {"form": form, "claim": claim, "late": late})


def own_claim_at(request: Request, pk: int) -> Claim:
    """The member's own claim; somebody else's is not found."""
    request.actor.require(Ability.CLAIM)
    claims = Claim.objects.visible_to(request.actor).select_related("shift__task__publisher", "member__user")
    return get_object_or_404(claims, pk=pk)
