from typing import Any

import pytest

from tests.browser.chromium import launch_options


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    """Playwright's `browser` is the machine's own Chromium, not a downloaded one."""
    return {**browser_type_launch_args, **launch_options()}
