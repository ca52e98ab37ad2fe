"""What a resident types outlives a reload and a lost connection, on a phone, and is forgotten once it is sent."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, expect

from tasks.models import Wish
from tests.browser.chromium import PHONE
from tests.photos import jpeg

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
TYPED = "阳台的晾衣架断了，想请人帮忙装好。"
A_DAY_AGO = (
    'Object.keys(localStorage).forEach(key => localStorage[key] = localStorage[key].replace(/"at":\\d+/, \'"at":1\'))'
)


@pytest.fixture
def page(browser: Browser, live_server, cast) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, base_url=live_server.url) as context:
        page = context.new_page()
        page.goto(f"/c/{cast.community.code}/wish/")
        yield page


def field(page: Page, name: str):
    return page.locator(f"[name={name}]")


def fill(page: Page) -> None:
    field(page, "text").fill(TYPED)
    field(page, "category").select_option("REPAIR")
    page.locator("[name=for_whom][value=EVERYONE]").check()
    page.locator("summary").last.click()
    field(page, "place").fill("3 幢")
    field(page, "for_minor").check()
    field(page, "name").fill("李奶奶")
    field(page, "phone").fill("10099990001")
    field(page, "consent").check()


def test_it_is_restored_with_its_number_but_without_consent_until_one_starts_afresh(page):
    fresh = field(page, "sent_once").input_value()
    fill(page)
    page.reload()
    expect(page.locator("[data-draft-restored]")).to_be_visible()
    expect(field(page, "text")).to_have_value(TYPED)
    expect(field(page, "category")).to_have_value("REPAIR")
    expect(page.locator("[name=for_whom][value=EVERYONE]")).to_be_checked()
    expect(field(page, "place")).to_be_visible()
    expect(field(page, "for_minor")).to_be_checked()
    expect(field(page, "sent_once")).to_have_value(fresh)
    expect(field(page, "consent")).not_to_be_checked()
    expect(field(page, "website")).to_have_value("")

    page.locator("[data-draft-afresh]").click()
    for name in ("text", "place", "name", "phone"):
        expect(field(page, name)).to_have_value("")
    expect(page.locator("[name=for_whom][value=SELF]")).to_be_checked()
    assert field(page, "sent_once").input_value() != fresh
    page.reload()
    expect(page.locator("[data-draft-restored]")).to_be_hidden()
    expect(field(page, "text")).to_have_value("")


def test_after_a_day_it_is_gone(page):
    fill(page)
    assert page.evaluate("localStorage.length") == 1
    page.evaluate(A_DAY_AGO)
    page.reload()
    expect(field(page, "text")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0


def test_without_connection_it_waits_and_is_forgotten_once_it_is_sent(page, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    fill(page)
    field(page, "for_minor").uncheck()
    field(page, "photos").set_input_files({"name": "a.jpg", "mimeType": "image/jpeg", "buffer": jpeg()})
    page.context.set_offline(True)
    page.locator(".main-action button").click()
    expect(page.locator("[data-draft-offline]")).to_be_visible()
    page.context.set_offline(False)
    expect(page.locator("[data-draft-offline]")).to_be_hidden()

    field(page, "phone").fill("12345")
    page.locator(".main-action button").click()
    expect(page.locator(".errorlist")).to_have_count(1)
    expect(field(page, "without_kept")).to_be_visible()
    expect(page.locator("[data-draft-restored]")).to_be_hidden()
    field(page, "phone").fill("10099990001")
    page.locator(".main-action button").click()
    expect(page.locator(".photos img")).to_have_count(1)
    assert page.locator(".photos img").evaluate("photo => photo.decode().then(() => photo.naturalWidth)") == 40
    assert page.evaluate("localStorage.length") == 0
    assert Wish.objects.get().place == "3 幢"
