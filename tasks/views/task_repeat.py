from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.access import Request
from tasks.actions.task_draft import copy_task
from tasks.actions.task_repeat import refuse_unrepeatable, repeat_task
from tasks.forms.task_repeat import RepeatForm
from tasks.models import Task
from tasks.queries.task_repeat import shifts_to_repeat, weeks_to_come
from tasks.views.own_task import own_task_at
from vanguard.lib.attempting import attempt, attempt_with


@require_POST
def task_copy(request: Request, pk: int) -> HttpResponse:
    """A draft that says the same as a task, open to be changed."""
    task, drafts = own_task_at(request, pk), list[Task]()
    said = _("This is a copy, saved as a draft. Look at the days, then publish it.")
    if not attempt(request, lambda: drafts.append(copy_task(task, by=request.actor)), said):
        return redirect("task", pk)
    return redirect("task_draft_change", drafts[0].pk)


def task_repeat(request: Request, pk: int) -> HttpResponse:
    """Hold a task again in the weeks that are ticked."""
    task = own_task_at(request, pk)
    shifts = shifts_to_repeat(task)
    if not attempt(request, lambda: refuse_unrepeatable(task, shifts)):
        return redirect("task", pk)
    sent = request.POST if request.method == "POST" else None
    form, tasks = RepeatForm(sent, weeks=weeks_to_come(task, shifts, timezone.now())), list[Task]()
    if attempt_with(form, lambda: tasks.extend(repeat_task(task, weeks=form.chosen, by=request.actor))):
        said = ngettext(
            "“%(task)s” is published for %(n)s more week.", "“%(task)s” is published for %(n)s more weeks.", len(tasks)
        )
        messages.success(request, said % {"task": task, "n": len(tasks)})
        return redirect("task", pk)
    return render(request, "tasks/task/repeat.html", {"task": task, "form": form})
