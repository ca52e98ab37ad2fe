"""What every page is held to: fits the screen, speaks the reader's language, can be hit and read by everyone."""

from collections.abc import Iterator
from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from tests.browser.chromium import DESKTOP, PHONE

SMALLEST = 320
TARGET = 44
CONTRAST = "color-contrast"  # by far the dearest of axe's rules
BUT_CONTRAST = {"runOnly": ["wcag2a", "wcag2aa"], "rules": {CONTRAST: {"enabled": False}}}
CONTRAST_ALONE = {"runOnly": {"type": "rule", "values": [CONTRAST]}}

# The only English on a Chinese page is the other language's own name; capitals alone are codes and formats.
LATIN_ALLOWED = {"English"}

OPEN_ALL = "() => document.querySelectorAll('details').forEach(details => { details.open = true })"
TOO_WIDE = """width => ['', 'larger type: '].flatMap(type => {
    const root = document.documentElement
    root.classList.toggle('elder', type !== '')
    const needed = root.scrollWidth
    const widest = needed <= width ? [] : [...document.querySelectorAll('body *')]
        .filter(one => one.getBoundingClientRect().right > width + 1)
        .slice(0, 3).map(one => one.outerHTML.slice(0, 80))
    root.classList.remove('elder')
    return needed <= width ? [] : [`${type}${needed} px wide on a screen of ${width}: ${widest.join(' | ')}`]
})"""
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

LOAD_AXE = Axe().axe_script
RUN_AXE = """([options, within]) => axe.run(within ? { include: window[within] } : document,
    { ...options, resultTypes: ['violations'] }).then(results => results.violations)"""

# What decides whether a text can be read: its own colour and type, and every ground that it stands on.
TEXTS_OF_A_NEW_LOOK = """known => {
    const CLEAR = 'rgba(0, 0, 0, 0),none,1'
    const looks = new Map()
    const grounds = new Map([[document, '']])
    const ground = one => {
        if (!grounds.has(one)) {
            const style = getComputedStyle(one)
            const own = [style.backgroundColor, style.backgroundImage, style.opacity].join()
            grounds.set(one, (own === CLEAR ? '' : own) + ground(one.parentNode))
        }
        return grounds.get(one)
    }
    const seen = one => {
        const box = one.getBoundingClientRect()
        return box.width > 1 && box.height > 1 && one.checkVisibility({ visibilityProperty: true })
            && !one.closest(':disabled, [aria-disabled=true]')
    }
    for (const one of document.querySelectorAll('body, body *')) {
        const speaks = one.matches('input, select, textarea')
            || [...one.childNodes].some(child => child.nodeType === Node.TEXT_NODE && child.data.trim())
        if (!speaks || !seen(one)) continue
        const style = getComputedStyle(one)
        const look = [style.color, style.fontSize, style.fontWeight, ground(one)].join()
        if (!known.includes(look)) looks.set(look, [...looks.get(look) ?? [], one])
    }
    window.textsOfANewLook = [...looks.values()].flat()
    return [...looks.keys()]
}"""


def faults(page: Page, readable: set[str]) -> Iterator[str]:
    """One line for everything that is wrong with the page that is open, on phones and on a wide screen.

    `readable` is the looks of text that were found fit to be read, here or on another page; this one's are added.
    """
    page.evaluate(OPEN_ALL)
    yield from too_wide(page)
    yield from untranslated(page)
    yield from small_targets(page)
    page.evaluate(LOAD_AXE)
    yield from hard_to_use(page)
    yield from hard_to_read(page, readable)
    page.emulate_media(color_scheme="dark")
    yield from (f"dark: {fault}" for fault in hard_to_read(page, readable))
    page.emulate_media(color_scheme="light")


def too_wide(page: Page) -> Iterator[str]:
    """Nobody scrolls sideways, with larger type neither. The phone's width comes last: the other checks look at that."""
    for width in (SMALLEST, DESKTOP["width"], PHONE["width"]):
        page.set_viewport_size({"width": width, "height": PHONE["height"]})
        yield from page.evaluate(TOO_WIDE, width)


def untranslated(page: Page) -> Iterator[str]:
    words = sorted(set(page.evaluate(LATIN)) - LATIN_ALLOWED)
    if words:
        yield f"English on a Chinese page: {' '.join(words)}"


def small_targets(page: Page) -> Iterator[str]:
    for target in page.evaluate(SMALL_TARGETS, TARGET):
        yield f"target below {TARGET} px: {target}"


def hard_to_use(page: Page) -> Iterator[str]:
    """What axe-core finds against WCAG A and AA, contrast apart."""
    yield from map(said, page.evaluate(RUN_AXE, [BUT_CONTRAST, None]))


def hard_to_read(page: Page, readable: set[str]) -> Iterator[str]:
    """Text that axe-core finds too faint; a look that was fit on one page is fit on every other."""
    if new := page.evaluate(TEXTS_OF_A_NEW_LOOK, list(readable)):
        violations = page.evaluate(RUN_AXE, [CONTRAST_ALONE, "textsOfANewLook"])
        yield from map(said, violations)
        if not violations:
            readable.update(new)


def said(violation: dict[str, Any]) -> str:
    nodes = " | ".join(node["html"][:100] for node in violation["nodes"][:3])
    return f"axe {violation['id']} ({len(violation['nodes'])}×): {nodes}"
