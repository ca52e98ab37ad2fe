from typing import Any

import segno
from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.actions.appointment import appoint_person, end_appointment, hand_over, issue_first_password
from accounts.forms.appointment import APPOINTED_BY_THE_CITY, AppointForm, EndForm, PersonForm, role_asked
from accounts.models import Appointment, Organization, Role
from accounts.queries.appointment import IN_FORCE, appointments_of, may_change
from accounts.queries.organization import organization_asked
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

FIRST_PASSWORD = "first_password"  # the session keeps the link until it has been shown once


@require_GET
def appointments(request: Request) -> HttpResponse:
    """Who acts for which organization of my city."""
    request.actor.require(Ability.APPOINT)
    today = timezone.localdate()
    asked = {"state": request.GET.get("state", IN_FORCE), "role": request.GET.get("role", "")}
    search = request.GET.get("q", "").strip()
    page = page_of(request, appointments_of(request.actor, today, search=search, **asked))
    context = {
        "page": page,
        "roles": Role.choices,
        "search": search,
        "changeable": {row.pk for row in page if may_change(request.actor, row, today)},
        **asked,
    }
    return render(request, "accounts/appointment/list.html", context)


def appointment_new(request: Request) -> HttpResponse:
    """Appoint somebody; whoever has no account gets one, with a link that is shown once."""
    request.actor.require(Ability.APPOINT)
    place = organization_asked(request.actor, request.GET.get("organization", ""))
    role = role_asked(request.GET, place)
    form = AppointForm(request.POST or None, role=role, actor=request.actor, initial={"organization": place})
    if request.method == "POST" and form.is_valid():
        asked = form.cleaned_data
        try:
            made = appoint_person(role=role, by=request.actor, **asked)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return _appointed(request, made)
    context = {"form": form, "role": role, "roles": _roles_for(place), "place": place}
    return render(request, "accounts/appointment/new.html", context)


def appointment_end(request: Request, pk: int) -> HttpResponse:
    """Fix the last day."""
    appointment = _visible(request, pk)
    form = EndForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            end_appointment(appointment, on=form.cleaned_data["on"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            words = {"name": appointment.user, "appointment": appointment}
            messages.success(request, _("The last day is fixed, and %(name)s is told: %(appointment)s.") % words)
            return redirect("appointments")
    return _page(request, "end", appointment, form)


def appointment_hand_over(request: Request, pk: int) -> HttpResponse:
    """One ends, the successor begins, in one step."""
    appointment = _visible(request, pk)
    form = PersonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            successor = hand_over(appointment, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            return _appointed(request, successor)
    return _page(request, "hand_over", appointment, form)


@never_cache
def appointment_link(request: Request, pk: int) -> HttpResponse:
    """The link with which a new person sets a password: issued by POST, shown once."""
    appointment = _visible(request, pk)
    if request.method == "POST":
        try:
            return _show_link(request, appointment)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("appointments")
    link = request.session.pop(FIRST_PASSWORD, {}).get(str(pk), "")
    code = segno.make(link, error="m").svg_data_uri(scale=5, border=2) if link else ""
    context = {"appointment": appointment, "link": link, "code": code}
    return render(request, "accounts/appointment/link.html", context)


def _visible(request: Request, pk: int) -> Appointment:
    request.actor.require(Ability.APPOINT)
    appointments = Appointment.objects.visible_to(request.actor).select_related("user", "organization")
    return get_object_or_404(appointments, pk=pk)


def _roles_for(place: Organization | None) -> list[tuple[str, Any]]:
    """What there is to choose from; with an organization given only what goes with it."""
    return [] if place else [(role.value, role.label) for role in APPOINTED_BY_THE_CITY]


def _appointed(request: Request, made: Appointment) -> HttpResponse:
    words = {"name": made.user, "appointment": made}
    messages.success(request, _("%(name)s is appointed: %(appointment)s.") % words)
    return _show_link(request, made) if made.user.needs_first_password else redirect("appointments")


def _show_link(request: Request, appointment: Appointment) -> HttpResponse:
    request.session[FIRST_PASSWORD] = {str(appointment.pk): issue_first_password(appointment, by=request.actor)}
    return redirect("appointment_link", appointment.pk)


def _page(request: Request, name: str, appointment: Appointment, form: forms.Form) -> HttpResponse:
    context = {"appointment": appointment, "form": form, "today": timezone.localdate()}
    return render(request, f"accounts/appointment/{name}.html", context)
