"""The member's wall and the unit officer's dashboard: queries, and time in a small city and in one ten times its size."""

import statistics
from time import perf_counter
from typing import Any

from bench.grab import at_most

QUERIES_AT_MOST = 15
GROWTH_AT_MOST = 1.3
READERS = 12


class Pages:
    """The same pages opened in several cities, by members with as many flags and officers of units of all sizes."""

    def __init__(self, year: int) -> None:
        self.addresses = {"flag wall": f"/flags/?year={year}", "unit dashboard": f"/unit/?year={year}"}
        self.year = year
        self.readers: dict[tuple[str, str], list[Any]] = {}
        self.queries: dict[tuple[str, str], set[int]] = {}
        self.times: dict[tuple[str, str], list[float]] = {}

    def meet(self, city: str) -> None:
        """Sign in who will look, and count the queries of one look of each; the first look of all is a warming up."""
        from django.db.models import Sum

        from accounts.models import Appointment, Member, Role

        members = Member.objects.filter(awards__year=self.year).annotate(flags=Sum("awards__value")).filter(flags=7)
        people = {
            "flag wall": [member.user for member in members.select_related("user").order_by("number")[:READERS]],
            "unit dashboard": [
                appointment.user
                for appointment in Appointment.objects.filter(role=Role.UNIT_OFFICER)
                .select_related("user")
                .order_by("organization__code")[:READERS]
            ],
        }
        for page, users in people.items():
            self.readers[page, city] = [signed_in(user) for user in users]
            assert len(self.readers[page, city]) == READERS
            for client in self.readers[page, city]:
                client.get(self.addresses[page])
            self.queries[page, city] = {self._queries(page, client) for client in self.readers[page, city]}
            self.times[page, city] = []

    def open_all(self, city: str) -> None:
        for page, address in self.addresses.items():
            for client in self.readers[page, city]:
                started = perf_counter()
                response = client.get(address)
                self.times[page, city].append(perf_counter() - started)
                assert response.status_code == 200, response

    def _queries(self, page: str, client: Any) -> int:
        from django.db import connection
        from django.test.utils import CaptureQueriesContext

        with CaptureQueriesContext(connection) as queries:
            client.get(self.addresses[page])
        return len(queries)

    def figures(self) -> list[dict[str, Any]]:
        results = []
        for page in self.addresses:
            small, whole = (self.queries[page, city] for city in ("small", "whole"))
            counted = at_most(f"{page}: queries", max(small | whole), QUERIES_AT_MOST, 1.0)
            results.append({**counted, "ok": counted["ok"] and small == whole, "small": sorted(small)})
            before, after = (statistics.median(self.times[page, city]) for city in ("small", "whole"))
            results.append(
                at_most(f"{page}: milliseconds with ten times the data", 1000 * after, 1000 * before, GROWTH_AT_MOST)
            )
        return results


def signed_in(user: Any) -> Any:
    from django.conf import settings
    from django.test import Client

    from servers.port import LOOPBACK

    client = Client(HTTP_HOST=LOOPBACK)
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
    return client
