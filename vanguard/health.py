"""What /healthz answers: one word for each part that must be alive."""

import asyncio
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.db import DatabaseError
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from health_check.base import HealthCheck, HealthCheckResult
from health_check.checks import Cache, Database
from health_check.exceptions import ServiceUnavailable
from health_check.views import HealthCheckView

from accounts.models import Beat

ALIVE_FOR = timedelta(seconds=90)


@dataclass
class Worker(HealthCheck):
    """The clock sends a beat every 15 seconds and a worker writes it down: a fresh row shows that both live."""

    async def run(self) -> None:
        try:
            newest = await Beat.objects.filter(job="beat").order_by("-at").afirst()
        except DatabaseError as error:
            raise ServiceUnavailable("cannot tell without the database") from error
        if newest is None:
            raise ServiceUnavailable("no beat yet")
        if newest.at < timezone.now() - ALIVE_FOR:
            raise ServiceUnavailable(f"no beat since {newest.at:%Y-%m-%d %H:%M:%S} UTC")


@method_decorator(login_not_required, name="dispatch")
class HealthView(HealthCheckView):
    """JSON for whoever watches the platform: 200 when every part is ok, 503 with a short word when one is not."""

    parts: dict[str, type[HealthCheck]] = {"database": Database, "cache": Cache, "worker": Worker}

    async def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> JsonResponse:
        results = await asyncio.gather(*(check().get_result() for check in self.parts.values()))
        words = {"web": "ok"} | {name: word(result) for name, result in zip(self.parts, results, strict=True)}
        return JsonResponse(words, status=503 if any(result.error for result in results) else 200)


def word(result: HealthCheckResult) -> str:
    return str(result.error).lower() if result.error else "ok"
