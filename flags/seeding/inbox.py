"""What the demo's member finds in the inbox."""

from datetime import time
from typing import Any

from django.urls import reverse

from accounts.models import CheckIn, Notice, User
from flags.models import FlagAward
from flags.seeding.people import Resident
from flags.seeding.times import at
from tasks.models import Claim, Shift


def fill_inbox(resident: Resident, year: int) -> None:
    """The approval, long read; unread notices of the flags lit in `year` and of the places in shifts to come."""
    Notice.objects.bulk_create([_approval(resident), *_flags_lit(resident, year), *_places_taken(resident)])
    _choose(resident)


def _choose(resident: Resident) -> None:
    """No mail at night, and none of what the member has just tapped."""
    night = {"quiet_from": time(22), "quiet_until": time(7)}
    User.objects.filter(pk=resident.member.user_id).update(**night, mail_off=[Notice.Kind.CLAIM_MADE])


def _approval(resident: Resident) -> Notice:
    approved_on = CheckIn.objects.get(member=resident.member).approved_on
    assert approved_on is not None
    notice = _notice(resident, Notice.Kind.CHECK_IN_APPROVED, reverse("home"), community=resident.community.name)
    notice.created_at, notice.read_at = at(approved_on), at(approved_on, 12)
    return notice


def _flags_lit(resident: Resident, year: int) -> list[Notice]:
    awards = FlagAward.objects.filter(member=resident.member, year=year).order_by("served_on")
    notices = []
    for award in awards.values("value", "awarded_at", "claim__shift__task__title"):
        if award["value"] < 0 or award["claim__shift__task__title"] is None:
            continue  # not asked of the database, which has not counted its new rows yet and would plan for a handful
        notice = _notice(
            resident,
            Notice.Kind.CLAIM_CONFIRMED,
            reverse("flag_wall"),
            flags=str(award["value"]),
            task=award["claim__shift__task__title"],
        )
        notice.created_at = award["awarded_at"]
        notices.append(notice)
    return notices


def _places_taken(resident: Resident) -> list[Notice]:
    claims = Claim.objects.filter(member=resident.member, shift__status=Shift.Status.OPEN).order_by("starts_at", "pk")
    notices = []
    for claim in claims.select_related("shift__task"):
        notice = _place_taken(resident, claim)
        notice.created_at = claim.claimed_at
        notices.append(notice)
    return notices


def _place_taken(resident: Resident, claim: Claim) -> Notice:
    """As claiming tells it: of a time, or of a wish whose time is by agreement."""
    title = claim.shift.task.title
    if claim.shift.by_agreement:
        return _notice(resident, Notice.Kind.WISH_TAKEN, claim.page, task=title)
    starts_at = claim.shift.starts_at.isoformat()
    return _notice(resident, Notice.Kind.CLAIM_MADE, claim.page, task=title, time=starts_at)


def _notice(resident: Resident, kind: Notice.Kind, link: str, **params: Any) -> Notice:
    return Notice(user=resident.member.user, kind=kind, link=link, params=params)
