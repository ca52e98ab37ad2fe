"""How Chromium is started here, and the two screens that every page is held to."""

import shutil
from typing import Any

from playwright.sync_api import ViewportSize

PHONE: ViewportSize = {"width": 390, "height": 844}
DESKTOP: ViewportSize = {"width": 1280, "height": 800}

# The machine's own Chromium, without its sandbox (a container has no right to make one) and without calls home.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def launch_options() -> dict[str, Any]:
    """What Playwright's `launch` needs to start it."""
    return {"executable_path": shutil.which("chromium") or shutil.which("chromium-browser"), "args": FLAGS}
