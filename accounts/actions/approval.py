"""Taking members in: what a community approves becomes true, for one check-in or for three hundred at once."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.check_in import require_say
from accounts.actions.move import move_all, require_step
from accounts.actions.notice import notice_to, write_notices
from accounts.actions.roster import link_members
from accounts.actions.unit_membership import join_units
from accounts.actions.unit_news import tell_units
from accounts.models import CheckIn, Member, Notice, User
from accounts.queries.review import Review, reviews_of
from accounts.refusals import Reason
from vanguard.lib.refused import Refused

Status = CheckIn.Status
BATCH = 500


@dataclass
class Approved:
    """What came of approving many: those taken in, and each that was left with the refusal that says why."""

    check_ins: list[CheckIn] = field(default_factory=list)
    left: list[tuple[CheckIn, Refused]] = field(default_factory=list)


@transaction.atomic
def approve_check_in(check_in: CheckIn, *, by: Actor) -> None:
    """Take one member in (domain rule 1); refused for oneself, without any unit, and where somebody else was faster."""
    require_say([check_in], by)
    require_step(check_in, Status.APPROVED)
    approved = approve_check_ins([check_in], by=by)
    if approved.left:
        raise approved.left[0][1]
    if not approved.check_ins:
        raise Refused(Reason.STATE_CHANGED)
    check_in.refresh_from_db()


@transaction.atomic
def approve_check_ins(check_ins: Sequence[CheckIn], *, by: Actor) -> Approved:
    """Take members in, in a fixed number of queries for each 500 of them (domain rule 1).

    Each member's home is here from today and a check-in elsewhere ends; the unit is the one whose roster has name
    and phone, or the one that was asked for; a new phone becomes the one to log in with. Units are told. Left alone
    are one's own, those without any unit, and those whose new phone has an owner; what is no longer pending counts
    as neither.
    """
    require_say(check_ins, by)
    reviews, approved = _pending(check_ins), Approved()
    users = User.objects.filter(phone__in=[review.phone for review in reviews if review.phone])
    owners = {str(phone): user for phone, user in users.values_list("phone", "pk")}
    taken = []
    for review in reviews:
        refusal = _refusal(review, owners, by)
        if refusal:
            approved.left.append((review.check_in, refusal))
        else:
            owners[review.phone] = review.check_in.member.user_id
            taken.append(review)
    approved.check_ins = _take_in(taken, by)
    return approved


def _pending(check_ins: Sequence[CheckIn]) -> list[Review]:
    """Those still waiting, compared, with members and check-ins locked: who decides at once takes turns."""
    keys = [check_in.pk for check_in in check_ins]
    members = Member.objects.filter(check_ins__in=keys).order_by("pk")
    list(members.select_for_update(of=("self",), no_key=True).values_list("pk"))
    waiting = CheckIn.objects.filter(pk__in=keys, status=Status.SUBMITTED).order_by("pk")
    locked = waiting.select_for_update(of=("self",), no_key=True)
    return reviews_of(locked.select_related("member__user", "community", "compound", "unit"))


def _refusal(review: Review, owners: dict[str, int], by: Actor) -> Refused | None:
    member = review.check_in.member
    if by.is_person(member):
        return Refused(Reason.ONESELF)
    if review.unit is None and not review.check_in.retired and member.retired_on is None:
        if review.listed_by:
            return Refused(Reason.UNIT_AMBIGUOUS, units=", ".join(map(str, review.listed_by)))
        return Refused(Reason.UNIT_UNKNOWN)
    if owners.get(review.phone, member.user_id) != member.user_id:
        return Refused(Reason.PHONE_TAKEN, phone=review.phone)
    return None


def _take_in(reviews: list[Review], by: Actor) -> list[CheckIn]:
    if not reviews:
        return []
    today = timezone.localdate()
    changes = {review.check_in.pk: review.changes for review in reviews}
    formers = CheckIn.objects.filter(pk__in=[review.former.pk for review in reviews if review.former])
    move_all(formers, Status.ENDED, by=by, ended_on=today)
    check_ins = [review.check_in for review in reviews]
    move_all(CheckIn.objects.filter(pk__in=[row.pk for row in check_ins]), Status.APPROVED, by=by, approved_on=today)
    _settle(reviews)
    _join_units(reviews)
    link_members([check_in.member for check_in in check_ins])
    tell_units([(review, changes[review.check_in.pk]) for review in reviews])
    _tell_members(check_ins)
    return check_ins


def _settle(reviews: list[Review]) -> None:
    """Home, phone and name as approved, and the unit that was found on the check-in itself."""
    today, people = timezone.localdate(), []
    for review in reviews:
        check_in, member = review.check_in, review.check_in.member
        member.home = check_in.home
        if check_in.retired and review.unit is None:  # whom a unit lists, the unit says so of
            member.retired_on = member.retired_on or today
        check_in.unit = review.unit
        if (review.name, review.phone) != (member.user.name, member.user.phone or ""):
            member.user.name, member.user.phone = review.name, review.phone or None
            people.append(member.user)
    CheckIn.objects.bulk_update([review.check_in for review in reviews], ["unit"], batch_size=BATCH)
    Member.objects.bulk_update([r.check_in.member for r in reviews], ["home", "retired_on"], batch_size=BATCH)
    try:
        with transaction.atomic():
            User.objects.bulk_update(people, ["name", "phone"], batch_size=BATCH)
    except IntegrityError:
        raise Refused(Reason.PHONE_TAKEN, phone=", ".join(str(user.phone) for user in people)) from None


def _join_units(reviews: list[Review]) -> None:
    """End the membership of a unit left behind and begin that of the new one today; a retired member joins none."""
    today = timezone.localdate()
    movers = {
        review.check_in.member_id: unit
        for review in reviews
        if (unit := review.unit) and unit != review.unit_today and review.check_in.member.retired_on is None
    }
    join_units(movers, today)


def _tell_members(check_ins: list[CheckIn]) -> None:
    write_notices(
        notice_to(
            check_in.member.user,
            Notice.Kind.CHECK_IN_APPROVED,
            link=reverse("check_in_receipt"),
            community=check_in.community,
        )
        for check_in in check_ins
    )
