from collections.abc import Callable

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.claim import claim_shift, is_late, withdraw_claim
from tasks.actions.stand_in import seek_stand_in, stop_seeking
from tasks.actions.waiting import accept_offer, join_waiting_list
from tasks.forms.agreement import HandBackForm
from tasks.forms.claim import WithdrawForm
from tasks.models import Claim, Shift
from tasks.queries.calendar_feed import is_for_calendar
from tasks.queries.claim import claims_past, claims_to_come, mates_of, next_step, steps_of_place, wish_in_hand
from tasks.queries.shift import SEEN_WITH, Standing, State, standings
from tasks.queries.task import shifts_free_for
from tasks.queries.waiting import position_of
from tasks.queries.wish_photo import photos_visible_to
from tasks.refusals import Reason
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import key_in
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

SAID_BY_THE_PAGE = {Reason.FULL, Reason.BEGUN, Reason.NOT_OPEN, Reason.NOT_OPEN_YET, Reason.FIRST_FOR_OTHERS}
OUTSIDE = {Reason.NOT_CHECKED_IN, Reason.NOT_IN_AUDIENCE}
OTHERS_SHOWN = 3


@require_GET
def shift(request: Request, pk: int) -> HttpResponse:
    """What is true of a shift now, the one thing to do about it, and what else is open.

    Everybody comes here after a tap, within the same second where a shift is in demand: no list of who takes part.
    """
    request.actor.require(Ability.CLAIM)
    member, now = request.actor.member, timezone.now()
    assert member is not None
    shift = get_object_or_404(Shift.objects.visible_to(request.actor).select_related(*SEEN_WITH), pk=pk)
    [standing] = standings([shift], member, now)
    others = [] if standing.state == State.YOURS else shifts_free_for(member, now, but=pk, most=OTHERS_SHOWN)
    context = {"standing": standing, "others": [Standing(other, State.FREE) for other in others], "now": now}
    return render(request, "tasks/shift/page.html", context)


@require_POST
def shift_claim(request: Request, pk: int) -> HttpResponse:
    """One tap: the page of the shift says that the place is mine, or why not, and what else is open."""
    return _ask_for(request, pk, claim_shift)


@require_POST
def shift_wait(request: Request, pk: int) -> HttpResponse:
    """Join the waiting list; the page of the shift says at which position."""
    return _ask_for(request, pk, join_waiting_list)


def _ask_for(request: Request, pk: int, act: Callable[..., Claim]) -> HttpResponse:
    """Nothing of the shift is read before the action does: what it needs it looks up itself, all at once."""
    companions = key_in(request.POST.get("companions", "")) or 0
    try:
        act(Shift(pk=pk), by=request.actor, companions=companions)
    except Shift.DoesNotExist:
        raise Http404 from None
    except Refused as refused:
        if refused.reason not in SAID_BY_THE_PAGE:
            messages.error(request, refused.sentence)
        if refused.reason in OUTSIDE:  # its page is not for them
            return redirect("task_list")
    return redirect("shift", pk)


@require_GET
def claims(request: Request) -> HttpResponse:
    """My places to come, what I wait for, and my services so far."""
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
        "position": position_of(claim),
        "steps": steps_of_place(claim, now),
        "next": next_step(claim, now),
        "wish": wish_in_hand(claim),
        "mates": mates_of(claim),
        "for_calendar": is_for_calendar(claim, now),
        "photos": photos_visible_to(request.actor).filter(wish__task=claim.shift.task_id),
        "now": now,
    }
    return render(request, "tasks/claim/page.html", context)


@require_POST
def claim_accept(request: Request, pk: int) -> HttpResponse:
    """Take the place that is offered; the page of the shift says that it is mine."""
    claim = own_claim_at(request, pk)
    attempt(request, lambda: accept_offer(claim, by=request.actor))
    return redirect(claim.shift.page)


@require_POST
def claim_stand_in(request: Request, pk: int) -> HttpResponse:
    """Ask who takes my place."""
    claim = own_claim_at(request, pk)
    attempt(request, lambda: seek_stand_in(claim, by=request.actor))
    return redirect(claim.page)


@require_POST
def claim_keep(request: Request, pk: int) -> HttpResponse:
    """Come oneself after all."""
    claim = own_claim_at(request, pk)
    attempt(request, lambda: stop_seeking(claim, by=request.actor), _("Noted: you come yourself."))
    return redirect(claim.page)


def claim_withdraw(request: Request, pk: int) -> HttpResponse:
    """Give a place back: at once while it is early, with a reason when it is late; or leave the list, or say no."""
    claim = own_claim_at(request, pk)
    late, before = is_late(claim, timezone.now()), claim.status
    sent = request.POST if request.method == "POST" else None
    form = (HandBackForm if claim.shift.by_agreement else WithdrawForm)(sent)
    if not late:
        form.fields["reason"].required = False
    if request.method == "POST" and attempt_with(
        form, lambda: withdraw_claim(claim, by=request.actor, reason=form.cleaned_data["reason"])
    ):
        return _given_back(request, claim, before)
    context = {"form": form, "claim": claim, "late": late}
    return render(request, "tasks/claim/withdraw.html", context)


def _given_back(request: Request, claim: Claim, before: str) -> HttpResponse:
    """Who never had the place finds on the shift's page what else is open."""
    if before == Claim.Status.HELD:
        messages.success(request, _("Your place in “%(task)s” is given back.") % {"task": claim.shift.task})
        return redirect("claims")
    said = _("You have said no.") if before == Claim.Status.OFFERED else _("You no longer wait for this.")
    messages.success(request, said)
    return redirect(claim.shift.page)


def own_claim_at(request: Request, pk: int) -> Claim:
    """The member's own claim; somebody else's is not found."""
    request.actor.require(Ability.CLAIM)
    seen = ("shift__task__publisher", "member__user", "attendance")
    claims = Claim.objects.visible_to(request.actor).select_related(*seen)
    return get_object_or_404(claims, pk=pk)
