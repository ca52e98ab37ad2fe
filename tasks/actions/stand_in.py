"""Who takes my place? A member who can hardly come keeps the place until somebody takes it over (domain rule 3)."""

from django.db import transaction
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Notice, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.place import change_claim, give_back_places, has_begun, hold_shift, require_own_claim
from tasks.actions.waiting import pass_on_afterwards
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def seek_stand_in(claim: Claim, *, by: Actor) -> None:
    """Offer the own place to whoever takes it; until then it is kept, and it is still one's own to fill.

    Those who wait are told, once a day however often one changes one's mind. Refused: while places are free, where time is by agreement, for a group's place, once it
    has begun, and for what is no place.
    """
    shift = _hold(claim, by)
    if claim.status != Claim.Status.HELD:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=claim.get_status_display())
    if shift.by_agreement:
        raise Refused(Reason.NO_WAITING_LIST)
    if claim.group_claim_id:
        raise Refused(Reason.STAND_IN_OF_A_GROUP)
    if has_begun(shift):
        raise Refused(Reason.BEGUN)
    if shift.free > 0:
        raise Refused(Reason.NO_STAND_IN_NEEDED)
    if claim.stand_in_since:
        return
    change_claim(claim, stand_in_since=timezone.now())
    record(claim, "seeks a stand-in", by=by)
    notify(
        User.objects.filter(member__claims__in=Claim.objects.filter(shift=shift).waiting()).distinct(),
        Notice.Kind.STAND_IN_SOUGHT,
        link=shift.page,
        once=f"stand-in:{claim.pk}:{timezone.localdate()}",
        task=shift.task.title,
        time=shift.starts_at,
    )


@transaction.atomic
def stop_seeking(claim: Claim, *, by: Actor) -> None:
    """Come oneself after all; said twice, it stays as it was."""
    _hold(claim, by)
    if claim.stand_in_since and claim.status == Claim.Status.HELD:
        change_claim(claim, stand_in_since=None)
        record(claim, "comes after all", by=by)


def take_over(shift: Shift, places: int, *, by: Actor) -> None:
    """Free the places of those who look for a stand-in, the first first, until `places` are; nothing if they are not.

    For a shift that is held, by who has been found fit and takes them in the same transaction. Places of companions
    that are then left over go to those who wait.
    """
    free, leaving = shift.free, []
    for claim in Claim.objects.filter(shift=shift).seeking_a_stand_in().select_related("member__user"):
        if free >= places:
            break
        if not by.is_person(claim.member):
            leaving.append(claim)
            free += claim.places
    if free < places:
        return
    for claim in sorted(leaving, key=lambda claim: claim.pk):  # as who reminds of tomorrow holds them
        move(claim, Claim.Status.WITHDRAWN, by=by, stand_in_since=None)
        give_back_places(shift, claim.places)
    notify(
        [claim.member.user for claim in leaving],
        Notice.Kind.STAND_IN_FOUND,
        link=shift.page,
        task=shift.task.title,
        time=shift.starts_at,
    )
    if free > places:
        pass_on_afterwards(shift)


def _hold(claim: Claim, by: Actor) -> Shift:
    require_own_claim(claim, by)
    shift = hold_shift(claim.shift)
    claim.refresh_from_db(fields=["status", "stand_in_since", "group_claim"])
    return shift
