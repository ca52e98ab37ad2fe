"""Retirement and exemptions of one member: recorded by the unit, or by the city."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.actions.standing import end_exemption, exempt, retire, return_to_work
from accounts.forms.standing import EndExemptionForm, ExemptForm, RetireForm, ReturnToWorkForm
from accounts.models import Exemption, Member
from accounts.queries.standing import exemptions_of, units_to_return_to
from vanguard.lib.refused import Refused


@require_GET
def standing(request: Request, number: str) -> HttpResponse:
    """Whether this member owes flags, and what frees them from it."""
    return _page_of_member(request, _member_of(request, number))


@require_POST
def standing_retire(request: Request, number: str) -> HttpResponse:
    """From a day on the member owes nothing."""
    member = _member_of(request, number)
    form = RetireForm(request.POST)
    return _record_it(request, member, form, retire_form=lambda: retire(member, **form.cleaned_data, by=request.actor))


@require_POST
def standing_return(request: Request, number: str) -> HttpResponse:
    """A retired member works again."""
    member = _member_of(request, number)
    form = ReturnToWorkForm(request.POST, units=units_to_return_to(request.actor))
    return _record_it(
        request, member, form, return_form=lambda: return_to_work(member, **form.cleaned_data, by=request.actor)
    )


@require_POST
def standing_exempt(request: Request, number: str) -> HttpResponse:
    """Free the member for a time."""
    member = _member_of(request, number)
    form = ExemptForm(request.POST)
    return _record_it(request, member, form, exempt_form=lambda: exempt(member, **form.cleaned_data, by=request.actor))


@require_POST
def exemption_end(request: Request, number: str, pk: int) -> HttpResponse:
    """Back on duty, earlier than was said."""
    member = _member_of(request, number)
    exemption = get_object_or_404(Exemption, pk=pk, member=member)
    form = EndExemptionForm(request.POST, auto_id=f"end_{pk}_%s")
    return _record_it(
        request, member, form, **{f"end_{pk}": lambda: end_exemption(exemption, **form.cleaned_data, by=request.actor)}
    )


def _member_of(request: Request, number: str) -> Member:
    """The member with this number, whom the hat both sees and may record something of."""
    request.actor.require(Ability.KEEP_STANDING)
    members = Member.objects.visible_to(request.actor).select_related("user", "home")
    return get_object_or_404(members, number=number)


def _record_it(request: Request, member: Member, form: forms.Form, **named: Callable[[], Any]) -> HttpResponse:
    """Do the one thing named after its form; refused, the page comes back with what was filled in."""
    ((name, act),) = named.items()
    if form.is_valid():
        try:
            act()
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("Recorded for %(name)s, who has been told.") % {"name": member})
            return redirect("standing", member.number)
    return _page_of_member(request, member, **{name: form})


def _page_of_member(request: Request, member: Member, **refused: forms.Form) -> HttpResponse:
    page = {
        "member": member,
        "today": timezone.localdate(),
        "exemptions": [(exemption, _end_form_of(exemption, refused)) for exemption in exemptions_of(member)],
        "retire_form": RetireForm(),
        "return_form": ReturnToWorkForm(units=units_to_return_to(request.actor)),
        "exempt_form": ExemptForm(),
        **refused,
    }
    return render(request, "accounts/standing.html", page)


def _end_form_of(exemption: Exemption, refused: dict[str, forms.Form]) -> forms.Form:
    return refused.get(f"end_{exemption.pk}") or EndExemptionForm(auto_id=f"end_{exemption.pk}_%s")
