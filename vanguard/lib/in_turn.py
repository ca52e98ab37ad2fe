"""Acts that have nothing to do with each other, done one after the other by a job."""

from collections.abc import Callable, Iterable
from typing import Any


def do_in_turn(acts: Iterable[Callable[[], Any]]) -> None:
    """Do each, whatever becomes of the others; what has failed is raised together in the end, for the log."""
    failures: list[Exception] = []
    for act in acts:
        try:
            act()
        except Exception as failure:
            failures.append(failure)
    if failures:
        raise ExceptionGroup("not everything could be done", failures)
