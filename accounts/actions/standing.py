"""What frees a member from owing flags: retirement and exemptions, and the way back (domain rule 7)."""

from datetime import date

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.actions.unit_membership import join_units, leave_units
from accounts.actions.unit_news import tell_unit
from accounts.models import Exemption, Member, Notice, Organization, PastRetirement, UnitMembership, UnitNews
from accounts.queries.member import unit_on
from accounts.refusals import Reason
from vanguard.lib.refused import Refused

Kind = UnitNews.Kind


@transaction.atomic
def retire(member: Member, *, on: date, leaves_unit: bool, by: Actor) -> None:
    """From `on` the member owes nothing; flags still earned are shown apart.

    `leaves_unit` ends the unit membership that day; else the unit goes on listing the member as not applicable.
    Refused for a day to come, for one before the member joined the unit, and for who has retired already.
    """
    unit = _require(member, by)
    if on > timezone.localdate():
        raise Refused(Reason.DAY_TO_COME)
    if leaves_unit:
        _refuse_before_joining(member, on)
    if not Member.objects.filter(pk=member.pk, retired_on=None).update(retired_on=on):
        raise Refused(Reason.ALREADY_RETIRED, member=member)
    if leaves_unit:
        leave_units([member.pk], on)
    _tell(member, unit, Kind.RETIRED, "retired", by=by)


@transaction.atomic
def return_to_work(member: Member, *, unit: Organization, by: Actor) -> None:
    """A retired member works again, from today, in `unit`; the years of the retirement stay as they were.

    Refused for who has not retired, and for a foreign unit.
    """
    _require(member, by)
    by.require(Ability.KEEP_STANDING, unit)
    today = timezone.localdate()
    locked = Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)
    if locked.retired_on is None:
        raise Refused(Reason.NOT_RETIRED, member=member)
    PastRetirement.objects.create(member=member, starts_on=locked.retired_on, ends_on=max(today, locked.retired_on))
    Member.objects.filter(pk=member.pk).update(retired_on=None)
    if not UnitMembership.objects.on(today).filter(member=member, unit=unit).exists():
        join_units({member.pk: unit}, today)
    _tell(member, unit, Kind.REINSTATED, "reinstated", by=by)


@transaction.atomic
def exempt(member: Member, *, reason: str, starts_on: date, ends_on: date | None, by: Actor) -> Exemption:
    """Free the member for a time, both days included; without a last day until further notice.

    A reason code and dates, never a medical paper. Times may overlap: they count once.
    """
    unit = _require(member, by)
    if ends_on and ends_on < starts_on:
        raise Refused(Reason.ENDS_TOO_EARLY)
    exemption = Exemption.objects.create(member=member, reason=reason, starts_on=starts_on, ends_on=ends_on)
    record(exemption, "exempted", by=by)
    _tell(member, unit, Kind.EXEMPTED, "exempted", by=by)
    return exemption


@transaction.atomic
def end_exemption(exemption: Exemption, *, last_day: date, by: Actor) -> None:
    """The member is back on duty after `last_day`; refused before its beginning, and once it is over."""
    unit = _require(exemption.member, by)
    if last_day < exemption.starts_on:
        raise Refused(Reason.ENDS_TOO_EARLY)
    lasting = Exemption.objects.filter(pk=exemption.pk).exclude(ends_on__lte=last_day)
    if not lasting.update(ends_on=last_day):
        raise Refused(Reason.EXEMPTION_OVER)
    record(exemption, "exemption ended", by=by)
    _tell(exemption.member, unit, Kind.REINSTATED, "reinstated", by=by)


def _require(member: Member, by: Actor) -> Organization | None:
    """The member's unit of today, which has to be the actor's own or lie in its city; nobody decides on oneself."""
    unit = unit_on(member, timezone.localdate())
    place = unit or member.home
    if place is None and (by.organization is None or by.organization.kind != Organization.Kind.CITY):
        raise PermissionDenied
    by.require(Ability.KEEP_STANDING, place)
    if by.is_person(member):
        raise Refused(Reason.ONESELF)
    return unit


def _refuse_before_joining(member: Member, on: date) -> None:
    joined = UnitMembership.objects.on(timezone.localdate()).filter(member=member, starts_on__gte=on).first()
    if joined:
        raise Refused(Reason.BEFORE_JOINING, day=joined.starts_on.isoformat())


def _tell(member: Member, unit: Organization | None, kind: UnitNews.Kind, verb: str, *, by: Actor) -> None:
    """The member always; the unit where it was not the unit itself that recorded it."""
    assert by.organization is not None, "who records this acts for an organization"
    record(member, verb, by=by)
    notify(
        [member.user],
        Notice.Kind.STANDING_CHANGED,
        link=reverse("me"),
        organization=by.organization,
    )
    if unit and unit != by.organization:
        tell_unit(unit, member, kind, source=by.organization)
