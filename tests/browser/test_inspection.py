"""The crawl's inspection finds what it is there to find, and nothing on a page that is in order."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page

from tests.browser.chromium import PHONE
from tests.browser.inspection import faults

pytestmark = pytest.mark.browser

PAGE = """<!doctype html>
<html lang="zh-Hans">
  <head><meta name="viewport" content="width=device-width"><title>首页</title><style>
    button {{ min-width: 44px; min-height: 44px }}
    @media (prefers-color-scheme: dark) {{ .dim {{ color: #888; background: #777 }} }}
    .elder .large {{ width: 2000px }}
  </style></head>
  <body><main><h1>荷风社区</h1>{}</main></body>
</html>"""


@pytest.fixture
def page(browser: Browser) -> Iterator[Page]:
    with browser.new_context(viewport=PHONE) as context:
        yield context.new_page()


def found(page: Page, markup: str) -> list[str]:
    page.set_content(PAGE.format(markup))
    return list(faults(page, set()))


def test_nothing_is_wrong_with_a_page_in_order(page):
    assert found(page, "<p>编号 K7FVRMMX <a href='.'>CSV</a> <button lang='en'>English</button></p>") == []


@pytest.mark.parametrize(
    ("markup", "fault"),
    [
        ("<div style='width: 350px'>宽</div>", "358 px wide on a screen of 320"),
        ("<div class='large'>大</div>", "larger type: 2008 px wide on a screen of 390"),
        ("<details><summary>更多</summary>Not translated</details>", "English on a Chinese page: Not translated"),
        ("<input aria-label='Name'>", "English on a Chinese page: Name"),
        ("<button style='min-height: 20px; height: 20px'>好</button>", "target below 44 px: 好 44×20"),
        ("<img src='data:,'>", "axe image-alt"),
        ("<p class='dim'>暗处看不清</p>", "dark: axe color-contrast"),
    ],
)
def test_it_finds(page, markup, fault):
    assert [line for line in found(page, markup) if fault in line], found(page, markup)
