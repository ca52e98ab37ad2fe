"""Asking for a report, watching it being built, reading it, taking it along."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from openpyxl import load_workbook

from accounts.access import Actor
from accounts.models import Exemption, User
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceReport, ReportRun, RowName
from tests.factories import MemberFactory, UnitFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
HTMX = {"HTTP_HX_REQUEST": "true"}


@pytest.fixture(autouse=True)
def summer_2026() -> Iterator[None]:
    with time_machine.travel(NOON, tick=False):
        yield


def browser(actor: Actor) -> Client:
    client = Client()
    client.force_login(actor.user)
    return client


@pytest.fixture
def report(cast) -> ComplianceReport:
    """财政局 in 2025: 张小明 has met the minimum, 李四 has not, 赵六 was ill."""
    award(cast, cast.member.member, date(2025, 2, 1), value=2)
    award(cast, cast.member.member, date(2025, 11, 1), value=3)
    MemberFactory(unit=cast.unit, user__name="李四", number="0000000003")
    ill = MemberFactory(unit=cast.unit, user__name="赵六", number="0000000004")
    Exemption.objects.create(member=ill, reason="ILLNESS", starts_on=date(2025, 1, 1))
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)
    return ComplianceReport.objects.get(unit=cast.unit)


# --- asking -------------------------------------------------------------------------------


def test_an_officer_asks_for_the_own_unit(cast):
    response = browser(cast.unit_officer).post(reverse("report_request"), {"year": "2025", "unit": "JYJ"})
    run = ReportRun.objects.get()
    assert (run.scope, run.year, run.requested_by) == (cast.unit, 2025, cast.unit_officer.user)
    assert response["Location"] == reverse("report_run", args=[run.pk])


@pytest.mark.parametrize(("code", "scope"), [("", "city"), ("JYJ", "other_unit"), (" JYJ ", "other_unit")])
def test_the_city_asks_for_all_units_or_for_one(cast, code, scope):
    browser(cast.city_officer).post(reverse("report_request"), {"year": "2025", "unit": code})
    assert ReportRun.objects.get().scope == getattr(cast, scope)


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"year": "2027", "unit": "CZJ"}, "year"),
        ({"year": "1999", "unit": "CZJ"}, "year"),
        ({"year": "", "unit": "CZJ"}, "year"),
        ({"year": "last year", "unit": "CZJ"}, "year"),
        ({"year": "99999999999999999999", "unit": "CZJ"}, "year"),
        ({"year": "2025", "unit": "NOPE"}, "unit"),
        ({"year": "2025", "unit": "330001"}, "unit"),
        ({"year": "2025", "unit": "A" * 30}, "unit"),
    ],
)
def test_what_cannot_be_built_is_said_and_nothing_typed_is_lost(cast, data, field):
    response = browser(cast.city_officer).post(reverse("report_request"), data)
    assert response.status_code == 200
    assert response.context["form"].errors[field]
    for typed in data.values():
        assert f'value="{typed}"' in response.content.decode() or not typed
    assert not ReportRun.objects.exists()


def test_a_unit_of_another_city_is_unknown(cast):
    UnitFactory(code="ELSEWHERE")
    response = browser(cast.city_officer).post(reverse("report_request"), {"year": "2025", "unit": "ELSEWHERE"})
    assert "unit" in response.context["form"].errors


@pytest.mark.parametrize("role", ["inspector", "secretary", "street_officer", "member"])
def test_other_hats_may_not_ask(cast, role):
    assert browser(getattr(cast, role)).post(reverse("report_request"), {"year": "2025"}).status_code == 403
    assert not ReportRun.objects.exists()


def test_an_inspector_reads_but_sees_no_form(cast, report):
    response = browser(cast.inspector).get(reverse("report_list"))
    assert response.context["form"] is None
    assert len(response.context["page"]) == 2


# --- watching -----------------------------------------------------------------------------


def test_the_progress_asks_for_itself_until_it_is_done(cast):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    client, url = browser(cast.unit_officer), reverse("report_run", args=[run.pk])
    waiting = client.get(url, **HTMX).content.decode()
    assert f'hx-get="{url}" hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    build_reports(run.pk)
    assert "hx-trigger" not in client.get(url, **HTMX).content.decode()


def test_without_script_a_link_looks_again_and_then_the_reports_are_there(cast):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    client, url = browser(cast.unit_officer), reverse("report_run", args=[run.pk])
    assert f'href="{url}"' in client.get(url).content.decode()
    build_reports(run.pk)
    assert reverse("report", args=[ComplianceReport.objects.get().pk]) in client.get(url).content.decode()


def test_a_run_under_way_stands_on_the_list(cast):
    run = request_report(cast.unit, 2025, by=cast.unit_officer)
    assert (
        reverse("report_run", args=[run.pk]) in browser(cast.unit_officer).get(reverse("report_list")).content.decode()
    )


def test_others_do_not_find_the_run(cast):
    of_unit = request_report(cast.unit, 2025, by=cast.unit_officer)
    of_city = request_report(cast.city, 2025, by=cast.city_officer)
    assert browser(cast.other_unit_officer).get(reverse("report_run", args=[of_unit.pk])).status_code == 404
    assert browser(cast.unit_officer).get(reverse("report_run", args=[of_city.pk])).status_code == 404
    assert browser(cast.city_officer).get(reverse("report_run", args=[of_unit.pk])).status_code == 200


# --- reading ------------------------------------------------------------------------------


def test_the_list_counts_who_has_met(cast, report):
    response = browser(cast.unit_officer).get(reverse("report_list"))
    assert list(response.context["page"]) == [report]
    counts = response.context["counts"][report.pk]
    assert counts == {"report": report.pk, "all": 3, "MET": 1, "NOT_MET": 1, "EXEMPT": 1, "NOT_APPLICABLE": 0}


@pytest.mark.parametrize(
    ("state", "numbers"),
    [
        ("", ["0000000001", "0000000003", "0000000004"]),
        ("MET", ["0000000001"]),
        ("NOT_MET", ["0000000003"]),
        ("EXEMPT", ["0000000004"]),
        ("NOT_APPLICABLE", []),
        ("nonsense", ["0000000001", "0000000003", "0000000004"]),
    ],
)
def test_lines_of_one_state(cast, report, state, numbers):
    response = browser(cast.unit_officer).get(reverse("report", args=[report.pk]), {"state": state})
    assert [row.member_number for row in response.context["page"]] == numbers


def test_each_line_leads_down_to_the_members_awards(cast, report):
    client = browser(cast.unit_officer)
    link = reverse("unit_member", args=["0000000001"]) + "?year=2025"
    assert link in client.get(reverse("report", args=[report.pk])).content.decode()
    assert [award.value for award in client.get(link).context["page"]] == [3, 2]


def test_an_erased_name_leaves_the_figures(cast, report):
    RowName.objects.filter(row__member_number="0000000001").delete()
    client = browser(cast.unit_officer)
    for name in ("report", "report_csv", "report_xlsx"):
        assert client.get(reverse(name, args=[report.pk])).status_code == 200
    assert "张小明" not in client.get(reverse("report", args=[report.pk])).content.decode()


def test_others_do_not_find_the_report(cast, report):
    for name in ("report", "report_csv", "report_xlsx"):
        url = reverse(name, args=[report.pk])
        assert browser(cast.other_unit_officer).get(url).status_code == 404
        assert browser(cast.secretary).get(url).status_code == 403
        assert browser(cast.inspector).get(url).status_code == 200


# --- taking it along ----------------------------------------------------------------------

FIRST = ["CZJ", "青澜市财政局", 2025, "", 1, "0000000001", "张小明", 5, 2, 2, 0, 0, 3, 5, 0, 0, 0, 0, 0, 0, 5]


def test_csv_opens_in_excel(cast, report):
    response = browser(cast.unit_officer).get(reverse("report_csv", args=[report.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="report-2025-czj.csv"'
    text = response.content.decode()
    assert text.startswith("\ufeff")
    header, first, *rest = csv.reader(io.StringIO(text.removeprefix("\ufeff")))
    assert first[:-2] == [str(cell) for cell in FIRST]
    assert (len(header), len(rest)) == (len(first), 2)


def test_xlsx_keeps_numbers_numbers_and_member_numbers_text(cast, report):
    response = browser(cast.unit_officer).get(reverse("report_xlsx", args=[report.pk]))
    assert response["Content-Disposition"] == 'attachment; filename="report-2025-czj.xlsx"'
    _header, first, *rest = load_workbook(io.BytesIO(response.content)).active.values
    assert [cell or "" if cell is None else cell for cell in first[:-2]] == FIRST
    assert len(rest) == 2


def test_a_name_that_looks_like_a_formula_stays_text(cast):
    User.objects.filter(pk=cast.member.user.pk).update(name='=HYPERLINK("http://x")')
    build_reports(request_report(cast.unit, 2025, by=cast.unit_officer).pk)
    response = browser(cast.unit_officer).get(reverse("report_csv", args=[ComplianceReport.objects.get().pk]))
    assert "'=HYPERLINK" in response.content.decode()


# --- queries ------------------------------------------------------------------------------


def test_as_many_queries_for_three_lines_as_for_thirty(cast, report, django_assert_num_queries):
    client = browser(cast.city_officer)
    pages = [(reverse("report", args=[report.pk]), 10), (reverse("report_list"), 9)]
    for url, number in pages:
        client.get(url)
        with django_assert_num_queries(number):
            client.get(url)
    for _ in range(30):
        MemberFactory(unit=cast.unit)
        MemberFactory(unit=UnitFactory(parent=cast.city))
    build_reports(request_report(cast.city, 2025, by=cast.city_officer).pk)
    for url, number in pages:
        with django_assert_num_queries(number):
            assert len(client.get(url).context["page"]) == 30
