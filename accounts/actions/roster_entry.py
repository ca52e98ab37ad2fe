"""Single lines of a roster, mended by hand. Each change raises the roster's version and is recorded."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.roster import link_entries, raise_version, unlink_strangers
from accounts.models import Organization, RosterEntry
from accounts.refusals import Reason
from vanguard.lib.addressing import address_key
from vanguard.lib.refused import Refused


@transaction.atomic
def add_entry(
    unit: Organization,
    *,
    name: str,
    phone: str,
    community: Organization | None,
    compound: Organization | None,
    address: str,
    by: Actor,
) -> RosterEntry:
    """Put one person on the unit's roster; refused for a phone that stands there, and for a compound of another community."""
    by.require(Ability.KEEP_ROSTER, unit)
    raise_version(unit)
    fields = _fields(name=name, phone=phone, community=community, compound=compound, address=address)
    with _one_line_a_phone(unit, phone):
        entry = RosterEntry.objects.create(unit=unit, **fields)
    relink(entry)
    record(entry, "listed", by=by)
    return entry


@transaction.atomic
def change_entry(
    entry: RosterEntry,
    *,
    name: str,
    phone: str,
    community: Organization | None,
    compound: Organization | None,
    address: str,
    by: Actor,
) -> None:
    """Mend a line, which may be another member's by that.

    Refused for another line's phone, for a compound of another community, and once the line is taken off.
    """
    by.require(Ability.KEEP_ROSTER, entry.unit)
    raise_version(entry.unit)
    fields = _fields(name=name, phone=phone, community=community, compound=compound, address=address)
    with _one_line_a_phone(entry.unit, phone):
        changed = RosterEntry.objects.current().filter(pk=entry.pk).update(**fields)
    if not changed:
        raise Refused(Reason.NOT_ON_ROSTER)
    relink(entry)
    record(entry, "mended", by=by)


@transaction.atomic
def remove_entry(entry: RosterEntry, *, by: Actor) -> None:
    """Take a line off the roster; it is kept as history, with its member. Refused when it is off already."""
    by.require(Ability.KEEP_ROSTER, entry.unit)
    raise_version(entry.unit)
    take_off(entry)
    record(entry, "taken off", by=by)


def take_off(entry: RosterEntry, **fields: Any) -> None:
    """Off the list from today, in the transaction of its caller, who has raised the roster's version."""
    on_list = RosterEntry.objects.current().filter(pk=entry.pk)
    if not on_list.update(removed_on=timezone.localdate(), **fields):
        raise Refused(Reason.NOT_ON_ROSTER)


def relink(entry: RosterEntry) -> None:
    """Let a line that was written follow its words to the member they name, in the transaction of its caller."""
    written = RosterEntry.objects.filter(pk=entry.pk)
    unlink_strangers(written)
    link_entries(written)


def _fields(
    *, community: Organization | None, compound: Organization | None, address: str, **fields: Any
) -> dict[str, Any]:
    """With what follows: a compound says its community, and a room what it is compared by."""
    community = community or (compound.parent if compound else None)
    if compound and community and compound.parent_id != community.pk:
        raise Refused(Reason.FOREIGN_COMPOUND, community=community)
    home = {"community": community, "compound": compound, "address": address, "address_key": address_key(address)}
    return {**fields, **home}


@contextmanager
def _one_line_a_phone(unit: Organization, phone: str) -> Iterator[None]:
    """The database decides who was first; whose phone it is already is said by name."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        holder = RosterEntry.objects.current().filter(unit=unit, phone=phone).first()
        raise Refused(Reason.PHONE_ON_ROSTER, name=holder.name if holder else phone) from None
