"""Who waits for a place, in what order: one person, or a group that waits as one."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from tasks.models import Claim, GroupClaim, Shift

# What tells one entry of a waiting list from another: a group's claims share it.
ENTRY = Coalesce(F("group_claim_id"), -F("pk"))


class Entry(NamedTuple):
    """One in the waiting list; a group's claims stand in one."""

    claims: list[Claim]
    group_claim: GroupClaim | None

    @property
    def places(self) -> int:
        return sum(claim.places for claim in self.claims)


def queue_of(shift: Shift) -> list[Entry]:
    """The waiting list of a shift, first come first."""
    entries: dict[int, Entry] = {}
    waiting = Claim.objects.filter(shift=shift).waiting().annotate(entry=ENTRY)
    for claim in waiting.select_related("member__user", "group_claim__group__leader__user"):
        entries.setdefault(claim.entry, Entry([], claim.group_claim)).claims.append(claim)
    return list(entries.values())


def with_position(claims: QuerySet[Claim]) -> Any:
    """Each claim with its `position` in the waiting list, from 1; 0 for what does not wait.

    A group's claims are written together, so that whatever stands before one of them stands before all.
    """
    ahead = Claim.objects.annotate(entry=ENTRY).filter(
        Q(claimed_at__lt=OuterRef("claimed_at")) | Q(claimed_at=OuterRef("claimed_at"), pk__lt=OuterRef("pk")),
        ~Q(entry=OuterRef("own_entry")),
        shift=OuterRef("shift"),
        status=Claim.Status.WAITING,
    )
    # Counted without grouping by anything, so that none is zero.
    counted = ahead.order_by().values(none=Value(0)).annotate(n=Count("entry", distinct=True)).values("n")
    waits = When(status=Claim.Status.WAITING, then=Subquery(counted) + Value(1))
    return claims.annotate(own_entry=ENTRY).annotate(
        position=Case(waits, default=Value(0), output_field=IntegerField())
    )


def positions_of(claims: Iterable[int]) -> dict[int, int]:
    """The positions of claims that wait, by their keys."""
    return {claim.pk: claim.position for claim in with_position(Claim.objects.filter(pk__in=claims))}


def position_of(waiting: Claim | GroupClaim) -> int:
    """Its place in the waiting list, from 1; 0 when it does not wait."""
    own = {"group_claim": waiting} if isinstance(waiting, GroupClaim) else {"pk": waiting.pk}
    first = with_position(Claim.objects.filter(**own).waiting()).first()
    return first.position if first else 0
