from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.group_claim import claim_for_group, is_late_for_group, wait_for_group, withdraw_group_claim
from tasks.actions.group_offer import accept_group_offer, decline_group_offer
from tasks.actions.group_refill import fill_again, let_go
from tasks.forms.claim import WithdrawForm
from tasks.forms.group_claim import FillForm, GroupClaimForm
from tasks.models import GroupClaim, HelperGroup, Shift
from tasks.queries.helper_group import groups_led_by, places_of
from tasks.queries.waiting import position_of
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import key_in
from vanguard.lib.refused import Refused


def shift_group(request: Request, pk: int) -> HttpResponse:
    """A leader names for whom of the group the places are: claimed for all of them, or waited for as one."""
    request.actor.require(Ability.CLAIM)
    shifts = Shift.objects.visible_to(request.actor).select_related("task__publisher", "skill")
    shift = get_object_or_404(shifts, pk=pk)
    group, groups = _group_asked(request)
    context = {"shift": shift, "group": group, "groups": groups}
    if group is None:
        return render(request, "tasks/group_claim/choose.html", context)
    existing = GroupClaim.objects.living().filter(group=group, shift=shift).first()
    if existing:
        return redirect(existing.page)
    form = GroupClaimForm(request.POST or None, group=group, shift=shift)
    if request.method == "POST" and form.is_valid():
        act = wait_for_group if "wait" in request.POST else claim_for_group
        try:
            made = act(group, shift, members=form.named(), by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return redirect(made.page)
    may_wait = form.is_bound or shift.free < len(form.members)
    return render(request, "tasks/group_claim/new.html", context | {"form": form, "may_wait": may_wait})


def _group_asked(request: Request) -> tuple[HelperGroup | None, list[HelperGroup]]:
    """The group that the address names, or the only one; and all that the member leads."""
    assert request.actor.member is not None
    groups = list(groups_led_by(request.actor.member))
    if not groups:
        raise PermissionDenied
    asked = key_in(request.GET.get("group", ""))
    return next((group for group in groups if group.pk == asked or len(groups) == 1), None), groups


@require_GET
def group_claim(request: Request, pk: int) -> HttpResponse:
    """The group's places: who comes, who declined, what is kept until when; its leader acts here."""
    group_claim = _visible_group_claim(request, pk)
    places, now = list(places_of(group_claim)), timezone.now()
    member = request.actor.member
    kept = [claim for claim in places if claim.kept_until]
    context = {
        "group_claim": group_claim,
        "places": places,
        "kept": kept,
        "offer_until": next((claim.offer_until for claim in places if claim.status == claim.Status.OFFERED), None),
        "position": position_of(group_claim),
        "leads": member is not None and groups_led_by(member).filter(pk=group_claim.group_id).exists(),
        "in_time": group_claim.status in GroupClaim.LIVING and group_claim.shift.starts_at > now,
        "form": FillForm(group_claim=group_claim) if kept else None,
    }
    return render(request, "tasks/group_claim/page.html", context)


@require_POST
def group_claim_fill(request: Request, pk: int) -> HttpResponse:
    """Somebody else of the group takes a place that is kept."""
    group_claim = _claim_to_lead(request, pk)
    form = FillForm(request.POST, group_claim=group_claim)
    if form.is_valid():
        member = form.cleaned_data["member"]
        said = _("%(name)s takes the place and is told.") % {"name": member}
        attempt(request, lambda: fill_again(group_claim, member, by=request.actor), said)
    else:
        messages.error(request, _("Choose who comes instead."))
    return redirect(group_claim.page)


@require_POST
def group_claim_let_go(request: Request, pk: int) -> HttpResponse:
    """What is kept for the group is everybody's."""
    group_claim = _claim_to_lead(request, pk)
    attempt(request, lambda: let_go(group_claim, by=request.actor), _("The kept places are free for everybody."))
    return redirect(group_claim.page)


@require_POST
def group_claim_accept(request: Request, pk: int) -> HttpResponse:
    group_claim = _claim_to_lead(request, pk)
    said = _("The places are yours. Everybody named is told.")
    attempt(request, lambda: accept_group_offer(group_claim, by=request.actor), said)
    return redirect(group_claim.page)


@require_POST
def group_claim_decline(request: Request, pk: int) -> HttpResponse:
    group_claim = _claim_to_lead(request, pk)
    said = _("Declined. The places go to the next in the list.")
    attempt(request, lambda: decline_group_offer(group_claim, by=request.actor), said)
    return redirect(group_claim.page)


def group_claim_withdraw(request: Request, pk: int) -> HttpResponse:
    """Give all the group's places back: at once while it is early, with a reason when it is late."""
    group_claim = _claim_to_lead(request, pk)
    late = is_late_for_group(group_claim, timezone.now())
    form = WithdrawForm(request.POST or None)
    if not late:
        form.fields["reason"].required = False
    if request.method == "POST" and attempt_with(
        form, lambda: withdraw_group_claim(group_claim, by=request.actor, reason=form.cleaned_data["reason"])
    ):
        said = _("The places of “%(group)s” in “%(task)s” are given back, and everybody named is told.")
        messages.success(request, said % {"group": group_claim.group, "task": group_claim.shift.task})
        return redirect(group_claim.page)
    return render(request, "tasks/group_claim/withdraw.html", {"form": form, "group_claim": group_claim, "late": late})


def _visible_group_claim(request: Request, pk: int) -> GroupClaim:
    """One of a group that the actor sees, or in which they are named."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    claims = GroupClaim.objects.visible_to(request.actor).select_related("group__community", "shift__task__publisher")
    return get_object_or_404(claims, pk=pk)


def _claim_to_lead(request: Request, pk: int) -> GroupClaim:
    """What only a member does; that it is the leader, the action sees to."""
    request.actor.require(Ability.CLAIM)
    return _visible_group_claim(request, pk)
