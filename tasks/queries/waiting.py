"""Who waits for a place, in what order: one person, or a group that waits as one."""

from typing import NamedTuple

from tasks.models import Claim, GroupClaim, Shift


class Entry(NamedTuple):
    """One in the waiting list; a group's claims stand in one."""

    claims: list[Claim]
    group_claim: GroupClaim | None

    @property
    def places(self) -> int:
        return sum(claim.places for claim in self.claims)


def queue_of(shift: Shift) -> list[Entry]:
    """The waiting list of a shift, first come first."""
    entries: dict[tuple[str, int], Entry] = {}
    waiting = (
        Claim.objects.filter(shift=shift).waiting().select_related("member__user", "group_claim__group__leader__user")
    )
    for claim in waiting:
        key = ("group", claim.group_claim_id) if claim.group_claim_id else ("claim", claim.pk)
        entries.setdefault(key, Entry([], claim.group_claim)).claims.append(claim)
    return list(entries.values())


def position_of(waiting: Claim | GroupClaim) -> int:
    """Its place in the waiting list, from 1; 0 when it does not wait."""
    for position, entry in enumerate(queue_of(waiting.shift), start=1):
        if waiting in entry.claims or waiting == entry.group_claim:
            return position
    return 0
