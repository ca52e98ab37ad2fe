"""A shift of this very hour, half of it ticked: the day list has something to show whenever somebody looks."""

from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from django.db.models import Count, Q
from django.utils import timezone

from accounts.models import Appointment, Member
from flags.seeding.ahead import CLAIMS_A_HEAD
from flags.seeding.offers import ACTIVITY, Offer
from flags.seeding.people import Resident
from tasks.models import Attendance, Claim, DayNote, Mark, Shift, Task, Tick

TODAY = Offer(
    ACTIVITY,
    "健康义诊日现场服务",
    "引导居民排队测血压，登记、送水，收摊后一起整理。",
    "{community}广场",
    "来义诊的居民",
)
COMING, SIGNED_IN, TICKED = 12, 3, 7
HOUR = timedelta(hours=1)


def add_day(neighbours: list[Resident], by: Appointment) -> None:
    """Begun an hour ago; some have signed in, some are ticked, one of them as excused, and neighbours came along."""
    now = timezone.now()
    starts_at = now.replace(minute=0, second=0, microsecond=0) - HOUR
    shift = _publish(by, starts_at, now)
    claims = _take_places(shift, neighbours, now)
    Shift.objects.filter(pk=shift.pk).update(taken=sum(claim.places for claim in claims))
    _tick(claims, by, now)
    DayNote.objects.create(shift=shift, family=3, retired=2, residents=5, note="天气好，来的人比预计的多。")


def _publish(by: Appointment, starts_at: datetime, now: datetime) -> Shift:
    community, opens_at = by.organization, now - timedelta(days=5)
    task = Task.objects.create(
        publisher=community,
        audience=community,
        title=TODAY.title,
        content=TODAY.content,
        category=TODAY.category,
        place=TODAY.place.format(community=community.name),
        contact_name=by.user.name,
        contact_phone=community.phone,
        served=TODAY.served,
        companions_at_most=2,
        sign_in=True,
        opens_at=opens_at,
        created_at=opens_at - HOUR,
        status=Task.Status.OPEN,
    )
    return Shift.objects.create(task=task, starts_at=starts_at, ends_at=starts_at + 3 * HOUR, capacity=16)


def _take_places(shift: Shift, neighbours: list[Resident], now: datetime) -> list[Claim]:
    """Of those who have no other place at that time and not too many to come."""
    there = Q(claims__starts_at__lt=shift.ends_at, claims__ends_at__gt=shift.starts_at)
    busy = Member.objects.filter(there).values("pk")
    to_come = Count("claims", filter=Q(claims__status__in=Claim.TO_SERVE, claims__ends_at__gt=now))
    free = Member.objects.filter(pk__in=[resident.member.pk for resident in neighbours])
    free = free.exclude(pk__in=busy).annotate(to_come=to_come)
    members = list(free.filter(to_come__lt=CLAIMS_A_HEAD, home__isnull=False).order_by("pk")[:COMING])
    hours = {"starts_at": shift.starts_at, "ends_at": shift.ends_at}
    return Claim.objects.bulk_create(
        Claim(
            shift=shift,
            member=member,
            community=shift.task.publisher,
            claimed_at=shift.task.opens_at + (n + 1) * HOUR,
            companions=int(n == 1),
            **hours,
        )
        for n, member in enumerate(members)
    )


def _tick(claims: list[Claim], by: Appointment, now: datetime) -> None:
    rng, at = Random(len(claims)), now - timedelta(minutes=20)
    marks = {claim.pk: Mark.EXCUSED if n == 2 else Mark.ATTENDED for n, claim in enumerate(claims[:TICKED])}
    who = {"by_user": by.user, "by_appointment": by}
    Tick.objects.bulk_create(
        Tick(key=UUID(int=rng.getrandbits(128), version=4), claim_id=claim, mark=mark, at=at, received=at, **who)
        for claim, mark in marks.items()
    )
    Attendance.objects.bulk_create(
        Attendance(claim_id=pk, mark=mark, marked_at=at, **who) for pk, mark in marks.items()
    )
    Attendance.objects.bulk_create(
        Attendance(claim=claim, signed_in_at=at - timedelta(minutes=n + 3))
        for n, claim in enumerate(claims[TICKED : TICKED + SIGNED_IN])
    )
