"""Lines of a unit's roster for tests."""

from itertools import count
from typing import Any

from accounts.models import Member, Organization, RosterEntry

NEXT = count(1)


def list_member(unit: Organization, member: Member, **changed: Any) -> RosterEntry:
    """The line that has this member, as the account says or with some of it changed."""
    said = {"name": member.user.name, "phone": member.user.phone, **changed}
    return RosterEntry.objects.create(unit=unit, member=member, **said)


def list_stranger(unit: Organization, name: str, **fields: Any) -> RosterEntry:
    """The line of somebody whom nobody has been linked to."""
    return RosterEntry.objects.create(unit=unit, name=name, **{"phone": f"100111{next(NEXT):05d}", **fields})
