"""Sixty names ticked on a phone that loses its connection in the middle: no tick is lost, none is doubled, none is another's."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, Route, expect

from tasks.models import Attendance, Claim, Tick
from tests.browser.chromium import PHONE
from tests.browsing import browser_of
from tests.tasks.day_world import place_in, shift_of_today

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
NAMES = 60
MARKS = ("ATTENDED", "ATTENDED", "ABSENT", "EXCUSED")


@pytest.fixture
def claims(cast) -> list[Claim]:
    shift = shift_of_today(cast.community, capacity=NAMES)
    return [place_in(shift, cast) for _ in range(NAMES)]


@pytest.fixture
def phone(browser: Browser, live_server, cast) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE, base_url=live_server.url) as context:
        log_in(context, cast.secretary, live_server.url)
        yield context.new_page()


def log_in(context: BrowserContext, actor, url: str) -> None:
    session = browser_of(actor).cookies["sessionid"].value
    context.add_cookies([{"name": "sessionid", "value": session, "url": url}])


def open_list(page: Page, claims: list[Claim]) -> None:
    page.goto(f"/shifts/{claims[0].shift_id}/day/")
    expect(page.locator("[data-kept-state]")).to_be_visible()


def tick(page: Page, claim: Claim, mark: str) -> None:
    page.locator(f"[data-claim='{claim.pk}'] label:has([value={mark}])").click()


def tick_fast(page: Page, claims: list[Claim], wanted: dict[int, str]) -> None:
    """One tap after the other, without waiting each time until a finger could reach it."""
    for claim in claims:
        page.evaluate(
            "([claim, mark]) => document.querySelector(`[data-claim='${claim}'] [value=${mark}]`).click()",
            [claim.pk, wanted[claim.pk]],
        )


def state(page: Page, name: str):
    return page.locator(f"[data-state={name}]")


def waiting(page: Page, n: int, name: str = "waiting") -> None:
    expect(state(page, name)).to_be_visible()
    expect(state(page, name).locator("[data-n]")).to_have_text(str(n))


def come_back(page: Page) -> None:
    page.evaluate("window.dispatchEvent(new Event('focus'))")


def checked(page: Page, claim: Claim, mark: str) -> None:
    expect(page.locator(f"[data-claim='{claim.pk}'] [value={mark}]")).to_be_checked()


def test_sixty_names_with_the_network_cut_in_the_middle(phone, claims, cast, browser, live_server):
    open_list(phone, claims)
    wanted = {claim.pk: MARKS[n % len(MARKS)] for n, claim in enumerate(claims)}
    tick_fast(phone, claims[:20], wanted)
    expect(state(phone, "all")).to_be_visible()
    assert Tick.objects.count() == 20

    phone.context.set_offline(True)
    tick_fast(phone, claims[20:45], wanted)
    tick(phone, claims[0], "EXCUSED")  # thought better of it
    wanted[claims[0].pk] = "EXCUSED"
    waiting(phone, 26)
    expect(phone.locator("[data-claim] [data-kept]:visible")).to_have_count(26)
    assert Tick.objects.count() == 20

    with browser.new_context(viewport=PHONE, base_url=live_server.url) as context:  # a colleague, meanwhile
        log_in(context, cast.second_secretary, live_server.url)
        other = context.new_page()
        open_list(other, claims)
        tick(other, claims[30], "EXCUSED")
        expect(state(other, "all")).to_be_visible()
        assert Tick.objects.count() == 21
    wanted[claims[30].pk] = "EXCUSED"

    # The connection is back, but the first answer is lost on its way: what was taken is sent again.
    lost: list[int] = []

    def lose_the_first_answer(route: Route) -> None:
        if lost:
            route.continue_()
            return
        lost.append(route.fetch().status)
        route.abort()

    phone.context.route("**/day/ticks/", lose_the_first_answer)
    phone.context.set_offline(False)
    expect(state(phone, "all")).to_be_visible(timeout=15_000)
    assert lost == [200]
    checked(phone, claims[30], "EXCUSED")
    assert Tick.objects.count() == 20 + 26 + 1

    # The server is out of reach, the page is opened anew, and nothing is forgotten.
    phone.context.unroute("**/day/ticks/")
    phone.context.route("**/day/ticks/", lambda route: route.abort())
    tick_fast(phone, claims[45:], wanted)
    waiting(phone, 15)
    phone.reload()
    waiting(phone, 15)
    checked(phone, claims[59], wanted[claims[59].pk])
    phone.context.unroute("**/day/ticks/")
    come_back(phone)
    expect(state(phone, "all")).to_be_visible()

    assert phone.evaluate("localStorage.length") == 0
    assert Tick.objects.count() == NAMES + 2
    assert dict(Attendance.objects.values_list("claim", "mark")) == wanted
    assert set(Claim.objects.values_list("status", flat=True)) == {"HELD"}


def test_what_is_tapped_while_an_earlier_tap_is_on_its_way_counts(phone, claims):
    """A weak connection takes seconds to bring the first one to the server: it is not the later one for that."""
    slow: list[str] = []

    def bring_the_first_one_late(route: Route) -> None:
        if not slow:
            slow.append(route.request.method)
            phone.wait_for_timeout(1500)
        route.continue_()

    open_list(phone, claims)
    phone.context.route("**/day/ticks/", bring_the_first_one_late)
    tick_fast(phone, claims[:1], {claims[0].pk: "ATTENDED"})
    tick_fast(phone, claims[:1], {claims[0].pk: "ABSENT"})
    expect(state(phone, "all")).to_be_visible()
    checked(phone, claims[0], "ABSENT")
    assert Attendance.objects.get(claim=claims[0]).mark == "ABSENT"


def test_a_log_in_that_is_over_another_person_and_what_was_confirmed_meanwhile(phone, claims, cast, live_server):
    open_list(phone, claims)
    phone.context.clear_cookies(name="sessionid")
    tick(phone, claims[0], "ABSENT")
    waiting(phone, 1, "login")

    log_in(phone.context, cast.second_secretary, live_server.url)
    come_back(phone)
    waiting(phone, 1, "other")
    open_list(phone, claims)  # their own list, with nothing of another's
    expect(state(phone, "all")).to_be_visible()
    assert phone.evaluate("localStorage.length") == 1
    assert not Tick.objects.exists()

    log_in(phone.context, cast.secretary, live_server.url)
    open_list(phone, claims)
    expect(state(phone, "all")).to_be_visible()
    assert Tick.objects.get().by_user == cast.secretary.user

    Claim.objects.filter(pk=claims[1].pk).update(status=Claim.Status.CONFIRMED)
    tick(phone, claims[1], "ABSENT")
    expect(phone.locator("[data-refused] li")).to_contain_text(str(claims[1].member))
    expect(state(phone, "all")).to_be_visible()
    assert phone.evaluate("localStorage.length") == 0
    assert Tick.objects.count() == 1

    # What still waits arrives before anybody is confirmed without it.
    phone.context.route("**/day/ticks/", lambda route: route.abort())
    tick(phone, claims[2], "ABSENT")
    waiting(phone, 1)
    phone.context.unroute("**/day/ticks/")
    with phone.expect_response("**/day/ticks/"):
        phone.goto(f"/confirm/{claims[0].shift_id}/")
    assert Attendance.objects.get(claim=claims[2]).mark == "ABSENT"
