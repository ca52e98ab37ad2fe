"""What a shift's new hours mean for the places in it: rechecked, and those they hit are asked, not dropped (rule 3)."""

from datetime import datetime
from typing import Any

from django.db import transaction

from accounts.access import Actor
from accounts.actions.move import record, record_all
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from tasks.actions.fit import refuse_overlap
from tasks.actions.place import change_claim, has_begun, hold_members, hold_shift, require_own_claim
from tasks.models import Claim, Shift
from tasks.models.claim import ClaimQuerySet
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


def give_new_hours(shift: Shift, now: datetime, *, by: Actor) -> None:
    """Let the claims of a shift that has been moved have its hours, and tell each of their members.

    Who has another place at that time keeps both, and is asked: until the answer the claim has no hours. Offers and
    what is kept for a group end at the new beginning at the latest. For a shift that is held.
    """
    to_serve = Claim.objects.filter(shift=shift, status__in=Claim.TO_SERVE)
    hold_members(to_serve.values_list("member", flat=True))
    _hold_in_order(to_serve)
    elsewhere = Claim.objects.occupying().exclude(shift=shift)
    elsewhere = elsewhere.filter(starts_at__lt=shift.ends_at, ends_at__gt=shift.starts_at)
    hit = list(to_serve.occupying().filter(member__in=elsewhere.values("member")).values_list("pk", flat=True))
    Claim.objects.filter(pk__in=hit).update(starts_at=None, ends_at=None, asked_at=now)
    to_serve.exclude(pk__in=hit).update(starts_at=shift.starts_at, ends_at=shift.ends_at, asked_at=None)
    record_all(Claim, hit, "asked about hours", by=by)
    _end_at_the_beginning(shift)
    told: dict[str, Any] = {"task": shift.task.title, "time": shift.starts_at}
    write_notices(
        notice_to(
            claim.member.user,
            Notice.Kind.SHIFT_MOVED_ASKED if claim.asked_at else Notice.Kind.SHIFT_MOVED,
            link=claim.page,
            **told,
        )
        for claim in to_serve.select_related("member__user").order_by("pk")
    )


def _hold_in_order(claims: ClaimQuerySet) -> None:
    """As who reminds of tomorrow holds them: else the two could wait for each other."""
    list(claims.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))


def _end_at_the_beginning(shift: Shift) -> None:
    start, claims = shift.starts_at, Claim.objects.filter(shift=shift)
    claims.filter(status=Claim.Status.OFFERED, offer_until__gt=start).update(offer_until=start)
    claims.kept_for_a_group().filter(kept_until__gt=start).update(kept_until=start)


@transaction.atomic
def confirm_new_hours(claim: Claim, *, by: Actor) -> None:
    """The member who was asked comes at the new hours. Refused: when not asked, while the other place is still held,
    and once the shift has begun."""
    require_own_claim(claim, by)
    shift = hold_shift(claim.shift)
    claim.refresh_from_db(fields=["status", "asked_at"])
    if claim.asked_at is None or claim.status not in Claim.OCCUPYING:
        raise Refused(Reason.NOT_ASKED)
    if has_begun(shift):
        raise Refused(Reason.BEGUN)
    change_claim(claim, **hours_for_the_asked(claim, shift))
    record(claim, "new hours accepted", by=by)


def hours_for_the_asked(claim: Claim, shift: Shift) -> dict[str, Any]:
    """The fields with which a claim that was asked has its shift's hours; none to set for one that was not.

    Refused while its member has another place at that time. For a shift that is held.
    """
    if claim.asked_at is None:
        return {}
    member = hold_members([claim.member_id])[claim.member_id]
    refuse_overlap(member, shift.starts_at, shift.ends_at, but=claim)
    return {"starts_at": shift.starts_at, "ends_at": shift.ends_at, "asked_at": None}
