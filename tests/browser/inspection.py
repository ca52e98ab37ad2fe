"""What every page is held to: fits the screen, speaks the reader's language, can be hit and read by everyone."""

from collections.abc import Iterator

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE

SMALLEST = 320
TARGET = 44
AXE_OPTIONS = {"resultTypes": ["violations"], "runOnly": ["wcag2a", "wcag2aa"]}

# The only English on a Chinese page is the other language's own name; capitals alone are codes and formats.
LATIN_ALLOWED = {"English"}

OPEN_ALL = "() => document.querySelectorAll('details').forEach(details => { details.open = true })"
ELDER_MODE = "on => document.documentElement.classList.toggle('elder', on)"
WIDTH = "() => document.documentElement.scrollWidth"
WIDEST = """width => [...document.querySelectorAll('body *')]
    .filter(one => one.getBoundingClientRect().right > width + 1)
    .slice(0, 3).map(one => one.outerHTML.slice(0, 80)).join(' | ')"""
LATIN = r"""() => [
    document.title,
    document.body.innerText,
    ...[...document.querySelectorAll('[aria-label]')].map(one => one.getAttribute('aria-label')),
    ...[...document.querySelectorAll('[placeholder]')].map(one => one.placeholder),
    ...[...document.querySelectorAll('img[alt]')].map(one => one.alt),
    ...[...document.querySelectorAll('option')].map(one => one.text),
].join('\n').match(/[A-Za-z]{3,}/g)?.filter(word => word !== word.toUpperCase()) || []"""
SMALL_TARGETS = """least => [...document.querySelectorAll('button, [role=button], select, .tabs a')]
    .map(one => [one, one.getBoundingClientRect()])
    .filter(([one, box]) => box.width && (box.width < least - 0.5 || box.height < least - 0.5))
    .map(([one, box]) => `${one.innerText.trim() || one.outerHTML.slice(0, 60)} ${box.width}×${box.height}`)"""


def faults(page: Page, *, in_the_dark: bool = False) -> Iterator[str]:
    """One line for everything that is wrong with the page that is open, on phones and on a wide screen."""
    page.evaluate(OPEN_ALL)
    yield from too_wide(page)
    page.evaluate(ELDER_MODE, True)
    yield from (f"larger type: {fault}" for fault in too_wide(page))
    page.evaluate(ELDER_MODE, False)
    yield from untranslated(page)
    yield from small_targets(page)
    yield from hard_to_read(page)
    if in_the_dark:
        page.emulate_media(color_scheme="dark")
        yield from (f"dark: {fault}" for fault in hard_to_read(page))
        page.emulate_media(color_scheme="light")


def too_wide(page: Page) -> Iterator[str]:
    """Nobody scrolls sideways. The phone's width comes last: the other checks look at that."""
    for width in (SMALLEST, DESKTOP["width"], PHONE["width"]):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        needed = page.evaluate(WIDTH)
        if needed > width:
            yield f"{needed} px wide on a screen of {width}: {page.evaluate(WIDEST, width)}"


def untranslated(page: Page) -> Iterator[str]:
    words = sorted(set(page.evaluate(LATIN)) - LATIN_ALLOWED)
    if words:
        yield f"English on a Chinese page: {' '.join(words)}"


def small_targets(page: Page) -> Iterator[str]:
    for target in page.evaluate(SMALL_TARGETS, TARGET):
        yield f"target below {TARGET} px: {target}"


def hard_to_read(page: Page) -> Iterator[str]:
    """What axe-core finds against WCAG A and AA."""
    for violation in Axe().run(page, options=AXE_OPTIONS).response["violations"]:
        nodes = " | ".join(node["html"][:100] for node in violation["nodes"][:3])
        yield f"axe {violation['id']} ({len(violation['nodes'])}×): {nodes}"
