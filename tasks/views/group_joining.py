from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.group_joining import answer_asker, ask_to_join, ask_to_join_no_more
from tasks.forms.helper_group import AnswerAskerForm, JoinForm
from tasks.models import GroupMembership
from tasks.views.group_page import group_page, led_or_kept, visible_group
from vanguard.lib.attempting import attempt, attempt_with


@require_POST
def group_join(request: Request, pk: int) -> HttpResponse:
    """A member asks to belong to a group of the own community."""
    request.actor.require(Ability.CLAIM)
    group, form = visible_group(request, pk), JoinForm(request.POST)
    if not attempt_with(form, lambda: ask_to_join(group, words=form.cleaned_data["words"], by=request.actor)):
        return group_page(request, group, join=form)
    messages.success(request, _("Asked. You are told what the group says."))
    return redirect(group.page)


@require_POST
def group_join_back(request: Request, pk: int) -> HttpResponse:
    """Take back that one has asked."""
    request.actor.require(Ability.CLAIM)
    group = visible_group(request, pk)
    attempt(request, lambda: ask_to_join_no_more(group, by=request.actor), _("You no longer ask to join."))
    return redirect(group.page)


@require_POST
def group_asker(request: Request, pk: int, membership: int) -> HttpResponse:
    """The leader, or the community, takes somebody in or not."""
    group = led_or_kept(request, pk)
    row = get_object_or_404(
        GroupMembership.objects.filter(group=group).select_related("group__community"), pk=membership
    )
    form, agree = AnswerAskerForm(request.POST, auto_id=f"asker_{row.pk}_%s"), request.POST.get("answer") == "yes"
    if not attempt_with(
        form, lambda: answer_asker(row, agree=agree, words=form.cleaned_data["words"], by=request.actor)
    ):
        return group_page(request, group, asker=(row.pk, form))
    messages.success(request, _("They belong to the group now.") if agree else _("They are told, with your word."))
    return redirect(group.page)
