"""Processes that live and die together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_WITHIN = 15  # seconds, before a child that does not listen is killed
PR_SET_PDEATHSIG = 1


class Ended(Exception):
    """A child that should live on has ended."""


@dataclass
class Child:
    """A process and the signal that asks it to end in good order."""

    process: subprocess.Popen[bytes]
    ends_on: signal.Signals

    def stop(self) -> None:
        if self.process.poll() is not None:
            return
        self.process.send_signal(self.ends_on)
        try:
            self.process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


def sent_when_parent_dies(number: signal.Signals) -> Callable[[], None]:
    """What a new child runs first: Linux shall signal it should we be killed without a chance to stop it."""

    def ask() -> None:
        if sys.platform == "linux":
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, number)

    return ask


class Children:
    """Started one by one, stopped in reverse when the `with` block is left."""

    def __init__(self, *, logs: Path | None = None) -> None:
        self.logs = logs
        self.running: dict[str, Child] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        env: Mapping[str, str] | None = None,
        ends_on: signal.Signals = signal.SIGTERM,
        **options: Any,
    ) -> None:
        """Start a command in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
        log = (self.logs / f"{name}.log").open("ab") if self.logs else None
        process = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            preexec_fn=sent_when_parent_dies(ends_on),
            **options,
        )
        if log:
            log.close()
        self.running[name] = Child(process, ends_on)

    def check(self) -> None:
        """Raise Ended for the first child that no longer runs."""
        for name, child in self.running.items():
            if child.process.poll() is not None:
                log = f"; see {self.logs / name}.log" if self.logs else ""
                raise Ended(f"{name} has ended with exit code {child.process.returncode}{log}")

    def wait(self) -> None:
        """Return never, but raise Ended as soon as one has ended."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        for child in reversed(self.running.values()):
            child.stop()
        self.running.clear()


def stop_on_signal() -> None:
    """Let SIGTERM and SIGHUP end this program as Ctrl-C does: through the `with` blocks, in order."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
