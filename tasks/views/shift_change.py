from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Ability, Request
from tasks.actions.shift_change import add_shift, cancel_shift, change_shift
from tasks.forms.shift import ShiftForm
from tasks.forms.shift_change import ShiftChangeForm
from tasks.forms.task import CancelForm
from tasks.models import Shift
from tasks.queries.shift_change import shift_seen
from tasks.views.own_task import own_task_at
from vanguard.lib.attempting import attempt_with
from vanguard.lib.refused import Refused


def shift_change(request: Request, pk: int) -> HttpResponse:
    """Other hours, more or fewer places; everybody concerned is told."""
    shift = _own_shift(request, pk)
    form = ShiftChangeForm(request.POST or None, shift=shift)
    faster = False
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_shift(shift, time=form.shift_time(), seen=form.cleaned_data["seen"], by=request.actor)
        except Refused as refused:
            faster = form.refuse(refused, now=shift_seen(shift))
        else:
            messages.success(request, _("The shift is changed.") if changed else _("Nothing was changed."))
            return redirect("task", shift.task_id)
    context = {"form": form, "shift": shift, "faster": faster, "now": timezone.now()}
    return render(request, "tasks/shift/change.html", context)


def shift_new(request: Request, pk: int) -> HttpResponse:
    """One more shift for a published task."""
    task = own_task_at(request, pk)
    form = ShiftForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: add_shift(task, time=form.shift_time(), by=request.actor)
    ):
        messages.success(request, _("The shift is added."))
        return redirect("task", pk)
    return render(request, "tasks/shift/new.html", {"form": form, "task": task})


def shift_cancel(request: Request, pk: int) -> HttpResponse:
    """Call one shift off, with a reason that everyone concerned reads."""
    shift = _own_shift(request, pk)
    form = CancelForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: cancel_shift(shift, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("The shift is cancelled; everyone who had a place or waited is told."))
        return redirect("task", shift.task_id)
    return render(request, "tasks/shift/cancel.html", {"form": form, "shift": shift})


def _own_shift(request: Request, pk: int) -> Shift:
    request.actor.require(Ability.PUBLISH)
    shifts = Shift.objects.visible_to(request.actor).select_related("task__publisher", "task__parent", "skill")
    shift = get_object_or_404(shifts, pk=pk)
    request.actor.require(Ability.PUBLISH, shift.task.publisher)
    return shift
