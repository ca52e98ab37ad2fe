"""A steward's log: written by the member, read by the community, confirmed or returned."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Organization, Role
from tasks.actions.steward_log import confirm_log, require_quarter, return_log, save_log
from tasks.forms.steward_post import LogForm, ReasonForm, WhyForm
from tasks.models import StewardLog
from tasks.queries.deadline import is_in_time
from tasks.queries.steward_log import confirms, logs_read_by, logs_to_confirm
from tasks.views.steward_post import visible_post
from vanguard.lib.attempting import attempt, attempt_with
from vanguard.lib.paging import page_of
from vanguard.lib.quarters import EVERY, Quarter

YEARS = range(2000, 2100)  # a slip of the hand


def post_log(request: Request, pk: int, year: int, number: int) -> HttpResponse:
    """The log of one quarter: written, kept, sent; once it is sent, to be read."""
    request.actor.require(Ability.CLAIM)
    post = visible_post(request, pk)
    if number not in EVERY or year not in YEARS:
        raise Http404
    quarter = Quarter(year, number)
    if request.method != "POST" and not attempt(request, lambda: require_quarter(post, quarter, request.actor)):
        return redirect(post.page)
    log = StewardLog.objects.visible_to(request.actor).of_quarter(quarter).filter(post=post).first()
    words, submit = ({"seen": log.seen, "done": log.done} if log else {}), "submit" in request.POST
    form = LogForm(request.POST or None, initial=words, is_draft=not submit and request.method == "POST")
    if request.method == "POST" and attempt_with(
        form, lambda: save_log(post, quarter, **form.cleaned_data, submit=submit, by=request.actor)
    ):
        said = (
            _("Sent to the community. You are told once it is confirmed.")
            if submit
            else _("Kept. Send it when it is complete.")
        )
        messages.success(request, said)
        return redirect(post.page)
    context = {"post": post, "quarter": quarter, "log": log, "form": form}
    return render(request, "tasks/steward_post/log_form.html", context)


@require_GET
def steward_logs(request: Request) -> HttpResponse:
    """What stewards have sent and waits to be confirmed, oldest first."""
    request.actor.require(Ability.CONFIRM)
    return render(request, "tasks/steward_post/logs.html", {"page": page_of(request, logs_to_confirm(request.actor))})


@require_GET
def steward_log(request: Request, pk: int) -> HttpResponse:
    return _page(request, _readable(request, pk))


@require_POST
def steward_log_confirm(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CONFIRM)
    log = _readable(request, pk)
    form, said = WhyForm(request.POST), _("Confirmed; %(name)s is told.") % {"name": log.member}
    if form.is_valid() and attempt(request, lambda: confirm_log(log, by=request.actor, **form.cleaned_data), said):
        return redirect("steward_logs")
    log.refresh_from_db()
    return _page(request, log, why=form)


@require_POST
def steward_log_return(request: Request, pk: int) -> HttpResponse:
    request.actor.require(Ability.CONFIRM)
    log = _readable(request, pk)
    form = ReasonForm(request.POST)
    if not attempt_with(form, lambda: return_log(log, reason=form.cleaned_data["reason"], by=request.actor)):
        log.refresh_from_db()
        return _page(request, log, form)
    messages.success(request, _("Returned to %(name)s.") % {"name": log.member})
    return redirect("steward_logs")


def _page(
    request: Request, log: StewardLog, form: ReasonForm | None = None, why: WhyForm | None = None
) -> HttpResponse:
    """What was seen and done; who may, confirms it with one tap or gives it back with a reason.

    After the year's deadline it is the city that confirms, and says why; the community reads whom to ask.
    """
    waits = log.status == StewardLog.Status.SUBMITTED
    own = request.actor.is_person(log.member)
    if waits and not own and confirms(request.actor, log):
        form = form or ReasonForm()
    city_path = log.post.compound.city_path
    late = waits and not is_in_time(city_path, log.year)
    context = {
        "log": log,
        "form": form,
        "own": own and waits,
        "keeps": request.actor.can(Ability.KEEP_POSTS),
        "late": late,
        "why": why or (WhyForm() if late else None),
        "ask": Organization.objects.get(path=city_path) if late and request.actor.role != Role.CITY_OFFICER else None,
    }
    return render(request, "tasks/steward_post/log.html", context)


def _readable(request: Request, pk: int) -> StewardLog:
    request.actor.require_any(Ability.KEEP_POSTS, Ability.CONFIRM)
    logs = logs_read_by(request.actor).select_related("post__compound__parent", "member__user")
    return get_object_or_404(logs, pk=pk)
