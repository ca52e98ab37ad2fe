"""The pages of an import: upload, watch, read what each line would do, say so, take it back."""

import io

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from openpyxl import load_workbook

from accounts.actions.roster_checking import check_roster
from accounts.actions.roster_import import apply_roster_import
from accounts.actions.roster_writing import write_roster
from accounts.forms.roster_import import UploadForm
from accounts.models import RosterEntry, RosterImport
from accounts.refusals import Reason
from tests import sheets
from tests.accounts.rosters import applied, checked, entry, fresh, roster_of, uploaded
from tests.browsing import browser_of, queries_of, screen, sentence
from vanguard.lib.sheet import MOST_BYTES

pytestmark = pytest.mark.django_db
HTMX = {"HTTP_HX_REQUEST": "true"}
Status = RosterImport.Status
NEW = ["张三", "13800000001", "荷风社区", "荷风雅苑一期", "3幢301"]


@pytest.fixture
def client(cast):
    return browser_of(cast.unit_officer)


def page_of(roster_import, name="roster_import"):
    return reverse(name, args=[roster_import.pk])


def send(client, content, name="名册.xlsx"):
    return client.post(reverse("roster_import_new"), {"file": SimpleUploadedFile(name, content)})


# --- uploading ------------------------------------------------------------------------------


def test_the_officer_uploads_a_list_whatever_it_is_called(cast, client):
    response = send(client, sheets.csv(sheets.HEADINGS, NEW), name="名册.xlsx")
    roster_import = RosterImport.objects.get()
    assert response.headers["Location"] == page_of(roster_import)
    assert (roster_import.unit, roster_import.file_name) == (cast.unit, "名册.xlsx")
    check_roster(roster_import.pk)
    assert fresh(roster_import).status == Status.READY


def test_a_file_of_fifty_megabytes_is_refused_by_its_size_before_it_is_read():
    class Unread(SimpleUploadedFile):
        def read(self, *args):
            raise AssertionError("it was read")

    file = Unread("a.xlsx", b"")
    file.size = 50 * 1024 * 1024
    assert UploadForm({}, {"file": file}).errors["file"] == [sentence(Reason.FILE_TOO_BIG, limit=5)]


def test_a_file_just_too_large_is_refused_on_the_page(client):
    page = screen(send(client, b"x" * (MOST_BYTES + 1)))
    assert sentence(Reason.FILE_TOO_BIG, limit=5) in page
    assert not RosterImport.objects.exists()


@pytest.mark.parametrize("data", [{"file": "text"}, {"file": SimpleUploadedFile("a.csv", b"")}])
def test_without_a_file_the_form_says_so(client, data):
    response = client.post(reverse("roster_import_new"), data)
    assert list(response.context["form"].errors) == ["file"]


def test_a_second_list_has_to_wait(cast, client):
    uploaded(cast.unit_officer, NEW)
    assert sentence(Reason.IMPORT_UNDER_WAY) in screen(send(client, b"x"))


def test_lists_of_before_stand_below_the_form(cast, client):
    other = checked(cast.other_unit_officer, NEW)
    own = checked(cast.unit_officer, NEW)
    page = screen(client.get(reverse("roster_import_new")))
    assert page_of(own) in page
    assert page_of(other) not in page


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_the_templates_can_be_filled_in_and_sent_back(cast, client, language):
    client.cookies["django_language"] = language
    book = load_workbook(io.BytesIO(client.get(reverse("roster_template_xlsx")).content))
    book.worksheets[0].append(["张三", "13800000001", "", "荷风社区", "荷风雅苑一期", "3幢301"])
    text = (
        client.get(reverse("roster_template_csv")).content + "张三,13800000001,,荷风社区,荷风雅苑一期,3幢301".encode()
    )
    for content in (sheets.saved(book), text):
        assert checked(cast.unit_officer, content=content).lines.get().kind == "NEW"


# --- watching -------------------------------------------------------------------------------


def test_the_progress_asks_for_itself_until_it_is_done(cast, client):
    roster_import = uploaded(cast.unit_officer, NEW)
    url = page_of(roster_import)
    waiting = client.get(url, **HTMX).content.decode()
    assert f'hx-get="{url}" hx-trigger="every 2s"' in waiting
    assert "<html" not in waiting
    check_roster(roster_import.pk)
    assert client.get(url, **HTMX).headers["HX-Refresh"] == "true"


def test_without_script_a_link_looks_again(cast, client):
    roster_import = uploaded(cast.unit_officer, NEW)
    assert f'href="{page_of(roster_import)}"' in screen(client.get(page_of(roster_import)))
    check_roster(roster_import.pk)
    assert "hx-trigger" not in screen(client.get(page_of(roster_import)))


@pytest.mark.parametrize("status", [Status.RUNNING, Status.APPLYING])
def test_how_far_it_has_come_is_there_when_one_comes_back(cast, client, status):
    roster_import = checked(cast.unit_officer, NEW)
    RosterImport.objects.filter(pk=roster_import.pk).update(status=status, lines_total=5000, lines_done=1500)
    page = screen(client.get(page_of(roster_import)))
    assert "<progress" in page
    assert ('value="1500" max="5000"' in page) == (status == Status.RUNNING)


# --- reading --------------------------------------------------------------------------------


@pytest.fixture
def mixed(cast):
    """A list with a line of every kind."""
    entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "王五", "13800000003")
    entry(cast.unit, "钱七", "13800000005")
    return checked(cast.unit_officer, NEW, ["李四", "13800000002"], ["王五", "13900000003"], ["", "1"])


def test_the_dry_run_shows_wrong_lines_first_with_row_column_and_what_to_do(mixed, client):
    response = client.get(page_of(mixed))
    assert [line.kind for line in response.context["page"]] == ["WRONG", "MISSING", "CHANGED", "NEW", "SAME"]
    page = screen(response)
    for column, words in mixed.lines.get(kind="WRONG").problems:
        assert f"<strong>{column}</strong>: {words}" in page
    assert "13800000003 → 13900000003" in page


@pytest.mark.parametrize("kind", ["WRONG", "MISSING", "CHANGED", "NEW", "SAME"])
def test_the_lines_of_one_kind(mixed, client, kind):
    response = client.get(page_of(mixed), {"kind": kind})
    assert [line.kind for line in response.context["page"]] == [kind]
    assert len(client.get(page_of(mixed), {"kind": "nonsense"}).context["page"]) == 5


def test_with_a_wrong_line_there_is_nothing_to_press_but_a_way_on(mixed, client):
    page = screen(client.get(page_of(mixed)))
    assert page_of(mixed, "roster_import_apply") not in page
    assert page_of(mixed, "roster_import_wrong") in page


def test_the_wrong_lines_are_a_sheet_to_mend_by(cast, client):
    address = "@SUM(1)" + "九" * 60
    roster_import = checked(cast.unit_officer, ["", "13800000001"], ["李四", "13800000002", "", "", address])
    response = client.get(page_of(roster_import, "roster_import_wrong"))
    header, *rows = load_workbook(io.BytesIO(response.content)).active.iter_rows(values_only=True)
    assert list(header[3:]) == sheets.HEADINGS
    assert [row[:2] for row in rows] == [(2, "姓名"), (3, "住址")]
    assert rows[1][7] == f"'{address}"


def test_columns_that_are_not_read_are_named(cast, client):
    content = sheets.csv(["姓名", "手机", "身份证号"], ["张三", "13800000001", "330000199001010001"])
    page = screen(client.get(page_of(checked(cast.unit_officer, content=content))))
    assert "身份证号" in page
    assert "330000199001010001" not in page


def test_what_makes_a_file_unreadable_is_said(cast, client):
    roster_import = checked(cast.unit_officer, content=sheets.PNG)
    page = screen(client.get(page_of(roster_import)))
    assert roster_import.problems[0] in page


def test_what_a_file_says_is_shown_as_text(cast, client):
    content = sheets.csv(["姓名", "手机", "<script>a"], ["<script>alert(1)</script>", "1", ""])
    page = client.get(page_of(checked(cast.unit_officer, content=content))).content
    assert b"<script>a" not in page


# --- saying so ------------------------------------------------------------------------------


def test_the_officer_imports_and_takes_it_back(cast, client):
    entry(cast.unit, "钱七", "13800000005")
    before = roster_of(cast.unit)
    roster_import = checked(cast.unit_officer, NEW)
    assert 'name="remove_missing"' in screen(client.get(page_of(roster_import)))
    client.post(page_of(roster_import, "roster_import_apply"), {"remove_missing": "on"})
    write_roster(roster_import.pk)
    assert [line[0] for line in roster_of(cast.unit)] == ["张三"]
    assert page_of(roster_import, "roster_import_undo") in screen(client.get(page_of(roster_import)))
    client.post(page_of(roster_import, "roster_import_undo"))
    assert roster_of(cast.unit) == before
    assert page_of(roster_import, "roster_import_undo") not in screen(client.get(page_of(roster_import)))


def test_unless_ticked_nobody_is_taken_off(cast, client):
    entry(cast.unit, "钱七", "13800000005")
    roster_import = checked(cast.unit_officer, NEW)
    client.post(page_of(roster_import, "roster_import_apply"))
    write_roster(roster_import.pk)
    assert len(roster_of(cast.unit)) == 2


def test_a_roster_that_has_changed_is_said_and_the_list_checked_again(cast, client):
    roster_import = checked(cast.unit_officer, NEW)
    apply_roster_import(roster_import, remove_missing=False, by=cast.unit_officer)
    client.post(reverse("roster_entry_new"), {"name": "何人", "phone": "13700000000"})
    write_roster(roster_import.pk)
    page = screen(client.get(page_of(roster_import)))
    assert page_of(roster_import, "roster_import_apply") not in page
    assert page_of(roster_import, "roster_import_recheck") in page
    response = client.post(page_of(roster_import, "roster_import_apply"), follow=True)
    assert sentence(Reason.ROSTER_CHANGED) in screen(response)
    client.post(page_of(roster_import, "roster_import_recheck"))
    check_roster(roster_import.pk)
    assert page_of(roster_import, "roster_import_apply") in screen(client.get(page_of(roster_import)))


def test_too_late_to_undo_there_is_no_button_and_a_press_is_refused(cast, client):
    roster_import = applied(cast.unit_officer, NEW)
    client.post(reverse("roster_entry_remove", args=[RosterEntry.objects.get().pk]))
    assert page_of(roster_import, "roster_import_undo") not in screen(client.get(page_of(roster_import)))
    response = client.post(page_of(roster_import, "roster_import_undo"), follow=True)
    assert sentence(Reason.UNDO_TOO_LATE) in screen(response)


def test_a_list_that_changes_nothing_can_only_be_discarded(cast, client):
    entry(cast.unit, "李四", "13800000002")
    roster_import = checked(cast.unit_officer, ["李四", "13800000002"])
    page = screen(client.get(page_of(roster_import)))
    assert page_of(roster_import, "roster_import_apply") not in page
    client.post(page_of(roster_import, "roster_import_discard"))
    assert fresh(roster_import).status == Status.DISCARDED
    again = client.post(page_of(roster_import, "roster_import_discard"), follow=True)
    assert "say error" in screen(again)
    again = client.post(page_of(roster_import, "roster_import_recheck"), follow=True)
    assert "say error" in screen(again)


def test_another_units_list_is_not_found(cast, client):
    other = checked(cast.other_unit_officer, NEW)
    for name in ("apply", "recheck", "undo", "discard"):
        assert client.post(page_of(other, f"roster_import_{name}")).status_code == 404
    assert client.get(page_of(other)).status_code == 404
    assert fresh(other).status == Status.READY


# --- queries --------------------------------------------------------------------------------


def test_the_dry_run_costs_the_same_for_one_line_and_for_hundreds(cast, client):
    few = checked(cast.unit_officer, ["", "1"])
    one = queries_of(client, page_of(few))
    many = checked(cast.unit_officer, *([["", "1"]] * 200))
    assert queries_of(client, page_of(many)) == one
    assert len(client.get(page_of(many)).context["page"]) == 30


def test_the_list_of_lists_costs_the_same_for_one_and_for_thirty(cast, client):
    checked(cast.unit_officer, NEW)
    one = queries_of(client, reverse("roster_import_new"))
    for _ in range(30):
        checked(cast.unit_officer, NEW)
    assert queries_of(client, reverse("roster_import_new")) == one
