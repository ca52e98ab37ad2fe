"""The benchmark of a year, small: its yardstick says what the platform says, and it confirms what it says it confirms."""

from datetime import date, timedelta

import pytest
from django.db import connection

from accounts.models import Exemption, UnitMembership
from accounts.models.member import PastRetirement
from bench import confirming, pages, report
from bench.plain_report import PLAIN, as_plain
from flags.models import ComplianceReport, ComplianceRow, FlagAward
from flags.queries.compliance import compliance_rows
from tests.factories import MemberFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
YEAR = date.today().year - 1


@pytest.mark.skipif(connection.vendor != "postgresql", reason="written for PostgreSQL")
def test_the_plain_statement_answers_the_same_question(cast):
    """Of a retired, an exempt and a merged member, of one who met it, and of one who moved before the year's end."""
    met, moved = cast.member.member, cast.other_member.member
    retired, was_retired, exempt, second = (MemberFactory(unit=cast.unit, community=cast.compound) for _ in range(4))
    for quarter, category in enumerate(["COMMUNITY_ACTIVITY", "MICRO_WISH", "RED_STEWARD", "OTHER"]):
        award(cast, met, date(YEAR, 3 * quarter + 1, 1), category=category)
    line = award(cast, met, date(YEAR, 12, 31), value=2)
    award(cast, met, date(YEAR, 12, 31), value=-2, reverses=line)
    award(cast, met, date(YEAR - 1, 12, 31), value=5)
    award(cast, second, date(YEAR, 6, 30), value=3, category="SUGGESTION")
    type(second).objects.filter(pk=second.pk).update(home=None, merged_into=met)
    type(retired).objects.filter(pk=retired.pk).update(retired_on=date(YEAR, 12, 31))
    PastRetirement.objects.create(member=was_retired, starts_on=date(YEAR, 1, 1), ends_on=date(YEAR + 1, 1, 1))
    first, last = date(YEAR, 1, 10), date(YEAR, 7, 10)
    Exemption.objects.create(member=exempt, reason=Exemption.Reason.values[0], starts_on=first, ends_on=last)
    UnitMembership.objects.filter(member=moved).update(ends_on=date(YEAR, 7, 1))
    UnitMembership.objects.create(member=moved, unit=cast.unit, starts_on=date(YEAR, 7, 1))
    with connection.cursor() as cursor:
        cursor.execute(PLAIN, {"year": YEAR, "minimum": 5, "day": date(YEAR, 12, 31)})
        plain = cursor.fetchall()
    assert [as_plain(standing) for standing in compliance_rows(cast.city.path, YEAR)] == plain
    assert sorted(row[-2] for row in plain) == ["EXEMPT", "MET", "NOT_APPLICABLE", "NOT_APPLICABLE", "NOT_MET"]


def test_what_is_built_are_the_rows_of_the_year(cast):
    report.build(cast.city)
    assert set(ComplianceRow.objects.values_list("member", "report__year")) == {
        (cast.member.member.pk, report.YEAR),
        (cast.other_member.member.pk, report.YEAR),
    }


def test_what_is_forgotten_is_built_as_for_the_first_time(cast):
    report.build(cast.city)
    report.forget_drafts()
    assert not ComplianceReport.objects.exists()
    report.build(cast.city)
    assert ComplianceRow.objects.count() == 2


def test_a_shift_is_confirmed_whole(cast, monkeypatch):
    monkeypatch.setattr(confirming, "MANY", 3)
    MemberFactory.create_batch(2, unit=cast.unit, community=cast.compound)
    seconds, queries = confirming.confirm(confirming.shift_of(3, 1))
    assert FlagAward.objects.count() == 3
    assert seconds > 0
    assert queries > 0


def test_pages_are_opened_by_who_has_them(cast, monkeypatch):
    monkeypatch.setattr(pages, "READERS", 1)
    award(cast, cast.member.member, date(YEAR, 5, 1), value=5)
    award(cast, cast.member.member, date(YEAR, 6, 1), value=2)
    opened = pages.Pages(YEAR)
    for city in report.CITIES:
        opened.meet(city)
        opened.open_all(city)
    assert [line["name"].split(":")[0] for line in opened.figures()] == ["flag wall"] * 2 + ["unit dashboard"] * 2
    assert all(count >= 5 for counts in opened.queries.values() for count in counts)
    assert timedelta(seconds=sum(opened.times["flag wall", "small"])) > timedelta()
