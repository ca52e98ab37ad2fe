"""Two lines that may be one person: made one, or told apart for good."""

from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.roster import raise_version
from accounts.actions.roster_entry import take_off
from accounts.models import DistinctEntries, Organization, RosterEntry
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def merge_entries(kept: RosterEntry, other: RosterEntry, *, by: Actor) -> None:
    """Let `kept` stand for both: `other` is taken off its roster, as history that points to the one kept.

    The member of the other line moves to the kept one if that has none. A unit's officer merges within the unit, the
    city also across units. Refused for lines that are not alike, that are off the roster, and where each belongs to
    another member.
    """
    _require_both(kept, other, by)
    for unit in _units_in_order(kept, other):
        raise_version(unit)
    kept.refresh_from_db(fields=["member", "removed_on"])
    other.refresh_from_db(fields=["member"])
    if kept.removed_on:
        raise Refused(Reason.NOT_ON_ROSTER)
    if kept.member_id and other.member_id and kept.member_id != other.member_id:
        raise Refused(Reason.TWO_MEMBERS)
    member = kept.member or other.member
    take_off(other, merged_into=kept, member=None)
    RosterEntry.objects.filter(pk=kept.pk).update(member=member)
    record(kept, "merged", by=by)
    record(other, "merged away", by=by)


@transaction.atomic
def tell_apart(one: RosterEntry, other: RosterEntry, *, by: Actor) -> None:
    """Say that two lines are two people: the pair is never offered again. Saying so twice says it once."""
    _require_both(one, other, by)
    assert by.user is not None, "who has an ability is somebody"
    first, second = sorted((one, other), key=lambda entry: entry.pk)
    _pair, said = DistinctEntries.objects.get_or_create(
        first=first, second=second, defaults={"said_by": by.user, "appointment": by.appointment}
    )
    if said:
        record(first, "told apart", by=by)
        record(second, "told apart", by=by)


def _require_both(one: RosterEntry, other: RosterEntry, by: Actor) -> None:
    for entry in (one, other):
        by.require(Ability.MERGE_ROSTERS, entry.unit)
    same_name = one.unit_id == other.unit_id and one.name == other.name
    if one.pk == other.pk or not (same_name or one.phone == other.phone):
        raise Refused(Reason.NOT_ALIKE)


def _units_in_order(one: RosterEntry, other: RosterEntry) -> list[Organization]:
    """Each unit once, always in the same order: two merges at once wait for each other instead of locking each other."""
    units = {unit.pk: unit for unit in (one.unit, other.unit)}
    return [units[pk] for pk in sorted(units)]
