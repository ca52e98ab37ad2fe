from typing import cast

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST

from accounts.access import Ability, Request
from flags.actions.dossier_opinion import answer_opinion, place_of, write_opinion
from flags.forms.dossier import OpinionAnswerForm, OpinionForm
from flags.models import DossierOpinion
from flags.views.dossier import dossier_page, member_asked
from vanguard.lib.attempting import attempt_with


@never_cache
def dossier_opinion(request: Request, number: str, year: int) -> HttpResponse:
    """Write what the community, or the unit, thinks of a member's year; what they may read of what was said stands beside it."""
    request.actor.require(Ability.WRITE_OPINIONS)
    member = member_asked(request, number, year)
    place = place_of(member, year, request.actor)
    last = DossierOpinion.objects.of(member).filter(year=year, kind=place.kind).order_by("-version").first()
    form = OpinionForm(request.POST or None, initial={"seen": last.version if last else 0})
    said = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if request.method == "POST" and attempt_with(
        form, lambda: write_opinion(member, year=year, by=request.actor, **said)
    ):
        messages.success(request, _("Written. The member reads it first and may answer; then others see both."))
        return redirect(f"{reverse('dossier', args=[number])}?year={year}")
    if form.is_bound and last:  # who was told of a newer one has it before them now
        form.data = cast(QueryDict, form.data).copy()
        form.data["seen"] = str(last.version)
    readable = DossierOpinion.objects.visible_to(request.actor).filter(pk=last.pk) if last else None
    before = readable and readable.select_related("by_user").first()
    context = {"form": form, "member": member, "year": year, "place": place, "before": before}
    return render(request, "flags/dossier/opinion.html", context)


@require_POST
def opinion_answer(request: Request, pk: int) -> HttpResponse:
    """The member answers, or says that they have read it."""
    request.actor.require(Ability.CLAIM)
    opinions = DossierOpinion.objects.visible_to(request.actor).select_related("member__user")
    opinion = get_object_or_404(opinions, pk=pk)
    member = request.actor.member
    assert member is not None
    form = OpinionAnswerForm(request.POST)
    if not attempt_with(form, lambda: answer_opinion(opinion, words=form.cleaned_data["words"], by=request.actor)):
        return dossier_page(request, member, opinion.year, answering=form, asked=opinion.pk)
    messages.success(request, _("Thank you. Community, unit and city can read it now."))
    return redirect(f"{reverse('dossier', args=[member.number])}?year={opinion.year}")
