"""Signing in and out on the spot by the code that is shown there: optional, for oneself alone, and nothing but a time."""

from datetime import datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from tasks.models import Attendance, Claim, Shift
from tasks.queries.day import day_opens_at
from tasks.queries.sign_in import is_code_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


def check_code(shift_key: int, code: str, now: datetime) -> None:
    """Refused: what is no code of this shift, and one that has changed since."""
    valid = is_code_of(shift_key, code, now)
    if valid is None:
        raise Refused(Reason.CODE_FORGED)
    if not valid:
        raise Refused(Reason.CODE_EXPIRED)


@transaction.atomic
def sign_in(shift: Shift, code: str, *, by: Actor) -> Attendance:
    """Note that the member who acts has come, once; it presets "attended", and the staff's own tick overrules it.

    Refused: a code that does not count, a shift without sign-in or called off, before 30 minutes (setting) ahead of the
    beginning and after the end, so on any other day, who has no place there, and a place that is settled.
    """
    now = timezone.now()
    claim = _own_place(shift, code, now, by)
    _refuse_outside(shift, now, shift.ends_at)
    attendance, _new = Attendance.objects.get_or_create(claim=claim)
    Attendance.objects.filter(pk=attendance.pk, signed_in_at=None).update(signed_in_at=now)
    attendance.refresh_from_db()
    return attendance


@transaction.atomic
def sign_out(shift: Shift, code: str, *, by: Actor) -> Attendance:
    """Note that the member who acts leaves, once; until an hour (setting) after the end. Refused as `sign_in`, and who has not."""
    now = timezone.now()
    claim = _own_place(shift, code, now, by)
    _refuse_outside(shift, now, shift.ends_at + settings.SIGN_OUT_UNTIL_AFTER)
    attendance = Attendance.objects.filter(claim=claim, signed_in_at__isnull=False)
    if not attendance.exists():
        raise Refused(Reason.NOT_SIGNED_IN)
    attendance.filter(signed_out_at=None).update(signed_out_at=now)
    return attendance.get()


def _own_place(shift: Shift, code: str, now: datetime, by: Actor) -> Claim:
    """Held, so that who settles it at this moment comes before or after."""
    by.require(Ability.CLAIM)
    check_code(shift.pk, code, now)
    if not shift.task.sign_in or shift.by_agreement:
        raise Refused(Reason.NO_SIGN_IN)
    if shift.status == Shift.Status.CANCELLED:
        raise Refused(Reason.CALLED_OFF)
    claims = Claim.objects.living().filter(shift=shift, member=by.member)
    claim = claims.select_for_update(of=("self",), no_key=True).first()
    if claim is None or claim.status in (Claim.Status.WAITING, Claim.Status.OFFERED):
        raise Refused(Reason.NO_PLACE_HERE)
    if claim.status != Claim.Status.HELD:
        raise Refused(Reason.PLACE_SETTLED)
    return claim


def _refuse_outside(shift: Shift, now: datetime, until: datetime) -> None:
    if now < day_opens_at(shift):
        raise Refused(Reason.SIGN_IN_TO_COME, time=moment_words(day_opens_at(shift)))
    if now >= until:
        raise Refused(Reason.SIGN_IN_OVER, time=moment_words(until))
