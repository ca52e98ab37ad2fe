"""A member's dossier: as its member reads it, and as who looks after the member does."""

from typing import Any

import segno
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_POST

from accounts.access import Ability, Request
from accounts.models import Member
from flags.actions.dossier import seal_dossier
from flags.forms.dossier import OpinionAnswerForm
from flags.forms.report import year_asked
from flags.models import Dossier, DossierOpinion
from flags.models.dossier_serial import read_serial
from flags.queries.dossier import members_in_dossiers, paper_of, years_on_paper
from flags.queries.dossier_sheet import sealed_paper, sheet_of
from flags.queries.year import has_begun
from vanguard.lib.attempting import attempt
from vanguard.lib.paging import page_of
from vanguard.lib.printing import CHINESE, CannotPrint, pdf_of, pdf_response
from vanguard.lib.site_address import public_address


@require_GET
def my_dossier(request: Request) -> HttpResponse:
    """My own, under its one address."""
    request.actor.require(Ability.CLAIM)
    assert request.actor.member is not None
    return redirect("dossier", request.actor.member.number)


@never_cache
@require_GET
def dossier(request: Request, number: str) -> HttpResponse:
    """One year: what is in it, what was said of it, what is sealed."""
    year = year_asked(request.GET)
    return dossier_page(request, member_asked(request, number, year), year)


def dossier_page(
    request: Request, member: Member, year: int, *, answering: OpinionAnswerForm | None = None, asked: int = 0
) -> HttpResponse:
    """The page; with `answering` the form in which an answer to the opinion `asked` was refused."""
    opinions = DossierOpinion.objects.visible_to(request.actor).of(member).filter(year=year).current()
    own = request.actor.is_member
    years, sheet = years_on_paper(member), sheet_of(paper_of(member, year))
    context = {
        "member": member,
        "own": own,
        "year": year,
        "years": years if len(years) > 1 else [],
        "running": year == timezone.localdate().year,
        "sheet": sheet,
        "page": page_of(request, sheet.lines),
        "sealed": list(Dossier.objects.of(member).filter(year=year).defer("content")),
        "opinions": opinions.select_related("organization", "by_user", "by_appointment__organization"),
        "answering": answering or (OpinionAnswerForm() if own else None),
        "asked": asked,
        "writes": request.actor.can(Ability.WRITE_OPINIONS) and not request.actor.is_person(member),
    }
    return render(request, "flags/dossier/page.html", context)


@require_POST
def dossier_seal(request: Request, number: str, year: int) -> HttpResponse:
    """Keep the year as it stands, under a number that can be looked up."""
    member = member_asked(request, number, year)
    said = _("Sealed. The newest version is the current one.")
    attempt(request, lambda: seal_dossier(member, year=year, by=request.actor), said)
    return redirect(f"{reverse('dossier', args=[number])}?year={year}")


@never_cache
@require_GET
def dossier_pdf(request: Request, number: str, year: int) -> HttpResponse:
    """On paper: the current sealed version or one of its earlier ones; before there is any, the draft."""
    member = member_asked(request, number, year)
    versions = Dossier.objects.of(member).filter(year=year).select_related("words")
    asked = request.GET.get("serial", "")
    sealed = get_object_or_404(versions, serial=read_serial(asked)) if asked else versions.first()
    try:
        with translation.override(CHINESE):
            body = pdf_of("flags/dossier/paper.html", _on_paper(request, member, year, sealed))
    except CannotPrint:
        messages.warning(request, _("This server cannot make a PDF. Print this page from your browser instead."))
        return redirect(f"{reverse('dossier', args=[number])}?year={year}")
    return pdf_response(body, f"dossier-{member.number}-{year}")


def _on_paper(request: Request, member: Member, year: int, sealed: Dossier | None) -> dict[str, Any]:
    context: dict[str, Any] = {"year": year, "sealed": sealed, "printed_on": timezone.localdate()}
    if sealed is None:
        return context | {"sheet": sheet_of(paper_of(member, year))}
    address = public_address(request, reverse("verified", args=[sealed.serial]))
    newest = Dossier.objects.of(member).filter(year=year).first()
    return context | {
        "sheet": sheet_of(sealed_paper(sealed)),
        "address": public_address(request, reverse("verify")).partition("://")[2],
        "qr": segno.make(address, error="m").svg_data_uri(scale=4, border=0),
        "replaced": newest if newest and newest.pk != sealed.pk else None,
    }


def member_asked(request: Request, number: str, year: int) -> Member:
    """Whose dossier of that year this hat may open; a year to come and one before all calendars has none."""
    request.actor.require_any(Ability.CLAIM, Ability.SEE_DOSSIERS)
    if not has_begun(year):
        raise Http404
    members = members_in_dossiers(request.actor, year).filter(merged_into=None).select_related("user", "home")
    return get_object_or_404(members, number=number)
