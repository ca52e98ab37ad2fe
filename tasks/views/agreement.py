from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.agreement import agree_time, note_contact, report_fulfilled, reveal_to_claimer
from tasks.forms.agreement import AgreeForm, ReportForm, time_of
from tasks.models import Claim
from tasks.queries.claim import mates_of, may_be_photographed
from tasks.views.claim import own_claim_at
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.refused import Refused


@never_cache
@require_POST
def claim_contact(request: Request, pk: int) -> HttpResponse:
    """Name and phone of the resident, shown once for each time they are asked for."""
    claim = own_claim_at(request, pk)
    try:
        wish = reveal_to_claimer(claim, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect("claim", pk)
    return render(request, "tasks/agreement/contact.html", {"claim": claim, "wish": wish, "contact": wish.contact})


@require_POST
def claim_contacted(request: Request, pk: int) -> HttpResponse:
    """We have talked, and have no time yet."""
    claim = _by_agreement(own_claim_at(request, pk))
    attempt(request, lambda: note_contact(claim, by=request.actor), _("Noted. Agree on a time next."))
    return redirect("claim", pk)


def claim_agree(request: Request, pk: int) -> HttpResponse:
    """The time that the resident and I have agreed on; to begin with, the one of those who come along."""
    claim = _by_agreement(own_claim_at(request, pk))
    mates = mates_of(claim)
    initial = time_of(claim) or time_of(mates.filter(starts_at__gt=timezone.now()).first())
    form = AgreeForm(request.POST or None, initial=initial)
    if request.method == "POST" and attempt_with(form, lambda: agree_time(claim, **form.times(), by=request.actor)):
        messages.success(request, _("The time is agreed."))
        return redirect("claim", pk)
    return render(request, "tasks/agreement/agree.html", {"form": form, "claim": claim, "mates": mates})


def claim_report(request: Request, pk: int) -> HttpResponse:
    """I say that it is done; or the community's staff writes it down for a member who told by telephone."""
    claim = _claim_to_report(request, pk)
    sent = (request.POST, request.FILES) if request.method == "POST" else ()
    form = ReportForm(*sent, agreed=claim.starts_at is not None, photographed=may_be_photographed(claim))
    if request.method == "POST" and attempt_with(form, lambda: report_fulfilled(claim, **form.said, by=request.actor)):
        return _reported(request, claim)
    return render(request, "tasks/agreement/report.html", {"form": form, "claim": claim})


def _reported(request: Request, claim: Claim) -> HttpResponse:
    if request.actor.is_member:
        messages.success(request, _("Thank you. The community confirms it, and the resident is asked."))
        return redirect("claim", claim.pk)
    messages.success(request, _("Written down. Now you can confirm it."))
    return redirect("confirm_shift", claim.shift_id)


def _claim_to_report(request: Request, pk: int) -> Claim:
    request.actor.require_any(Ability.CLAIM, Ability.CONFIRM)
    claims = Claim.objects.visible_to(request.actor).select_related("shift__task__publisher", "member__user")
    claim = _by_agreement(get_object_or_404(claims, pk=pk))
    if not request.actor.is_member:
        request.actor.require(Ability.CONFIRM, claim.shift.task.publisher)
    return claim


def _by_agreement(claim: Claim) -> Claim:
    """Where the hours are fixed there is no such page."""
    if not claim.shift.by_agreement:
        raise Http404
    return claim
