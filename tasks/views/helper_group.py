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
from tasks.actions.group_fit import lives_there
from tasks.actions.helper_group import (
    answer_invitation,
    found_group,
    invite_members,
    leave_group,
    name_leader,
    take_out,
)
from tasks.forms.helper_group import FoundForm, InviteByNumberForm, LeaderForm, SearchForm
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.helper_group import group_claims_of, groups_of, members_to_invite, memberships_of
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import key_in, ticked
from vanguard.lib.masking import mask_name
from vanguard.lib.paging import PER_PAGE, page_of
from vanguard.lib.refused import Refused

Status = GroupMembership.Status


@require_GET
def groups(request: Request) -> HttpResponse:
    """A member's own groups, or those of the community."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    return render(request, "tasks/helper_group/list.html", {"page": page_of(request, groups_of(request.actor))})


@require_GET
def group(request: Request, pk: int) -> HttpResponse:
    """Who belongs to a group and what it has claimed; an invitation is answered here, before names are read."""
    group = _visible_group(request, pk)
    memberships = list(memberships_of(group))
    own = next((row for row in memberships if row.member == request.actor.member), None)
    agreed = [row.member_id for row in memberships if row.status == Status.AGREED]
    context: dict[str, Any] = {
        "group": group,
        "rows": [(row, lives_there(row.member, group)) for row in memberships],
        "own": own,
        "belongs": own is not None and own.status == Status.AGREED,
        "leader_agreed": group.leader_id in agreed,
        "leads": _leads(group, own),
        "claims": group_claims_of(group, request.actor),
    }
    if not request.actor.is_member and set(agreed) - {group.leader_id}:
        context["form"] = LeaderForm(group=group)
    return render(request, "tasks/helper_group/page.html", context)


def group_new(request: Request) -> HttpResponse:
    """Found a group: its name, its leader and whom to invite; each search keeps who was chosen before."""
    request.actor.require(Ability.KEEP_GROUPS)
    community = request.actor.organization
    assert community is not None
    picking, founding = _pick(request, community), "found" in request.POST
    form = FoundForm(request.POST if founding else None, initial={"name": request.POST.get("name", "")})
    if founding and form.is_valid():
        chosen: dict[str, Any] = {"leader": picking.leader, "members": picking.chosen}
        try:
            group = found_group(community, name=form.cleaned_data["name"], by=request.actor, **chosen)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            said = _("“%(group)s” is founded, and everybody chosen is asked to join.") % {"group": group}
            messages.success(request, said)
            return redirect(group.page)
    return render(request, "tasks/helper_group/new.html", {"form": form, "picking": picking, "community": community})


def group_invite(request: Request, pk: int) -> HttpResponse:
    """The community chooses from its members; a leader types the number of somebody they know."""
    group = _visible_group(request, pk)
    if not request.actor.is_member:
        return _invite_from_the_list(request, group)
    if not _leads(group, group.memberships.filter(member=request.actor.member).first()):
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
    group, agree = _visible_group(request, pk), request.POST.get("answer") == "yes"
    said = _("You belong to “%(group)s” now.") if agree else _("You have said no to “%(group)s”.")
    done = attempt(request, lambda: answer_invitation(group, agree=agree, by=request.actor), said % {"group": group})
    return redirect(group.page if agree or not done else "groups")


@require_POST
def group_leave(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CLAIM)
    group = _visible_group(request, pk)
    said = _("You have left “%(group)s”.") % {"group": group}
    done = attempt(request, lambda: leave_group(group, by=request.actor), said)
    return redirect("groups" if done else group.page)


@require_POST
def group_leader(request: Request, pk: int) -> HttpResponse:
    """The community names another leader."""
    group = _kept_group(request, pk)
    form = LeaderForm(request.POST, group=group)
    if form.is_valid():
        leader = form.cleaned_data["leader"]
        said = _("%(name)s leads “%(group)s” now.") % {"name": leader, "group": group}
        attempt(request, lambda: name_leader(group, leader, by=request.actor), said)
    else:
        messages.error(request, _("Choose who is to lead the group."))
    return redirect(group.page)


@require_POST
def group_take_out(request: Request, pk: int, membership: int) -> HttpResponse:
    """The community takes somebody out, or an invitation back."""
    group = _kept_group(request, pk)
    rows = GroupMembership.objects.filter(group=group).select_related("member__user", "group__community")
    row = get_object_or_404(rows, pk=membership)
    said = _("%(name)s no longer belongs to “%(group)s”.") % {"name": row.member, "group": group}
    attempt(request, lambda: take_out(row, by=request.actor), said)
    return redirect(group.page)


def _visible_group(request: Request, pk: int) -> HelperGroup:
    """A group of the member's own, or of the community's."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    groups = HelperGroup.objects.visible_to(request.actor).select_related("community", "leader__user")
    return get_object_or_404(groups, pk=pk)


def _kept_group(request: Request, pk: int) -> HelperGroup:
    request.actor.require(Ability.KEEP_GROUPS)
    return _visible_group(request, pk)


def _leads(group: HelperGroup, own: GroupMembership | None) -> bool:
    """Whether this membership is the leader's, who has agreed."""
    return own is not None and own.member_id == group.leader_id and own.status == Status.AGREED


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
