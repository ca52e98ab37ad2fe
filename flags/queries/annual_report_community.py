"""A community's year on two printed pages, for its secretary's own report (述职材料): what it published and what came of it."""

from typing import Any

from django.db.models import QuerySet, Sum
from django.db.models.functions import ExtractMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organization
from flags.queries.annual_report import PLACES_SHOWN, AnnualReport, Figure, rest_of, served
from flags.queries.city import CommunityFigures, community_figures
from flags.queries.compliance import deciding_day
from flags.queries.service import Services, awards_with_retirement, services_by_community
from tasks.models import ActivityReport, Shift, Suggestion, Wish
from tasks.models.task import Category

ADOPTED = (Suggestion.Status.ADOPTED, Suggestion.Status.PARTLY_ADOPTED)


def community_year(community: Organization, year: int, *, actor: Actor) -> AnnualReport:
    """A community's year, as its own pages and the city's count it; services of the retired stand apart."""
    today = _today(community, actor, year)
    lit, before = _services(community, year), _services(community, year - 1)
    hours = served(_awards(community, year), by="unit")
    done, done_before = _done(community, year), _done(community, year - 1)
    compared = before.services or before.retired_services or any(done_before.values())
    hours_before = served(_awards(community, year - 1), by="unit").hours
    compare = [
        (_("Shifts held"), done["shifts"], done_before["shifts"]),
        (_("Wishes received"), done["wishes"], done_before["wishes"]),
        (_("Wishes done"), done["wishes_done"], done_before["wishes_done"]),
        (_("Suggestions received"), done["suggestions"], done_before["suggestions"]),
        (_("Suggestions adopted"), done["adopted"], done_before["adopted"]),
        (_("Reports of activities"), done["reports"], done_before["reports"]),
        (_("Services"), lit.services, before.services),
        (_("Flags"), lit.flags, before.flags),
        (_("Hours"), hours.hours, hours_before),
        (_("Services of retired members, apart"), lit.retired_services, before.retired_services),
        (_("Companions whom members brought"), lit.companions, before.companions),
    ]
    numbers: dict[str, Any] = {
        "community": community.name,
        "year": year,
        "members": today.members if today else 0,
        "services": lit.services,
        "flags": lit.flags,
        "hours": f"{hours.hours:g}",
        "units": len(hours.places),
        **done,
    }
    return AnnualReport(
        place=community,
        year=year,
        as_of=deciding_day(year),
        words=_words(numbers, year),
        figures=[
            Figure(_("Members who live here today"), numbers["members"]),
            *(Figure(label, now, then if compared else None) for label, now, then in compare),
        ],
        months=_months(community, year),
        categories=_categories(community, year),
        places_title=_("By work unit"),
        places=hours.places[:PLACES_SHOWN],
        others=rest_of(hours.places),
        waits=[
            (_("Shifts to confirm"), today.unconfirmed if today else 0),
            (_("Wishes to handle"), today.wishes if today else 0),
            (_("Wishes that have waited too long"), today.late if today else 0),
        ],
    )


def _today(community: Organization, actor: Actor, year: int) -> CommunityFigures | None:
    rows = (row for street in community_figures(actor, year) for row in street.communities)
    return next((row for row in rows if row.community.pk == community.pk), None)


def _services(community: Organization, year: int) -> Services:
    return sum(services_by_community((community.path,), year).values(), Services())


def _awards(community: Organization, year: int) -> QuerySet[Any]:
    """What counts as in service: the lines behind the community's services and flags."""
    return awards_with_retirement(year).filter(community__path__startswith=community.path, was_retired=False)


def _months(community: Organization, year: int) -> list[int]:
    months = [0] * 12
    lit = _awards(community, year).order_by().values_list(ExtractMonth("served_on")).annotate(Sum("value"))
    for month, flags in lit:
        months[month - 1] = flags
    return months


def _categories(community: Organization, year: int) -> list[tuple[str, int]]:
    lit = dict(_awards(community, year).order_by().values_list("category").annotate(Sum("value")))
    return [(str(category.label), lit.get(category.value, 0)) for category in Category]


def _done(community: Organization, year: int) -> dict[str, int]:
    """What the community has published, taken in and told of in a year."""
    here = {"community__path__startswith": community.path}
    held = Shift.objects.published_within((community.path,)).filter(by_agreement=False, ends_at__year=year)
    wishes, suggestions = Wish.objects.filter(**here), Suggestion.objects.filter(**here)
    reports = ActivityReport.objects.filter(task__publisher__path__startswith=community.path, published_at__year=year)
    return {
        "shifts": held.filter(ends_at__lte=timezone.now()).exclude(status=Shift.Status.CANCELLED).count(),
        "wishes": wishes.filter(created_at__year=year).count(),
        "wishes_done": wishes.filter(done_at__year=year).count(),
        "suggestions": suggestions.filter(created_at__year=year).count(),
        "adopted": suggestions.filter(decided_at__year=year, status__in=ADOPTED).count(),
        "reports": reports.count(),
    }


def _words(numbers: dict[str, Any], year: int) -> list[str]:
    """The year in plain sentences: nothing in them that is not in the tables."""
    words = [
        _("%(members)s members live in %(community)s today.") % numbers,
        _("In %(year)s it held %(shifts)s shifts and told of %(reports)s activities in words and photos.") % numbers,
        _("Residents sent %(wishes)s wishes; %(wishes_done)s were done.") % numbers,
        _("%(suggestions)s suggestions came in; %(adopted)s were adopted.") % numbers,
        _("Members served %(services)s times, %(hours)s hours together, from %(units)s work units: %(flags)s flags.")
        % numbers,
    ]
    if year == timezone.localdate().year:
        words.append(_("The year is running: these are the figures so far."))
    return words
