from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Organization
from tasks.actions.hosting import host_task, pass_down, remind_hosts
from tasks.forms.hosting import HostWriting, PassDownForm
from tasks.forms.task import say
from tasks.models import Task
from tasks.queries.hosting import progress_of, tasks_hosted, tasks_passed_down, tasks_to_host
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

Kind = Organization.Kind


def passed_down(request: Request, task: Task) -> HttpResponse:
    """The page of what the city passes down: how far its communities are; for a community, what it hosts of it."""
    actor = request.actor
    can_be_hosted = task.can_be_hosted(timezone.localdate())
    may_publish = actor.can(Ability.PUBLISH, task.publisher)
    context = {
        "task": task,
        "publishes": actor.can(Ability.PUBLISH),
        "may_change": may_publish and task.status in Task.ANNOUNCED,
        "may_remind": may_publish and can_be_hosted,
        "may_host": can_be_hosted and _is_community(request),
    }
    if task.publisher.lies_within(*actor.home_paths):
        context["progress"] = progress_of(task)
    else:
        context["hosted"] = tasks_hosted(task, actor)
    return render(request, "tasks/hosting/page.html", context)


def task_pass_down(request: Request) -> HttpResponse:
    """The city asks its communities to host a task."""
    request.actor.require(Ability.PUBLISH)
    city = request.actor.organization
    if city is None or city.kind != Kind.CITY:
        raise PermissionDenied
    initial = {"contact_name": request.user.name, "contact_phone": city.phone, "place": _("in each community")}
    form = PassDownForm(request.POST or None, publisher=city, initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            task = pass_down(by=request.actor, sent_once=form.once, **form.task_fields())
        except Refused as refused:
            say(form, refused)
        else:
            messages.success(request, _("“%(task)s” is passed down; the communities are told.") % {"task": task})
            return redirect("task", task.pk)
    return render(request, "tasks/hosting/pass_down.html", {"form": form})


@require_GET
def hosting_list(request: Request) -> HttpResponse:
    """All that the city asks my community to host, the nearest last day first; for the city, all that it asks."""
    request.actor.require(Ability.PUBLISH)
    place = request.actor.organization
    is_city = place is not None and place.kind == Kind.CITY
    tasks = tasks_passed_down(request.actor) if is_city else tasks_to_host(request.actor)
    return render(request, "tasks/hosting/list.html", {"page": page_of(request, tasks), "is_city": is_city})


def task_host(request: Request, pk: int) -> HttpResponse:
    """Host for my community what the city passed down."""
    request.actor.require(Ability.PUBLISH)
    parent = _passed_down_at(request, pk)
    community = request.actor.organization
    assert community is not None
    if not _is_community(request):
        raise PermissionDenied
    writing = HostWriting(request.POST or None, parent=parent, community=community, contact=request.user.name)
    tasks: list[Task] = []
    if request.method == "POST" and writing.attempt(
        lambda: tasks.append(host_task(parent, by=request.actor, sent_once=writing.task.once, **writing.values))
    ):
        messages.success(request, _("“%(task)s” is published.") % {"task": tasks[0]})
        return redirect("task", tasks[0].pk)
    return render(request, "tasks/hosting/host.html", {"writing": writing, "form": writing.task, "parent": parent})


@require_GET
def task_hosted(request: Request, pk: int) -> HttpResponse:
    """The tasks behind the figures: what communities host of a city's task, all of them or one."""
    parent = _passed_down_at(request, pk)
    hosted = tasks_hosted(parent, request.actor)
    code = request.GET.get("community", "")
    community = Organization.objects.communities().within(parent.publisher.path).filter(code=code).first()
    if community:
        hosted = hosted.filter(publisher__in=[community, *community.merged.all()])
    context = {"parent": parent, "community": community, "page": page_of(request, hosted)}
    return render(request, "tasks/hosting/hosted.html", context)


@require_POST
def hosting_remind(request: Request, pk: int) -> HttpResponse:
    """Remind the communities that host nothing of it yet."""
    request.actor.require(Ability.PUBLISH)
    task = _passed_down_at(request, pk)
    request.actor.require(Ability.PUBLISH, task.publisher)
    try:
        n = remind_hosts(task, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, ngettext("%(n)s person is reminded.", "%(n)s people are reminded.", n) % {"n": n})
    return redirect("task", pk)


def _passed_down_at(request: Request, pk: int) -> Task:
    tasks = Task.objects.visible_to(request.actor).filter(host_by__isnull=False)
    return get_object_or_404(tasks.select_related("publisher", "boundary_line"), pk=pk)


def _is_community(request: Request) -> bool:
    place = request.actor.organization
    return place is not None and place.kind == Kind.COMMUNITY and request.actor.can(Ability.PUBLISH)
