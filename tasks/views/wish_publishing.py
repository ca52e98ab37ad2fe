from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from accounts.access import Ability, Request
from tasks.actions.wish_publishing import publish_wish, refuse_too_many
from tasks.forms.wish_publishing import PublishWishForm
from tasks.models import Wish
from tasks.queries.wish_publishing import publishable, wish_in_public, wishes_in_public
from tasks.views.task import publish_with_hours
from vanguard.lib.attempting import attempt
from vanguard.lib.choosing import key_in
from vanguard.lib.refused import Refused

SHOWN = ("community__merged_into", "compound", "contact", "task")


def wish_publish(request: Request, pk: int) -> HttpResponse:
    """Publish one wish with a time by agreement, prefilled without who asked; `?hours=1` asks for shifts instead."""
    request.actor.require(Ability.HANDLE_WISHES)
    wish = get_object_or_404(Wish.objects.visible_to(request.actor).select_related(*SHOWN), pk=pk)
    request.actor.require(Ability.PUBLISH)
    if "hours" in request.GET:
        return publish_with_hours(request, wishes=[wish], initial=wish_in_public(wish, by=request.actor))
    form = PublishWishForm(request.POST or None, wish=wish, by=request.actor)
    if request.method == "POST" and form.is_valid():
        try:
            task = publish_wish(wish, by=request.actor, **form.cleaned_data)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("“%(task)s” is published.") % {"task": task})
            return redirect("task", task.pk)
    return render(request, "tasks/wish/publish.html", {"form": form, "wish": wish})


def wishes_publish(request: Request) -> HttpResponse:
    """Publish the wishes that `?wish=` names as one activity with fixed hours."""
    request.actor.require(Ability.HANDLE_WISHES)
    request.actor.require(Ability.PUBLISH)
    wishes = _asked_for(request)
    if not wishes:
        messages.error(request, _("Choose first which wishes are to be published together."))
        return redirect("wish_queue")
    if not attempt(request, lambda: refuse_too_many(wishes)):
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
    keys = [key for text in request.GET.getlist("wish") if (key := key_in(text)) is not None]
    asked = Wish.objects.visible_to(request.actor).select_related(*SHOWN).filter(pk__in=keys)
    return list(asked.order_by("pk"))
