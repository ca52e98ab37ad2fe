"""What a work unit sees of its own members: checked in or not, service and flags, never whom they helped."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce, ExtractMonth
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization, UnitMembership
from accounts.models.organization import at_or_below
from accounts.queries.matching import Asked, Counts, Lines
from accounts.queries.three_clear import Match, of_units
from flags.models import ComplianceReport, ComplianceRow, FlagAward
from flags.models.report import State
from flags.queries.at_risk import lacking, those_behind
from flags.queries.compliance import Standing, compliance_rows, deciding_day
from flags.queries.service import companions_brought
from tasks.models import Claim


@dataclass(frozen=True)
class UnitMember:
    """A line of the unit's list: a member, or a line of its roster to which nobody has checked in yet."""

    name: str
    standing: Standing | None = None
    months: Sequence[int] = ()
    community: str = ""
    awaiting: int = 0
    behind: bool = False

    @property
    def away(self) -> bool:
        return not self.community

    @property
    def retired(self) -> bool:
        return self.standing is not None and self.standing.state == State.NOT_APPLICABLE

    @property
    def short(self) -> bool:
        return self.standing is not None and self.standing.state == State.NOT_MET

    @property
    def lacking(self) -> int:
        """How many flags are still needed."""
        return lacking(self.standing) if self.standing else 0


@dataclass(frozen=True)
class UnitFigures:
    """The unit at a glance; `owing` are those of whom flags are asked, `at_risk` those behind the calendar.

    What the retired among its members did stands in numbers of its own, and in no other.
    """

    people: int
    checked_in: int
    owing: int
    met: int
    short: int
    at_risk: int
    flags: int
    services: int
    awaiting: int
    retired: int
    retired_flags: int
    retired_services: int
    companions: int = 0


class Earned(NamedTuple):
    """Flags from January to December, and how many people were brought to the services."""

    months: list[int]
    companions: int


EARNER = Coalesce("member__merged_into", "member")  # who had two accounts earned with both


def unit_members(unit: Organization, year: int) -> list[UnitMember]:
    """Everybody whom the unit answers for in `year`, and for the running year who is still missing; by name."""
    standings = compliance_rows(unit.path, year)
    members = [standing.member_id for standing in standings]
    communities, awaiting, behind = (
        _communities(members),
        awaiting_by_member(members, year),
        those_behind(standings, year),
    )
    people = [
        UnitMember(
            name=standing.name,
            standing=standing,
            community=communities.get(standing.member_id) or "",
            awaiting=awaiting.get(standing.member_id, 0),
            behind=standing.member_id in behind,
        )
        for standing in standings
    ]
    if year == timezone.localdate().year:
        missing = Lines(of_units(unit), Asked(show=Match.NOT_CHECKED_IN))
        people += [UnitMember(name=line.name) for line in missing if line.member_id not in communities]
    return sorted(people, key=lambda person: person.name)


def chosen(people: list[UnitMember], *, only: str = "all", search: str = "") -> list[UnitMember]:
    """Those left by a filter (`away` not checked in, `short` of the minimum, at `risk`, `retired`) and by a part of a name."""
    kept = {
        "retired": lambda person: person.retired,
        "away": lambda person: person.away,
        "short": lambda person: person.short,
        "risk": lambda person: person.behind,
    }.get(only, lambda person: True)
    return [person for person in people if kept(person) and search.casefold() in person.name.casefold()]


def unit_figures(people: list[UnitMember], counts: Counts | None = None, *, companions: int = 0) -> UnitFigures:
    """Flags and services of members who owe none by retirement stay outside, as in every sum of the unit.

    `counts` are those of the unit's roster, for the running year: checked in is then said as coverage says it. It
    counts those whom the roster still has though they belong elsewhere by now; a past year counts its own members.
    """
    counted = [p.standing for p in people if p.standing and not p.retired]
    retired = [p.standing for p in people if p.standing and p.retired]
    met = sum(standing.state == State.MET for standing in counted)
    short = sum(standing.state == State.NOT_MET for standing in counted)
    return UnitFigures(
        people=counts.lines if counts else len(people),
        checked_in=counts.checked_in if counts else sum(not person.away for person in people),
        owing=met + short,
        met=met,
        short=short,
        at_risk=sum(person.behind for person in people),
        flags=sum(standing.flags for standing in counted),
        services=sum(standing.services for standing in counted),
        awaiting=sum(person.awaiting for person in people if not person.retired),
        retired=len(retired),
        retired_flags=sum(standing.flags for standing in retired),
        retired_services=sum(standing.services for standing in retired),
        companions=companions,
    )


def awaiting_confirmation(year: int) -> QuerySet[Claim]:
    """Services of `year` that are over, or by agreement reported, and wait for the community's word."""
    return Claim.objects.unsettled().over(timezone.now()).of_year(year)


def earned_together(people: list[UnitMember], year: int) -> Earned:
    """What these members earned in `year`; flags of the retired stand apart from those of the months."""
    members = [person.standing.member_id for person in people if person.standing]
    retired = [person.standing.member_id for person in people if person.standing and person.retired]
    lit = FlagAward.objects.in_year(year).of_any(members).order_by().annotate(earner=EARNER)
    by_month = lit.values_list(ExtractMonth("served_on")).annotate(
        flags=Sum("value", filter=~Q(earner__in=retired), default=0), brought=Sum(companions_brought(), default=0)
    )
    months, companions = [0] * 12, 0
    for month, flags, brought in by_month:
        months[month - 1] = flags
        companions += brought
    return Earned(months, companions)


def with_months(people: Iterable[UnitMember], year: int) -> list[UnitMember]:
    """The same people, each with his or her flags from January to December."""
    shown = list(people)
    months = _months_of_each([person.standing.member_id for person in shown if person.standing], year)
    return [
        replace(person, months=months[person.standing.member_id]) if person.standing else person for person in shown
    ]


def members_seen(actor: Actor, year: int) -> QuerySet[Member]:
    """Whose record of `year` a hat may open: whom its units answer for, and who stands in one of their reports."""
    today = UnitMembership.objects.on(deciding_day(year)).filter(at_or_below("unit__path", actor.unit_paths))
    reports = ComplianceReport.objects.visible_to(actor).filter(year=year)
    reported = ComplianceRow.objects.filter(report__in=reports)
    return Member.objects.filter(Q(pk__in=today.values("member")) | Q(pk__in=reported.values("member")))


def standing_seen(actor: Actor, standing: Standing | None) -> Standing | None:
    """Where a member stands, if that is for one of the actor's units; nothing for who has left them."""
    if standing is None or actor.organization is None:
        return None
    own = Organization.objects.within(*actor.unit_paths)
    seen = standing.unit_id == actor.organization.pk or own.filter(pk=standing.unit_id).exists()
    return standing if seen else None


def reported_of(actor: Actor, member: Member, year: int) -> QuerySet[ComplianceRow]:
    """What the actor's locked reports of `year` say of a member, the former versions left out."""
    reports = ComplianceReport.objects.visible_to(actor).filter(year=year, status=ComplianceReport.Status.LOCKED)
    return ComplianceRow.objects.filter(report__in=reports, member=member).select_related("report__unit")


def awards_of(member: Member, year: int) -> QuerySet[FlagAward]:
    """The lines of the ledger behind a member's number, newest first, each with what it is for."""
    awards = FlagAward.objects.in_year(year).of(member)
    return awards.with_sources().select_related("community", "by_appointment__organization")


def awaiting_by_member(members: Iterable[int], year: int) -> dict[int, int]:
    """How many services of each of these members await confirmation; who has none is left out."""
    claims = awaiting_confirmation(year).filter(member__in=members).order_by()
    return dict(claims.values_list("member").annotate(Count("pk")))


def _months_of_each(members: Iterable[int], year: int) -> dict[int, list[int]]:
    months = {member: [0] * 12 for member in members}
    lit = FlagAward.objects.in_year(year).of_any(members).order_by()
    for member, month, flags in lit.values_list(EARNER, ExtractMonth("served_on")).annotate(Sum("value")):
        months[member][month - 1] = flags
    return months


def _communities(members: Iterable[int]) -> dict[int, str | None]:
    """The name of each member's community; none where the member is not checked in."""
    community = Case(
        When(home__kind=Organization.Kind.SUBCOMMUNITY, then=F("home__parent__name")), default=F("home__name")
    )
    return dict(Member.objects.filter(pk__in=members).values_list("pk", community))
