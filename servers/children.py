"""Processes that live and die together."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

STOP_WITHIN = 15  # seconds, before a child that does not listen is killed
PR_SET_PDEATHSIG = 1


class Ended(Exception):
    """A child that should live on has ended."""


def end_with_parent() -> None:
    """Ask Linux for a SIGTERM should the parent be killed without a chance to stop its children."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class Children:
    """Started one by one, stopped in reverse when the `with` block is left."""

    def __init__(self, *, logs: Path | None = None) -> None:
        self.logs = logs
        self.running: dict[str, subprocess.Popen[bytes]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        self.stop()

    def start(self, name: str, command: Sequence[str], *, env: Mapping[str, str] | None = None, **options: Any) -> None:
        """Start a command in a session of its own, so that Ctrl-C reaches only us and we stop it in order."""
        log = (self.logs / f"{name}.log").open("ab") if self.logs else None
        self.running[name] = subprocess.Popen(
            command,
            env=env,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT if log else None,
            start_new_session=True,
            preexec_fn=end_with_parent,
            **options,
        )

    def pid(self, name: str) -> int:
        return self.running[name].pid

    def check(self) -> None:
        """Raise Ended for the first child that no longer runs."""
        for name, process in self.running.items():
            if process.poll() is not None:
                log = f"; see {self.logs / name}.log" if self.logs else ""
                raise Ended(f"{name} has ended with exit code {process.returncode}{log}")

    def wait(self) -> None:
        """Return never, but raise Ended as soon as one has ended."""
        while True:
            self.check()
            time.sleep(0.2)

    def stop(self) -> None:
        for process in reversed(self.running.values()):
            if process.poll() is None:
                process.terminate()
                self._wait_or_kill(process)
        self.running.clear()

    def _wait_or_kill(self, process: subprocess.Popen[bytes]) -> None:
        try:
            process.wait(STOP_WITHIN)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def stop_on_signal() -> None:
    """Let SIGTERM and SIGHUP end this program as Ctrl-C does: through the `with` blocks, in order."""

    def interrupt(*_: Any) -> None:
        raise KeyboardInterrupt

    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, interrupt)
