"""Locking a city's year: its reports are built once more, numbered, digested, and stay as they are (domain rule 8)."""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Case, CharField, Value, When
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move_all, record
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice, Organization, Role
from accounts.queries.appointment import people_of
from flags.actions.report import build_drafts, require_data, require_unlocked
from flags.models import ComplianceReport
from flags.queries.digest import digests
from flags.refusals import Reason
from tasks.models import YearRule
from vanguard.lib.refused import Refused


@transaction.atomic
def lock_year(city: Organization, year: int, *, by: Actor) -> list[ComplianceReport]:
    """Lock the reports of all units of a city for a year that is over (domain rules 7 and 8).

    They are built anew from the ledger first. One transaction: a city's year is locked as a whole or not at all, and
    whoever sets its rule at the same moment waits. Each unit's officers are told. Refused: a year that is not over,
    whose confirmation deadline has not passed, without members, or locked already.
    """
    by.require(Ability.LOCK_YEAR, city)
    (city,) = Organization.objects.for_change(city)
    require_lockable(city, year)
    units = list(Organization.objects.within(city.path).units().order_by("pk"))
    reports = lock_drafts(city, build_drafts(city.path, year, units), by=by)
    record(city, "year locked", by=by, new=str(year))
    tell_units(reports, Notice.Kind.REPORT_LOCKED, by=by)
    return reports


def require_lockable(city: Organization, year: int) -> None:
    """Refuse what `lock_year` refuses, before anything is written."""
    today = timezone.localdate()
    if year >= today.year:
        raise Refused(Reason.YEAR_NOT_OVER, year=year)
    require_data(city.path, year)
    require_unlocked(city.path, year)
    confirm_by = YearRule.of(city.path, year).confirm_by
    if confirm_by >= today:
        raise Refused(Reason.DEADLINE_TO_COME, year=year, day=confirm_by.isoformat())


def lock_drafts(city: Organization, drafts: Iterable[int], *, by: Actor) -> list[ComplianceReport]:
    """Number drafts, write the digests of their lines and lock them; in a fixed number of statements."""
    rows = list(ComplianceReport.objects.filter(pk__in=drafts).order_by("unit"))
    numbers = {row.pk: number_of(city, row) for row in rows}
    locked = move_all(
        ComplianceReport.objects.filter(pk__in=numbers),
        ComplianceReport.Status.LOCKED,
        by=by,
        number=_each(numbers),
        digest=_each(digests(numbers)),
        locked_at=timezone.now(),
        locked_by=by.user,
        locked_as=by.appointment,
    )
    return list(ComplianceReport.objects.filter(pk__in=locked).select_related("unit").order_by("unit"))


def number_of(city: Organization, report: ComplianceReport) -> str:
    """City's code, year, the unit's key and the version. The key, because a code may be changed and given anew."""
    return f"{city.code}-{report.year}-{report.unit_id:04d}-{report.version}"


def tell_units(reports: list[ComplianceReport], kind: Notice.Kind, *, by: Actor, **params: str) -> None:
    """Tell each unit's officers of its report, with its number."""
    units = [report.unit_id for report in reports]
    officers = people_of(units, roles=[Role.UNIT_OFFICER], day=timezone.localdate())
    write_notices(
        notice_to(
            user,
            kind,
            link=reverse("report", args=[report.pk]),
            year=report.year,
            unit=report.unit,
            number=report.number,
            **params,
        )
        for report in reports
        for user in officers.get(report.unit_id, [])
        if user != by.user
    )


def _each(values: dict[int, str]) -> Case:
    return Case(*(When(pk=key, then=Value(value)) for key, value in values.items()), output_field=CharField())
