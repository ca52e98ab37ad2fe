"""A service that was done off the system is entered afterwards (补录), and a second person looks at it."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.actions.move import move, record, require_step
from accounts.actions.notice import notify
from accounts.models import Member, Notice, Organization, User
from accounts.queries.appointment import people_of
from accounts.refusals import Reason as AccountsReason
from flags.actions.award import home_kept_by, write_award
from flags.actions.year import require_year_open
from flags.models import FlagAward, LateEntry
from flags.queries.belonging import home_on
from flags.queries.late_entry import serves_at_that_time, value_at_most
from flags.queries.limits import person_of
from flags.refusals import Reason
from tasks.actions.place import hold_members
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

Status = LateEntry.Status


@dataclass(frozen=True)
class Served:
    """What was done: when, of which category, worth how many flags, and why it is entered only now."""

    starts_at: datetime
    ends_at: datetime
    category: str
    value: int
    what: str
    reason: str

    @property
    def day(self) -> date:
        return timezone.localtime(self.ends_at).date()


def enter_late(
    member: Member, served: Served, *, by: Actor, late_reason: str = "", sent_once: UUID | None = None
) -> LateEntry:
    """Write down a service of `member` that no claim knows; a second person of the community, else the city, is told.

    Nothing is lit before that person approves. `sent_once` identifies the form: sent twice it is one entry. May do it:
    who keeps the ledger of the community in which the member lived on that day, and the city. Refused: one's own, what
    is still to come, hours that end before they begin or last more than a day, a value outside the limits of the year's
    rule, a day before the member's check-in, the time of another service of the person, and a year that is closed, but
    to the city that gives the `late_reason`.
    """
    if sent_once:
        there = LateEntry.objects.filter(sent_once=sent_once, entered_by=by.user).first()
        if there:
            return there
    return _enter(member, served, by, late_reason, sent_once)


@transaction.atomic
def light_by_decision(member: Member, served: Served, *, by: Actor, why: str) -> FlagAward:
    """Light a service that its member has appealed for and that the city finds to be true; the line comes back.

    The member has stated it, the city is the second person. Refused as entering and approving are. That `by` may decide
    has been seen to.
    """
    return approve_entry(_enter(member, served, by, why, None, stated_by=member.user), by=by)


@transaction.atomic
def _enter(
    member: Member,
    served: Served,
    by: Actor,
    late_reason: str,
    sent_once: UUID | None,
    *,
    stated_by: User | None = None,
) -> LateEntry:
    """What stands there is written by `by`, or else stated by the member themself."""
    home = home_kept_by(by, member, served.day)
    _refuse_at_first_sight(member, served, home, by)
    closed = require_year_open(home.city_path, served.day.year, by=by, why=late_reason)
    hold_members([member.pk, person_of(member)])
    if sent_once and (there := LateEntry.objects.filter(sent_once=sent_once, entered_by=by.user).first()):
        return there  # the other tap was faster, and has held the member until now
    _refuse_overlap(member, served.starts_at, served.ends_at)
    assert by.user is not None
    assert by.appointment is not None
    entry = LateEntry.objects.create(
        member=member,
        community=home,
        starts_at=served.starts_at,
        ends_at=served.ends_at,
        category=served.category,
        value=served.value,
        what=served.what.strip(),
        reason=served.reason.strip(),
        late_reason=late_reason.strip() if closed else "",
        entered_by=stated_by or by.user,
        entered_as=None if stated_by else by.appointment,
        sent_once=sent_once,
    )
    record(entry, "entered afterwards", by=by, new=entry.status)
    if stated_by is None:
        _tell(second_people(entry), Notice.Kind.LATE_ENTRY_WAITS, entry, link=entry.page)
    return entry


@transaction.atomic
def approve_entry(entry: LateEntry, *, by: Actor, why: str = "") -> FlagAward:
    """Light the flags of a service that somebody else has entered; the member is told, and the line comes back.

    Refused: who entered it, the member, what is decided already, the time of another service that has come since, and a
    year that has been closed since, but to the city that says `why`. What the city has entered after the deadline has its
    reason already, and the community may be the second person.
    """
    _require_say(entry, by)
    require_step(entry, Status.APPROVED)
    day = timezone.localtime(entry.ends_at).date()
    closed = not entry.late_reason and require_year_open(entry.community.city_path, day.year, by=by, why=why)
    hold_members([entry.member_id, person_of(entry.member)])
    _refuse_overlap(entry.member, entry.starts_at, entry.ends_at, but=entry)
    move(entry, Status.APPROVED, by=by, decided_by=by.user)
    award = write_award(
        entry.member,
        day=day,
        category=entry.category,
        at=entry.community,
        by=by,
        value=entry.value,
        reason=entry.late_reason or (why if closed else entry.reason),
        entry=entry,
    )
    told = entry.member.merged_into or entry.member
    notify([told.user], Notice.Kind.FLAG_AWARDED, link=reverse("flag_wall"), what=entry.what, flags=entry.value)
    return award


@transaction.atomic
def decline_entry(entry: LateEntry, *, reason: str, by: Actor) -> None:
    """Say that it stays without flags; who entered it is told why. Refused: as approving it, and without a reason."""
    _require_say(entry, by)
    require_step(entry, Status.DECLINED)
    if not reason.strip():
        raise Refused(AccountsReason.REASON_MISSING)
    move(entry, Status.DECLINED, by=by, why=reason, decided_by=by.user, decline_reason=reason.strip()[:300])
    _tell([entry.entered_by], Notice.Kind.LATE_ENTRY_DECLINED, entry, link=entry.page, reason=reason.strip())


def second_people(entry: LateEntry) -> list[User]:
    """Who may look at it: the community's other appointees who keep its ledger, else the city's; never the member."""
    roles, day, community = roles_with(Ability.KEEP_LEDGER), timezone.localdate(), entry.community.community
    city = Organization.objects.get(path=community.city_path)
    people = people_of([community.pk, city.pk], roles=roles, day=day)
    for place in (community, city):
        others = [user for user in people.get(place.pk, []) if _is_second(entry, user)]
        if others:
            return others
    return []


def _is_second(entry: LateEntry, user: User) -> bool:
    return user != entry.entered_by and not Actor(user=user).is_person(entry.member)


def _require_say(entry: LateEntry, by: Actor) -> None:
    if not by.can(Ability.KEEP_LEDGER, entry.community):
        raise PermissionDenied
    if by.is_person(entry.member):
        raise Refused(AccountsReason.ONESELF)
    if by.user == entry.entered_by:
        raise Refused(Reason.ENTERED_BY_ONESELF)


def _refuse_at_first_sight(member: Member, served: Served, home: Organization, by: Actor) -> None:
    if by.is_person(member):
        raise Refused(AccountsReason.ONESELF)
    if not (served.reason.strip() and served.what.strip()):
        raise Refused(AccountsReason.REASON_MISSING)
    if served.ends_at > timezone.now():
        raise Refused(Reason.NOT_SERVED_YET)
    if not served.starts_at < served.ends_at <= served.starts_at + LateEntry.LASTS_AT_MOST:
        raise Refused(Reason.HOURS_WRONG)
    first = timezone.localtime(served.starts_at).date()
    if home_on(member, first) is None:
        raise Refused(Reason.NOT_CHECKED_IN_THEN, name=member, day=day_words(first))
    most = value_at_most(home.city_path, served.day.year, by)
    if not 1 <= served.value <= most:
        raise Refused(Reason.VALUE_OUTSIDE, most=most, year=served.day.year)


def _refuse_overlap(member: Member, starts_at: datetime, ends_at: datetime, *, but: LateEntry | None = None) -> None:
    """The member is held: nothing comes in between the look and the line."""
    if serves_at_that_time(member, starts_at, ends_at, but=but):
        raise Refused(Reason.SERVED_ELSEWHERE, name=member)


def _tell(people: list[User], kind: Notice.Kind, entry: LateEntry, **params: Any) -> None:
    notify(people, kind, name=entry.member, what=entry.what, **params)
