from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE, launch_options
from tests.browser.sites import Stack, stack
from tests.browser.steps import log_in

Visit = Callable[[str], Page]
ACCOUNTS = {"secretary", "officer", "city", "admin", "member"}


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright's `browser` is the machine's own Chromium, not a downloaded one."""
    return {**browser_type_launch_args, **launch_options()}


@pytest.fixture(scope="session")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole platform with the demonstration city, one for every story that is told on it."""
    with stack(tmp_path_factory.mktemp("stack")) as running:
        yield running


@pytest.fixture(scope="module")
def visit(running: Stack, browser: Browser) -> Iterator[Visit]:
    """A phone's browser of its own for each person, kept from step to step; the demo's people log in by name."""
    pages: dict[str, Page] = {}

    def visit(person: str) -> Page:
        if person not in pages:
            pages[person] = browser.new_context(viewport=PHONE, base_url=running.url).new_page()
            if person in ACCOUNTS:
                log_in(pages[person], person, settings.DEMO_PASSWORD)
        return pages[person]

    yield visit
    for page in pages.values():
        page.context.close()


@pytest.fixture(scope="module")
def story() -> SimpleNamespace:
    """What a later step has to know of an earlier one."""
    return SimpleNamespace()
