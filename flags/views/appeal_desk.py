"""Where appeals are answered and decided: the queue, and one with all that is said to it."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from flags.actions.appeal_answer import answer_appeal, decide_appeal, is_left_to_another
from flags.forms.appeal import AnswerAppealForm, decide_form_of
from flags.models import Appeal
from flags.queries.appeal import appeals_in_state, appeals_waiting, may_be_decided
from flags.refusals import Reason
from vanguard.lib.attempting import attempt_with
from vanguard.lib.paging import page_of

WHO = (Ability.ANSWER_APPEALS, Ability.DECIDE_APPEALS)
S = Appeal.Status


@require_GET
def appeal_queue(request: Request) -> HttpResponse:
    """What waits for me, the longest first; and, by state, everything there is."""
    request.actor.require_any(*WHO)
    status = request.GET.get("status", "")
    if status in S.values or status == "all":
        appeals = appeals_in_state(request.actor, status.replace("all", ""))
    else:
        status, appeals = "", appeals_waiting(request.actor)
    context = {
        "page": page_of(request, appeals.with_all()),
        "status": status,
        "statuses": S.choices,
        "decides": request.actor.can(Ability.DECIDE_APPEALS),
        "answer_within": settings.APPEAL_ANSWER_WITHIN,
        "decide_within": settings.APPEAL_DECIDE_WITHIN,
    }
    return render(request, "flags/appeal/queue.html", context)


@require_POST
def appeal_answer(request: Request, pk: int) -> HttpResponse:
    """How the community, or the unit, sees it."""
    request.actor.require(Ability.ANSWER_APPEALS)
    appeal, form = _seen(request, pk), AnswerAppealForm(request.POST)
    return _say(request, appeal, form, lambda: answer_appeal(appeal, **form.cleaned_data, by=request.actor))


@require_POST
def appeal_decide(request: Request, pk: int) -> HttpResponse:
    """The city's decision, and with it what is put right."""
    request.actor.require(Ability.DECIDE_APPEALS)
    appeal = _seen(request, pk)
    form = decide_form_of(appeal)(request.POST)

    def act() -> None:
        said = form.cleaned_data
        decide_appeal(appeal, upheld=said["upheld"], reasons=said["reasons"], remedy=form.remedy, by=request.actor)

    return _say(request, appeal, form, act)


def _say(request: Request, appeal: Appeal, form: forms.Form, act: Callable[[], Any]) -> HttpResponse:
    if not attempt_with(form, act):
        return desk_page(request, _seen(request, appeal.pk), form=form)
    messages.success(request, _("Sent. The member can read it now."))
    return redirect("appeal", appeal.pk)


def _seen(request: Request, pk: int) -> Appeal:
    return get_object_or_404(Appeal.objects.visible_to(request.actor).with_all(), pk=pk)


def desk_page(request: Request, appeal: Appeal, *, form: forms.Form | None = None) -> HttpResponse:
    """The page, on which a form that was sent and not carried out stands with what was typed."""
    decides, own = request.actor.can(Ability.DECIDE_APPEALS), request.actor.is_person(appeal.member)
    ready = may_be_decided(appeal) if decides else appeal.status == S.OPEN
    left = decides and ready and not own and is_left_to_another(appeal, request.actor)
    if form is None and ready and not own and not left:
        form = decide_form_of(appeal)() if decides else AnswerAppealForm()
    context = {
        "appeal": appeal,
        "form": form,
        "own": own,
        "left": Reason.APPEAL_INVOLVED.label if left else "",
        "decides": decides,
        "waits": decides and appeal.status == S.OPEN and not ready,
        "answer_within": settings.APPEAL_ANSWER_WITHIN,
    }
    return render(request, "flags/appeal/desk.html", context)
