"""Wake a background job once the transaction that wrote its row has committed."""

from typing import Any

from django.conf import settings
from django.db import transaction


def wake(job: Any, *args: Any) -> None:
    """Ask a worker to run `job` after the commit.

    Never turns a committed action into an error: the row is already waiting, and the relay finds it by its state
    when the broker is down or, without Redis, at its next round.
    """
    if settings.REDIS_URL:
        transaction.on_commit(lambda: job.delay(*args), robust=True)
