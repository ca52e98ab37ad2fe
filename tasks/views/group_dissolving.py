from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.group_dissolving import dissolve_group, wish_for_the_end, wish_for_the_end_no_more
from tasks.forms.helper_group import EndForm
from tasks.views.group_page import led_or_kept
from vanguard.lib.attempting import attempt, attempt_with


def group_dissolve(request: Request, pk: int) -> HttpResponse:
    """The community dissolves a group; its leader asks for it."""
    group, asks = led_or_kept(request, pk), request.actor.is_member
    form = EndForm(request.POST or None, initial={"reason": group.end_wished})
    act = wish_for_the_end if asks else dissolve_group
    if request.method == "POST" and attempt_with(form, lambda: act(group, **form.cleaned_data, by=request.actor)):
        messages.success(request, _("The community is asked.") if asks else _("Dissolved. Its members are told."))
        return redirect(group.page)
    return render(request, "tasks/helper_group/dissolve.html", {"form": form, "group": group, "asks": asks})


@require_POST
def group_keep(request: Request, pk: int) -> HttpResponse:
    """Its leader would keep it after all."""
    request.actor.require(Ability.CLAIM)
    group = led_or_kept(request, pk)
    attempt(request, lambda: wish_for_the_end_no_more(group, by=request.actor), _("The group goes on."))
    return redirect(group.page)
