"""Last year locked, with one report that was corrected since; of the running year a draft."""

from datetime import date

from django.utils import timezone

from accounts.access import Actor
from accounts.models import Appointment, Exemption, Organization
from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceRow
from flags.models.report import State
from tasks.models import YearRule

WHY = "补登产假：单位上报时漏填。"


def add_reports(city_officer: Appointment, unit: Organization) -> None:
    """In January, before the confirmation deadline has passed, last year is a draft too."""
    actor, today = Actor(user=city_officer.user, appointment=city_officer), timezone.localdate()
    city, last = city_officer.organization, today.year - 1
    drafts = [today.year]
    if YearRule.of(city.path, last).confirm_by < today:
        lock_year(city, last, by=actor)
        _correct_one(unit, last, actor)
    else:
        drafts.append(last)
    for year in drafts:
        build_reports(request_report(city, year, by=actor).pk)


def _correct_one(unit: Organization, year: int, actor: Actor) -> None:
    """A leave of one who fell short was entered too late for the first version."""
    short = ComplianceRow.objects.filter(report__unit=unit, report__year=year, state=State.NOT_MET).first()
    if short is None:
        return
    Exemption.objects.create(
        member=short.member,
        reason=Exemption.Reason.PARENTAL,
        starts_on=date(year, 1, 5),
        ends_on=date(year, 8, 31),
    )
    correct_reports(unit, year, reason=WHY, by=actor)
