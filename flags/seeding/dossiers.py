"""The demo member's dossier: last year sealed with the community's opinion and an answer, this year's opinion to be read."""

from collections.abc import Mapping
from datetime import date, timedelta

from accounts.access import Actor
from accounts.models import Appointment, Member, Organization
from accounts.queries.member import unit_on
from flags.actions.dossier import seal_dossier
from flags.models import DossierOpinion
from flags.seeding.times import at

OPINION = "住在荷风雅苑一期，有求必应。灯笼活动和陪诊都是提前到、最后走，楼里的老人都认识他。"
ANSWER = "谢谢社区。新的一年想多参加周末的陪诊。"
OF_THE_UNIT = "单位工作忙的月份也没有落下社区的事，同事里有三位是跟着他去报到的。"


def add_dossiers(secretary: Appointment, hats: Mapping[Organization, list[Appointment]], today: date) -> None:
    """When the ledger and the reports are written: what is sealed stays the current version."""
    member = Member.objects.select_related("user").get(user__username="member")
    unit = unit_on(member, today)
    assert unit is not None, "the demo member has a unit"
    written, answered, lately = (at(today - timedelta(days=days), 10) for days in (30, 28, 1))
    week = timedelta(days=7)
    DossierOpinion.objects.create(
        member=member,
        year=today.year - 1,
        text=OPINION,
        written_at=written,
        answer_by=written + week,
        status=DossierOpinion.Status.SHARED,
        answer=ANSWER,
        read_at=answered,
        **_by(secretary),
    )
    DossierOpinion.objects.create(
        member=member,
        year=today.year,
        text=OF_THE_UNIT,
        written_at=lately,
        answer_by=lately + week,
        **_by(hats[unit][0]),
    )
    seal_dossier(member, year=today.year - 1, by=Actor(user=member.user, member=member))


def _by(appointment: Appointment) -> dict:
    place = appointment.organization
    return {"organization": place, "kind": place.kind, "by_user": appointment.user, "by_appointment": appointment}
