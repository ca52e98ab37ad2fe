"""The page of one helper group; the other views of it come back to it with what was typed."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render

from accounts.access import Ability, Request
from tasks.actions.group_fit import lives_there
from tasks.forms.helper_group import AnswerAskerForm, JoinForm, LeaderForm
from tasks.models import GroupMembership, HelperGroup
from tasks.queries.group_history import SHOWN, belonged_to, served_by
from tasks.queries.helper_group import asking_to_join, group_claims_of, memberships_of, projects_of

Status = GroupMembership.Status


def visible_group(request: Request, pk: int) -> HelperGroup:
    """A group of the member's community, or one that is theirs; or one that the staff keeps."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    groups = HelperGroup.objects.visible_to(request.actor).select_related(
        "community", "leader__user", "leader__home", "next_leader__user"
    )
    return get_object_or_404(groups, pk=pk)


def kept_group(request: Request, pk: int) -> HelperGroup:
    request.actor.require(Ability.KEEP_GROUPS)
    return visible_group(request, pk)


def led_or_kept(request: Request, pk: int) -> HelperGroup:
    """For its leader who has agreed, or the staff who keep it."""
    group = visible_group(request, pk)
    if request.actor.is_member and not leads(group, own_word(request, group)):
        raise PermissionDenied
    return group


def own_word(request: Request, group: HelperGroup) -> GroupMembership | None:
    return group.memberships.filter(member=request.actor.member).first() if request.actor.member else None


def leads(group: HelperGroup, own: GroupMembership | None) -> bool:
    """Whether this membership is the leader's, who has agreed."""
    return own is not None and own.member_id == group.leader_id and own.status == Status.AGREED


def group_page(request: Request, group: HelperGroup, *, join: Form | None = None, **sent: Any) -> HttpResponse:
    """What everybody of the community sees; names and places only for who belongs to it, is invited or keeps it.

    `sent` are forms that were refused, with what was typed: `leader`, and `asker` with the key of the membership.
    """
    own = own_word(request, group)
    is_leader, staff = leads(group, own), not request.actor.is_member
    memberships = list(memberships_of(group))
    agreed = [row.member_id for row in memberships if row.status == Status.AGREED]
    knows = staff or own is not None and own.status in GroupMembership.CURRENT
    keeps = group.is_active and (staff or is_leader)
    context: dict[str, Any] = {
        "group": group,
        "own": own,
        "knows": knows,
        "belongs": own is not None and own.status == Status.AGREED,
        "leads": is_leader,
        "keeps": keeps,
        "agreed": len(agreed),
        "leader_agreed": group.leader_id in agreed,
        "leader_moved": staff and group.is_active and not lives_there(group.leader, group),
        "rows": [(row, lives_there(row.member, group)) for row in memberships] if knows else [],
        "claims": group_claims_of(group, request.actor) if knows else [],
        "projects": projects_of(group, all_of_them=keeps),
        "askers": _askers(request, group, sent) if keeps else [],
        "asked_to_lead": group.next_leader is not None and group.next_leader == request.actor.member,
        "join": join or _join_form(request, group, own),
    }
    if keeps and group.next_leader is None and set(agreed) - {group.leader_id}:
        context["form"] = sent.get("leader") or LeaderForm(group=group)
    if staff:
        served = served_by(group)
        context |= {"former": belonged_to(group), "served": served[:SHOWN], "served_in_all": served.count()}
    return render(request, "tasks/helper_group/page.html", context)


def _askers(request: Request, group: HelperGroup, sent: dict[str, Any]) -> list[tuple[GroupMembership, Form]]:
    """Who asks to join, without oneself, each with the form of the answer."""
    key, form = sent.get("asker") or (None, None)
    rows = asking_to_join(group).exclude(member__user=request.user)
    return [(row, form if form and row.pk == key else AnswerAskerForm(auto_id=f"asker_{row.pk}_%s")) for row in rows]


def _join_form(request: Request, group: HelperGroup, own: GroupMembership | None) -> Form | None:
    """For a member who lives there and could ask."""
    member = request.actor.member
    if member is None or not group.is_active or not group.can_be_asked or not lives_there(member, group):
        return None
    return None if own is not None and own.status in GroupMembership.LIVING else JoinForm()
