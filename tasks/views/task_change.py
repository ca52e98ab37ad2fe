from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from accounts.access import Request
from tasks.actions.task_change import change_task
from tasks.forms.task_change import TaskChangeForm
from tasks.queries.task_change import words_seen
from tasks.views.own_task import own_task_at
from vanguard.lib.refused import Refused


def task_change(request: Request, pk: int) -> HttpResponse:
    """Mend the words of a published task; who counts on them is told of what matters."""
    task = own_task_at(request, pk)
    form = TaskChangeForm(request.POST or None, task=task)
    others: list[tuple[str, str]] = []
    if request.method == "POST" and form.is_valid():
        try:
            changed = change_task(task, words=form.words, seen=form.cleaned_data["seen"], by=request.actor)
        except Refused as refused:
            if form.refuse(refused, now=words_seen(task)):
                others = form.other_than(task)
        else:
            messages.success(
                request,
                _("“%(task)s” is changed.") % {"task": form.words["title"]} if changed else _("Nothing was changed."),
            )
            return redirect("task", pk)
    return render(request, "tasks/task/change.html", {"form": form, "task": task, "others": others})
