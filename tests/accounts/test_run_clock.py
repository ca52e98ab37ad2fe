"""run_clock: the schedule without Celery, and when it ends."""

import os
import signal
import sqlite3
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from accounts.management.commands.run_clock import Job, scheduled_jobs

WITHIN = 20  # seconds
CLOCK = [sys.executable, str(settings.BASE_DIR / "manage.py"), "run_clock"]


class Counted:
    def __init__(self, fails: bool = False) -> None:
        self.runs = 0
        self.fails = fails

    def __call__(self) -> None:
        self.runs += 1
        if self.fails:
            raise ValueError("out of order")


def until(reached) -> None:
    deadline = time.monotonic() + WITHIN
    while not reached():
        assert time.monotonic() < deadline, "not within the time"
        time.sleep(0.1)


def environment(var: Path) -> dict[str, str]:
    """A database of its own, on SQLite whatever the suite runs on."""
    return {**os.environ, "VAR_DIR": str(var), "DATABASE_URL": f"sqlite:///{var / 'clock.sqlite3'}"}


def beats(var: Path) -> int:
    with sqlite3.connect(var / "clock.sqlite3") as database:
        return database.execute("SELECT count(*) FROM accounts_beat").fetchone()[0]


def is_alive(pid: int) -> bool:
    """Whether the process runs; a zombie that nobody has waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False


@pytest.mark.django_db
class TestJob:
    def test_it_runs_when_due_and_then_at_its_interval(self):
        run = Counted()
        job = Job("a.job", 10, run, due=100)
        for now in (99, 100, 101, 109, 110, 119, 120):
            job.run_when_due(now)
        assert run.runs == 3

    def test_after_a_long_pause_it_runs_once(self):
        run = Counted()
        job = Job("a.job", 10, run, due=100)
        job.run_when_due(1000)
        job.run_when_due(1001)
        assert run.runs == 1

    def test_a_failure_is_logged_and_tried_again(self, caplog):
        run = Counted(fails=True)
        job = Job("a.job", 10, run, due=100)
        job.run_when_due(100)
        job.run_when_due(110)
        assert run.runs == 2
        assert "a.job failed" in caplog.text
        assert "out of order" in caplog.text


def test_every_job_of_the_schedule_is_there():
    assert [job.name for job in scheduled_jobs(settings.SCHEDULE)] == list(settings.SCHEDULE)


@pytest.mark.parametrize("name", ["accounts.jobs.no_such_job", "no_such_app.jobs.beat"])
def test_a_missing_job_stops_the_start(settings, name):
    settings.SCHEDULE = {"accounts.jobs.beat": 15, name: 5}
    with pytest.raises(CommandError, match=r"no_such"):
        call_command("run_clock")


def test_it_beats_and_ends_on_sigterm(tmp_path):
    env = environment(tmp_path)
    subprocess.run([*CLOCK[:-1], "migrate", "--verbosity", "0"], env=env, check=True)
    clock = subprocess.Popen(CLOCK, env=env)
    try:
        until(lambda: beats(tmp_path) > 0)
        clock.send_signal(signal.SIGTERM)
        assert clock.wait(WITHIN) == 0
    finally:
        clock.kill()


def test_it_ends_when_its_parent_is_killed(tmp_path):
    parent = subprocess.Popen(
        ["sh", "-c", '"$@" --with-parent $$ 2>/dev/null & echo $!; wait', "sh", *CLOCK],
        env=environment(tmp_path),
        stdout=subprocess.PIPE,
        text=True,
    )
    clock = int(parent.stdout.readline())
    until(lambda: (tmp_path / "clock.sqlite3").exists())
    assert is_alive(clock)
    parent.kill()
    parent.wait()
    until(lambda: not is_alive(clock))


def test_it_does_not_outlive_a_parent_that_was_gone_before_it_began(tmp_path):
    done = subprocess.run([*CLOCK, "--with-parent", "1"], env=environment(tmp_path), timeout=WITHIN)
    assert done.returncode == 0
