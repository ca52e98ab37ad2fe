"""The clock of a demo, where there is neither Redis nor Celery: every job of settings.SCHEDULE, in this one process."""

import logging
import os
import signal
import time
from argparse import ArgumentParser
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from threading import Event
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connections
from django.utils.module_loading import import_string

logger = logging.getLogger(__name__)

LONGEST_SLEEP = 1.0  # seconds: how late a signal or the end of the parent may be noticed


@dataclass
class Job:
    """One line of the schedule, with the time (monotonic, seconds) of its next run."""

    name: str
    every: float
    run: Callable[[], Any]
    due: float = field(default_factory=time.monotonic)

    def run_when_due(self, now: float) -> None:
        """Run it once, however often it was missed. A failure is logged and the next round tries again."""
        if now < self.due:
            return
        self.due = now + self.every
        try:
            self.run()
        except Exception:
            logger.exception("%s failed; it runs again in %s s", self.name, self.every)
        finally:
            connections.close_all()


def scheduled_jobs(schedule: Mapping[str, float]) -> list[Job]:
    """The jobs of a schedule; one that cannot be imported is an error now and not at night."""
    try:
        return [Job(name, every, import_string(name)) for name, every in schedule.items()]
    except ImportError as error:
        raise CommandError(f"settings.SCHEDULE names a job that is not there: {error}") from error


class Command(BaseCommand):
    help = "Run the jobs of settings.SCHEDULE in this process, each at its interval, until SIGTERM or Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--with-parent", type=int, metavar="PID", help="stop when this parent process has ended")

    def handle(self, *args: Any, with_parent: int | None = None, **options: Any) -> None:
        jobs = scheduled_jobs(settings.SCHEDULE)
        stopped = Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, lambda *_: stopped.set())
        while not stopped.is_set() and with_parent in (None, os.getppid()):
            for job in jobs:
                job.run_when_due(time.monotonic())
                if stopped.is_set():
                    return
            soonest = min(job.due for job in jobs) - time.monotonic()
            stopped.wait(min(max(soonest, 0), LONGEST_SLEEP))
