"""`manage.py compliance_report`: the interface that others read the year from."""

import csv
import io
import json
from collections.abc import Iterator
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.management import CommandError, call_command

from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year
from flags.models import ComplianceRow
from tasks.models import YearRule
from tests.factories import MemberFactory, OrganizationFactory, UnitFactory
from tests.flags.ledger import award
from vanguard.lib import guards

pytestmark = pytest.mark.django_db
COLUMNS = ["unit_code", "member_number", "name", "flags", "required", "state"]


@pytest.fixture(autouse=True)
def summer_2026() -> Iterator[None]:
    with time_machine.travel(datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        yield


def printed(**options: Any) -> str:
    out = io.StringIO()
    call_command("compliance_report", stdout=out, **options)
    return out.getvalue()


def test_json_is_one_array_of_objects(cast):
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    text = printed(year=2025, format="json")
    assert "张小明" in text
    rows = json.loads(text)
    assert rows == [
        {
            "unit_code": "CZJ",
            "member_number": "0000000001",
            "name": "张小明",
            "flags": 5,
            "required": 5,
            "state": "met",
        },
        {
            "unit_code": "JYJ",
            "member_number": "0000000002",
            "name": "王芳",
            "flags": 0,
            "required": 5,
            "state": "not_met",
        },
    ]
    assert [list(row) for row in rows] == [COLUMNS, COLUMNS]


def test_csv_has_a_header_and_no_byte_order_mark(cast):
    MemberFactory(unit=cast.unit, number="0000000009", user__name="李四", retired_on=date(2024, 1, 1))
    text = printed(year=2025, format="csv", unit="CZJ")
    assert text.startswith("unit_code,")
    header, *rows = csv.reader(io.StringIO(text))
    assert header == COLUMNS
    assert rows == [
        ["CZJ", "0000000001", "张小明", "0", "5", "not_met"],
        ["CZJ", "0000000009", "李四", "0", "0", "not_applicable"],
    ]


def test_each_city_by_its_own_rule(cast):
    elsewhere = UnitFactory(parent=OrganizationFactory(code="QS"), code="ZZB")
    MemberFactory(unit=elsewhere)
    YearRule.objects.create(city=elsewhere.parent, year=2025, minimum=2)
    rows = json.loads(printed(year=2025, format="json"))
    assert [(row["unit_code"], row["required"]) for row in rows] == [("CZJ", 5), ("JYJ", 5), ("ZZB", 2)]


def test_locked_it_prints_what_was_locked_whatever_the_ledger_says_by_now(cast):
    lock_year(cast.city, 2025, by=cast.city_officer)
    before = printed(year=2025, locked=True)
    assert before == printed(year=2025)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    assert printed(year=2025, locked=True) == before
    correct_reports(cast.city, 2025, reason="补记", by=cast.city_officer)
    assert json.loads(printed(year=2025, locked=True, unit="CZJ", format="json"))[0]["state"] == "met"


def test_verify_says_of_every_version_whether_its_digest_agrees(cast):
    lock_year(cast.city, 2025, by=cast.city_officer)
    award(cast, cast.member.member, date(2025, 5, 1), value=5)
    correct_reports(cast.city, 2025, reason="补记", by=cast.city_officer)
    said = [line.split() for line in printed(year=2025, verify=True).splitlines()]
    assert [(status, verdict) for _number, status, _digest, verdict in said] == [
        ("superseded", "agrees"),
        ("locked", "agrees"),
        ("locked", "agrees"),
    ]
    with guards.lifted():
        ComplianceRow.objects.filter(report__version=2).update(services=9)
    with pytest.raises(CommandError, match="1 of 3"):
        printed(year=2025, verify=True)


@pytest.mark.parametrize("option", ["locked", "verify"])
def test_of_a_year_that_is_not_locked_there_is_no_locked_report(cast, option):
    with pytest.raises(CommandError, match="2025"):
        printed(year=2025, **{option: True})


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"year": 2025, "unit": "NOPE"}, "NOPE"),
        ({"year": 2025, "unit": "330001"}, "330001"),
        ({"year": 2027}, "2027"),
        ({"year": 99999}, "99999"),
        ({"year": 1999}, "1999"),
        ({"year": 0}, "0"),
        ({"year": -2025, "unit": "CZJ"}, "-2025"),
    ],
)
def test_it_says_what_is_wrong_and_prints_nothing(cast, options, words):
    out = io.StringIO()
    with pytest.raises(CommandError) as error:
        call_command("compliance_report", format="json", stdout=out, **options)
    assert words in str(error.value)
    assert out.getvalue() == ""


def test_a_city_before_its_first_member_has_no_data(db):
    with pytest.raises(CommandError, match="2019"):  # the cast's members joined their units in 2020
        call_command("compliance_report", year=2019, format="csv", stdout=io.StringIO())
