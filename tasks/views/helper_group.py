from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Page, Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.limiting import count_try
from accounts.models import Member, Organization
from tasks.actions.helper_group import (
    answer_invitation,
    change_group,
    found_group,
    invite_members,
    leave_group,
    take_out,
)
from tasks.forms.helper_group import GroupForm, InviteByNumberForm, SearchForm
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.group_request import requests_awaiting
from tasks.queries.helper_group import groups_led_by, groups_of, members_to_invite
from tasks.views.group_page import group_page, kept_group, leads, led_or_kept, visible_group
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import key_in, ticked
from vanguard.lib.masking import mask_name
from vanguard.lib.paging import PER_PAGE, page_of
from vanguard.lib.refused import Refused

Status = GroupMembership.Status


@require_GET
def groups(request: Request) -> HttpResponse:
    """The groups of the community, one's own first, and what waits of what they are asked for."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    member = request.actor.member
    context = {
        "page": page_of(request, groups_of(request.actor)),
        "requests": requests_awaiting(request.actor).count(),
        "leads_one": member is not None and groups_led_by(member).exists(),
    }
    return render(request, "tasks/helper_group/list.html", context)


@require_GET
def group(request: Request, pk: int) -> HttpResponse:
    """What a group is and offers; for who belongs to it also who does and what it has claimed."""
    return group_page(request, visible_group(request, pk))


def group_new(request: Request) -> HttpResponse:
    """Found a group: its name, its leader and whom to invite; each search keeps who was chosen before."""
    request.actor.require(Ability.KEEP_GROUPS)
    community = request.actor.organization
    assert community is not None
    picking, founding = _pick(request, community), "found" in request.POST
    form = GroupForm(request.POST if founding else None, initial=_typed(request) if request.POST else None)
    if founding and form.is_valid():
        chosen: dict[str, Any] = {"leader": picking.leader, "members": picking.chosen, **form.cleaned_data}
        try:
            group = found_group(community, by=request.actor, **chosen)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _("“%(group)s” is founded, and everybody chosen is asked to join.") % {"group": group}
            messages.success(request, said)
            return redirect(group.page)
    return render(request, "tasks/helper_group/new.html", {"form": form, "picking": picking, "community": community})


def _typed(request: Request) -> dict[str, Any]:
    """What was filled in while somebody was still looked for."""
    sent = request.POST
    typed: dict[str, Any] = {name: sent.get(name, "") for name in ("name", "kind", "introduction")}
    return {**typed, "skills": ticked(sent, "skills"), "can_be_asked": "can_be_asked" in sent}


def group_change(request: Request, pk: int) -> HttpResponse:
    """What the group is, in its leader's words or the community's."""
    group = led_or_kept(request, pk)
    form = GroupForm(request.POST or None, instance=group, with_name=not request.actor.is_member)
    if request.method == "POST" and attempt_with(
        form, lambda: change_group(group, by=request.actor, **form.cleaned_data)
    ):
        messages.success(request, _("Written down. Members of the community see it."))
        return redirect(group.page)
    return render(request, "tasks/helper_group/change.html", {"form": form, "group": group})


def group_invite(request: Request, pk: int) -> HttpResponse:
    """The community chooses from its members; a leader types the number of somebody they know."""
    group = visible_group(request, pk)
    if not request.actor.is_member:
        return _invite_from_the_list(request, group)
    if not leads(group, group.memberships.filter(member=request.actor.member).first()):
        raise PermissionDenied
    return _invite_by_number(request, group)


def _invite_from_the_list(request: Request, group: HelperGroup) -> HttpResponse:
    picking = _pick(request, group.community, group)
    n = len(picking.chosen)
    said = ngettext("%(n)s member is invited.", "%(n)s members are invited.", n) % {"n": n}
    if "invite" in request.POST and attempt(
        request, lambda: invite_members(group, picking.chosen, by=request.actor), said
    ):
        return redirect(group.page)
    return render(request, "tasks/helper_group/invite.html", {"group": group, "picking": picking})


def _invite_by_number(request: Request, group: HelperGroup) -> HttpResponse:
    """First the masked name, to see that it is the right person; then the invitation."""
    form = InviteByNumberForm(request.POST or None, community=group.community)
    found: Member | None = None
    if request.method == "POST":
        if not count_try(request, "member_sought", key=str(request.user.pk)):
            messages.error(request, _("You have looked for many members. Try again in an hour."))
            return redirect("group_invite", group.pk)
        found = form.cleaned_data["who"] if form.is_valid() else None
        if found and "sure" in request.POST:
            member, said = found, _("%(name)s is invited.") % {"name": mask_name(str(found))}
            if attempt_with(form, lambda: invite_members(group, [member], by=request.actor)):
                messages.success(request, said)
                return redirect(group.page)
            found = None
    return render(request, "tasks/helper_group/invite_one.html", {"group": group, "form": form, "found": found})


@require_POST
def group_answer(request: Request, pk: int) -> HttpResponse:
    """Yes or no to an invitation."""
    request.actor.require(Ability.CLAIM)
    group, agree = visible_group(request, pk), request.POST.get("answer") == "yes"
    said = _("You belong to “%(group)s” now.") if agree else _("You have said no to “%(group)s”.")
    done = attempt(request, lambda: answer_invitation(group, agree=agree, by=request.actor), said % {"group": group})
    return redirect(group.page if agree or not done else "groups")


@require_POST
def group_leave(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CLAIM)
    group = visible_group(request, pk)
    said = _("You have left “%(group)s”.") % {"group": group}
    done = attempt(request, lambda: leave_group(group, by=request.actor), said)
    return redirect("groups" if done else group.page)


@require_POST
def group_take_out(request: Request, pk: int, membership: int) -> HttpResponse:
    """The community takes somebody out, or an invitation back."""
    group = kept_group(request, pk)
    rows = GroupMembership.objects.filter(group=group).select_related("member__user", "group__community")
    row = get_object_or_404(rows, pk=membership)
    said = _("%(name)s no longer belongs to “%(group)s”.") % {"name": row.member, "group": group}
    attempt(request, lambda: take_out(row, by=request.actor), said)
    return redirect(group.page)


class Picking(NamedTuple):
    """Members of a community to choose from, a page at a time; who was chosen stays, whatever is searched for."""

    chosen: list[Member]
    leader: Member | None
    page: Page
    text: str


def _pick(request: Request, community: Organization, group: HelperGroup | None = None) -> Picking:
    """What of the list was ticked and searched for. It is all sent by POST: names and numbers are no part of an address."""
    sent, text = request.POST, SearchForm(request.POST).text
    leads = key_in(sent.get("leader", ""))
    keys = {*ticked(sent, "member"), *([leads] if leads else [])}
    chosen = list(members_to_invite(community, group).filter(pk__in=keys)) if keys else []
    others = members_to_invite(community, group, text=text).exclude(pk__in=keys)
    page = Paginator(others, PER_PAGE).get_page(sent.get("page"))
    return Picking(chosen, next((member for member in chosen if member.pk == leads), None), page, text)
