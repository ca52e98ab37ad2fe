"""What /healthz answers: one word for each part that must be alive."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from health_check.base import HealthCheck, HealthCheckResult
from health_check.checks import Cache, Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from accounts.models import Beat

ALIVE_FOR = timedelta(seconds=90)
# Ours and not the event loop's, which would wait for a probe that hangs before it lets the answer go.
PROBES = ThreadPoolExecutor(max_workers=4, thread_name_prefix="health")


@dataclass
class Worker(HealthCheck):
    """The clock sends a beat every 15 seconds and a worker writes it down: a fresh row shows that both live."""

    database_answers: bool = True

    async def run(self) -> None:
        if not self.database_answers:
            raise ServiceUnavailable("cannot tell without the database")
        newest = await Beat.objects.filter(job="beat").order_by("-at").afirst()
        if newest is None:
            raise ServiceUnavailable("no beat yet")
        if newest.at < timezone.now() - ALIVE_FOR:
            raise ServiceUnavailable(f"no beat since {newest.at:%Y-%m-%d %H:%M:%S} UTC")


@method_decorator(login_not_required, name="dispatch")
class HealthView(HealthCheckView):
    """JSON for whoever watches the platform: 200 when every part is ok, 503 with a short word when one is not."""

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        # The worker's row is asked for last: without a database the query would wait for the pool, and we with it.
        database, cache = await asyncio.gather(Database().get_result(PROBES), Cache().get_result(PROBES))
        worker = await Worker(database_answers=database.error is None).get_result()
        words = {"web": "ok", "database": word(database), "cache": word(cache), "worker": word(worker)}
        return JsonResponse(words, status=200 if set(words.values()) == {"ok"} else 503)


def word(result: HealthCheckResult) -> str:
    return str(result.error).lower() if result.error else "ok"
