"""Sealing a member's year (社区贡献档案): a snapshot with a number that anybody can look up."""

from functools import partial
from secrets import token_hex

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from flags.models import Dossier, DossierWords
from flags.models.dossier_serial import new_serial
from flags.queries.dossier import (
    Paper,
    corrected_since_sealed,
    current_dossier,
    members_in_dossiers,
    paper_of,
    words_sealed,
    years_on_paper,
)
from flags.refusals import Reason
from vanguard.lib.in_turn import do_in_turn
from vanguard.lib.refused import Refused


@transaction.atomic
def seal_dossier(member: Member, *, year: int, by: Actor) -> Dossier:
    """Keep what the year says today as a snapshot; it is the current one, and replaces any sealed before.

    Where nothing has changed since the last one, that one comes back and nothing is written. Refused for a year that
    is not over and for one of which there is nothing to keep; forbidden to whom the dossier is not shown.
    """
    if by != CLOCK and not members_in_dossiers(by, year).filter(pk=member.pk).exists():
        raise PermissionDenied
    if year >= timezone.localdate().year:
        raise Refused(Reason.YEAR_NOT_SEALABLE, year=year)
    member = (
        Member.objects.select_for_update(of=("self",), no_key=True).select_related("user", "home").get(pk=member.pk)
    )
    if year not in years_on_paper(member):
        raise Refused(Reason.NOTHING_TO_SEAL, year=year)
    before = current_dossier(member, year)
    if before and _says_the_same(before, member):
        return before
    dossier = _write(member, year, paper_of(member, year, salt=token_hex(16)), by)
    record(dossier, "sealed", by=by)
    if before:
        notify([member.user], Notice.Kind.DOSSIER_REPLACED, link=_page(member, year), but=by.user, year=year)
    return dossier


def reseal_corrected_dossiers() -> None:
    """Each sealed dossier that the ledger contradicts gets its next version: paper says what the ledger says."""
    corrected = [(dossier.member.merged_into or dossier.member, dossier.year) for dossier in corrected_since_sealed()]
    do_in_turn(partial(seal_dossier, person, year=year, by=CLOCK) for person, year in corrected)


def _says_the_same(dossier: Dossier, member: Member) -> bool:
    """Its own salt goes into the comparison; of one whose words were erased nothing can be said, and it is sealed anew."""
    words = words_sealed(dossier)
    if not words or dossier.member_id != member.pk:
        return False
    return paper_of(member, dossier.year, salt=words["salt"]).digest == dossier.digest


def _write(member: Member, year: int, paper: Paper, by: Actor) -> Dossier:
    newest = Dossier.objects.of(member).filter(year=year).order_by("-version").first()
    dossier = Dossier.objects.create(
        member=member,
        year=year,
        version=newest.version + 1 if newest else 1,
        serial=new_serial(year),
        flags=paper.content["flags"],
        services=paper.content["services"],
        content=paper.content,
        digest=paper.digest,
        by_user=by.user,
        by_appointment=by.appointment,
    )
    DossierWords.objects.create(dossier=dossier, name=member.user.name, words=paper.words)
    return dossier


def _page(member: Member, year: int) -> str:
    return f"{reverse('dossier', args=[member.number])}?year={year}"
