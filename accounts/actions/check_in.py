import secrets

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import CheckIn, Consent, Member, Notice, Organization, RosterEntry, UnitMembership, User
from accounts.refusals import Reason
from vanguard.lib.refused import Refused


@transaction.atomic
def submit_check_in(
    user: User, *, community: Organization, compound: Organization | None, unit: Organization, address: str, by: Actor
) -> CheckIn:
    """Ask `community` to take `user` in as a member who lives there (domain rule 1).

    Refused for a second request while one is pending, for the community where one is already, for a closed
    community, a compound of another community and a unit of another city. Consent is recorded with it.
    """
    _fits(community, compound, unit)
    member = _member_of(user)
    _refuse_where_they_live(member, community)
    _agree(user)
    try:
        with transaction.atomic():
            check_in = CheckIn.objects.create(
                member=member, community=community, compound=compound, unit=unit, address=address
            )
    except IntegrityError:
        raise Refused(Reason.ALREADY_PENDING) from None
    record(check_in, "submitted", by=by, new=CheckIn.Status.SUBMITTED)
    return check_in


@transaction.atomic
def resubmit_check_in(
    check_in: CheckIn,
    *,
    community: Organization,
    compound: Organization | None,
    unit: Organization,
    address: str,
    by: Actor,
) -> None:
    """Send the own returned check-in again, mended; the statement agreed to may be a newer one by then."""
    if not by.is_person(check_in.member):
        raise PermissionDenied
    _fits(community, compound, unit)
    _refuse_where_they_live(check_in.member, community)
    _agree(check_in.member.user)
    move(
        check_in,
        CheckIn.Status.SUBMITTED,
        by=by,
        community=community,
        compound=compound,
        unit=unit,
        address=address,
        return_reason="",
    )


@transaction.atomic
def approve_check_in(check_in: CheckIn, *, by: Actor) -> None:
    """Take the member in: their home is here from today, a check-in elsewhere ends, the unit becomes theirs."""
    by.require(Ability.REVIEW_CHECK_INS, check_in.community)
    if by.is_person(check_in.member):
        raise Refused(Reason.ONESELF)
    today = timezone.localdate()
    for former in CheckIn.objects.filter(member=check_in.member, status=CheckIn.Status.APPROVED):
        move(former, CheckIn.Status.ENDED, by=by, ended_on=today)
    move(check_in, CheckIn.Status.APPROVED, by=by, approved_on=today)
    Member.objects.filter(pk=check_in.member_id).update(home=check_in.home)
    _join_unit(check_in.member, check_in.unit)
    notify(
        [check_in.member.user],
        Notice.Kind.CHECK_IN_APPROVED,
        link=reverse("home"),
        community=check_in.community,
    )


@transaction.atomic
def return_check_in(check_in: CheckIn, *, reason: str, by: Actor) -> None:
    """Give it back to be mended; refused without a reason, and for one's own."""
    by.require(Ability.REVIEW_CHECK_INS, check_in.community)
    if by.is_person(check_in.member):
        raise Refused(Reason.ONESELF)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    move(check_in, CheckIn.Status.RETURNED, by=by, why=reason, return_reason=reason)
    notify(
        [check_in.member.user],
        Notice.Kind.CHECK_IN_RETURNED,
        link=reverse("check_in"),
        community=check_in.community,
        reason=reason,
    )


def _fits(community: Organization, compound: Organization | None, unit: Organization) -> None:
    if community.closed_on:
        raise Refused(Reason.COMMUNITY_CLOSED)
    if compound and compound.parent_id != community.pk:
        raise Refused(Reason.FOREIGN_COMPOUND, community=community)
    if unit.city_path != community.city_path:
        raise Refused(Reason.FOREIGN_UNIT)


def _refuse_where_they_live(member: Member, community: Organization) -> None:
    if member.check_ins.filter(status=CheckIn.Status.APPROVED, community=community).exists():
        raise Refused(Reason.ALREADY_CHECKED_IN, community=community)


def _agree(user: User) -> None:
    Consent.objects.get_or_create(user=user, version=settings.PRIVACY_VERSION)


def _member_of(user: User) -> Member:
    """Two taps at once make one member: the second waits for the first and finds it."""
    return Member.objects.get_or_create(user=user, defaults={"number": new_member_number()})[0]


def new_member_number() -> str:
    """Ten digits drawn at random: a number on a report says nothing about who joined when."""
    return f"{secrets.randbelow(10**10):010d}"


def _join_unit(member: Member, unit: Organization) -> None:
    today = timezone.localdate()
    current = UnitMembership.objects.filter(member=member, ends_on=None).first()
    if current and current.unit_id != unit.pk:
        if current.starts_on == today:
            current.delete()
        else:
            UnitMembership.objects.filter(pk=current.pk).update(ends_on=today)
        current = None
    if current is None and member.retired_on is None:
        UnitMembership.objects.create(member=member, unit=unit, starts_on=today)
    _match_roster(member, unit)


def _match_roster(member: Member, unit: Organization) -> None:
    """A line of a unit left behind is free again; one of the present unit is kept, or found by name and phone."""
    RosterEntry.objects.filter(member=member).exclude(unit=unit).update(member=None)
    if not RosterEntry.objects.filter(member=member).exists():
        same_person = RosterEntry.objects.filter(unit=unit, phone=member.user.phone, name=member.user.name, member=None)
        same_person.update(member=member)
