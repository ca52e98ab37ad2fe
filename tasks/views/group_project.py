from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.group_project import change_project, offer_project, set_offered
from tasks.actions.group_request import ask_group
from tasks.forms.group_project import ProjectForm
from tasks.forms.group_request import AskGroupForm
from tasks.models import GroupProject, GroupRequest, HelperGroup
from tasks.views.group_page import leads, led_or_kept, own_word
from vanguard.lib.attempting import attempt, attempt_with


def group_project_new(request: Request, pk: int) -> HttpResponse:
    """The group offers something more."""
    group = led_or_kept(request, pk)
    form = ProjectForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: offer_project(group, by=request.actor, **form.cleaned_data)
    ):
        messages.success(request, _("On offer now: residents and members of the community see it."))
        return redirect(group.page)
    return _page(request, form, group)


def group_project_change(request: Request, pk: int) -> HttpResponse:
    project = _kept_project(request, pk)
    form = ProjectForm(request.POST or None, instance=project)
    if request.method == "POST" and attempt_with(
        form, lambda: change_project(project, by=request.actor, **form.cleaned_data)
    ):
        messages.success(request, _("Written down. Members of the community see it."))
        return redirect(project.group.page)
    return _page(request, form, project.group, project)


def _page(request: Request, form: ProjectForm, group: HelperGroup, project: GroupProject | None = None) -> HttpResponse:
    context = {"form": form, "group": group, "project": project}
    return render(request, "tasks/group_project/form.html", context)


@require_POST
def group_project_offer(request: Request, pk: int) -> HttpResponse:
    """Offer it no more, or again."""
    project, offered = _kept_project(request, pk), request.POST.get("offered") == "yes"
    said = _("“%(project)s” is on offer again.") if offered else _("“%(project)s” is no longer on offer.")
    act = lambda: set_offered(project, offered=offered, by=request.actor)  # noqa: E731
    attempt(request, act, said % {"project": project})
    return redirect(project.group.page)


def group_project_ask(request: Request, pk: int) -> HttpResponse:
    """The community asks the group for it."""
    request.actor.require(Ability.KEEP_GROUPS)
    project = _visible_project(request, pk)
    form = AskGroupForm(request.POST or None)
    written: list[GroupRequest] = []
    if request.method == "POST" and attempt_with(
        form, lambda: written.append(ask_group(project, by=request.actor, **form.cleaned_data))
    ):
        messages.success(request, _("Asked. The leader says whether the group comes, and when."))
        return redirect(written[0].page)
    return render(request, "tasks/group_project/ask.html", {"form": form, "project": project, "group": project.group})


def _visible_project(request: Request, pk: int) -> GroupProject:
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    projects = GroupProject.objects.visible_to(request.actor).select_related("group__community", "group__leader__user")
    return get_object_or_404(projects, pk=pk)


def _kept_project(request: Request, pk: int) -> GroupProject:
    """For the group's leader, or the staff who keep it."""
    project = _visible_project(request, pk)
    if request.actor.is_member and not leads(project.group, own_word(request, project.group)):
        raise PermissionDenied
    return project
