from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from tasks.actions.wish_publishing import publish_wish, refuse_too_large_an_activity
from tasks.forms.wish_publishing import PublishWishForm
from tasks.models import Task, Wish
from tasks.queries.wish_publishing import publishable, wish_in_public, wishes_in_public
from tasks.views.task import publish_with_hours
from tasks.views.wish_page import visible_wish, wish_page
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.choosing import ticked


@require_POST
def wish_publish(request: Request, pk: int) -> HttpResponse:
    """Publish one wish with a time by agreement, as its page offers it: prefilled without who asked."""
    wish = visible_wish(request, pk)
    request.actor.require(Ability.PUBLISH)
    form = PublishWishForm(request.POST, wish=wish, by=request.actor)
    tasks: list[Task] = []
    if not attempt_with(form, lambda: tasks.append(publish_wish(wish, **form.cleaned_data, by=request.actor))):
        return wish_page(request, wish, publishing=form)
    messages.success(request, _("“%(task)s” is published.") % {"task": tasks[0]})
    return redirect("task", tasks[0].pk)


def wish_publish_hours(request: Request, pk: int) -> HttpResponse:
    """Publish one wish with shifts instead."""
    wish = visible_wish(request, pk)
    request.actor.require(Ability.PUBLISH)
    return publish_with_hours(request, wishes=[wish], initial=wish_in_public(wish, by=request.actor))


def wishes_publish(request: Request) -> HttpResponse:
    """Publish the wishes that `?wish=` names as one activity with fixed hours."""
    request.actor.require(Ability.HANDLE_WISHES)
    request.actor.require(Ability.PUBLISH)
    wishes = _asked_for(request)
    if not wishes:
        messages.error(request, _("Choose first which wishes are to be published together."))
        return redirect("wish_queue")
    if not attempt(request, lambda: refuse_too_large_an_activity(wishes)):
        return redirect("wish_queue")
    if request.method != "POST":  # what is sent is about the wishes that the form showed: the action takes all or none
        ready = list(publishable(request.actor, [wish.pk for wish in wishes]))
        if len(ready) < len(wishes):
            return _without(request, [wish for wish in wishes if wish not in ready], ready)
    return publish_with_hours(request, wishes=wishes, initial=wishes_in_public(wishes, by=request.actor))


def _without(request: Request, left_out: list[Wish], ready: list[Wish]) -> HttpResponse:
    """The same page for those that are ready, which says what has been left out."""
    for wish in left_out:
        messages.warning(request, _("Left out, because it cannot be published now: “%(wish)s”.") % {"wish": wish})
    chosen = "&".join(f"wish={wish.pk}" for wish in ready)
    return redirect(f"{reverse('wishes_publish')}?{chosen}" if ready else "wish_queue")


def _asked_for(request: Request) -> list[Wish]:
    asked = Wish.objects.visible_to(request.actor).filter(pk__in=ticked(request.GET, "wish"))
    return list(asked.with_all().order_by("pk"))
