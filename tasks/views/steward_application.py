"""Applications for posts: a member sends and withdraws them, who keeps the posts decides."""

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from tasks.actions.steward_application import (
    apply_for_post,
    approve_application,
    decline_application,
    withdraw_application,
)
from tasks.forms.steward_post import ApplyForm, ReasonForm
from tasks.models import StewardApplication
from tasks.queries.steward_post import applications_to_decide
from tasks.views.steward_post import post_page, visible_post
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of

DECIDERS = (Ability.KEEP_POSTS, Ability.CONFIRM)  # the city, for an only secretary


@require_POST
def post_apply(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CLAIM)
    post = visible_post(request, pk)
    form = ApplyForm(request.POST)
    if not attempt_with(form, lambda: apply_for_post(post, words=form.cleaned_data["words"], by=request.actor)):
        post.refresh_from_db()  # somebody else may have been faster
        return post_page(request, post, form)
    messages.success(request, _("Sent. You are told when the community has decided."))
    return redirect(post.page)


@require_POST
def application_withdraw(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CLAIM)
    own = StewardApplication.objects.visible_to(request.actor).select_related("member", "post")
    application = get_object_or_404(own, pk=pk)
    said = _("Your application is withdrawn.")
    attempt(request, lambda: withdraw_application(application, by=request.actor), said)
    return redirect("posts")


@require_GET
def post_applications(request: Request) -> HttpResponse:
    """What waits to be decided, oldest first."""
    request.actor.require_any(*DECIDERS)
    page = page_of(request, applications_to_decide(request.actor))
    return render(request, "tasks/steward_post/applications.html", {"page": page})


@require_POST
def application_approve(request: Request, pk: int) -> HttpResponse:
    application = _to_decide(request, pk)
    said = _("%(name)s holds the post now and is told.") % {"name": application.member}
    attempt(request, lambda: approve_application(application, by=request.actor), said)
    return redirect("post_applications")


def application_decline(request: Request, pk: int) -> HttpResponse:
    application = _to_decide(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: decline_application(application, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("Declined; %(name)s reads your reason.") % {"name": application.member})
        return redirect("post_applications")
    context = {
        "form": form,
        "back": application.post.page if request.actor.can(Ability.KEEP_POSTS) else "",
        "about": application.post,
        "title": _("Decline the application of %(name)s") % {"name": application.member},
        "says": "",
        "button": _("Decline and say why"),
    }
    return render(request, "tasks/steward_post/reason.html", context)


def _to_decide(request: Request, pk: int) -> StewardApplication:
    """One that the actor has a say on, decided or not: a second tap is told what is true by now."""
    request.actor.require_any(*DECIDERS)
    keeps = request.actor.can(Ability.KEEP_POSTS)
    seen: QuerySet[StewardApplication] = StewardApplication.objects.visible_to(request.actor)
    seen = seen if keeps else applications_to_decide(request.actor)
    return get_object_or_404(seen.select_related("post__compound__parent", "member__user", "succeeds"), pk=pk)
