"""A member's own appeals: what can be appealed against, the form, and what was said to it."""

from collections.abc import Callable
from functools import partial
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET

from accounts.access import Ability, Request
from accounts.models import Member
from accounts.queries.standing import exemptions_of
from flags.actions.appeal import (
    appeal_claim,
    appeal_exemption,
    appeal_log,
    appeal_reversal,
    appeal_service,
    appeal_suggestion,
)
from flags.forms.appeal import AppealForm, ExemptionAppealForm, ServiceAppealForm
from flags.models import Appeal
from flags.queries.appeal import appeals_of
from flags.queries.appeal_subject import (
    YEARS_BACK,
    claims_to_appeal,
    logs_without_a_flag,
    own_claims,
    own_logs,
    own_reversals,
    own_suggestions,
    subject_of_claim,
    subject_of_exemption,
    subject_of_log,
    subject_of_reversal,
    subject_of_suggestion,
    suggestions_without_a_flag,
)
from flags.refusals import Reason
from flags.views.appeal_desk import desk_page
from vanguard.lib.attempting import attempt_with
from vanguard.lib.paging import page_of

# What an address names: where it is found, what is known of it, and the appeal about it.
ABOUT: dict[str, tuple[Callable[[Member], Any], Callable[[Any], Any], Callable[..., Appeal]]] = {
    "claim": (own_claims, subject_of_claim, appeal_claim),
    "flag": (own_reversals, subject_of_reversal, appeal_reversal),
    "log": (own_logs, subject_of_log, appeal_log),
    "suggestion": (own_suggestions, subject_of_suggestion, appeal_suggestion),
}


@require_GET
def my_appeals(request: Request) -> HttpResponse:
    """What I have appealed against, and how it stands."""
    request.actor.require(Ability.CLAIM)
    assert request.actor.member is not None
    context = {"page": page_of(request, appeals_of(request.actor.member)), "year": timezone.localdate().year}
    return render(request, "flags/appeal/mine.html", context)


@never_cache
@require_GET
def appeal(request: Request, pk: int) -> HttpResponse:
    """One appeal: as its member reads it, or as who answers or decides."""
    appeal = get_object_or_404(Appeal.objects.visible_to(request.actor).with_all(), pk=pk)
    if request.actor.member is None:
        return desk_page(request, appeal)
    return render(request, "flags/appeal/page.html", {"appeal": appeal})


def appeal_new(request: Request, about: str, pk: int) -> HttpResponse:
    """A short form about one thing of mine, with what is known of it; `pk` is its key, or the year."""
    request.actor.require(Ability.CLAIM)
    member = request.actor.member
    assert member is not None
    if about == "service":
        return _of_service(request, member, pk)
    if about == "exemption":
        return _of_exemption(request, member, pk)
    if about not in ABOUT:
        raise Http404
    find, subject_of, send = ABOUT[about]
    thing = get_object_or_404(find(member), pk=pk)
    form = AppealForm(request.POST or None)
    return _form_page(request, form, subject_of(thing), partial(send, thing))


def _of_service(request: Request, member: Member, year: int) -> HttpResponse:
    """What stands there without a flag comes first: most of what is missing is one of these."""
    _require_year(year)
    form = ServiceAppealForm(request.POST or None)
    if request.method == "POST" and attempt_with(form, lambda: appeal_service(**form.said, by=request.actor)):
        return _sent(request)
    context = {
        "form": form,
        "year": year,
        "page": page_of(request, claims_to_appeal(member, year), per_page=10),
        "logs": logs_without_a_flag(member, year),
        "suggestions": suggestions_without_a_flag(member, year),
    }
    return render(request, "flags/appeal/service.html", context)


def _of_exemption(request: Request, member: Member, year: int) -> HttpResponse:
    _require_year(year)
    form = ExemptionAppealForm(request.POST or None, exemptions=exemptions_of(member))
    return _form_page(request, form, subject_of_exemption(member, year), partial(appeal_exemption, year=year))


def _require_year(year: int) -> None:
    if not 0 <= timezone.localdate().year - year < YEARS_BACK:
        raise Http404


def _form_page(request: Request, form: AppealForm, subject: Any, send: Callable[..., Appeal]) -> HttpResponse:
    if request.method == "POST" and attempt_with(form, lambda: send(**form.said, by=request.actor)):
        return _sent(request)
    if subject is None and not form.is_bound:
        messages.info(request, Reason.NOTHING_TO_APPEAL.label)
        return redirect("flag_wall")
    former = subject.former(request.actor.member) if subject else None
    return render(request, "flags/appeal/new.html", {"form": form, "subject": subject, "former": former})


def _sent(request: Request) -> HttpResponse:
    messages.success(request, _("Your appeal has been sent. You are told when it is answered and decided."))
    return redirect("my_appeals")
