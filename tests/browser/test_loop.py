"""The main loop, each step as its user: task, check-in, claim, confirmation, flag, yearly report.

Against PostgreSQL, Redis, gunicorn, a Celery worker and beat. By what people see and tap, on a phone; the steps are
one story and run in this order.
"""

import csv
import io
import json
import re
from datetime import timedelta
from urllib.request import urlopen

import psycopg
import pytest
from django.utils import timezone
from environ import Env
from openpyxl import load_workbook
from playwright.sync_api import Page, expect

from tests.browser.steps import card, fill_shift, in_days, link, main_button, tab, turn_to

pytestmark = [pytest.mark.browser, pytest.mark.stack]

COMMUNITY, UNIT = "荷风社区", "青澜市财政局"
NEWCOMER, NEWCOMER_PHONE, PASSWORD = "许新来", "10099990002", "a long walk home"
RETURNED = "请写楼号"
HALF_DAYS = "社区疫情防控值守"


def test_0_every_part_of_the_stack_is_well(running):
    with urlopen(f"{running.url}/healthz") as response:
        assert response.status == 200
        assert json.load(response) == {"web": "ok", "database": "ok", "cache": "ok", "worker": "ok"}


def test_1_a_visitor_finds_the_community_by_its_name(visit, story):
    page = visit("visitor")
    page.goto("/")
    link(page, "/c/").click()
    page.locator("main a", has_text=COMMUNITY).click()
    story.community = re.search(r"/c/(\w+)/$", page.url)[1]


def test_2_the_secretary_publishes_a_task_of_two_shifts(visit, story):
    page = visit("secretary")
    tab(page, "/tasks/").click()
    link(page, "/tasks/new/").click()
    told = {"title": HALF_DAYS, "content": "在社区门口值守。", "place": "社区办公室", "served": "全体居民"}
    for name, value in told.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=category]").select_option("COMMUNITY_ACTIVITY")
    fill_shift(page, 0, day=in_days(2), starts="08:00", ends="12:00", capacity=7)
    fill_shift(page, 1, day=in_days(2), starts="13:00", ends="17:00", capacity=7)
    page.locator("[name=volunteering]").check()
    main_button(page).click()
    page.wait_for_url(re.compile(r"/tasks/\d+/$"))
    expect(page.locator("article.card")).to_have_count(2)
    story.task = int(re.search(r"/tasks/(\d+)/$", page.url)[1])


def test_3_a_newcomer_comes_from_the_poster_and_checks_in_with_one_form(running, visit, story):
    page = visit("newcomer")
    page.goto(f"/c/{story.community}/poster/")
    expect(page.locator(".poster-code")).to_contain_text(story.community)
    address = page.locator(".poster-address").inner_text()
    assert f"http://{address}" == f"{running.url}/c/{story.community}/"
    page.goto(f"http://{address}")
    link(page, f"/c/{story.community}/check-in/").click()
    for name, value in {"name": NEWCOMER, "phone": NEWCOMER_PHONE, "password1": PASSWORD, "address": "501"}.items():
        page.locator(f"[name={name}]").fill(value)
    page.locator("[name=unit]").select_option(label=UNIT)
    page.locator("[name=compound]").select_option(index=1)
    page.locator("main details summary").click()
    page.locator("[name=skills]").first.check()
    page.locator("[name=free_times]").last.check()
    page.locator("[name=consent]").check()
    main_button(page).click()
    page.wait_for_url("**/check-in/")
    expect(card(page, COMMUNITY)).to_be_visible()


def test_3_the_secretary_returns_it_and_the_newcomer_mends_it_without_typing_it_again(visit):
    secretary = visit("secretary")
    tab(secretary, "/").click()
    link(secretary, "/check-ins/").click()
    turn_to(secretary, card(secretary, NEWCOMER)).locator("a.button").click()
    secretary.locator("[name=reason]").fill(RETURNED)
    main_button(secretary).click()
    expect(secretary.locator(".say.success")).to_contain_text(NEWCOMER)

    page = visit("newcomer")
    tab(page, "/notices/").click()
    card(page, RETURNED).locator("button").click()
    page.wait_for_url("**/check-in/")
    link(page, "/c/").click()
    expect(page.locator("main .say.warning")).to_contain_text(RETURNED)
    expect(page.locator("[name=unit] option:checked")).to_have_text(UNIT)
    expect(page.locator("[name=phone]")).to_have_value(NEWCOMER_PHONE)
    expect(page.locator("[name=skills]").first).to_be_checked()
    page.locator("[name=address]").fill("5 栋 501")
    page.locator("[name=consent]").check()
    main_button(page).click()
    page.wait_for_url("**/check-in/")


def test_3_the_secretary_approves_and_the_newcomer_keeps_the_receipt(visit):
    secretary = visit("secretary")
    tab(secretary, "/").click()
    link(secretary, "/check-ins/").click()
    mended = turn_to(secretary, card(secretary, NEWCOMER))
    expect(mended).to_contain_text("5 栋 501")
    mended.locator("button").click()
    expect(secretary.locator(".say.success")).to_contain_text(NEWCOMER)

    page = visit("newcomer")
    tab(page, "/notices/").click()
    card(page, COMMUNITY).first.locator("button").click()
    page.wait_for_url("**/check-in/receipt/")
    for words in (NEWCOMER, UNIT, COMMUNITY, "5 栋 501"):
        expect(page.locator(".receipt")).to_contain_text(words)


def test_3_the_unit_is_told_and_the_community_sees_that_it_was_read(visit):
    officer = visit("officer")
    tab(officer, "/notices/").click()
    card(officer, COMMUNITY).first.locator("button").click()
    page_of_news = card(officer, NEWCOMER)
    expect(page_of_news).to_be_visible()
    main_button(officer).click()
    expect(officer.locator(".say.success")).to_be_visible()

    secretary = visit("secretary")
    secretary.goto("/check-ins/reviewed/")
    expect(card(secretary, NEWCOMER)).to_contain_text(UNIT)
    expect(card(secretary, NEWCOMER)).to_contain_text("钱文博")


def test_4_the_member_claims_in_one_tap_withdraws_and_claims_again(visit):
    page = visit("newcomer")
    tab(page, "/tasks/").click()
    page.locator("[name=q]").fill(HALF_DAYS)
    page.locator("[name=q]").press("Enter")
    expect(card(page, HALF_DAYS)).to_have_count(2)
    card(page, HALF_DAYS).first.get_by_role("button").click()
    page.wait_for_url("**/shifts/*/")
    page.locator("main a[href$='/withdraw/']").click()
    main_button(page).click()
    page.wait_for_url("**/claims/")
    expect(card(page, HALF_DAYS)).to_have_count(0)

    link(page, "/tasks/").click()
    page.locator("[name=q]").fill(HALF_DAYS)
    page.locator("[name=q]").press("Enter")
    card(page, HALF_DAYS).first.get_by_role("button").click()
    page.wait_for_url("**/shifts/*/")
    expect(page.locator("main .say.success")).to_be_visible()
    page.goto("/claims/")
    expect(card(page, HALF_DAYS)).to_have_count(1)


def let_shift_be_over(database: str, task: int) -> None:
    """Move the morning's shift, and what its claims remember of it, to just now.

    The only step that no page can take: nobody but time ends a shift, and the servers have the machine's clock.
    """
    at = Env.db_url_config(database)
    with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]) as connection:
        shift, duration = connection.execute(
            "SELECT id, ends_at - starts_at FROM tasks_shift WHERE task_id = %s ORDER BY starts_at LIMIT 1", [task]
        ).fetchone()
        end = timezone.now() - timedelta(minutes=1)
        for table, column in (("tasks_claim", "shift_id"), ("tasks_shift", "id")):
            connection.execute(
                f"UPDATE {table} SET starts_at = %s, ends_at = %s WHERE {column} = %s", [end - duration, end, shift]
            )


def test_5_the_secretary_confirms_and_the_flag_is_lit(running, visit, story):
    let_shift_be_over(running.database, story.task)
    secretary = visit("secretary")
    tab(secretary, "/confirm/").click()
    turn_to(secretary, secretary.locator("main a", has_text=HALF_DAYS)).click()
    expect(secretary.locator("main")).to_contain_text(NEWCOMER)
    main_button(secretary).click()
    expect(secretary.locator(".say.success:visible")).to_be_visible()

    page = visit("newcomer")
    tab(page, "/flags/").click()
    expect(card(page, HALF_DAYS).locator(".lit")).to_have_count(1)


def test_6_the_unit_officer_sees_the_member_and_the_flag(visit):
    page = visit("officer")
    tab(page, "/unit/").click()
    page.locator("[name=q]").fill(NEWCOMER)
    page.locator("[name=q]").press("Enter")
    row = page.locator("tbody tr", has_text=NEWCOMER)
    expect(row).to_contain_text(COMMUNITY)
    expect(row).to_contain_text("1 / 5")
    row.get_by_role("link").click()
    expect(page.locator("main li", has_text=HALF_DAYS)).to_be_visible()


def test_7_a_worker_builds_the_report_and_the_officer_reads_and_downloads_it(visit):
    page = visit("officer")
    tab(page, "/reports/").click()
    page.locator("main form button").click()
    page.wait_for_url("**/reports/runs/*/")
    # The page asks by itself how far it has come, and offers the reports when the worker is done.
    page.locator("#progress a.button, main ul.rows a").first.wait_for(timeout=60_000)
    page.reload()
    page.locator("main ul.rows a", has_text=UNIT).click()
    expect(page.locator("h1")).to_contain_text(UNIT)

    lines = list(csv.reader(io.StringIO(download(page, "report.csv").decode("utf-8-sig"))))
    sheet = load_workbook(io.BytesIO(download(page, "report.xlsx"))).active
    cells = [list(row) for row in sheet.iter_rows(values_only=True)]
    assert [["" if cell is None else str(cell) for cell in row] for row in cells] == lines
    assert [row[7:9] for row in cells if row[6] == NEWCOMER] == [[1, 1]]  # one flag, one service


def download(page: Page, name: str) -> bytes:
    with page.expect_download() as download:
        page.locator(f"main a[href$='{name}']").click()
    assert download.value.suggested_filename.endswith(name.rpartition(".")[2])
    return download.value.path().read_bytes()


def test_8_the_administrator_finds_the_award_and_cannot_change_it(visit):
    page = visit("admin")
    page.goto("/admin/")
    page.locator("#content-main a[href='/admin/flags/flagaward/']").first.click()
    page.locator("#searchbar").fill(NEWCOMER)
    page.locator("#searchbar").press("Enter")
    page.locator("#result_list tbody th a").click()
    expect(page.locator("#content")).to_contain_text(NEWCOMER)
    expect(page.locator("#content form :is(input, select, textarea):not([type=hidden])")).to_have_count(0)
    token = next(cookie["value"] for cookie in page.context.cookies() if cookie["name"] == "csrftoken")
    answer = page.request.post(page.url, form={"value": "3", "csrfmiddlewaretoken": token})
    assert answer.status == 403
