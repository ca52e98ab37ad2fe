"""The platform as people meet it, on a free port of this machine: the demo, and the whole stack."""

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Page

from servers import postgres, redis, site
from servers.children import Children
from servers.port import LOOPBACK, answers_ok, free_port, wait_until

READY_WITHIN = 120  # seconds
SERVICES = ("web", "worker", "beat")


@dataclass(frozen=True)
class Stack:
    """Where the pages are, and the database behind them."""

    url: str
    database: str


@contextmanager
def demo_city(var: Path) -> Iterator[str]:
    """The URL of the demonstration city, served by the very command that `make demo` runs."""
    port = free_port()
    # Static files are collected as in the demo, whatever the environment of a test run says.
    env = {**os.environ, "VAR_DIR": str(var), "PORT": str(port), "STATIC_MANIFEST": "1"}
    with Children(logs=_logs(var)) as children:
        children.start("demo", [sys.executable, str(site.ROOT / "bin" / "demo")], env=env)
        url = f"http://{LOOPBACK}:{port}"
        wait_until(lambda: answers_ok(f"{url}/healthz"), within=READY_WITHIN, still=children.check)
        yield url


def enter(page: Page, role: str) -> None:
    """Log in by the demo's one click; `nobody` stays outside. The page's context knows the site's address."""
    if role != "nobody":
        page.goto("/accounts/login/")
        page.locator(f"button[name=role][value={role}]").click()


@contextmanager
def stack(var: Path) -> Iterator[Stack]:
    """PostgreSQL, Redis, web, worker and beat, started as a city starts them: neither debug nor demo."""
    with postgres.throwaway() as database, Children(logs=_logs(var)) as children:
        env = site.environment(
            var,
            free_port(),
            DEMO="0",
            SECRET_KEY="only-for-tests",
            ALLOWED_HOSTS=LOOPBACK,
            FICTIONAL_PHONES="1",
            STATIC_MANIFEST="1",
            EMAIL_URL="dummymail://",
            DATABASE_URL=database,
            REDIS_URL=redis.start(children),
        )
        subprocess.run([site.SERVE, "migrate"], env=env, check=True, stdout=subprocess.DEVNULL)
        site.manage(env, "seed_demo")
        site.collect_static(env)
        for service in SERVICES:
            children.start(service, [site.SERVE, service], env=env)
        url = f"http://{env['WEB_BIND']}"
        wait_until(lambda: answers_ok(f"{url}/healthz"), within=READY_WITHIN, still=children.check)
        yield Stack(url, database)


def _logs(var: Path) -> Path:
    logs = var / "logs"
    logs.mkdir(parents=True, exist_ok=True)
    return logs
