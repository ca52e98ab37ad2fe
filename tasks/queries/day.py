"""A shift on its day: who is on the list, from when it can be ticked, and who keeps it."""

from datetime import date, datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.models import Member, Organization
from tasks.models import Attendance, Claim, DayNote, Shift
from tasks.queries.helper_group import resident_with
from vanguard.lib.days import beginning_of
from vanguard.lib.fingerprint import fingerprint

S = Claim.Status
ON_THE_LIST = (S.HELD, S.ATTENDED, S.ABSENT, S.EXCUSED, S.PROPOSED, S.CONFIRMED)
TICKED_UNTIL_CONFIRMED = tuple(status for status in ON_THE_LIST if status != S.CONFIRMED)
SHOWN_TODAY = 5
BRINGING_AT_MOST = 300


def keeps_day_of(actor: Actor, shift: Shift) -> bool:
    """Whether the actor's hat confirms or proposes what `shift` (read with its task's publisher) has seen."""
    publisher = shift.task.publisher
    return actor.can(Ability.CONFIRM, publisher) or actor.can(Ability.PROPOSE, publisher)


def day_opens_at(shift: Shift) -> datetime:
    """From when the list can be ticked, people can be added and members can sign in."""
    return shift.starts_at - settings.DAY_LIST_OPENS_BEFORE


def day_list(shift: Shift) -> QuerySet[Any]:
    """Everybody who has or had a place when the shift began, by name, with what the day says."""
    claims = Claim.objects.filter(shift=shift, status__in=ON_THE_LIST)
    claims = claims.select_related("member__user", "member__home", "group_claim__group", "attendance")
    return claims.order_by("member__user__name", "pk")


def phone_shown(claim: Claim, actor: Actor) -> str:
    """A member's phone is for the staff of the community where they live, and nobody else's (domain rule 10)."""
    home = claim.member.home
    calls = actor.sees_contacts and home is not None and home.lies_within(*actor.home_paths)
    return claim.member.user.phone or "" if calls else ""


def bringing_companions(shift: Shift) -> list[Any]:
    """Those on the list who announced companions, or of whom some are written down; as many as a form can take."""
    some = Q(companions__gt=0) | Q(attendance__companions_came__gt=0)
    return list(day_list(shift).filter(some)[:BRINGING_AT_MOST])


def attendance_of(claim: Claim) -> Attendance:
    """What the day says of a claim that was read with it; nothing yet where there is no row."""
    return getattr(claim, "attendance", None) or Attendance(claim=claim)


def day_note_of(shift: Shift) -> DayNote:
    return DayNote.objects.filter(shift=shift).first() or DayNote(shift=shift)


def note_seen(shift: Shift) -> str:
    """What the form for it is opened with; nothing where nobody has noted anything yet."""
    note = DayNote.objects.filter(shift=shift).values_list(*DayNote.PEOPLE, "note").first()
    came = Attendance.objects.filter(claim__shift=shift, companions_came__isnull=False).order_by("claim")
    return fingerprint(*note, *came.values_list("claim", "companions_came")) if note else ""


def shifts_on(actor: Actor, day: date) -> list[Shift]:
    """The first few of the actor's own shifts that are held on `day`, over midnight or not, in order."""
    if not (actor.can(Ability.CONFIRM) or actor.can(Ability.PROPOSE)):
        return []
    shifts = Shift.objects.published_within(actor.home_paths).filter(
        by_agreement=False,
        status__in=[Shift.Status.OPEN, Shift.Status.ENDED],
        starts_at__lt=beginning_of(day + timedelta(days=1)),
        ends_at__gt=beginning_of(day),
    )
    return list(shifts.select_related("task").order_by("starts_at", "pk")[:SHOWN_TODAY])


def member_with(typed: str, shift: Shift) -> Member | None:
    """The checked-in member of the publisher's city with this member number or mobile phone, typed in full; nobody else."""
    city = Organization.objects.get(path=shift.task.publisher.city_path)
    member = resident_with(typed, city)
    return member if member and member.user.is_active else None


def serves_elsewhere(member: Member, shift: Shift) -> bool:
    """Whether another place of the person takes up some of that time: also one to which they have come already, and one
    of an account that was merged into theirs."""
    theirs = Q(member=member) & ~Q(shift=shift) | Q(member__merged_into=member)
    places = Claim.objects.filter(theirs, status__in={*Claim.OCCUPYING, *Claim.HELPING})
    return places.filter(starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at).exists()


def is_day(shift: Shift, now: datetime | None = None) -> bool:
    """Whether its list can be ticked now: its time has come, and it was not called off."""
    return shift.status != Shift.Status.CANCELLED and day_opens_at(shift) <= (now or timezone.now())


def may_be_joined(shift: Shift, now: datetime) -> bool:
    """Whether somebody on the spot can be added."""
    return is_day(shift, now) and shift.status in (Shift.Status.OPEN, Shift.Status.ENDED)
