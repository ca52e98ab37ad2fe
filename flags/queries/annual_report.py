"""A year on two printed pages (述职材料): what is printed, and a work unit's in the figures of dashboard and report."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from django.db.models import Case, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum, When
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Organization
from flags.queries.compliance import UnitStanding, compliance_summary, deciding_day
from flags.queries.service import awards_with_retirement
from flags.queries.unit import earned_together, unit_figures, unit_members
from tasks.models.task import Category

PLACES_SHOWN = 10


@dataclass(frozen=True)
class Figure:
    """One line of the table: this year, and the former one where there was any."""

    label: str
    now: int | float
    before: int | float | None = None

    @property
    def change(self) -> str:
        """+3, −2 or 0; nothing where there is nothing to compare with."""
        if self.before is None:
            return ""
        change = round(self.now - self.before, 1)
        return f"{change:+g}".replace("-", "−") if change else "0"


@dataclass(frozen=True)
class Place:
    name: str
    services: int
    flags: int


@dataclass(frozen=True)
class AnnualReport:
    """What is printed. `words` are sentences made of the same numbers; `places` the busiest, `others` all the rest."""

    place: Organization
    year: int
    as_of: date
    words: list[str]
    figures: list[Figure]
    months: list[int]
    categories: list[tuple[str, int]]
    places_title: str
    places: list[Place] = field(default_factory=list)
    others: Place | None = None
    waits: list[tuple[str, int]] = field(default_factory=list)

    @property
    def former(self) -> int:
        return self.year - 1


@dataclass(frozen=True)
class Served:
    """What the lines of a year add up to, and where."""

    hours: float
    places: list[Place]


def unit_year(unit: Organization, year: int) -> AnnualReport:
    """A work unit's year; what its retired members did stands apart here as everywhere (domain rule 7)."""
    people = unit_members(unit, year)
    earned = earned_together(people, year)
    figures = unit_figures(people, companions=earned.companions)
    standing, former = _standing(unit, year), _standing(unit, year - 1)
    if former and not former.services and not former.services_apart:
        former = None  # before anybody served here there is nothing to compare with
    counted = [person.standing.member_id for person in people if person.standing and not person.retired]
    served = served_by(counted, year)
    members = standing.members if standing else 0
    numbers: dict[str, Any] = {
        "unit": unit.name,
        "year": year,
        "members": members,
        "checked_in": sum(not person.away for person in people if person.standing),
        "owing": figures.owing,
        "met": figures.met,
        "short": figures.short,
        "exempt": standing.exempt if standing else 0,
        "services": figures.services,
        "flags": figures.flags,
        "hours": f"{served.hours:g}",
        "places": len(served.places),
    }
    return AnnualReport(
        place=unit,
        year=year,
        as_of=deciding_day(year),
        words=_unit_words(numbers, standing, former, figures.awaiting),
        figures=[
            Figure(_("Members"), members, former and former.members),
            Figure(_("Checked in"), numbers["checked_in"]),
            Figure(_("Met"), figures.met, former and former.met),
            Figure(_("Not met"), figures.short, former and former.not_met),
            Figure(_("Exempt"), numbers["exempt"], former and former.exempt),
            Figure(_("Not applicable"), figures.retired, former and former.not_applicable),
            Figure(_("Flags"), figures.flags, former and former.flags),
            Figure(_("Services"), figures.services, former and former.services),
            Figure(_("Hours"), served.hours, served_by(_counted(unit, year - 1), year - 1).hours if former else None),
            Figure(_("Companions whom members brought"), figures.companions),
            Figure(_("Flags of retired members, apart"), figures.retired_flags, former and former.flags_apart),
        ],
        months=earned.months,
        categories=_categories(standing),
        places_title=_("Where they served"),
        places=served.places[:PLACES_SHOWN],
        others=rest_of(served.places),
        waits=[
            (_("Services that await confirmation"), figures.awaiting),
            (_("Members at risk of missing the minimum"), figures.at_risk),
            (_("Members and lines of the roster not checked in"), sum(person.away for person in people)),
        ],
    )


def served_by(members: Iterable[int], year: int) -> Served:
    """Hours and places of what these members served, whatever account it was earned with."""
    return served(awards_with_retirement(year).filter(person__in=list(members)))


def served(awards: QuerySet[Any], *, by: str = "community") -> Served:
    """Hours by the claims' own times, or as entered afterwards, taken back with the service; places are communities,
    or `by` units."""
    starts, ends = Coalesce("claim__starts_at", "entry__starts_at"), Coalesce("claim__ends_at", "entry__ends_at")
    lasted = ExpressionWrapper(ends - starts, output_field=DurationField())
    undone = ExpressionWrapper(starts - ends, output_field=DurationField())
    time = awards.order_by().aggregate(time=Sum(Case(When(value__lt=0, then=undone), default=lasted)))["time"]
    rows = awards.order_by().values(name=F(f"{by}__name"), key=F(by))
    counted = rows.annotate(
        services=Count("pk", filter=Q(value__gt=0)) - Count("pk", filter=Q(value__lt=0)), flags=Sum("value")
    )
    places = [
        Place(row["name"] or _("Without a unit"), row["services"], row["flags"])
        for row in counted
        if row["services"] or row["flags"]
    ]
    hours = round(time.total_seconds() / 3600, 1) if time else 0
    return Served(hours, sorted(places, key=lambda place: (-place.services, -place.flags, place.name)))


def rest_of(places: list[Place]) -> Place | None:
    """All beyond those shown, in one line."""
    left = places[PLACES_SHOWN:]
    if not left:
        return None
    name = ngettext("%(n)s other", "%(n)s others", len(left)) % {"n": len(left)}
    return Place(name, sum(place.services for place in left), sum(place.flags for place in left))


def _standing(unit: Organization, year: int) -> UnitStanding | None:
    """The unit's own line of the report; another unit's path may begin alike."""
    return next((row for row in compliance_summary(unit.path, year) if row.unit_id == unit.pk), None)


def _counted(unit: Organization, year: int) -> list[int]:
    return [p.standing.member_id for p in unit_members(unit, year) if p.standing and not p.retired]


def _categories(standing: UnitStanding | None) -> list[tuple[str, int]]:
    return [(str(c.label), getattr(standing, c.lower()) if standing else 0) for c in Category]


def _unit_words(
    numbers: dict[str, Any], standing: UnitStanding | None, former: UnitStanding | None, awaiting: int
) -> list[str]:
    """The year in plain sentences: nothing in them that is not in the tables."""
    year = numbers["year"]
    if standing is None:
        return [_("%(unit)s had no members in %(year)s.") % numbers]
    words = [
        _("%(unit)s answers for %(members)s members in %(year)s; %(checked_in)s are checked in where they live.")
        % numbers,
        _("Who owe flags: %(owing)s. Met what is asked: %(met)s; did not: %(short)s; exempt: %(exempt)s.") % numbers,
        _("They served %(services)s times, %(hours)s hours together, in %(places)s communities: %(flags)s flags.")
        % numbers,
    ]
    name, flags = max(_categories(standing), key=lambda pair: pair[1])
    if flags > 0:
        words.append(_("Most flags were lit for “%(category)s”: %(n)s.") % {"category": name, "n": flags})
    if former:
        changes = {
            "year": year - 1,
            "flags": Figure("", standing.flags, former.flags).change,
            "services": Figure("", standing.services, former.services).change,
            "met": Figure("", standing.met, former.met).change,
        }
        words.append(
            _("Compared with %(year)s: flags %(flags)s, services %(services)s, members who met it %(met)s.") % changes
        )
    if awaiting:
        words.append(
            ngettext(
                "%(n)s service still awaits its community's confirmation and is not counted.",
                "%(n)s services still await their communities' confirmation and are not counted.",
                awaiting,
            )
            % {"n": awaiting}
        )
    if year == timezone.localdate().year:
        words.append(_("The year is running: these are the figures so far."))
    return words
