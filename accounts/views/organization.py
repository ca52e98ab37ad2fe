from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.actions.community import merge_community
from accounts.actions.organization import add_organization, change_organization, close_organization, obstacles
from accounts.forms.organization import (
    ADDED_BY_THE_CITY,
    IntoForm,
    MergeForm,
    NewOrganizationForm,
    OrganizationForm,
    kind_asked,
)
from accounts.models import Organization
from accounts.queries.appointment import may_change, staff_of
from accounts.queries.community import merger_figures
from accounts.queries.organization import (
    PLACES,
    UNITS,
    below,
    kinds_below,
    organization_asked,
    organizations_of,
    tree_of,
)
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused


@require_GET
def organizations(request: Request) -> HttpResponse:
    """The tree of my city: streets, communities and compounds; or its work units."""
    request.actor.require(Ability.KEEP_ORGANIZATIONS)
    today, show = timezone.localdate(), UNITS if request.GET.get("show") == UNITS else PLACES
    asked: dict[str, Any] = {
        "search": request.GET.get("q", "").strip(),
        "category": request.GET.get("category", "") if show == UNITS else "",
        "closed": request.GET.get("closed") == "1",
    }
    as_tree = show == PLACES and not asked["search"] and not asked["closed"]
    rows = tree_of(request.actor, today) if as_tree else organizations_of(request.actor, today, show=show, **asked)
    context = {
        "page": page_of(request, rows),
        "show": show,
        "as_tree": as_tree,
        "categories": Organization.Category.choices,
        **asked,
    }
    return render(request, "accounts/organization/list.html", context)


def organization_new(request: Request) -> HttpResponse:
    """Add a street, a community, a compound or a work unit."""
    request.actor.require(Ability.KEEP_ORGANIZATIONS)
    parent = organization_asked(request.actor, request.GET.get("parent", ""))
    kind = kind_asked(request.GET, parent)
    form = NewOrganizationForm(request.POST or None, kind=kind, actor=request.actor, initial={"parent": parent})
    if request.method == "POST" and form.is_valid():
        try:
            added = add_organization(kind=kind, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("%(organization)s is added.") % {"organization": added})
            return redirect("organization", added.pk)
    kinds = kinds_below(parent) if parent else ADDED_BY_THE_CITY
    context = {"form": form, "kind": kind, "kinds": [(choice.value, choice.label) for choice in kinds]}
    return render(request, "accounts/organization/new.html", context)


def organization(request: Request, pk: int) -> HttpResponse:
    """One organization: its details to change, its people, what stands below it, and its end."""
    place = _visible(request, pk)
    form = OrganizationForm(request.POST or None, instance=place)
    if request.method == "POST" and form.is_valid():
        try:
            change_organization(place, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("%(organization)s is as you said.") % {"organization": place})
            return redirect("organization", pk)
    today = timezone.localdate()
    staff = staff_of(place.pk, today)
    context = {
        "organization": place,
        "form": form,
        "staff": staff,
        "today": today,
        "changeable": {row.pk for row in staff if may_change(request.actor, row, today)},
        "below": below(place, today),
        "kinds_below": [(kind.value, kind.label) for kind in kinds_below(place)],
    }
    return render(request, "accounts/organization/page.html", context)


def organization_close(request: Request, pk: int) -> HttpResponse:
    """Close it, or read what stands in the way."""
    place = _visible(request, pk)
    if request.method == "POST":
        try:
            close_organization(place, by=request.actor)
        except Refused as refused:
            messages.error(request, refused.sentence)
            return redirect("organization_close", pk)
        messages.success(request, _("%(organization)s is closed.") % {"organization": place})
        return redirect("organizations")
    staff = staff_of(place.pk, timezone.localdate())
    context = {"organization": place, "obstacles": obstacles(place), "staff": staff}
    return render(request, "accounts/organization/close.html", context)


def community_merge(request: Request, pk: int) -> HttpResponse:
    """Make a community part of another one: first which, then what happens, then an explicit yes."""
    old = _visible(request, pk, kind=Organization.Kind.COMMUNITY)
    choice = IntoForm(request.GET or None, old=old, actor=request.actor)
    into = choice.cleaned_data["into"] if choice.is_valid() else None
    form = MergeForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and into and form.is_valid():
        try:
            merge_community(old, into=into, by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("%(old)s is now part of %(new)s.") % {"old": old, "new": into})
            return redirect("organization", into.pk)
    context = {"old": old, "into": into, "choice": choice, "form": form, "figures": merger_figures(old) if into else []}
    return render(request, "accounts/organization/merge.html", context)


def _visible(request: Request, pk: int, **kind: str) -> Organization:
    request.actor.require(Ability.KEEP_ORGANIZATIONS)
    kept = Organization.objects.governed_by(request.actor).select_related("parent", "merged_into")
    return get_object_or_404(kept, pk=pk, **kind)
