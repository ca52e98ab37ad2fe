"""The code that is shown on the spot: it says which shift and which minute, signed, so that nobody can make one."""

from datetime import datetime

from django.conf import settings
from django.core.signing import BadSignature, Signer

from tasks.models import Attendance, Claim, Shift
from tasks.queries.day import day_opens_at

SIGNER = Signer(salt="tasks.sign_in", sep="~")
SHOWN_AT_LEAST = 20


def code_of(shift: Shift, now: datetime) -> str:
    """The code that is valid from this window to the end of the next."""
    return SIGNER.sign(f"{shift.pk}-{_window(now)}")


def is_code_of(shift_key: int, code: str, now: datetime) -> bool | None:
    """Whether this is a code of the shift that still counts; nothing where it is none at all."""
    try:
        shift, window = SIGNER.unsign(code).split("-")
    except (BadSignature, ValueError):
        return None
    if shift != str(shift_key):
        return None
    return _window(now) - int(window) in (0, 1)


def shown_for(now: datetime) -> int:
    """How many seconds a code is shown: until its window ends, but never so short that nobody can scan it."""
    lasts = settings.SIGN_IN_CODE_LASTS.total_seconds()
    return max(SHOWN_AT_LEAST, int(lasts - now.timestamp() % lasts) + 1)


def _window(now: datetime) -> int:
    return int(now.timestamp() // settings.SIGN_IN_CODE_LASTS.total_seconds())


def is_shown(shift: Shift, now: datetime) -> bool:
    """Whether a code leads to anything now: sign-in is on, and people come or go."""
    in_time = day_opens_at(shift) <= now < shift.ends_at + settings.SIGN_OUT_UNTIL_AFTER
    called_off = shift.status == Shift.Status.CANCELLED
    return shift.task.sign_in and not shift.by_agreement and not called_off and in_time


def signed_in(shift: Shift) -> int:
    return Attendance.objects.filter(claim__shift=shift, signed_in_at__isnull=False).count()


def own_place(shift: Shift, user_key: int) -> Claim | None:
    """The living claim of the person in this shift, with what the day says of it."""
    claims = Claim.objects.living().filter(shift=shift, member__user=user_key)
    return claims.select_related("attendance", "member__user").first()
