import secrets
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.move import move, move_all, record, require_step
from accounts.actions.notice import notice_to, write_notices
from accounts.models import CheckIn, Consent, Member, Notice, Organization, User
from accounts.queries.member import unit_on
from accounts.queries.review import check_ins_to_review
from accounts.refusals import Reason
from vanguard.lib.addressing import address_key
from vanguard.lib.refused import Refused


@dataclass(frozen=True)
class Details:
    """What a member tells the community: where they live and work, and the phone they want to be reached at.

    No `unit` leaves it to the roster or, later, as it is; no `phone` and no `name` mean those of the account.
    """

    community: Organization
    compound: Organization | None
    address: str
    unit: Organization | None = None
    phone: str = ""
    name: str = ""
    retired: bool = False

    def columns(self, user: User) -> dict:
        own = {"phone": self.phone or user.phone or "", "name": self.name or user.name}
        return {**vars(self), **own, "address_key": address_key(self.address)}


@transaction.atomic
def submit_check_in(user: User, details: Details, *, by: Actor) -> CheckIn:
    """Ask a community to take `user` in as a member who lives there, or to approve changed details (domain rule 1).

    Refused for a second request while one is pending, where nothing would change, for a closed community, compound or
    unit, a compound of another community, a unit of another city and somebody else's phone. Consent is recorded.
    """
    _fits(details, user)
    member = _member_of(user)
    _refuse_without_change(member, details)
    _agree(user)
    try:
        with transaction.atomic():
            check_in = CheckIn.objects.create(member=member, **details.columns(user))
    except IntegrityError:
        raise Refused(Reason.ALREADY_PENDING) from None
    record(check_in, "submitted", by=by, new=CheckIn.Status.SUBMITTED)
    return check_in


@transaction.atomic
def resubmit_check_in(check_in: CheckIn, details: Details, *, by: Actor) -> None:
    """Send the own returned check-in again, mended; the statement agreed to may be a newer one by then."""
    if not by.is_person(check_in.member):
        raise PermissionDenied
    _fits(details, check_in.member.user)
    _refuse_without_change(check_in.member, details)
    _agree(check_in.member.user)
    columns = details.columns(check_in.member.user)
    move(check_in, CheckIn.Status.SUBMITTED, by=by, return_reason="", **columns)


@transaction.atomic
def return_check_in(check_in: CheckIn, *, reason: str, by: Actor) -> None:
    """Give it back to be mended; refused without a reason, and for one's own."""
    require_say([check_in], by)
    if by.is_person(check_in.member):
        raise Refused(Reason.ONESELF)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    require_step(check_in, CheckIn.Status.RETURNED)
    if not return_check_ins([check_in], reason=reason, by=by):
        raise Refused(Reason.STATE_CHANGED)
    check_in.refresh_from_db()


@transaction.atomic
def return_check_ins(check_ins: Sequence[CheckIn], *, reason: str, by: Actor) -> int:
    """Give many back with one reason, in a fixed number of queries; how many comes back.

    One's own, and what somebody else has decided in the meantime, is left alone.
    """
    require_say(check_ins, by)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    others = [check_in.pk for check_in in check_ins if not by.is_person(check_in.member)]
    rows = CheckIn.objects.filter(pk__in=others)
    moved = move_all(rows, CheckIn.Status.RETURNED, by=by, why=reason, return_reason=reason)
    told = CheckIn.objects.filter(pk__in=moved).select_related("member__user", "community")
    write_notices(
        notice_to(
            check_in.member.user,
            Notice.Kind.CHECK_IN_RETURNED,
            link=reverse("check_in"),
            community=check_in.community,
            reason=reason,
        )
        for check_in in told
    )
    return len(moved)


def require_say(check_ins: Sequence[CheckIn], by: Actor) -> None:
    """Who decides has a say on every one of them; that nobody decides on oneself is another rule."""
    keys = {check_in.pk for check_in in check_ins}
    if keys != set(check_ins_to_review(by).filter(pk__in=keys).values_list("pk", flat=True)):
        raise PermissionDenied


def _fits(details: Details, user: User) -> None:
    # Held as they are now: one that is being closed at this moment is closed, or finds this check-in waiting.
    places = [place for place in (details.community, details.compound, details.unit) if place]
    for place in Organization.objects.for_change(*places):
        if place.closed_on:
            is_community = place.pk == details.community.pk
            raise (
                Refused(Reason.COMMUNITY_CLOSED)
                if is_community
                else Refused(Reason.ORGANIZATION_CLOSED, organization=place)
            )
    community, compound, unit = details.community, details.compound, details.unit
    if compound and compound.parent_id != community.pk:
        raise Refused(Reason.FOREIGN_COMPOUND, community=community)
    if unit and unit.city_path != community.city_path:
        raise Refused(Reason.FOREIGN_UNIT)
    if details.phone and User.objects.filter(phone=details.phone).exclude(pk=user.pk).exists():
        raise Refused(Reason.PHONE_TAKEN, phone=details.phone)


def _refuse_without_change(member: Member, details: Details) -> None:
    active = member.check_ins.filter(status=CheckIn.Status.APPROVED).select_related("community", "compound").first()
    if active is None:
        return
    home = (details.community, details.compound, details.address)
    same = {
        "home": home == (active.community, active.compound, active.address),
        "unit": details.unit in (None, unit_on(member, timezone.localdate())),
        "phone": details.phone in ("", member.user.phone),
        "name": details.name in ("", member.user.name),
        "retired": details.retired == (member.retired_on is not None),
    }
    if all(same.values()):
        raise Refused(Reason.NOTHING_CHANGED, community=active.community)


def _agree(user: User) -> None:
    Consent.objects.get_or_create(user=user, version=settings.PRIVACY_VERSION)


def _member_of(user: User) -> Member:
    """Two taps at once make one member: the second waits for the first and finds it."""
    return Member.objects.get_or_create(user=user, defaults={"number": new_member_number()})[0]


def new_member_number() -> str:
    """Ten digits drawn at random: a number on a report says nothing about who joined when."""
    return f"{secrets.randbelow(10**10):010d}"
