"""What groups are asked for: the community's desk, and the leader's yes or no."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.group_request import (
    accept_request,
    ask_again,
    ask_group_for,
    call_off_request,
    decline_request,
    reveal_to_leader,
)
from tasks.actions.group_request_publishing import publish_request
from tasks.forms.group_request import AcceptForm, PassOnForm, RequestTaskForm, WhyForm
from tasks.forms.shift import hours_between
from tasks.models import GroupRequest, Task
from tasks.queries.group_request import contact_is_open, hours_of, request_about, requests_awaiting, requests_seen
from tasks.views.wish_page import visible_wish
from vanguard.lib.attempting import attempt_with
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused

S = GroupRequest.Status


@require_GET
def group_requests(request: Request) -> HttpResponse:
    """What waits for whoever looks; and, by state, everything there is."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    status = request.GET.get("status", "")
    if status in S.values or status == "all":
        rows = requests_seen(request.actor, status.replace("all", ""))
    else:
        rows = requests_awaiting(request.actor)
    context = {
        "page": page_of(request, rows),
        "status": status,
        "statuses": [choice for choice in S.choices if choice[0] != S.NEW or not request.actor.is_member],
        "within": settings.GROUP_REQUEST_ANSWER_WITHIN,
    }
    return render(request, "tasks/group_request/list.html", context)


@require_GET
def group_request(request: Request, pk: int) -> HttpResponse:
    """One request with what comes next: the leader's answer, or the community's task."""
    asked = _visible(request, pk)
    status, member = S(asked.status), request.actor.is_member
    context: dict[str, Any] = {
        "asked": asked,
        "hours": (hours := hours_of(asked)),
        "people": asked.people.select_related("user").order_by("pk") if hours else [],
        "contact_is_open": member and contact_is_open(asked),
        "may_pass_on": not member and status == S.NEW,
        "may_answer": member and status == S.ASKED,
        "may_decline": member and S.DECLINED in GroupRequest.NEXT.get(status, ()),
        "may_publish": not member and status == S.ACCEPTED and request.actor.can(Ability.PUBLISH),
        "may_call_off": not member and status in (S.ASKED, S.ACCEPTED),
    }
    return render(request, "tasks/group_request/page.html", context)


def group_request_accept(request: Request, pk: int) -> HttpResponse:
    """When the group comes, and who."""
    request.actor.require(Ability.CLAIM)
    asked = _visible(request, pk)
    before = hours_between(asked.starts_at, asked.ends_at) if asked.starts_at and asked.ends_at else None
    form = AcceptForm(request.POST or None, request=asked, initial=before)
    if request.method == "POST" and attempt_with(form, lambda: accept_request(asked, by=request.actor, **form.said)):
        messages.success(request, _("Told to the community, which makes it a task of yours."))
        return redirect(asked.page)
    return render(request, "tasks/group_request/accept.html", {"form": form, "asked": asked})


def group_request_decline(request: Request, pk: int) -> HttpResponse:
    """The group cannot come."""
    request.actor.require(Ability.CLAIM)
    return _with_reason(
        request,
        _visible(request, pk),
        decline_request,
        title=_("Say that you cannot come"),
        says=_("The community reads why, and finds another way."),
        button=_("We cannot come"),
        said=_("Told to the community."),
    )


def group_request_again(request: Request, pk: int) -> HttpResponse:
    """Hours or people do not do: the group chooses anew."""
    return _with_reason(
        request,
        _kept(request, pk),
        ask_again,
        title=_("Back to the group"),
        says=_("The leader reads why, and chooses hours and people anew."),
        button=_("Give it back to the group"),
        said=_("The group is asked again."),
    )


def group_request_off(request: Request, pk: int) -> HttpResponse:
    """The group is not needed for it."""
    return _with_reason(
        request,
        _kept(request, pk),
        call_off_request,
        title=_("Call the request off"),
        says=_("The leader reads why. A resident's wish stays with you."),
        button=_("Call it off"),
        said=_("Called off; the leader is told."),
    )


def _with_reason(request: Request, asked: GroupRequest, act: Callable[..., Any], **words: str) -> HttpResponse:
    form, said = WhyForm(request.POST or None), words.pop("said")
    if request.method == "POST" and attempt_with(form, lambda: act(asked, **form.cleaned_data, by=request.actor)):
        messages.success(request, said)
        return redirect(asked.page)
    return render(request, "tasks/group_request/reason.html", {"form": form, "asked": asked, **words})


def group_request_publish(request: Request, pk: int) -> HttpResponse:
    """The community makes it a task: whom it serves, how many flags, and that it is volunteering."""
    asked = _kept(request, pk)
    request.actor.require(Ability.PUBLISH)
    if asked.status != S.ACCEPTED:
        return redirect(asked.page)
    form, tasks = RequestTaskForm(request.POST or None, request=asked, by=request.actor), list[Task]()
    if request.method == "POST" and attempt_with(
        form, lambda: tasks.append(publish_request(asked, by=request.actor, **form.said))
    ):
        messages.success(request, _("“%(task)s” is published, with a place for each who comes.") % {"task": tasks[0]})
        return redirect("task", tasks[0].pk)
    people = asked.people.select_related("user").order_by("pk")
    return render(
        request, "tasks/group_request/publish.html", {"form": form, "asked": asked, "hours": asked, "people": people}
    )


@never_cache
@require_POST
def group_request_contact(request: Request, pk: int) -> HttpResponse:
    """Name and phone of the resident for the leader, shown once for each time they are asked for."""
    request.actor.require(Ability.CLAIM)
    asked = _visible(request, pk)
    try:
        wish = reveal_to_leader(asked, by=request.actor)
    except Refused as refused:
        messages.error(request, refused.sentence)
        return redirect(asked.page)
    context = {"asked": asked, "wish": wish, "contact": wish.contact}
    return render(request, "tasks/group_request/contact.html", context)


def wish_group(request: Request, pk: int) -> HttpResponse:
    """The community passes a resident's wish on to a group: the one that it asks, or another."""
    wish = visible_wish(request, pk)
    request.actor.require(Ability.KEEP_GROUPS)
    asks = request_about(wish)
    form, written = PassOnForm(request.POST or None, wish=wish, asks=asks), list[GroupRequest]()
    if request.method == "POST" and attempt_with(
        form, lambda: written.append(ask_group_for(wish, by=request.actor, **form.cleaned_data))
    ):
        messages.success(request, _("Asked. The leader says whether the group comes, and when."))
        return redirect(written[0].page)
    return render(request, "tasks/group_request/pass_on.html", {"form": form, "wish": wish, "asks": asks})


def _visible(request: Request, pk: int) -> GroupRequest:
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_GROUPS)
    return get_object_or_404(GroupRequest.objects.visible_to(request.actor).with_all(), pk=pk)


def _kept(request: Request, pk: int) -> GroupRequest:
    request.actor.require(Ability.KEEP_GROUPS)
    return _visible(request, pk)
