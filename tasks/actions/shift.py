"""How a shift ends before the clock ends it."""

from django.db import transaction
from django.db.models import Exists, OuterRef

from accounts.access import Actor
from accounts.actions.move import move_all
from tasks.models import Claim, Shift


@transaction.atomic
def end_if_served(shift: Shift, *, by: Actor) -> None:
    """By agreement a shift ends before its last day once somebody has served and nobody else is still to.

    The place of who still serves stays open; one that has ended is settled when nobody is left to confirm.
    """
    claims = Claim.objects.filter(shift=OuterRef("pk"))
    reported = claims.filter(reported_at__isnull=False)
    serving = claims.occupying().filter(reported_at=None)
    served = Shift.objects.filter(
        Exists(reported), ~Exists(serving), pk=shift.pk, by_agreement=True, status=Shift.Status.OPEN
    )
    move_all(served, Shift.Status.ENDED, by=by)
    settle_if_nobody_is_left(shift, by=by)


@transaction.atomic
def settle_if_nobody_is_left(shift: Shift, *, by: Actor) -> None:
    """A shift that has ended has nothing left to confirm."""
    unsettled = Claim.objects.filter(shift=OuterRef("pk")).unsettled()
    move_all(Shift.objects.filter(~Exists(unsettled), pk=shift.pk), Shift.Status.SETTLED, by=by)


@transaction.atomic
def reopen_if_somebody_is_left(shift: Shift, *, by: Actor) -> None:
    """A settled shift in which a mark was put right, and not confirmed at once, awaits confirmation again."""
    unsettled = Claim.objects.filter(shift=OuterRef("pk")).unsettled()
    settled = Shift.objects.filter(Exists(unsettled), pk=shift.pk, status=Shift.Status.SETTLED)
    move_all(settled, Shift.Status.ENDED, by=by)
