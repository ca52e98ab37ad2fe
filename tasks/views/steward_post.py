"""Red steward posts: a member's own page, the staff's table of who looks after what, and one post."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from tasks.actions.steward_post import change_post, close_post, open_post
from tasks.forms.steward_post import ApplyForm, ChangePostForm, NewPostForm, ReasonForm
from tasks.models import StewardApplication, StewardLog, StewardPost, StewardTerm
from tasks.queries.steward_log import logs_due
from tasks.queries.steward_post import (
    applications_of,
    applications_to_decide,
    asked_of,
    current_term,
    lives_within,
    places_looked_after,
    post_seen,
    posts_open_to,
    terms_of,
    who_looks_after_what,
)
from vanguard.lib.attempting import attempt_with
from vanguard.lib.choosing import key_in
from vanguard.lib.paging import page_of
from vanguard.lib.refused import Refused


@require_GET
def posts(request: Request) -> HttpResponse:
    """A member's posts, logs and applications, and what is open; or, for staff, who looks after what."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_POSTS)
    member = request.actor.member
    if member is None:
        return _table(request)
    terms = list(terms_of(member))
    due = logs_due(terms, timezone.localdate())
    context = {
        "terms": [(term, due.get(term.post_id, [])) for term in terms],
        "asked": asked_of(member),
        "applications": applications_of(member),
        "page": page_of(request, posts_open_to(member)),
    }
    return render(request, "tasks/steward_post/mine.html", context)


def _table(request: Request) -> HttpResponse:
    place = key_in(request.GET.get("place", ""))
    context = {
        "page": page_of(request, who_looks_after_what(request.actor, place)),
        "places": places_looked_after(request.actor),
        "place": place,
        "kinds": StewardPost.Kind.labels,
        "waiting": applications_to_decide(request.actor).count(),
    }
    return render(request, "tasks/steward_post/table.html", context)


def post_new(request: Request) -> HttpResponse:
    request.actor.require(Ability.KEEP_POSTS)
    form = NewPostForm(request.POST or None, by=request.actor)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            post = open_post(data["compound"], **form.what, sent_once=data["sent_once"], by=request.actor)
        except Refused as refused:
            form.add_error(None, refused.sentence)
        else:
            messages.success(request, _("The post is open. Members who live there see it and can apply."))
            return redirect(post.page)
    return render(request, "tasks/steward_post/new.html", {"form": form})


@require_GET
def post(request: Request, pk: int) -> HttpResponse:
    """One post: for a member what it is and what is theirs to do; for staff who holds it, held it and would hold it."""
    return post_page(request, visible_post(request, pk))


def post_page(request: Request, post: StewardPost, form: forms.BaseForm | None = None) -> HttpResponse:
    """The page, on which an application that was refused stands with what was typed."""
    term = current_term(post)
    context: dict[str, Any] = {
        "post": post,
        "term": term,
        "named": StewardApplication.objects.pending().filter(succeeds=term).select_related("member__user").first()
        if term
        else None,
    }
    if request.actor.is_member:
        context |= _of_member(request, post, term)
        context["form"] = form or (ApplyForm() if context.pop("may_apply") else None)
        return render(request, "tasks/steward_post/member_page.html", context)
    return render(request, "tasks/steward_post/staff_page.html", context | _of_staff(request, post, term))


def _of_member(request: Request, post: StewardPost, term: StewardTerm | None) -> dict[str, Any]:
    member = request.actor.member
    assert member is not None
    own = StewardApplication.objects.pending().filter(post=post, member=member).first()
    terms = StewardTerm.objects.filter(post=post, member=member).select_related("post")
    is_open = post.status == StewardPost.Status.OPEN
    return {
        "own": own,
        "holds": term is not None and term.member_id == member.pk,
        "due": logs_due(terms, timezone.localdate()).get(post.pk, []),
        "may_apply": is_open and own is None and lives_within(member, post.compound),
    }


def _of_staff(request: Request, post: StewardPost, term: StewardTerm | None) -> dict[str, Any]:
    former = StewardTerm.objects.filter(post=post).exclude(ended_on=None).select_related("member__user")
    logs = StewardLog.objects.visible_to(request.actor).filter(post=post).select_related("member__user")
    applications = StewardApplication.objects.filter(post=post, status=StewardApplication.Status.APPLIED)
    return {
        "lives_here": term is not None and lives_within(term.member, post.compound),
        "former": former,
        "logs": page_of(request, logs),
        "applications": applications.select_related("member__user", "member__home"),
    }


def post_change(request: Request, pk: int) -> HttpResponse:
    post = kept_post(request, pk)
    form = ChangePostForm(request.POST or None, post=post, is_held=post.status == StewardPost.Status.HELD)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        said = {"fields": form.what, "reason": data.get("reason", ""), "seen": data["seen"]}
        try:
            changed = change_post(post, **said, by=request.actor)
        except Refused as refused:
            post.refresh_from_db()
            form.refuse(refused, now=post_seen(post))
        else:
            messages.success(request, _("The post is changed.") if changed else _("Nothing was changed."))
            return redirect(post.page)
    return render(request, "tasks/steward_post/change.html", {"form": form, "post": post})


def post_close(request: Request, pk: int) -> HttpResponse:
    post = kept_post(request, pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: close_post(post, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("The post is closed, and everybody concerned is told."))
        return redirect("posts")
    context = {
        "form": form,
        "back": post.page,
        "about": post,
        "title": _("Close this post"),
        "says": _("Its term ends and applications are declined. Its history is kept."),
        "button": _("Close it and tell everyone"),
    }
    return render(request, "tasks/steward_post/reason.html", context)


def visible_post(request: Request, pk: int) -> StewardPost:
    """A post where the member lives or that concerns them, or one of the staff's."""
    request.actor.require_any(Ability.CLAIM, Ability.KEEP_POSTS)
    posts = StewardPost.objects.visible_to(request.actor).select_related("compound__parent")
    return get_object_or_404(posts, pk=pk)


def kept_post(request: Request, pk: int) -> StewardPost:
    request.actor.require(Ability.KEEP_POSTS)
    return visible_post(request, pk)
