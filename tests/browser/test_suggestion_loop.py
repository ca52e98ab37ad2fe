"""A suggestion from the first word to what came of it: a member writes it, the secretary answers, adopts it and tells later."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import link, main_button, tab

pytestmark = [pytest.mark.browser, pytest.mark.stack]

WORDS = "北门的台阶没有扶手，雨天老人不好走，建议装一段。"
ANSWER, REASON, OUTCOME = "周五去现场看。", "本月装好。", "扶手已装好，请再看看。"


def say(page: Page, to: str, words: str) -> None:
    page.locator(f"[name=to][value={to}]").check()
    page.locator("form[action$='/answer/'] [name=words]").fill(words)
    main_button(page).click()
    expect(page.locator(".say.success")).to_be_visible()


def test_a_suggestion_is_written_answered_adopted_and_its_outcome_told(visit):
    member = visit("member")
    member.goto("/me/")
    link(member, "/my-suggestions/").click()
    link(member, "/my-suggestions/new/").click()
    member.locator("[name=category]").select_option("FACILITIES")
    member.locator("[name=text]").fill("字" * 2012)
    expect(member.locator(".too-many")).to_have_text("2012 / 2000")
    main_button(member).click()
    assert len(member.locator("[name=text]").input_value()) == 2012, "nothing that was typed is lost"
    member.locator("[name=text]").fill(WORDS)
    main_button(member).click()
    member.wait_for_url(re.compile(r"/suggestions/\d+/$"))

    secretary = visit("secretary")
    tab(secretary, "/").click()
    link(secretary, "/suggestions/").click()
    secretary.locator("main a", has_text=WORDS[:12]).click()
    expect(secretary.locator("main")).to_contain_text(WORDS)
    say(secretary, "ANSWERED", ANSWER)
    say(secretary, "ADOPTED", REASON)
    secretary.locator("form[action$='/outcome/'] [name=words]").fill(OUTCOME)
    secretary.locator("form[action$='/outcome/'] button").click()
    expect(secretary.locator(".say.success")).to_be_visible()

    tab(member, "/notices/").click()
    member.locator("main article").first.get_by_role("button").click()
    for told in (WORDS, ANSWER, REASON, OUTCOME):
        expect(member.locator("main")).to_contain_text(told)
