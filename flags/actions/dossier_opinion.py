"""What community and unit say of a member's year (社区反馈意见): the member reads it first, and may answer."""

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK, Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization
from accounts.queries.member import unit_on
from flags.models import DossierOpinion
from flags.queries.compliance import deciding_day
from flags.queries.dossier import members_in_dossiers
from flags.refusals import Reason
from vanguard.lib.refused import Refused

S = DossierOpinion.Status
Kind = Organization.Kind


@transaction.atomic
def write_opinion(
    member: Member, *, year: int, text: str, by: Actor, seen: int = 0, sent_once: UUID | None = None
) -> DossierOpinion:
    """The opinion of the actor's community or unit on a member's year; it takes the place of an earlier one.

    `seen` is the version that the writer had before them. The member is told and has `OPINION_ANSWER_DAYS` to answer.
    Refused on oneself, for a year to come, and where somebody has written a newer version in the meantime; forbidden
    on who neither lives in the community nor belongs to the unit.
    """
    place = place_of(member, year, by)
    by.require(Ability.WRITE_OPINIONS, place)
    if by.is_person(member):
        raise Refused(Reason.OPINION_ON_ONESELF)
    if year > timezone.localdate().year:
        raise Refused(Reason.FUTURE_YEAR, year=year)
    member = Member.objects.select_for_update(of=("self",), no_key=True).select_related("user").get(pk=member.pk)
    again = DossierOpinion.objects.filter(sent_once=sent_once).first() if sent_once else None
    if again:
        return again
    before = DossierOpinion.objects.of(member).filter(year=year, kind=place.kind)
    version = before.aggregate(n=Max("version", default=0))["n"]
    if version != seen:
        raise Refused(Reason.OPINION_CHANGED)
    move_all(before.current(), S.REPLACED, by=by)
    now = timezone.now()
    opinion = DossierOpinion.objects.create(
        member=member,
        year=year,
        organization=place,
        kind=place.kind,
        version=version + 1,
        text=text,
        by_user=by.user,
        by_appointment=by.appointment,
        written_at=now,
        answer_by=now + timedelta(days=settings.OPINION_ANSWER_DAYS),
        sent_once=sent_once,
    )
    record(opinion, "written", by=by)
    told, days = Notice.Kind.OPINION_WRITTEN, settings.OPINION_ANSWER_DAYS
    notify([member.user], told, link=_page(opinion), organization=place, year=year, days=days)
    return opinion


def place_of(member: Member, year: int, by: Actor) -> Organization:
    """For which organization the actor may speak of the member; forbidden where there is none."""
    if by.organization and members_in_dossiers(by, year).filter(pk=member.pk).exists():
        if by.organization.kind == Kind.COMMUNITY and member.home:
            return member.home.community
        unit = unit_on(member, deciding_day(year))
        if by.organization.kind == Kind.WORK_UNIT and unit:
            return unit
    raise PermissionDenied


@transaction.atomic
def answer_opinion(opinion: DossierOpinion, *, words: str, by: Actor) -> None:
    """The member's answer, or with no words that they have read it; from then on community, unit and city see both.

    Refused where it was answered, has been shared or was written anew in the meantime.
    """
    by.require(Ability.CLAIM)
    if not by.is_person(opinion.member):
        raise PermissionDenied
    opinion = DossierOpinion.objects.select_for_update(of=("self",), no_key=True).get(pk=opinion.pk)
    if not opinion.awaits_answer:
        raise Refused(Reason.OPINION_NOT_OPEN)
    move(opinion, S.SHARED, by=by, answer=words, read_at=timezone.now())
    if words and opinion.by_user:
        link, name, year = _page(opinion), str(opinion.member), opinion.year
        notify([opinion.by_user], Notice.Kind.OPINION_ANSWERED, link=link, but=by.user, name=name, year=year)


def share_opinions() -> None:
    """What the member has had the days to answer is shared without an answer."""
    move_all(DossierOpinion.objects.filter(answer_by__lte=timezone.now()), S.SHARED, by=CLOCK)


def _page(opinion: DossierOpinion) -> str:
    return f"{reverse('dossier', args=[opinion.member.number])}?year={opinion.year}"
