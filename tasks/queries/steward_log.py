"""Stewards' logs: for which quarters one is written, which is due, and what waits to be confirmed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db.models import Q, QuerySet
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Organization, Role, User
from accounts.models.organization import at_or_below
from accounts.queries.appointment import is_the_only_secretary, people_of
from tasks.models import StewardLog, StewardPost, StewardTerm
from tasks.queries.deadline import past_years_in_time
from vanguard.lib.quarters import Quarter, quarter_of

QUARTERS_SHOWN = 5  # the running one and a year back
Status = StewardLog.Status


@dataclass(frozen=True)
class Due:
    """One quarter of a post that a member holds or held, and the log of it, if there is one."""

    post: StewardPost
    quarter: Quarter
    log: StewardLog | None = None

    @property
    def is_over(self) -> bool:
        return self.quarter.last_day < timezone.localdate()

    @property
    def is_to_write(self) -> bool:
        return self.log is None or self.log.status in StewardLog.WRITABLE

    @property
    def is_missing(self) -> bool:
        return self.is_over and self.is_to_write


def quarters_until(day: date) -> list[Quarter]:
    """The quarter of `day` and those before it, the newest first, as far back as a page shows them."""
    quarters = [quarter_of(day)]
    while len(quarters) < QUARTERS_SHOWN:
        quarters.append(quarters[-1].before)
    return quarters


def logs_due(terms: Iterable[StewardTerm], day: date) -> dict[int, list[Due]]:
    """By post: the quarters of these terms of one member, the newest first, each with its log; one query."""
    terms = list(terms)
    quarters = quarters_until(day)
    members = {term.member_id for term in terms}
    logs = StewardLog.objects.filter(post__in=[term.post_id for term in terms], member__in=members)
    written = {(log.post_id, log.of): log for log in logs.filter(year__gte=quarters[-1].year)}
    due: dict[int, list[Due]] = {}
    for term in terms:
        last = min(term.ended_on or day, day)
        for quarter in quarters:
            known = [row.quarter for row in due.get(term.post_id, [])]
            if term.began_on <= quarter.last_day and quarter.first_day <= last and quarter not in known:
                log = written.get((term.post_id, quarter))
                due.setdefault(term.post_id, []).append(Due(term.post, quarter, log))
    return {post: sorted(rows, key=lambda row: row.quarter, reverse=True) for post, rows in due.items()}


def held_in(post: StewardPost, quarter: Quarter, member: int) -> bool:
    """Whether the member held the post on any day of the quarter."""
    return StewardTerm.objects.within(quarter).filter(post=post, member=member).exists()


def logs_to_confirm(actor: Actor) -> QuerySet[StewardLog]:
    """What waits for this actor, oldest first: never their own; for the city what an only secretary
    wrote, and what is left of a year that is closed.
    """
    waiting = StewardLog.objects.filter(status=Status.SUBMITTED).exclude(member__user=actor.user)
    waiting = waiting.filter(_confirmed_by(actor)).select_related("post__compound", "member__user")
    return waiting.order_by("submitted_at", "pk")


def confirms(actor: Actor, log: StewardLog) -> bool:
    """Whether this actor has a say on a log; that it is not their own is asked apart."""
    return StewardLog.objects.filter(_confirmed_by(actor), pk=log.pk).exists()


def logs_read_by(actor: Actor) -> QuerySet[StewardLog]:
    """What staff may read: what has been sent to it; the city only what it is to confirm, or has confirmed or returned."""
    if actor.role == Role.CITY_OFFICER:
        return StewardLog.objects.sent().filter(_confirmed_by(actor))
    return StewardLog.objects.visible_to(actor)


def _confirmed_by(actor: Actor) -> Q:
    if not actor.can(Ability.CONFIRM):
        return Q(pk__in=[])
    within = at_or_below("post__compound__path", actor.home_paths)
    if actor.role == Role.CITY_OFFICER:
        return within & (is_the_only_secretary("member__user", "post__compound") | _of_closed_years(actor))
    return within


def _of_closed_years(actor: Actor) -> Q:
    """After a year's deadline what waits of it is the city's alone (domain rule 7); what is decided it does not read."""
    assert actor.organization is not None
    this_year = timezone.localdate().year
    return Q(status=Status.SUBMITTED, year__lt=this_year) & ~Q(
        year__in=past_years_in_time(actor.organization.city_path)
    )


def confirmers_of(place: Organization, writer: User) -> list[User]:
    """Who confirms logs of this place's posts today; where that is their writer alone, the city's officers."""
    roles, day = roles_with(Ability.CONFIRM), timezone.localdate()
    community = place.community
    staff = people_of([community.pk], roles=roles, day=day).get(community.pk, [])
    others = [user for user in staff if user != writer]
    if others or not staff:
        return others
    city = Organization.objects.get(path=community.city_path)
    return [user for user in people_of([city.pk], roles=roles, day=day).get(city.pk, []) if user != writer]
