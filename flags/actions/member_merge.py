"""One person with two accounts: made one member, history kept, or told apart for good."""

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move_all, record
from accounts.actions.notice import notify
from accounts.actions.unit_membership import inherit_memberships, leave_units
from accounts.models import CheckIn, DistinctMembers, Exemption, Member, Notice, RosterEntry, User
from accounts.queries.member import unit_on
from accounts.queries.member_duplicate import are_alike
from accounts.refusals import Reason as AccountsReason
from flags.refusals import Reason
from tasks.models import (
    CalendarAddress,
    Claim,
    FitOffer,
    GroupMembership,
    GroupRequest,
    HelperGroup,
    StewardApplication,
    StewardLog,
    StewardTerm,
    Suggestion,
)
from vanguard.lib.refused import Refused

OPEN = (*Claim.TO_SERVE, *Claim.TO_SETTLE)


@transaction.atomic
def merge_members(kept: Member, other: Member, *, by: Actor) -> None:
    """Let `kept` stand for both: flags of `other` count for it from now on, and `other` can log in no more.

    The ledger, claims and records of `other` stay as they are and where they are; its check-in and unit membership
    end today; time in units, exemptions and roster lines pass to the one kept, and its phone is free again. Refused
    for two who share no name within a unit, for who was merged before, for oneself, where places of `other` are not
    settled, where only `other` is checked in, and where nobody can log in to the account that would be kept.
    """
    _require(kept, other, by)
    locked = Member.objects.select_for_update(of=("self",), no_key=True).select_related("user", "home")
    people = {member.pk: member for member in locked.filter(pk__in=[kept.pk, other.pk]).order_by("pk")}
    kept, other = people[kept.pk], people[other.pk]
    _refuse(kept, other)
    _pass_on(kept, other, by)
    _end(other, by)
    Member.objects.filter(pk=other.pk).update(home=None, merged_into=kept)
    Member.objects.filter(merged_into=other).update(merged_into=kept)
    # Its phone is free: most people have a second account because they have a new number.
    # What it did not want to be told goes with it; the one that is kept goes on as its owner has chosen there.
    gone = User.objects.filter(pk=other.user_id)
    gone.update(is_active=False, phone=None, app_off=[], mail_off=[], quiet_from=None, quiet_until=None)
    record(other, "merged away", by=by)
    record(kept, "merged", by=by)
    notify([kept.user], Notice.Kind.MEMBERS_MERGED, link=reverse("flag_wall"))


@transaction.atomic
def tell_members_apart(one: Member, other: Member, *, by: Actor) -> None:
    """Say that two members of one name are two people: the pair is never offered again."""
    _require(one, other, by)
    first, second = sorted((one, other), key=lambda member: member.pk)
    _pair, is_new = DistinctMembers.objects.get_or_create(first=first, second=second)
    if is_new:
        record(first, "told apart", by=by)
        record(second, "told apart", by=by)


def _require(one: Member, other: Member, by: Actor) -> None:
    if one.merged_into_id or other.merged_into_id:
        raise Refused(Reason.MERGED_ALREADY)
    if not are_alike(one, other):
        raise Refused(Reason.MEMBERS_NOT_ALIKE)
    by.require(Ability.MERGE_MEMBERS, unit_on(one, timezone.localdate()))
    if by.is_person(one) or by.is_person(other):
        raise Refused(AccountsReason.ONESELF)


def _refuse(kept: Member, other: Member) -> None:
    """What may have changed until both were locked, and what the lock keeps from changing."""
    if kept.merged_into_id or other.merged_into_id:
        raise Refused(Reason.MERGED_ALREADY)
    if not kept.user.is_active:
        raise Refused(Reason.KEPT_IS_CLOSED)
    if other.home_id and not kept.home_id:
        raise Refused(Reason.KEEP_THE_HOME)
    if Claim.objects.filter(member=other, status__in=OPEN).exists():
        raise Refused(Reason.UNSETTLED_CLAIMS, name=other, number=other.number)


def _pass_on(kept: Member, other: Member, by: Actor) -> None:
    inherit_memberships(kept, other)
    Exemption.objects.filter(member=other).update(member=kept)
    _pass_on_profile(kept, other)
    _pass_on_groups(kept, other, by)
    Suggestion.objects.filter(author=other).update(author=kept)  # who is answered reads it in the account that is left
    _pass_on_posts(kept, other, by)
    lines = RosterEntry.objects.filter(member=other)
    taken = RosterEntry.objects.current().filter(member=kept).values("unit")
    lines.current().filter(unit__in=list(taken.values_list("unit", flat=True))).update(member=None)
    lines.current().update(member=kept)


def _pass_on_profile(kept: Member, other: Member) -> None:
    """It is one person: what either account said holds, and nobody is told of a shift twice."""
    kept.skills.add(*other.skills.all())
    kept.free_at |= other.free_at
    kept.interests |= other.interests
    kept.told_what_fits |= other.told_what_fits
    kept.save(update_fields=["free_at", "interests", "told_what_fits"])
    Member.objects.filter(pk=other.pk).update(free_at=0, interests=0, told_what_fits=False)
    offers = FitOffer.objects.filter(member=other)
    offers.exclude(shift__in=FitOffer.objects.filter(member=kept).values("shift")).update(member=kept)
    offers.delete()


def _pass_on_groups(kept: Member, other: Member, by: Actor) -> None:
    """Who leads a group, or is asked to, is so still; where both belong to one, it is one membership."""
    HelperGroup.objects.filter(leader=kept, next_leader=other).update(next_leader=None)
    HelperGroup.objects.filter(leader=other, next_leader=kept).update(next_leader=None)
    HelperGroup.objects.filter(leader=other).update(leader=kept)
    HelperGroup.objects.filter(next_leader=other).update(next_leader=kept)
    S = GroupMembership.Status
    theirs = GroupMembership.objects.filter(member=other)
    theirs.exclude(group__in=GroupMembership.objects.filter(member=kept).values("group")).update(member=kept)
    # What either has said yes to holds, else what either was asked or has asked; an older no does not.
    own = GroupMembership.objects.filter(member=kept)
    agreed = theirs.filter(status=S.AGREED).values_list("group", flat=True)
    open_words = {S.INVITED: theirs.filter(status=S.INVITED), S.ASKED: theirs.filter(status=S.ASKED)}
    move_all(own.filter(group__in=list(agreed)), S.INVITED, by=by)
    move_all(own.filter(group__in=list(agreed)), S.AGREED, by=by)
    for status, rows in open_words.items():
        groups = list(rows.values_list("group", flat=True))
        move_all(own.filter(group__in=groups), status, by=by)
    move_all(theirs, S.LEFT, by=by)
    for request in GroupRequest.objects.filter(people=other):
        request.people.remove(other)
        request.people.add(kept)


def _pass_on_posts(kept: Member, other: Member, by: Actor) -> None:
    """Who holds a post holds it still; of two logs of a quarter, or two applications for a post, that of `kept` counts."""
    StewardTerm.objects.filter(member=other).update(member=kept)
    applications = StewardApplication.objects.filter(member=other)
    own = StewardApplication.objects.pending().filter(member=kept, post=OuterRef("post"))
    move_all(applications.filter(Exists(own)), StewardApplication.Status.WITHDRAWN, by=by)
    applications.update(member=kept)
    logs = StewardLog.objects.filter(member=other)
    written = StewardLog.objects.filter(
        member=kept, post=OuterRef("post"), year=OuterRef("year"), quarter=OuterRef("quarter")
    )
    logs.filter(~Exists(written)).update(member=kept)
    move_all(logs, StewardLog.Status.RETURNED, by=by)


def _end(other: Member, by: Actor) -> None:
    """Nothing of the account goes on: no home, no unit, no request that waits, no calendar that is read."""
    today, check_ins = timezone.localdate(), CheckIn.objects.filter(member=other)
    move_all(check_ins.filter(status=CheckIn.Status.APPROVED), CheckIn.Status.ENDED, by=by, ended_on=today)
    move_all(check_ins.filter(status=CheckIn.Status.SUBMITTED), CheckIn.Status.RETURNED, by=by)
    leave_units([other.pk], today)
    CalendarAddress.objects.filter(member=other).delete()
