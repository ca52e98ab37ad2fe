"""A steward post from its opening to a confirmed log, each step as its user, on a phone of the running platform."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.steps import link, main_button, tab, turn_to

pytestmark = [pytest.mark.browser, pytest.mark.stack]

COMPOUND, SUBJECT = "荷风雅苑一期", "东门快递柜"
APPLIES, SEEN, DONE = "我每天上下班都路过。", "柜门关不上，快递堆在地上。", "报给物业修好了，帮忙理了一次。"


def test_a_post_is_opened_applied_for_given_and_its_log_confirmed(visit):
    secretary, member = visit("secretary"), visit("member")
    tab(secretary, "/").click()
    secretary.locator("main a[href='/posts/']").click()
    link(secretary, "/posts/new/").click()
    secretary.locator("[name=compound]").select_option(label=COMPOUND)
    secretary.locator("[name=kind]").select_option("FACILITY_CARE")
    secretary.locator("[name=subject]").fill(SUBJECT)
    main_button(secretary).click()
    secretary.wait_for_url(re.compile(r"/posts/\d+/$"))

    tab(member, "/me/").click()
    link(member, "/posts/").click()
    turn_to(member, member.locator("main a", has_text=SUBJECT)).click()
    member.locator("[name=words]").fill(APPLIES)
    main_button(member).click()
    expect(member.locator(".say.success")).to_be_visible()

    secretary.reload()
    expect(secretary.locator("article.card")).to_contain_text(APPLIES)
    secretary.locator("article.card form[action$='/approve/'] button").click()
    expect(secretary.locator(".say.success")).to_be_visible()

    member.reload()
    link(member, "/posts/").click()
    held = member.locator("article.card", has_text=SUBJECT)
    held.locator("a[href*='/log/']").first.click()
    member.locator("[name=seen]").fill(SEEN)
    member.locator("[name=done]").fill(DONE)
    main_button(member).click()
    expect(member.locator(".say.success")).to_be_visible()

    tab(secretary, "/").click()
    link(secretary, "/posts/logs/").click()
    turn_to(secretary, secretary.locator("main a", has_text=SUBJECT)).click()
    for words in (SEEN, DONE):
        expect(secretary.locator("main")).to_contain_text(words)
    main_button(secretary).click()
    expect(secretary.locator(".say.success")).to_be_visible()

    tab(member, "/notices/").click()
    expect(member.locator("article.card, .rows li", has_text=SUBJECT).first).to_be_visible()
