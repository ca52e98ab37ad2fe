"""Merging two communities without breaking history (domain.md: awards stay where they were earned)."""

from collections.abc import Callable

from django.db import transaction
from django.db.models import CharField, F, OuterRef, Q, Subquery, Value
from django.db.models.functions import Cast, Concat, Substr
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.appointment import end_appointments_of
from accounts.actions.move import move_all, record, record_all
from accounts.actions.notice import notify
from accounts.actions.unit_news import tell_of
from accounts.models import (
    Appointment,
    CheckIn,
    Member,
    Notice,
    Organization,
    Roster,
    RosterEntry,
    RosterImport,
    UnitMembership,
    UnitNews,
    User,
)
from accounts.refusals import Reason
from vanguard.lib.refused import Refused

Status = CheckIn.Status
Rule = Callable[[Organization, Organization, Actor], None]
MERGER_RULES: list[Rule] = []


def on_merger(rule: Rule) -> None:
    """Let an app above carry over what is its own: called with the old community, the one it becomes part of, by whom."""
    MERGER_RULES.append(rule)


@transaction.atomic
def merge_community(old: Organization, *, into: Organization, by: Actor) -> None:
    """Make `old` part of `into`, another community of the same city, from today; in a fixed number of queries.

    Members, their check-ins, compounds and roster lines pass to `into`. `old` is closed and hangs below it, so that
    what it published, its wishes and its ledger stay its own and are in sight of `into`; its appointments end. The
    members and the staff of `old` are told, and each member's unit (domain rule 1). Refused: the same community, another city, and one that is closed.
    """
    for community in (old, into):
        by.require_governing(Ability.KEEP_ORGANIZATIONS, community)
    if old.pk == into.pk:
        raise Refused(Reason.SAME_COMMUNITY)
    old, into = Organization.objects.for_change(old, into)
    _check(old, into)
    # Locks in the order of approving, claiming and calling off: members, check-ins, rosters; tasks and wishes last.
    told = _people_of(old)
    _tell_units(_carry_members(old, into, by=by))
    _carry_rosters(old, into)
    end_appointments_of([old], by=by)
    _hang_below(old, into, by=by)
    old.refresh_from_db()
    for rule in MERGER_RULES:
        rule(old, into, by)
    notify(told, Notice.Kind.COMMUNITY_MERGED, link=reverse("community", args=[into.code]), old=old, new=into)


def _check(old: Organization, into: Organization) -> None:
    for community in (old, into):
        if community.kind != Organization.Kind.COMMUNITY:
            raise Refused(Reason.ONLY_COMMUNITIES)
        if community.closed_on:
            raise Refused(Reason.ORGANIZATION_CLOSED, organization=community)
    if old.city_path != into.city_path:
        raise Refused(Reason.OTHER_CITY, community=into)


def _people_of(old: Organization) -> list[User]:
    """Who is to be told; the members among them are locked, so that nobody approves or claims for them meanwhile."""
    living = CheckIn.objects.filter(community=old, status__in=[Status.APPROVED, *CheckIn.PENDING])
    members = Member.objects.filter(pk__in=living.values("member")).order_by("pk")
    held = list(members.select_related("user").select_for_update(of=("self",), no_key=True))
    staff = Appointment.objects.not_over(timezone.localdate()).filter(organization=old)
    return [*(member.user for member in held), *(row.user for row in staff.select_related("user"))]


def _carry_members(old: Organization, into: Organization, *, by: Actor) -> list[CheckIn]:
    """The check-in of each ends and an equal one begins, so that a service counts for the community of its day.

    Those under review go first: one that is approved in that very moment is then found among the active ones. The
    check-ins that begin come back.
    """
    today, why = timezone.localdate(), f"{old} → {into}"
    waiting = CheckIn.objects.filter(community=old, status__in=CheckIn.PENDING)
    moved = list(waiting.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk", flat=True))
    CheckIn.objects.filter(pk__in=moved).update(community=into)
    record_all(CheckIn, moved, "carried over", by=by, why=why)
    active = CheckIn.objects.filter(community=old, status=Status.APPROVED)
    ended = move_all(active, Status.ENDED, by=by, why=why, ended_on=today)
    anew = list(CheckIn.objects.filter(pk__in=ended).order_by("pk"))
    for check_in in anew:
        check_in.pk, check_in.community, check_in.status = None, into, Status.APPROVED
        check_in.approved_on, check_in.ended_on = today, None
    made = CheckIn.objects.bulk_create(anew)
    # What is made anew would say that it was submitted today.
    sent = CheckIn.objects.filter(pk__in=ended, member=OuterRef("member")).values("submitted_at")
    CheckIn.objects.filter(pk__in=[row.pk for row in made]).update(submitted_at=Subquery(sent))
    record_all(CheckIn, [row.pk for row in made], "carried over", by=by, new=Status.APPROVED, why=why)
    Member.objects.filter(home=old).update(home=into)
    return made


def _tell_units(check_ins: list[CheckIn]) -> None:
    """Tell the unit that each of these members belongs to today; who belongs to none has retired."""
    theirs = UnitMembership.objects.on(timezone.localdate()).filter(member__in=[row.member_id for row in check_ins])
    units = dict(theirs.values_list("member", "unit"))
    tell_of(
        [
            UnitNews(
                unit_id=units[check_in.member_id],
                member_id=check_in.member_id,
                check_in=check_in,
                kind=UnitNews.Kind.MOVED,
                changed=[UnitNews.Detail.COMMUNITY],
            )
            for check_in in check_ins
            if check_in.member_id in units
        ]
    )


def _carry_rosters(old: Organization, into: Organization) -> None:
    """Lines that name it name the new one.

    A list that is being checked, waits or has been written may still hold the old one, where no line of today shows it:
    it has to be checked anew, and can no longer be undone.
    """
    lines = RosterEntry.objects.current().filter(community=old)
    lists = RosterImport.objects.filter(unit__path__startswith=old.city_path, status__in=RosterImport.ALIVE)
    units = Organization.objects.filter(Q(pk__in=lines.values("unit")) | Q(pk__in=lists.values("unit")))
    missing = units.filter(roster_list=None).values_list("pk", flat=True)
    Roster.objects.bulk_create((Roster(unit_id=pk) for pk in missing), ignore_conflicts=True)
    Roster.objects.filter(unit__in=units.values("pk")).update(version=F("version") + 1)
    lines.update(community=into)


def _hang_below(old: Organization, into: Organization, *, by: Actor) -> None:
    """Compounds become those of `into`; `old`, and what was merged into it before, hangs below it by its path."""
    why = f"{old} → {into}"
    compounds = Organization.objects.filter(parent=old)
    carried = list(compounds.order_by("pk").values_list("pk", flat=True))
    compounds.update(parent=into, path=Concat(Value(into.path), Cast("pk", CharField()), Value("/")))
    record_all(Organization, carried, "carried over", by=by, why=why)
    rest = Substr("path", len(old.path) + 1)
    Organization.objects.within(old.path).update(path=Concat(Value(f"{into.path}{old.pk}/"), rest))
    Organization.objects.filter(pk=old.pk).update(closed_on=timezone.localdate(), merged_into=into)
    Organization.objects.filter(merged_into=old).update(merged_into=into)
    for community in (old, into):
        record(community, "merged", by=by, why=why)
