"""`make demo`: one command, one ready line, data that stays, and a plain word where it cannot start."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from django.conf import settings

from servers.port import LOOPBACK, free_port, is_taken

DEMO = [sys.executable, str(settings.BASE_DIR / "bin" / "demo")]
SECOND_START_WITHIN = 5  # seconds, by the issue; a loaded machine gets three times that


def environment(var: Path, port: int | str) -> dict[str, str]:
    return {**os.environ, "VAR_DIR": str(var), "PORT": str(port), "STATIC_MANIFEST": "1"}


@contextmanager
def running(var: Path, port: int) -> Iterator[tuple[str, subprocess.Popen[str]]]:
    """The ready line of a demo, and its process."""
    demo = subprocess.Popen(DEMO, env=environment(var, port), stdout=subprocess.PIPE, text=True)
    try:
        yield next(line for line in demo.stdout if line.startswith("Ready: ")), demo
    finally:
        demo.terminate()
        demo.communicate(timeout=30)


def refused(var: Path, port: int | str) -> str:
    done = subprocess.run(DEMO, env=environment(var, port), capture_output=True, text=True, timeout=30)
    assert done.returncode != 0
    return done.stderr


def people(var: Path) -> int:
    with sqlite3.connect(var / "vanguard.sqlite3") as database:
        return database.execute("SELECT count(*) FROM accounts_user").fetchone()[0]


def test_a_taken_port_is_said_before_anything_is_written(tmp_path):
    with socket.create_server((LOOPBACK, 0)) as other:
        port = other.getsockname()[1]
        assert f"Port {port} is taken" in refused(tmp_path / "var", port)
    assert not (tmp_path / "var").exists()


@pytest.mark.parametrize("port", ["http", "0", "65536", "-1"])
def test_a_port_that_is_none_is_said(tmp_path, port):
    assert f"PORT={port} is not a port" in refused(tmp_path, port)


@pytest.mark.stack
def test_its_life(tmp_path):
    """Filled at the first start; alone with its data; stopped without a trace; kept; started over."""
    port = free_port()
    with running(tmp_path, port) as (ready, demo):
        assert re.fullmatch(
            rf"Ready: http://127\.0\.0\.1:{port}/ .* admin city street secretary branch officer inspector member .*"
            rf"{settings.DEMO_PASSWORD}\n",
            ready,
        )
        with urllib.request.urlopen(f"http://127.0.0.1:{port}/accounts/login/") as page:
            assert page.status == 200
        assert "A demo is already running" in refused(tmp_path, free_port())
        demo.send_signal(signal.SIGINT)
        assert demo.wait(30) == 0
    assert not is_taken(port)

    with sqlite3.connect(tmp_path / "vanguard.sqlite3") as database:
        database.execute(
            "INSERT INTO accounts_user (username, name, language, password, is_superuser, is_staff,"
            " is_active, email, date_joined) VALUES ('kept', '', 'en', '', 0, 0, 1, '', '2026-01-01')"
        )
    before = people(tmp_path)
    started = time.monotonic()
    with running(tmp_path, port):
        assert time.monotonic() - started < 3 * SECOND_START_WITHIN
        assert people(tmp_path) == before

    subprocess.run([*DEMO, "--reset"], env=environment(tmp_path, port), check=True, stdout=subprocess.DEVNULL)
    assert people(tmp_path) == before - 1
