"""Long background work in small transactions: a lease sees to it that one worker does it, and that another goes on
where one has died. For a model with `status`, `Status.RUNNING` and `leased_until`.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import CLOCK
from accounts.actions.move import move
from vanguard.lib.refused import Refused

LEASE = timedelta(minutes=2)


class LeaseLost(Exception):
    """Another worker has taken the run: nothing more may be written under the old lease."""


def take(run: Any) -> bool:
    """Lease `run` to this worker; False when it is over or another worker's lease holds."""
    try:
        if run.status == run.Status.RUNNING and run.leased_until and run.leased_until <= timezone.now():
            with holding(run):
                pass
        else:
            move(run, run.Status.RUNNING, by=CLOCK, leased_until=lease())
    except (LeaseLost, Refused):
        return False
    return True


def lease() -> datetime:
    return timezone.now() + LEASE


@contextmanager
def holding(run: Any, **fields: Any) -> Iterator[None]:
    """A transaction under the lease, which is prolonged where it is still this worker's; `fields` are set with it.

    The row in memory follows once all of it has been written: after a failure the worker still holds what it held.
    """
    values = {"leased_until": lease(), **fields}
    with transaction.atomic():
        mine = type(run)._default_manager.filter(pk=run.pk, status=run.Status.RUNNING, leased_until=run.leased_until)
        if not mine.update(**values):
            raise LeaseLost
        yield
    for name, value in values.items():
        setattr(run, name, value)
