from collections import Counter
from collections.abc import Iterable

from django.db import transaction
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member, Organization, Roster, RosterEntry, UnitMembership
from accounts.models.roster import RosterEntryQuerySet

BATCH = 500


@transaction.atomic
def raise_version(unit: Organization, *, seen: int | None = None) -> int | None:
    """Say that the unit's roster changes, in the transaction that changes it; the new version comes back.

    With `seen`, None and nothing raised where the roster is no longer at that version: somebody else changed it.
    """
    Roster.objects.get_or_create(unit=unit)
    rosters = Roster.objects.filter(unit=unit) if seen is None else Roster.objects.filter(unit=unit, version=seen)
    if not rosters.update(version=F("version") + 1):
        return None
    return Roster.objects.get(unit=unit).version


def link_entries(entries: RosterEntryQuerySet) -> None:
    """Link each line without a member to the one it names, in a fixed number of queries for each 500 lines.

    The same name and phone decide, wherever the member is in the unit's city; else, among those who belong to the
    unit today, the same phone, or a name that only one line and one member have. Members whose check-in nobody has
    approved are not linked: anybody may type a name and a phone.
    """
    rows = list(entries.current().filter(member=None).select_related("unit"))
    if not rows:
        return
    units = {row.unit_id for row in rows}
    linked = RosterEntry.objects.current().filter(unit__in=units, member__isnull=False)
    taken = set(linked.values_list("unit", "member"))
    for keys in (_by_name_and_phone(rows), _by_phone_in_unit(units), _by_name_in_unit(rows, units)):
        for row in rows:
            member = keys.get((row.unit.city_path, row.name, row.phone)) or keys.get((row.unit_id, row.phone))
            member = member or keys.get((row.unit_id, row.name))
            if row.member_id is None and member and (row.unit_id, member) not in taken:
                row.member_id = member
                taken.add((row.unit_id, member))
    RosterEntry.objects.bulk_update([row for row in rows if row.member_id], ["member"], batch_size=BATCH)


def unlink_strangers(entries: RosterEntryQuerySet) -> None:
    """Part lines that were changed from members who have neither the line's name nor its phone; one statement."""
    alike = Q(user__name=OuterRef("name")) | Q(user__phone=OuterRef("phone"))
    named = Member.objects.filter(alike, pk=OuterRef("member"))
    entries.current().filter(~Exists(named), member__isnull=False).update(member=None)


def link_members(members: Iterable[Member]) -> None:
    """Link the lines that name these members, after a check-in or a change of theirs has been approved."""
    people = Member.objects.filter(pk__in=[member.pk for member in members])
    phones, names = people.values("user__phone"), people.values("user__name")
    units = UnitMembership.objects.on(timezone.localdate()).filter(member__in=people).values("unit")
    named = Q(phone__in=phones, name__in=names) | Q(unit__in=units) & (Q(phone__in=phones) | Q(name__in=names))
    link_entries(RosterEntry.objects.filter(named))


Keys = dict[tuple, int]


def _by_name_and_phone(rows: list[RosterEntry]) -> Keys:
    members = (
        Member.objects.checked_in().filter(user__phone__in=[row.phone for row in rows]).select_related("user", "home")
    )
    return {
        (member.home.city_path, member.user.name, member.user.phone): member.pk for member in members if member.home
    }


def _members_of(units: set[int]) -> QuerySet[UnitMembership]:
    return UnitMembership.objects.on(timezone.localdate()).filter(unit__in=units)


def _by_phone_in_unit(units: set[int]) -> Keys:
    people = _members_of(units).exclude(member__user__phone=None)
    return {
        (unit, phone): member for unit, phone, member in people.values_list("unit", "member__user__phone", "member")
    }


def _by_name_in_unit(rows: list[RosterEntry], units: set[int]) -> Keys:
    people = list(_members_of(units).values_list("unit", "member__user__name", "member"))
    lines = Counter(RosterEntry.objects.current().filter(unit__in=units).values_list("unit", "name"))
    namesakes = Counter((unit, name) for unit, name, _member in people)
    return {
        (unit, name): member for unit, name, member in people if namesakes[unit, name] == 1 and lines[unit, name] == 1
    }
