from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.group_leading import answer_leading, ask_to_lead, ask_to_lead_no_more
from tasks.forms.helper_group import LeaderForm
from tasks.views.group_page import group_page, led_or_kept, visible_group
from vanguard.lib.attempting import attempt, attempt_with


@require_POST
def group_leader(request: Request, pk: int) -> HttpResponse:
    """The leader, or the community, asks a member of the group to lead it."""
    group = led_or_kept(request, pk)
    form = LeaderForm(request.POST, group=group)
    if not attempt_with(form, lambda: ask_to_lead(group, form.cleaned_data["leader"], by=request.actor)):
        return group_page(request, group, leader=form)
    said = _("%(name)s is asked. Until they agree, nothing changes.") % {"name": form.cleaned_data["leader"]}
    messages.success(request, said)
    return redirect(group.page)


@require_POST
def group_lead_answer(request: Request, pk: int) -> HttpResponse:
    """Yes or no of who is asked to lead."""
    request.actor.require(Ability.CLAIM)
    group, agree = visible_group(request, pk), request.POST.get("answer") == "yes"
    said = _("You lead “%(group)s” now.") if agree else _("You have said no; who asked is told.")
    attempt(request, lambda: answer_leading(group, agree=agree, by=request.actor), said % {"group": group})
    return redirect(group.page)


@require_POST
def group_lead_back(request: Request, pk: int) -> HttpResponse:
    """Ask no more who has not answered."""
    group = led_or_kept(request, pk)
    attempt(request, lambda: ask_to_lead_no_more(group, by=request.actor), _("They are no longer asked."))
    return redirect(group.page)
