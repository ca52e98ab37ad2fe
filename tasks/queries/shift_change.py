"""What somebody sees who changes a shift: how it stands, and who has its places."""

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from tasks.models import Claim, Shift
from vanguard.lib.fingerprint import fingerprint

NAMES_AT_MOST = 30


def shift_seen(shift: Shift) -> str:
    """What a form for changing it is opened with."""
    return fingerprint(shift.starts_at.timestamp(), shift.ends_at.timestamp(), shift.capacity)


def who_has_places(shift: Shift) -> str:
    """The names of who has places, in full, with their companions, and how many are kept for a group."""
    claims = Claim.objects.filter(shift=shift)
    people = [_named(claim) for claim in claims.occupying().select_related("member__user").order_by("claimed_at", "pk")]
    said = people[:NAMES_AT_MOST]
    if len(people) > NAMES_AT_MOST:
        said.append(_("%(n)s more") % {"n": len(people) - NAMES_AT_MOST})
    kept = claims.kept_for_a_group().count()
    if kept:
        said.append(ngettext("%(n)s kept for a group", "%(n)s kept for a group", kept) % {"n": kept})
    return ", ".join(said)


def _named(claim: Claim) -> str:
    return f"{claim.member} (+{claim.companions})" if claim.companions else str(claim.member)
