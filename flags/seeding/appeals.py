"""Appeals on the stage: one to be answered, one to be decided, one upheld, one of an exemption; and a flag taken back."""

from collections.abc import Iterable
from datetime import time, timedelta

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Appointment, Member, Organization, Role, User
from flags.actions.appeal import appeal_claim, appeal_exemption
from flags.actions.appeal_answer import answer_appeal, decide_appeal
from flags.actions.confirm import settle_shift
from flags.actions.reversal import revoke_award
from flags.models import FlagAward
from flags.seeding.offers import ACTIVITY, Offer
from flags.seeding.times import slot
from tasks.models import Claim, Shift, Task

EARLY = (time(6, 15), time(7, 15))  # at hours at which nothing else is held
DUTY = Offer(ACTIVITY, "早市文明劝导", "早市开张前摆好护栏，提醒摊主入线。", "{community}早市", "赶早市的居民")
S = Claim.Status


def add_appeals(community: Organization) -> None:
    """By the ordinary actions, by whoever does it in the demonstration: so it is recorded and told as ever."""
    member = Member.objects.get(user__username="member")
    secretary, city = _hat("secretary"), _hat("city")
    unit = member.unit_memberships.latest("starts_on").unit
    others = Member.objects.filter(home__path__startswith=community.path, retired_on=None, merged_into=None)
    neighbours = list(others.filter(user__username__startswith="u").order_by("pk")[:2])
    colleague = _colleague(unit, [member, *neighbours])
    absent = [
        _duty(community, who, days, S.ABSENT, secretary) for days, who in enumerate([member, *neighbours], start=3)
    ]
    _taken_back(_duty(community, member, 6, S.ATTENDED, secretary), secretary)
    words = (
        "那天我六点十分就到了，和李师傅一起摆的护栏，收摊前才走。可以问他。",
        "我当天值的是西门，点名时没有走到东门来。照片里有我。",
        "我到场了，名字签在第二页的最下面一行。",
    )
    appeals = [
        appeal_claim(claim, words=said, by=_as_member(claim.member)) for claim, said in zip(absent, words, strict=True)
    ]
    answer_appeal(appeals[1], words="当天只在东门点名，西门由物业负责，我们没有核对。", by=secretary)
    answer_appeal(appeals[2], words="签到表第二页确有其名，当时漏看了。", by=secretary)
    decide_appeal(appeals[2], upheld=True, reasons="签到表可以证明到场，予以补确认。", by=city)
    if colleague:
        year = timezone.localdate().year
        appeal_exemption(
            year=year, words="我从三月起借调外地，到九月才回来，名册上还没有记。", by=_as_member(colleague)
        )


def _duty(community: Organization, member: Member, days: int, mark: Claim.Status, by: Actor) -> Claim:
    """One early morning some days ago, marked by the secretary."""
    held = slot(timezone.localdate() - timedelta(days=days), *EARLY)
    task = Task.objects.create(
        publisher=community,
        audience=community,
        title=DUTY.title,
        content=DUTY.content,
        category=DUTY.category,
        place=DUTY.place.format(community=community.name),
        contact_name=str(by.user),
        contact_phone=community.phone,
        served=DUTY.served,
        opens_at=held.starts_at - timedelta(days=5),
        status=Task.Status.CLOSED,
    )
    hours = {"starts_at": held.starts_at, "ends_at": held.ends_at}
    shift = Shift.objects.create(task=task, **hours, capacity=4, taken=1, status=Shift.Status.ENDED)
    claimed_at = held.starts_at - timedelta(days=4)
    claim = Claim.objects.create(shift=shift, member=member, community=community, claimed_at=claimed_at, **hours)
    settle_shift(shift, {claim.pk: mark}, by=by)
    return claim


def _taken_back(claim: Claim, by: Actor) -> None:
    revoke_award(FlagAward.objects.get(claim=claim), reason="签到时记成了同名的邻居，先撤回核实。", by=by)


def _colleague(unit: Organization, others: Iterable[Member]) -> Member | None:
    there = Member.objects.filter(unit_memberships__unit=unit, unit_memberships__ends_on=None, retired_on=None)
    free = there.filter(exemptions=None, merged_into=None).exclude(pk__in=[member.pk for member in others])
    return free.exclude(user__username="secretary").order_by("pk").first()


def _hat(username: str) -> Actor:
    user = User.objects.get(username=username)
    roles = (Role.SECRETARY, Role.CITY_OFFICER)
    return Actor(user=user, appointment=Appointment.objects.get(user=user, role__in=roles))


def _as_member(member: Member) -> Actor:
    return Actor(user=member.user, member=member)
