"""A year of reports on the screen: locking, correcting, what changed, taking it along, and on paper."""

import csv
import io
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import translation
from openpyxl import load_workbook

from accounts.models import Exemption, UnitMembership
from flags.actions.correction import correct_reports
from flags.actions.lock import lock_year
from flags.actions.report import build_reports, request_report
from flags.models import ComplianceReport, RowName
from flags.refusals import Reason
from flags.views import report as report_views
from tests.browsing import in_english, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.flags.ledger import award
from tests.paper import pages_of
from vanguard.lib import guards
from vanguard.lib.printing import CannotPrint, pdf_of

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
YEAR, LOCK, CORRECT = (f"/reports/years/2025/{path}" for path in ("", "lock/", "correct/"))


@pytest.fixture(autouse=True)
def february() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(datetime(2026, 2, 1, 9, tzinfo=SHANGHAI), tick=False) as traveller:
        yield traveller


@pytest.fixture
def locked(cast) -> ComplianceReport:
    award(cast, cast.member.member, date(2025, 5, 1), value=4)
    lock_year(cast.city, 2025, by=cast.city_officer)
    return ComplianceReport.objects.get(unit=cast.unit)


def page_of(report: ComplianceReport) -> str:
    return reverse("report", args=[report.pk])


# --- locking --------------------------------------------------------------------------------


def test_what_is_unconfirmed_is_shown_before_the_city_locks(cast):
    ended = datetime(2025, 12, 20, 12, tzinfo=SHANGHAI)
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community), starts_at=ended - timedelta(hours=2), ends_at=ended
    )
    ClaimFactory(shift=shift, member=cast.member.member)
    browser = in_english(cast.city_officer)
    page = screen(browser.get(YEAR))
    assert "1 service is still unconfirmed" in page
    assert f'action="{LOCK}"' in page
    answer = browser.post(LOCK, follow=True)
    assert "2025 is locked." in screen(answer)
    assert f'href="{CORRECT}"' in screen(answer)
    assert ComplianceReport.objects.filter(status="LOCKED").count() == 2


def test_before_the_deadline_the_page_says_when_and_a_tap_changes_nothing(cast, february):
    february.move_to(datetime(2026, 1, 31, 23, 59, tzinfo=SHANGHAI))
    browser = in_english(cast.city_officer)
    page = screen(browser.get(YEAR))
    with translation.override("en"):
        words = sentence(Reason.DEADLINE_TO_COME, year=2025, day="2026-01-31")
    assert words in page
    assert f'action="{LOCK}"' not in page
    assert words in screen(browser.post(LOCK, follow=True))
    assert not ComplianceReport.objects.exists()


@pytest.mark.parametrize("path", ["2027/", "0/", "2026/correct/"])
def test_a_year_to_come_and_a_correction_of_an_open_one_have_no_page(cast, path):
    assert in_english(cast.city_officer).get(f"/reports/years/{path}").status_code == 404


def test_a_unit_sees_its_own_and_no_way_to_lock(cast, locked):
    page = screen(in_english(cast.unit_officer).get(YEAR))
    assert f'href="{page_of(locked)}"' in page
    assert "青澜市教育局" not in page
    assert CORRECT not in page
    assert in_english(cast.unit_officer).post(LOCK).status_code == 403


# --- correcting -----------------------------------------------------------------------------


def test_the_city_sees_who_changed_and_makes_the_next_version(cast, locked):
    award(cast, cast.member.member, date(2025, 12, 31))
    browser = in_english(cast.city_officer)
    page = screen(browser.get(CORRECT))
    assert "In 1 unit the ledger says something else" in page
    assert "张小明" in page
    assert "4 → 5" in page
    assert "Not met → Met" in page
    assert "Why?" in screen(browser.post(CORRECT, {"reason": ""}))
    assert "没有" in screen(browser.post(CORRECT, {"reason": "没有", "unit": "NOWHERE"})), "what was typed stays"
    assert browser.post(CORRECT, {"reason": "补记一次服务", "unit": "CZJ"}).status_code == 302
    version = ComplianceReport.objects.get(unit=cast.unit, status="LOCKED")
    shown = screen(in_english(cast.unit_officer).get(page_of(version)))
    for words in (version.number, locked.number, "补记一次服务", "4 → 5", "The digest agrees with the lines."):
        assert words in shown
    assert version.digest.upper() in shown
    again = screen(browser.post(CORRECT, {"reason": "再来一次"}))
    assert "There is nothing to correct." in again
    assert "so there is nothing to correct" in again


def test_the_former_version_stays_readable_and_out_of_the_lists(cast, locked):
    award(cast, cast.member.member, date(2025, 12, 31))
    correct_reports(cast.city, 2025, reason="补记", by=cast.city_officer)
    browser = in_english(cast.unit_officer)
    assert "1 flag is missing." in screen(browser.get(page_of(locked)))
    for url in (YEAR, reverse("report_list")):
        assert page_of(locked) not in screen(browser.get(url))


def test_lines_that_were_changed_past_the_guards_are_reported(cast, locked):
    with guards.lifted():
        locked.rows.update(state="MET")
    assert "The digest does not agree" in screen(in_english(cast.inspector).get(page_of(locked)))


def test_the_way_down_from_a_locked_line_of_who_has_left_since(cast, locked):
    member = cast.member.member
    UnitMembership.objects.filter(member=member).update(ends_on=date(2026, 1, 10))
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=date(2026, 1, 10))
    link = f"/unit/members/{member.number}/?year=2025"
    browser = in_english(cast.unit_officer)
    assert link in screen(browser.get(page_of(locked)))
    page = screen(browser.get(link))
    assert locked.number in page
    assert "4 ⚑" in page
    UnitMembership.objects.filter(member=member, unit=cast.unit).update(ends_on=date(2025, 12, 1))
    page = screen(browser.get(link))
    assert locked.number in page, "the locked report has them still, wherever they stand by now"
    assert "/units/JYJ/" not in page


# --- in words, and at risk ------------------------------------------------------------------


def test_every_state_has_its_reason_in_words(cast, locked, february):
    ill, retired, done = (MemberFactory(unit=cast.unit) for _ in range(3))
    Exemption.objects.create(member=ill, reason="PARENTAL", starts_on=date(2025, 1, 1), ends_on=date(2025, 8, 20))
    type(retired).objects.filter(pk=retired.pk).update(retired_on=date(2025, 6, 1))
    award(cast, done, date(2025, 5, 1), value=5)
    [version, *_] = correct_reports(cast.unit, 2025, reason="补录名册", by=cast.city_officer)
    page = screen(in_english(cast.unit_officer).get(page_of(version)))
    for words in ("1 flag is missing.", "Retired: owes no flags.", "5 of 5 flags."):
        assert words in page
    assert "Exempt for 8 months · Parental leave" in page


def test_a_running_draft_shows_who_is_at_risk_and_by_how_much(cast, february):
    february.move_to(datetime(2026, 10, 1, 9, tzinfo=SHANGHAI))
    award(cast, cast.member.member, date(2026, 3, 1), value=3)
    on_time = MemberFactory(unit=cast.unit, user__name="李四")
    award(cast, on_time, date(2026, 3, 1), value=4)
    ended = datetime(2026, 9, 20, 12, tzinfo=SHANGHAI)
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community), starts_at=ended - timedelta(hours=2), ends_at=ended
    )
    ClaimFactory(shift=shift, member=cast.member.member)
    build_reports(request_report(cast.unit, 2026, by=cast.unit_officer).pk)
    page = screen(in_english(cast.unit_officer).get(page_of(ComplianceReport.objects.get()) + "?state=RISK"))
    assert "张小明" in page
    assert "李四" not in page
    assert "2 flags are missing." in page
    assert "1 service awaits confirmation." in page
    assert "14 weeks are left in 2026." in page
    dashboard = screen(in_english(cast.unit_officer).get("/unit/?only=risk"))
    assert "2 more needed" in dashboard
    assert "14 weeks are left in 2026." in dashboard


# --- taking it along ------------------------------------------------------------------------


def test_the_city_takes_all_units_along_and_a_unit_its_own(cast, locked):
    url = reverse("report_year_csv", args=[2025])
    text = in_english(cast.city_officer).get(url).content.decode()
    assert text.startswith("\ufeff")
    rows = list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))
    assert [row["Work unit"] for row in rows] == ["青澜市财政局", "青澜市教育局"]
    assert (rows[0]["Number of the report"], rows[0]["State"]) == (locked.number, "Not met")
    assert rows[0]["Why"] == "1 flag is missing."
    assert len(in_english(cast.unit_officer).get(url).content.splitlines()) == 2
    body = in_english(cast.city_officer).get(reverse("report_year_xlsx", args=[2025])).content
    sheet = load_workbook(io.BytesIO(body)).active
    assert (sheet.freeze_panes, sheet.auto_filter.ref) == ("A2", sheet.dimensions)
    assert [type(cell) for cell in list(sheet.values)[1][:8]] == [str, str, int, str, int, str, str, int]


def fresh(report: ComplianceReport) -> ComplianceReport:
    return ComplianceReport.objects.select_related("unit").get(pk=report.pk)


@pytest.mark.paper
def test_on_paper_it_has_unit_number_digest_and_pages_in_chinese(cast, locked):
    RowName.objects.filter(row__report=locked).update(text="欧阳晓明")
    with translation.override("zh-hans"):
        context = report_views._on_paper(locked) | {"page_words": ["第 ", " / ", " 页"]}
        words = "".join(pages_of(pdf_of("flags/report/print.html", context)))
    for part in ("青澜市财政局", locked.number, locked.digest.upper(), "欧阳晓明", "0000000001", "第1/1页"):
        assert part in words
    response = in_english(cast.unit_officer).get(reverse("report_pdf", args=[locked.pk]))
    assert response.content.startswith(b"%PDF-")
    assert f'filename="report-{locked.number.lower()}.pdf"' in response["Content-Disposition"]


@pytest.mark.paper
def test_signs_in_a_units_name_are_printed_as_they_are_on_the_edge_of_every_page(cast, locked):
    type(cast.unit).objects.filter(pk=cast.unit.pk).update(name='甲&乙"丙\\丁局')
    words = "".join(pages_of(pdf_of("flags/report/print.html", report_views._on_paper(fresh(locked)))))
    assert words.count('甲&乙"丙\\丁局') == 2, "in the heading, and below"


def test_where_no_pdf_can_be_made_the_page_is_there_to_be_printed(cast, locked, monkeypatch):
    def cannot(*args):
        raise CannotPrint

    monkeypatch.setattr(report_views, "pdf_of", cannot)
    answer = in_english(cast.unit_officer).get(reverse("report_pdf", args=[locked.pk]), follow=True)
    assert answer.redirect_chain[0][0] == page_of(locked)
    assert "Print this page from your browser instead." in screen(answer)


def test_as_many_queries_for_thirty_members_as_for_one(cast, locked):
    urls = [YEAR, CORRECT, page_of(locked)]
    browser = in_english(cast.city_officer)
    before = [queries_of(browser, url) for url in urls]
    for _ in range(30):
        MemberFactory(unit=cast.unit)
    [version] = correct_reports(cast.city, 2025, reason="补录", by=cast.city_officer)
    assert [queries_of(browser, url) for url in urls] == before
    assert queries_of(browser, page_of(version)) <= 15
    assert max(before) <= 15
