"""What a helper group does for a resident: asked for without an account, passed on, accepted, and a task with its places held."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.steps import in_days, link, main_button, tab

pytestmark = [pytest.mark.browser, pytest.mark.stack]

PROJECT, NAME = "上门修灯换插座", "周奶奶"
WISH = "卫生间的灯坏了三天，晚上不敢去，请帮忙换一换。"
FOR_THE_GROUP = "卫生间的灯坏了，请上门换一换。"


def send(page: Page) -> None:
    main_button(page).click()
    expect(page.locator(".say.success").first).to_be_visible()


def test_a_resident_asks_a_group_which_accepts_and_it_becomes_a_task_of_theirs(visit):
    resident = visit("resident")
    resident.goto("/c/")
    resident.locator("main a", has_text="荷风社区").first.click()
    resident.locator("main a[href$='/groups/']").click()
    resident.locator("section.card", has_text=PROJECT).locator("a").click()
    resident.locator("[name=text]").fill(WISH)
    resident.locator("[name=name]").fill(NAME)
    resident.locator("[name=phone]").fill("10012341234")
    resident.locator("[name=consent]").check()
    send(resident)
    tracked = resident.url
    expect(resident.locator("main")).to_contain_text(PROJECT)

    secretary = visit("secretary")
    tab(secretary, "/").click()
    link(secretary, "/groups/requests/").click()
    secretary.locator("main ul.rows a", has_text=PROJECT).filter(has_text="今天").click()
    main_button(secretary).click()
    secretary.locator("[name=words]").fill(f"{NAME}家的灯坏了。")
    main_button(secretary).click()
    expect(secretary.locator(".errorlist")).to_contain_text(NAME)
    secretary.locator("[name=words]").fill(FOR_THE_GROUP)
    send(secretary)
    request = secretary.url

    leader = visit("member")
    tab(leader, "/notices/").click()
    leader.locator("main article").first.get_by_role("button").click()
    expect(leader.locator("main")).to_contain_text(FOR_THE_GROUP)
    expect(leader.locator("main")).not_to_contain_text(NAME)
    main_button(leader).click()
    for name, value in {"day": in_days(8), "starts": "19:00", "ends": "20:00"}.items():
        leader.locator(f"[name={name}]").fill(value)
    for n in (1, 2):
        leader.locator("[name=member]").nth(n).check()
    send(leader)
    leader.locator("form[action$='/contact/'] button").click()
    expect(leader.locator("main")).to_contain_text(NAME)

    secretary.goto(request)
    main_button(secretary).click()
    secretary.locator("[name=volunteering]").check()
    send(secretary)
    expect(secretary.locator("main")).to_contain_text(FOR_THE_GROUP)
    expect(secretary.locator("main")).not_to_contain_text(NAME)

    leader.goto(re.sub(r"requests/.*", "", request))
    leader.locator("main a", has_text="荷风帮帮团").first.click()
    places = leader.locator("main a[href^='/groups/claims/']", has_text=PROJECT)
    places.click()
    expect(leader.locator("main ul.rows").first.locator("> li")).to_have_count(2)

    resident.goto(tracked)
    expect(resident.locator("main")).to_contain_text("19:00")
