"""On a phone: a place that opens in a moment, by the server's clock, and a button under the thumb whatever the text."""

import re
from collections.abc import Iterator
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from tasks.models import Claim, Shift
from tests.browser.chromium import PHONE
from tests.browser.steps import main_button
from tests.browsing import browser_of
from tests.factories import ShiftFactory, TaskFactory

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
LATER, FOREVER = timedelta(seconds=6), timedelta(hours=1)
# The page was in the background, for so many milliseconds by the phone's clock.
BACK_AFTER = """away => {
    const seen = hidden => {
        Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
    };
    seen(true);
    const now = Date.now();
    Date.now = () => now + away;
    seen(false);
}"""


@pytest.fixture
def page(browser: Browser, live_server, cast) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, base_url=live_server.url) as context:
        session = browser_of(cast.member).cookies["sessionid"].value
        context.add_cookies([{"name": "sessionid", "value": session, "url": live_server.url}])
        yield context.new_page()


def opening_in(cast, span: timedelta, **changed) -> Shift:
    opens_at = timezone.now() + span
    return ShiftFactory(task=TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=opens_at, **changed))


def test_the_button_waits_for_the_opening_and_then_takes_the_place(page, cast):
    """The phone's clock is an hour slow; what counts is how long it still is by the server's."""
    page.add_init_script("const now = Date.now; Date.now = () => now() - 3600000")
    page.goto("/tasks/")  # a browser's first page is its slowest
    shift = opening_in(cast, LATER)
    page.goto(shift.page)
    expect(main_button(page)).to_be_disabled()
    expect(page.locator("[data-left]")).to_have_text(re.compile(r"^0:0\d$"))
    expect(page.locator("[data-said]")).to_have_text("1分钟")
    expect(main_button(page)).to_be_enabled(timeout=10_000)
    assert timezone.now() >= shift.task.opens_at
    main_button(page).click()
    expect(page.locator(".say.success")).to_be_visible()
    assert Claim.objects.get().member == cast.member.member


def test_without_script_the_button_is_a_form_that_the_server_refuses_until_then(browser, live_server, page, cast):
    shift = opening_in(cast, FOREVER)
    with browser.new_context(
        java_script_enabled=False, base_url=live_server.url, storage_state=page.context.storage_state()
    ) as context:
        plain = context.new_page()
        plain.goto(shift.page)
        main_button(plain).click()
        expect(plain.locator("main [role=status]")).to_contain_text(f"{timezone.localtime(shift.task.opens_at):%H:%M}")
        expect(plain).to_have_url(f"{live_server.url}{shift.page}")
    assert not Claim.objects.exists()


def test_a_page_that_was_away_for_long_says_what_is_true_now(page, cast):
    shift = opening_in(cast, FOREVER)
    page.goto(shift.page)
    expect(main_button(page)).to_be_disabled()
    shift.task.opens_at = timezone.now()
    shift.task.save()
    page.evaluate(BACK_AFTER, 5_000)
    expect(main_button(page)).to_be_disabled()
    with page.expect_navigation():
        page.evaluate(BACK_AFTER, 60_000)
    expect(main_button(page)).to_be_enabled()


def test_what_was_being_typed_is_not_thrown_away_for_it(page, cast):
    opening_in(cast, FOREVER)
    page.goto("/tasks/")
    page.locator("[name=q]").fill("灯笼")
    page.evaluate(BACK_AFTER, 60_000)
    page.wait_for_timeout(300)
    expect(page.locator("[name=q]")).to_have_value("灯笼")


@pytest.mark.parametrize("elder", [False, True])
def test_however_long_the_text_the_button_is_on_the_first_screen(page, cast, live_server, elder):
    task = TaskFactory(publisher=cast.community, title="题" * 60, content="长" * 2000, companions_at_most=3)
    ShiftFactory(task=task)
    if elder:
        page.context.add_cookies([{"name": "elder", "value": "1", "url": live_server.url}])
    for scrolled in (0, 800):
        page.goto(f"/tasks/{task.pk}/")
        page.mouse.wheel(0, scrolled)
        box, tabs = main_button(page).bounding_box(), page.locator("nav.tabs").bounding_box()
        assert box["y"] > 0
        assert box["y"] + box["height"] <= tabs["y"]
