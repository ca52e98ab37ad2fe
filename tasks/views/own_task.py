from django.shortcuts import get_object_or_404

from accounts.access import Ability, Request
from tasks.models import Task

SEEN_WITH = ("publisher__merged_into", "audience", "parent__publisher", "boundary_line")


def own_task_at(request: Request, pk: int) -> Task:
    """A task that the actor publishes for; what they do not see is not found."""
    request.actor.require(Ability.PUBLISH)
    task = get_object_or_404(Task.objects.visible_to(request.actor).select_related(*SEEN_WITH), pk=pk)
    request.actor.require(Ability.PUBLISH, task.publisher)
    return task
