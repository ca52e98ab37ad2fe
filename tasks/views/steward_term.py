"""Who holds a post: laid down, ended, handed over to who says yes."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from accounts.limiting import count_try
from accounts.models import Member
from tasks.actions.steward_succession import answer_succession, name_successor, unname_successor
from tasks.actions.steward_term import end_term, give_up_post
from tasks.forms.steward_post import ReasonForm, SuccessorForm
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.queries.steward_post import current_term
from tasks.views.steward_post import kept_post, visible_post
from vanguard.lib.attempting import attempt, attempt_with


def post_give_up(request: Request, pk: int) -> HttpResponse:
    """Lay down a post that one holds."""
    request.actor.require(Ability.CLAIM)
    post = visible_post(request, pk)
    _require_holder(request, post)
    form = ReasonForm(request.POST or None, required=False)
    if request.method == "POST" and attempt_with(
        form, lambda: give_up_post(post, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("You no longer hold this post. Thank you for what you have done."))
        return redirect("posts")
    context = {
        "form": form,
        "back": post.page,
        "about": post,
        "title": _("Give up this post"),
        "says": _("It ends today and is open again. The community is told. Logs of your time can still be sent."),
        "button": _("Give it up"),
    }
    return render(request, "tasks/steward_post/reason.html", context)


def post_end(request: Request, pk: int) -> HttpResponse:
    """The community ends a term."""
    post = kept_post(request, pk)
    term = current_term(post)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and attempt_with(
        form, lambda: end_term(post, reason=form.cleaned_data["reason"], by=request.actor)
    ):
        messages.success(request, _("The term is ended, and the post is open again."))
        return redirect(post.page)
    context = {
        "form": form,
        "back": post.page,
        "about": post,
        "title": _("End the term of %(name)s") % {"name": term.member} if term else _("End the term"),
        "says": _("The reason is told to who holds the post."),
        "button": _("End the term"),
    }
    return render(request, "tasks/steward_post/reason.html", context)


def post_successor(request: Request, pk: int) -> HttpResponse:
    """Name who is to follow: first the name, to see that it is the right person; then they are asked."""
    post = visible_post(request, pk)
    if request.actor.is_member:
        _require_holder(request, post)
    form = SuccessorForm(request.POST or None, post=post)
    found: Member | None = None
    if request.method == "POST":
        if request.actor.is_member and not count_try(request, "member_sought", key=str(request.user.pk)):
            messages.error(request, _("You have looked for many members. Try again in an hour."))
            return redirect(post.page)
        found = form.cleaned_data["who"] if form.is_valid() else None
        if found and "sure" in request.POST:
            member = found
            if attempt_with(form, lambda: name_successor(post, member, by=request.actor)):
                messages.success(request, _("They are asked. Until they say yes, everything stays as it is."))
                return redirect(post.page)
            found = None
    return render(request, "tasks/steward_post/successor.html", {"form": form, "post": post, "found": found})


@require_POST
def post_unname(request: Request, pk: int) -> HttpResponse:
    """Ask no more who has not answered."""
    post = visible_post(request, pk)
    if request.actor.is_member:
        _require_holder(request, post)
    attempt(request, lambda: unname_successor(post, by=request.actor), _("They are no longer asked."))
    return redirect(post.page)


@require_POST
def post_answer(request: Request, pk: int) -> HttpResponse:
    """Yes or no to taking a post on."""
    request.actor.require(Ability.CLAIM)
    post = visible_post(request, pk)
    own = StewardApplication.objects.visible_to(request.actor).filter(post=post).select_related("member", "post")
    application = own.order_by("-pk").first()
    if application is None:
        raise PermissionDenied
    agree = request.POST.get("answer") == "yes"
    if not agree:
        said = _("You have said no.")
    elif application.asked_by_community:
        said = _("The post is yours. Thank you for taking it on.")
    else:
        said = _("You have said yes. Now the community decides.")
    done = attempt(request, lambda: answer_succession(application, agree=agree, by=request.actor), said)
    return redirect(post.page if agree or not done else "posts")


def _require_holder(request: Request, post: StewardPost) -> None:
    request.actor.require(Ability.CLAIM)
    if not StewardTerm.objects.current().filter(post=post, member=request.actor.member).exists():
        raise PermissionDenied
