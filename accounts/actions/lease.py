"""Long background work in small transactions: a lease sees to it that one worker does it, and that another goes on
where one has died. For a model with `status`, `Status.RUNNING` and `leased_until`.
"""

from datetime import datetime, timedelta
from typing import Any

from django.utils import timezone

from accounts.access import CLOCK
from accounts.actions.move import move
from vanguard.lib.refused import Refused

LEASE = timedelta(minutes=2)


class LeaseLost(Exception):
    """Another worker has taken the run: nothing more may be written under the old lease."""


def take(run: Any) -> bool:
    """Lease `run` to this worker; False when it is over or another worker's lease holds."""
    until = lease()
    try:
        if run.status == run.Status.RUNNING and run.leased_until and run.leased_until <= timezone.now():
            hold(run, until=until)
            run.leased_until = until
        else:
            move(run, run.Status.RUNNING, by=CLOCK, leased_until=until)
    except (LeaseLost, Refused):
        return False
    return True


def lease() -> datetime:
    return timezone.now() + LEASE


def hold(run: Any, *, until: datetime, **fields: Any) -> None:
    """Prolong the lease where it is still this worker's, in the transaction of what is written under it."""
    mine = type(run)._default_manager.filter(pk=run.pk, status=run.Status.RUNNING, leased_until=run.leased_until)
    if not mine.update(leased_until=until, **fields):
        raise LeaseLost
