"""The flag ledger of a community or a city: read, filtered, and the lines that take back or light again."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Role
from flags.actions.reversal import last_day_to_appeal, reinstate_award, revoke_award
from flags.forms.ledger import WhyForm
from flags.forms.report import years_offered
from flags.models import FlagAward
from flags.queries.deadline import left_to_the_city
from flags.queries.late_entry import entries_to_approve
from flags.queries.ledger import KINDS, ledger_of, lines_kept_by
from tasks.models import Shift
from tasks.models.task import Category
from vanguard.lib.attempting import attempt_with
from vanguard.lib.choosing import key_in, one_of
from vanguard.lib.paging import page_of

KIND_WORDS = {
    "claim": gettext_lazy("Services"),
    "log": gettext_lazy("Stewards' logs"),
    "suggestion": gettext_lazy("Adopted suggestions"),
    "matter": gettext_lazy("Other matters"),
    "entry": gettext_lazy("Entered afterwards"),
    "taken_back": gettext_lazy("Taken back"),
    "lit_again": gettext_lazy("Lit again"),
}


@require_GET
def ledger(request: Request) -> HttpResponse:
    """The lines of my community or city, newest first; from here flags are awarded otherwise and entered afterwards."""
    request.actor.require(Ability.KEEP_LEDGER)
    asked: dict[str, Any] = {
        "search": request.GET.get("q", "").strip()[:40],
        "year": key_in(one_of(map(str, years_offered()), request.GET.get("year"))),
        "category": one_of(Category.values, request.GET.get("category")),
        "kind": one_of(KINDS, request.GET.get("kind")),
    }
    context = {
        "page": page_of(request, ledger_of(request.actor, **asked)),
        "asked": asked,
        "year_choices": [(year, year) for year in years_offered()],
        "categories": Category.choices,
        "kinds": KIND_WORDS.items(),
        "waiting": entries_to_approve(request.actor).count(),
        "keeps_matters": request.actor.role == Role.CITY_OFFICER,
    }
    return render(request, "flags/ledger/list.html", context)


@require_GET
def ledger_line(request: Request, pk: int) -> HttpResponse:
    return _page(request, _line(request, pk))


@require_POST
def ledger_revoke(request: Request, pk: int) -> HttpResponse:
    """Take the flags of a line back, with the reason that the member reads."""
    line, form = _line(request, pk), WhyForm(request.POST)
    if not attempt_with(form, lambda: revoke_award(line, **form.cleaned_data, by=request.actor)):
        return _page(request, _line(request, pk), form)
    return redirect("ledger_line", pk)


@require_POST
def ledger_reinstate(request: Request, pk: int) -> HttpResponse:
    """Light again what a line took back."""
    line, form = _line(request, pk), WhyForm(request.POST)
    if not attempt_with(form, lambda: reinstate_award(line, **form.cleaned_data, by=request.actor)):
        return _page(request, _line(request, pk), form)
    return redirect("ledger_line", pk)


def _line(request: Request, pk: int) -> FlagAward:
    request.actor.require(Ability.KEEP_LEDGER)
    lines = lines_kept_by(request.actor).with_sources()
    with_all = lines.select_related(
        "member__user", "community", "unit", "by_user", "by_appointment__organization", "reason", "reverses", "reversal"
    )
    return get_object_or_404(with_all, pk=pk)


def _page(request: Request, line: FlagAward, form: WhyForm | None = None) -> HttpResponse:
    """All of one line; while nothing has reversed it, the one move that is left."""
    own = request.actor.is_person(line.member)
    reversal = getattr(line, "reversal", None)
    ask = left_to_the_city(request.actor, line.community.city_path, line.year) if reversal is None and not own else None
    if reversal is None and not own and not ask:
        form = form or WhyForm()
    context = {
        "line": line,
        "flags": ngettext("%(n)s flag", "%(n)s flags", abs(line.value)) % {"n": line.value},
        "source": _source(request, line),
        "reversal": reversal,
        "form": form if reversal is None else None,
        "own": own,
        "appeal_until": last_day_to_appeal(line) if line.value < 0 and reversal is None else None,
        "ask": ask,
        "title": _("Line %(number)s") % {"number": line.pk},
    }
    return render(request, "flags/ledger/line.html", context)


def _source(request: Request, line: FlagAward) -> str:
    """Where what the line is for can be read by this hat; nowhere, if it cannot."""
    if line.entry:
        return line.entry.page
    if line.claim and Shift.objects.visible_to(request.actor).filter(pk=line.claim.shift_id).exists():
        return reverse("confirm_shift", args=[line.claim.shift_id])
    if request.actor.role == Role.CITY_OFFICER:
        return ""
    if line.log:
        return line.log.page
    return line.suggestion.page if line.suggestion else ""
