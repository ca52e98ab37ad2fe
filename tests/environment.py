"""The environment of a test run, set before Django reads its settings, and what a test may need of this machine.

Loaded by `-p tests.environment` (pyproject.toml). Nothing here or in any test touches the developer's var/.
"""

import gc
import os
import shutil
import tempfile
from pathlib import Path

import pytest

PARTS = {part: Path(__file__).resolve().parent / part for part in ("tasks", "flags")}
VAR_DIR = Path(tempfile.mkdtemp(prefix="vanguard-tests-"))
(VAR_DIR / "static").mkdir()

os.environ.update(
    {
        "DJANGO_SETTINGS_MODULE": "vanguard.settings",
        "DEBUG": "0",
        "DEMO": "0",
        "SECRET_KEY": "only-for-tests",
        "ALLOWED_HOSTS": "testserver,localhost,127.0.0.1",
        "FICTIONAL_PHONES": "1",
        "VAR_DIR": str(VAR_DIR),
        "MEDIA_ROOT": str(VAR_DIR / "media"),
        "STATIC_ROOT": str(VAR_DIR / "static"),
        "STATIC_MANIFEST": "0",
        "EMAIL_URL": "memorymail://",
        "REDIS_URL": "",
        "LOG_LEVEL": "ERROR",
        "DJANGO_ALLOW_ASYNC_UNSAFE": "1",  # Playwright's synchronous API runs an event loop around each test
    }
)
os.environ.setdefault("DATABASE_URL", f"sqlite:///{VAR_DIR / 'vanguard.sqlite3'}")

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NEEDED = {
    "browser": ("Chromium", CHROMIUM),
    "stack": ("redis-server", shutil.which("redis-server")),
    "paper": ("pdftotext", shutil.which("pdftotext")),
}


@pytest.hookimpl(tryfirst=True)  # before pytest leaves out what `-m` does not ask for
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    mark_what_asks_for_pages(items)
    if os.environ.get("ONLY_WHAT_USES_THE_DATABASE") == "1":
        leave_out_what_uses_no_database(config, items)
    # Playwright's event loop runs on in this thread to the end, and no asynchronous view can be asked beside it.
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)
    skip_what_cannot_run(items)


def pytest_ignore_collect(collection_path: Path) -> bool | None:
    """`bin/test` says which mark or which part it runs alone: what has none of that is not even imported."""
    if collection_path.suffix != ".py":
        return None
    mark, part = os.environ.get("ONLY_WHAT_IS_MARKED"), os.environ.get("ONLY_THE_PART")
    leave_out = mark and f"mark.{mark}" not in collection_path.read_text()
    own = next((name for name, tests in PARTS.items() if tests in collection_path.parents), "rest")
    return True if leave_out or part and own != part else None


def pytest_sessionstart() -> None:
    gc.disable()  # while modules are imported and tests collected, nothing becomes garbage


def pytest_collection_finish() -> None:
    """Tests leave much behind, and beside the modules and the suite itself it is little: those are looked at no more."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)
    gc.enable()


def mark_what_asks_for_pages(items: list[pytest.Item]) -> None:
    """Pages are tried on PostgreSQL; that each of them opens on SQLite too is seen by the crawl, whose city stands on it."""
    for item in items:
        if item.path.stem.endswith("_views"):
            item.add_marker(pytest.mark.once)


def leave_out_what_uses_no_database(config: pytest.Config, items: list[pytest.Item]) -> None:
    """`bin/test` runs the suite on two databases; what uses none is as it was on the other."""
    fixtures = {"db", "transactional_db", "django_db_setup"}
    using: list[pytest.Item] = []
    others: list[pytest.Item] = []
    for item in items:
        uses_it = item.get_closest_marker("django_db") or fixtures & set(getattr(item, "fixturenames", ()))
        (using if uses_it else others).append(item)
    config.hook.pytest_deselected(items=others)
    items[:] = using


def skip_what_cannot_run(items: list[pytest.Item]) -> None:
    """Skip what needs a program this machine lacks and say so; with REQUIRE_ALL=1 its absence is an error instead."""
    for marker, (program, path) in NEEDED.items():
        asking = [item for item in items if item.get_closest_marker(marker)]
        if path or not asking:
            continue
        if os.environ.get("REQUIRE_ALL") == "1":
            raise pytest.UsageError(f"REQUIRE_ALL=1, but {program} is not installed; {len(asking)} tests need it.")
        for item in asking:
            item.add_marker(pytest.mark.skip(reason=f"{program} is not installed"))


def pytest_unconfigure() -> None:
    shutil.rmtree(VAR_DIR, ignore_errors=True)
