"""Many people at the same moment: threads with a connection each, let go together."""

import os
import threading
from collections.abc import Callable, Sequence
from typing import Any

from django.db import connections

from vanguard.lib.refused import Refused

LONG = os.environ.get("LONG") == "1"
ROUNDS = range(25 if LONG else 2)


def at_once(*acts: Callable[[], Any]) -> list[Any]:
    """What each of `acts` gave back, or the exception it ended with, in their order."""
    gate = threading.Barrier(len(acts))
    outcomes: list[Any] = [None] * len(acts)

    def run(i: int) -> None:
        try:
            gate.wait(timeout=30)
            outcomes[i] = acts[i]()
        except Exception as error:
            outcomes[i] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(i,), daemon=True) for i in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    assert not any(thread.is_alive() for thread in threads), "somebody still waits after a minute"
    return outcomes


def reasons(outcomes: Sequence[Any]) -> list[Any]:
    """Why those who were refused were; any other exception is raised here."""
    for outcome in outcomes:
        if isinstance(outcome, Exception) and not isinstance(outcome, Refused):
            raise outcome
    return [outcome.reason for outcome in outcomes if isinstance(outcome, Refused)]


def meet(n: int) -> Callable[..., None]:
    """A point in an action where `n` threads wait for each other, so that a race is sure to happen."""
    gate = threading.Barrier(n)

    def wait(*_args: Any, **_kwargs: Any) -> None:
        try:
            gate.wait(timeout=2)
        except threading.BrokenBarrierError:
            return

    return wait
