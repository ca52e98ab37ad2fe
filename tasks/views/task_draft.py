from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.task_draft import change_draft, discard_draft, publish_draft, what_is_amiss
from tasks.forms.shift import row_of
from tasks.forms.task import PublishForm, TaskWriting, initial_of
from tasks.models import Task
from tasks.queries.fit_offer import how_many_it_fits
from tasks.refusals import Reason
from vanguard.lib.attempting import attempt, attempt_with


@require_GET
def task_draft(request: Request, pk: int) -> HttpResponse:
    """A draft as a member would see it, with what it lacks."""
    task = _own(request, pk)
    return _page(request, task, PublishForm()) if _is_draft(request, task) else redirect("task", pk)


def task_draft_change(request: Request, pk: int) -> HttpResponse:
    """The form of a draft, with the same three buttons as a new task."""
    task = _own(request, pk)
    if not _is_draft(request, task):
        return redirect("task", pk)
    rows = [row_of(shift) for shift in task.shifts.all()]
    writing = TaskWriting(request.POST or None, publisher=task.publisher, initial=initial_of(task), rows=rows)
    act = change_draft if writing.is_draft else publish_draft
    if request.method == "POST" and writing.attempt(
        lambda: act(task, by=request.actor, seen=writing.task.cleaned_data["seen"] or None, **writing.values)
    ):
        return written(request, task, writing)
    return render(request, "tasks/task/new.html", {"writing": writing, "draft": task})


@require_POST
def task_draft_publish(request: Request, pk: int) -> HttpResponse:
    """Publish a draft as it has just been looked at."""
    task, form = _own(request, pk), PublishForm(request.POST)
    if not _is_draft(request, task):
        return redirect("task", pk)
    if not attempt_with(form, lambda: publish_draft(task, by=request.actor)):
        return _page(request, task, form)
    messages.success(request, _("“%(task)s” is published.") % {"task": task})
    return redirect("task", pk)


@require_POST
def task_draft_discard(request: Request, pk: int) -> HttpResponse:
    """Throw a draft away."""
    task = _own(request, pk)
    said = _("The draft “%(task)s” is thrown away.") % {"task": task}
    done = attempt(request, lambda: discard_draft(task, by=request.actor), said)
    return redirect("task_list") if done else redirect("task", pk)


def written(request: Request, task: Task, writing: TaskWriting) -> HttpResponse:
    """What is now true of a task that has been written down, and the page that shows it."""
    title = {"task": writing.task.cleaned_data["title"]}
    if not writing.is_draft:
        messages.success(request, _("“%(task)s” is published.") % title)
        return redirect("task", task.pk)
    messages.success(request, _("“%(task)s” is saved as a draft; no member sees it yet.") % title)
    return redirect("task_draft", task.pk) if writing.do == TaskWriting.PREVIEW else redirect("task_list")


def _own(request: Request, pk: int) -> Task:
    """A task of those in whose name the actor publishes; the draft of others is not found."""
    tasks = Task.objects.visible_to(request.actor).select_related("publisher", "audience", "boundary_line")
    task = get_object_or_404(tasks, pk=pk)
    request.actor.require(Ability.PUBLISH, task.publisher)
    return task


def _is_draft(request: Request, task: Task) -> bool:
    if task.status != Task.Status.DRAFT:
        messages.error(request, Reason.NOT_A_DRAFT.label)
    return task.status == Task.Status.DRAFT


def _page(request: Request, task: Task, form: Any) -> HttpResponse:
    context = {
        "task": task,
        "shifts": task.shifts.select_related("skill"),
        "fits": how_many_it_fits(task),
        "amiss": what_is_amiss(task, by=request.actor),
        "form": form,
        "now": timezone.now(),
    }
    return render(request, "tasks/task/draft.html", context)
