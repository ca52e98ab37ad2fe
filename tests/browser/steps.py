"""What people do on most pages: log in, tap the main button, follow a link, turn the pages of a list."""

from datetime import timedelta

from django.utils import timezone
from playwright.sync_api import Locator, Page, expect


def log_in(page: Page, login: str, password: str) -> None:
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(login)
    page.locator("[name=password]").fill(password)
    main_button(page).click()
    expect(page.locator("nav.tabs")).to_be_visible()


def main_button(page: Page) -> Locator:
    return page.locator(".main-action button, .main-action a")


def link(page: Page, path: str) -> Locator:
    """The first link in the page's content to an address that begins so."""
    return page.locator(f"main a[href^='{path}']").first


def tab(page: Page, path: str) -> Locator:
    return page.locator(f"nav.tabs a[href='{path}']")


def turn_to(page: Page, wanted: Locator) -> Locator:
    """Turn the pages of a list until it is there; what was tapped before may still be on its way to the list."""
    following = page.locator("a[rel=next]")
    while True:
        expect(wanted.or_(following).first).to_be_visible()
        if wanted.count():
            return wanted.first
        following.click()


def card(page: Page, words: str) -> Locator:
    return page.locator("article.card", has_text=words)


def fill_shift(page: Page, number: int, *, day: str, starts: str, ends: str, capacity: int) -> None:
    for name, value in {"day": day, "starts": starts, "ends": ends, "capacity": str(capacity)}.items():
        page.locator(f"[name=shift-{number}-{name}]").fill(value)


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()
