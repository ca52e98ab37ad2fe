"""A wish from the first word to "it was done", each step as its user: sent with a photo, published, taken, said not to be
done, opened again, taken anew, done, thanked for.

On the running platform, on a phone; the steps are one story and run in this order.
"""

import io
import re

import pytest
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Page, expect

from tests.browser.steps import card, link, main_button, tab, turn_to

pytestmark = [pytest.mark.browser, pytest.mark.stack]

COMMUNITY = "荷风社区"
RESIDENT, PHONE, PLACE = "李奶奶", "10099990001", "12 幢 502"
WISH = "阳台的晾衣架断了，想请人帮忙装好。"
HELPER, MASKED = "张晓明", "张*明"
NOT_DONE, THANKS = "装好两天又松了", "这次装得很牢，谢谢。"


def photo() -> dict[str, object]:
    written = io.BytesIO()
    Image.new("RGB", (900, 1200), "#8a6d3b").save(written, "PNG")
    return {"name": "晾衣架.png", "mimeType": "image/png", "buffer": written.getvalue()}


def picture_is_there(page: Page) -> bool:
    return page.locator("ul.photos img").first.evaluate("image => image.decode().then(() => image.naturalWidth > 0)")


def test_1_a_resident_sends_a_wish_with_a_photo_and_no_account(visit, story):
    page = visit("resident")
    page.goto("/")
    link(page, "/c/").click()
    page.locator("main a", has_text=COMMUNITY).click()
    link(page, page.url.removeprefix(page.url.split("/c/")[0]) + "wish/").click()
    page.locator("[name=text]").fill(WISH)
    page.locator("[name=category]").select_option("REPAIR")
    page.locator("main details summary").click()
    page.locator("[name=place]").fill(PLACE)
    page.locator("[name=photos]").set_input_files(photo())
    page.locator("[name=name]").fill(RESIDENT)
    page.locator("[name=phone]").fill(PHONE)
    page.locator("[name=consent]").check()
    main_button(page).click()
    page.wait_for_url("**/track/*/")
    story.number = page.locator(".big").inner_text()
    assert picture_is_there(page)


def test_2_number_and_phone_open_it_elsewhere_and_the_number_alone_does_not(visit, story):
    page = visit("the resident's other phone")
    page.goto(f"/track/{story.number}/")
    expect(page.locator("body")).not_to_contain_text(WISH)
    page.goto("/")
    link(page, "/track/").click()
    page.locator("[name=number]").fill(story.number)
    page.locator("[name=phone]").fill(PHONE)
    main_button(page).click()
    expect(page.locator("main")).to_contain_text(WISH)


def open_wish(page: Page) -> None:
    tab(page, "/wishes/").click()
    turn_to(page, page.locator("main a", has_text=WISH[:12])).click()
    expect(page.locator("main")).to_contain_text(PHONE)


def test_3_the_secretary_looks_at_it_and_publishes_it_in_one_tap(visit, story):
    page = visit("secretary")
    open_wish(page)
    assert picture_is_there(page)
    main_button(page).click()
    page.wait_for_url(re.compile(r"/tasks/\d+/$"))
    story.task = page.locator("h1").inner_text()
    for private in (RESIDENT, PHONE, "502"):
        expect(page.locator("main")).not_to_contain_text(private)


def take(page: Page, task: str) -> None:
    tab(page, "/tasks/").click()
    page.locator("[name=q]").fill(task)
    page.locator("[name=q]").press("Enter")
    card(page, task).get_by_role("button").click()
    page.wait_for_url(re.compile(r"/shifts/\d+/$"))
    main_button(page).click()
    page.wait_for_url(re.compile(r"/claims/\d+/$"))


def report(page: Page, words: str) -> None:
    """Say that it was done today, from midnight on: the only half hour that is over whenever this runs."""
    page.locator("main a[href$='/report/']").first.click()
    page.locator("[name=words]").fill(words)
    page.locator("[name=day]").fill(timezone.localdate().isoformat())
    page.locator("[name=starts]").fill("00:00")
    page.locator("[name=length]").select_option("30")
    main_button(page).click()
    page.wait_for_url(re.compile(r"/claims/\d+/$"))


def test_4_a_member_takes_it_finds_whom_to_call_and_says_that_it_is_done(visit, story):
    page = visit("member")
    take(page, story.task)
    expect(page.locator("main")).not_to_contain_text(PHONE)
    main_button(page).click()
    for told in (RESIDENT, PHONE, PLACE):
        expect(page.locator("main")).to_contain_text(told)
    page.locator("main form button").first.click()  # we have talked
    page.wait_for_url(re.compile(r"/claims/\d+/$"))
    report(page, "换了新的螺丝。")

    resident = visit("resident")
    resident.reload()
    expect(resident.locator("main")).to_contain_text(MASKED)
    expect(resident.locator("main")).not_to_contain_text(HELPER)


def test_5_the_resident_says_not_done_and_the_secretary_publishes_it_again(visit):
    resident = visit("resident")
    resident.locator("[name=words]").fill(NOT_DONE)
    resident.locator("button[value=no]").click()
    expect(resident.locator(".say.success")).to_be_visible()

    page = visit("secretary")
    tab(page, "/").click()
    link(page, "/wishes/?status=REOPENED").click()
    turn_to(page, page.locator("main a", has_text=WISH[:12])).click()
    expect(page.locator(".say.error")).to_contain_text(NOT_DONE)
    main_button(page).click()
    page.wait_for_url(re.compile(r"/tasks/\d+/$"))


def test_6_what_was_not_done_is_not_confirmed(visit, story):
    """The claim of before still waits; the secretary sees what the resident said and marks it."""
    page = visit("secretary")
    tab(page, "/confirm/").click()
    turn_to(page, page.locator("main a", has_text=story.task)).click()
    page.locator("select[name^=mark]").select_option("EXCUSED")
    main_button(page).click()
    expect(page.locator("main")).to_contain_text(HELPER)
    expect(page.locator("select[name^=mark]")).to_have_count(0)


def test_7_it_is_taken_anew_done_and_confirmed(visit, story):
    member = visit("member")
    take(member, story.task)
    report(member, "打了膨胀螺丝，挂了两床被子试过。")

    page = visit("secretary")
    tab(page, "/confirm/").click()
    turn_to(page, page.locator("main a", has_text=story.task)).click()
    main_button(page).click()
    expect(page.locator(".say.success")).to_be_visible()

    tab(member, "/flags/").click()
    expect(card(member, story.task).locator(".lit")).to_have_count(1)


def test_8_the_resident_says_done_and_the_thanks_arrive(visit):
    resident = visit("resident")
    resident.reload()
    resident.locator("[name=rating][value=GOOD]").check()
    resident.locator("[name=words]").fill(THANKS)
    resident.locator("button[value=yes]").click()
    expect(resident.locator(".say.success")).to_be_visible()

    page = visit("secretary")
    tab(page, "/wishes/").click()
    page.locator("[name=status]").select_option("DONE")
    with page.expect_navigation():
        page.locator("search button").click()
    turn_to(page, page.locator("main a", has_text=WISH[:12])).click()
    thanks = page.locator("main details:has(form[action$='/thanks/'])")
    thanks.locator("summary").click()
    thanks.locator("button").click()
    expect(page.locator(".say.success")).to_be_visible()

    member = visit("member")
    tab(member, "/notices/").click()
    expect(card(member, THANKS)).to_be_visible()
    expect(member.locator("main")).not_to_contain_text(RESIDENT)
