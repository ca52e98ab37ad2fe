"""One place and three phones at once: publish, count down, grab, wait, give back, be promoted.

Against PostgreSQL, Redis, gunicorn, a Celery worker and beat; by what people see and tap.
"""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.conf import settings
from django.utils import timezone
from environ import Env
from playwright.sync_api import Browser, Page, expect

from tests.browser.chromium import PHONE
from tests.browser.steps import fill_shift, in_days, link, log_in, main_button, tab

pytestmark = [pytest.mark.browser, pytest.mark.stack]  # each step asks for a browser, else they are told out of order

TITLE, COMMUNITY = "清晨护送孩子过马路", "荷风社区"
OPENS_WITHIN = 120_000  # milliseconds: a page can say an opening to the minute


def ask(database: str, statement: str, *values: Any) -> list[tuple]:
    at = Env.db_url_config(database)
    with psycopg.connect(host=at["HOST"], user=at["USER"], dbname=at["NAME"]) as connection:
        return connection.execute(statement, values).fetchall()


@pytest.fixture(scope="module")
def phones(running, browser: Browser) -> Iterator[list[Page]]:
    """Three members of the community who have no place yet, each with a phone; the demonstration gives them no password."""
    names = ask(
        running.database,
        """UPDATE accounts_user SET password = (SELECT password FROM accounts_user WHERE username = 'member')
           WHERE id IN (SELECT m.user_id FROM accounts_member m JOIN accounts_organization home ON home.id = m.home_id
               JOIN accounts_organization community ON community.name = %s AND home.path LIKE community.path || '%%'
               WHERE NOT EXISTS (SELECT FROM tasks_claim c WHERE c.member_id = m.id AND c.status IN ('HELD', 'WAITING'))
                 AND NOT EXISTS (SELECT FROM accounts_appointment a WHERE a.user_id = m.user_id)
               ORDER BY m.id LIMIT 3)
           RETURNING username""",
        COMMUNITY,
    )
    pages = [browser.new_context(viewport=PHONE, base_url=running.url).new_page() for _ in names]
    for page, (name,) in zip(pages, names, strict=True):
        log_in(page, name, settings.DEMO_PASSWORD)
    yield pages
    for page in pages:
        page.context.close()


def test_1_the_secretary_looks_at_a_draft_as_a_member_will_and_publishes_it_for_a_minute_to_come(visit, story):
    page = visit("secretary")
    tab(page, "/tasks/").click()
    link(page, "/tasks/new/").click()
    told = {"title": TITLE, "content": "在路口护送孩子上学。", "place": "实验小学门口", "served": "上学的孩子"}
    for name, value in told.items():
        page.locator(f"[name={name}]").fill(value)
    fill_shift(page, 0, day=in_days(3), starts="06:10", ends="07:10", capacity=1)
    page.locator("main form details summary").first.click()
    story.opens_at = (timezone.localtime() + timedelta(seconds=95)).replace(second=0, microsecond=0)
    page.locator("[name=opens_at]").fill(f"{story.opens_at:%Y-%m-%dT%H:%M}")
    page.locator("button[name=do][value=preview]").click()
    expect(page.locator("main")).to_contain_text("草稿")
    expect(page.locator("main")).to_contain_text(TITLE)
    page.locator("[name=volunteering]").check()
    main_button(page).click()
    page.wait_for_url(re.compile(r"/tasks/\d+/$"))
    story.task = int(re.search(r"/tasks/(\d+)/$", page.url)[1])


def test_2_three_phones_count_down_and_tap_in_the_same_moment(running, phones, story):
    for page in phones:
        page.goto(f"/tasks/{story.task}/")
        expect(main_button(page)).to_be_disabled()
        expect(page.locator("[data-left]")).to_have_text(re.compile(r"^\d+:\d\d$"))
    for page in phones:
        expect(main_button(page)).to_be_enabled(timeout=OPENS_WITHIN)
    assert timezone.now() >= story.opens_at
    for page in phones:  # each phone taps by itself, so that none waits for another's answer
        page.evaluate("setTimeout(() => document.querySelector('.main-action button').click(), 300)")
    for page in phones:
        page.wait_for_url(re.compile(r"/shifts/\d+/$"))
    story.winner = next(page for page in phones if page.locator(".say.success").count())
    story.waiting = [page for page in phones if page is not story.winner]
    for page in story.waiting:
        expect(page.locator("[role=status]")).to_contain_text("名额已满")
    assert ask(running.database, "SELECT taken, capacity FROM tasks_shift WHERE task_id = %s", story.task) == [(1, 1)]


def test_3_the_others_wait_in_the_order_in_which_they_came(phones, story):
    for number, page in enumerate(story.waiting, start=1):
        main_button(page).click()
        expect(page.locator("[role=status]")).to_contain_text(f"第 {number} 位")


def test_4_a_second_tap_of_the_winner_says_that_it_is_theirs(phones, story):
    page = story.winner
    answer = page.evaluate(
        """async () => {
            const token = document.querySelector('[name=csrfmiddlewaretoken]').value;
            const body = new URLSearchParams({csrfmiddlewaretoken: token});
            const answer = await fetch(location.pathname + 'claim/', {method: 'POST', body});
            return [answer.url, await answer.text()];
        }"""
    )
    assert answer[0] == page.url
    assert "接单成功" in answer[1]


def test_5_what_the_winner_gives_back_is_the_first_ones_and_the_next_moves_up(running, phones, story):
    page = story.winner
    link(page, "/claims/").click()
    page.locator("main a[href$='/withdraw/']").click()
    main_button(page).click()
    page.wait_for_url(re.compile(r"/claims/$"))

    first, second = story.waiting
    tab(first, "/notices/").click()
    expect(first.locator("article.card").first).to_contain_text(TITLE)
    first.locator("article.card").first.locator("button").click()
    expect(first.locator("h1")).to_contain_text(TITLE)
    second.reload()
    expect(second.locator("[role=status]")).to_contain_text("第 1 位")
    claims = ask(
        running.database,
        "SELECT c.status FROM tasks_claim c JOIN tasks_shift s ON s.id = c.shift_id WHERE s.task_id = %s ORDER BY 1",
        story.task,
    )
    assert claims == [("HELD",), ("WAITING",), ("WITHDRAWN",)]


def test_6_who_gave_it_back_finds_the_shift_full_and_no_place_was_counted_twice(running, phones, story):
    page = story.winner
    page.goto(story.waiting[1].url)
    expect(page.locator("[role=status]")).to_contain_text("名额已满")
    taken = ask(running.database, "SELECT taken FROM tasks_shift WHERE task_id = %s", story.task)
    assert taken == [(1,)]


def test_7_the_secretary_reads_who_comes(visit, story):
    page = visit("secretary")
    page.goto(f"/tasks/{story.task}/")
    expect(page.locator("article.card").first).to_contain_text("已接 1 / 1")
