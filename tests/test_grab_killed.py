"""The web servers are killed in the middle of a rush: what was acknowledged stays, and nothing is half-written.

Each member has a phone of their own and taps one shift after the other, over HTTP. Some come alone, whose place is one
statement of PostgreSQL; the others bring a companion, whose places take a transaction of several.
"""

import os
import signal
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from threading import Semaphore
from urllib.parse import urlencode

import pytest
from django.conf import settings
from django.db import connection
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.test import Client
from django.utils import timezone

from accounts.models import Member, Notice, Record
from servers import site
from servers.children import Children
from servers.port import LOOPBACK, answers_ok, free_port, wait_until
from tasks.models import Claim, Shift
from tests.factories import MemberFactory, ShiftFactory, TaskFactory
from tests.storm import at_once, reasons

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif("connection.vendor != 'postgresql'", reason="a city's servers write to PostgreSQL"),
]

MEMBERS, SHIFTS = 60, 20
TAPS = 5  # of each member, which is as many places as one may hold
KILLED_AFTER = 30  # answers, of 300
YOURS = "It is yours: "
READY_WITHIN = 60  # seconds
WEB = "web to be killed"  # as PostgreSQL knows its connections


class Web:
    """`bin/serve web` on a port that stays the same, in a process group of its own; it writes to the tests' database."""

    def __init__(self, var: Path, children: Children) -> None:
        self.port = free_port()
        server = os.environ["DATABASE_URL"].rpartition("/")[0]
        database = f"{server}/{connection.settings_dict['NAME']}"
        self.env = site.environment(var, self.port, DEMO="0", DATABASE_URL=database, PGAPPNAME=WEB)
        self.children = children

    def start(self) -> None:
        self.children.start("web", [site.SERVE, "web"], env=self.env)

    def wait(self) -> None:
        """Until pages are there."""
        url = f"http://{LOOPBACK}:{self.port}/accounts/login/"
        wait_until(lambda: answers_ok(url), within=READY_WITHIN, still=self.children.check)

    def kill(self) -> None:
        """The master and its workers at once, without a chance to finish anything."""
        process = self.children.running["web"].process
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()

    def ask(self, method: str, path: str, headers: dict[str, str], body: str = "") -> tuple[int, str, str]:
        """The status, where it leads and the page; OSError or HTTPException where no answer comes."""
        http = HTTPConnection(LOOPBACK, self.port, timeout=30)
        try:
            http.request(method, path, body, headers)
            answer = http.getresponse()
            return answer.status, answer.headers.get("Location", ""), answer.read().decode()
        finally:
            http.close()


@dataclass
class Phone:
    """A member's browser, signed in, and what it was told."""

    web: Web
    member: int
    headers: dict[str, str]
    token: str
    companions: int
    shifts: list[Shift]
    acknowledged: list[Shift] = field(default_factory=list)
    unanswered: list[Shift] = field(default_factory=list)

    def grab(self, answered: Semaphore) -> None:
        """Tap one shift after the other, until there is no answer."""
        for shift in self.shifts:
            try:
                self.tap(shift)
            except (OSError, HTTPException):
                self.unanswered.append(shift)
                return
            self.acknowledged.append(shift)
            answered.release()

    def tap(self, shift: Shift) -> None:
        form = urlencode({"csrfmiddlewaretoken": self.token, "companions": self.companions})
        headers = {**self.headers, "Content-Type": "application/x-www-form-urlencoded"}
        status, leads_to, _ = self.web.ask("POST", f"{shift.page}claim/", headers, form)
        assert (status, leads_to) == (302, shift.page)

    def look_again(self) -> None:
        """What was acknowledged is theirs still; the last tap, answered or not, is theirs when it is sent again."""
        for shift in self.acknowledged:
            assert self.says_it_is_mine(shift)
        last = (self.acknowledged + self.unanswered)[-1]
        self.tap(last)
        assert self.says_it_is_mine(last)

    def says_it_is_mine(self, shift: Shift) -> bool:
        status, _, page = self.web.ask("GET", shift.page, self.headers)
        return status == 200 and YOURS in page


@pytest.fixture
def web(tmp_path: Path, db: None) -> Iterator[Web]:
    with Children(logs=tmp_path) as children:
        web = Web(tmp_path, children)
        web.start()
        yield web


@pytest.fixture
def phones(cast, web: Web) -> list[Phone]:
    shifts = one_after_the_other(cast.community)
    members = MemberFactory.create_batch(MEMBERS, unit=cast.unit, community=cast.community)
    return [
        signed_in(web, member, companions=n % 2, shifts=[shifts[(n + 3 * tap) % SHIFTS] for tap in range(TAPS)])
        for n, member in enumerate(members)
    ]


def one_after_the_other(community) -> list[Shift]:
    """So many shifts, with a place for everybody and a companion in each."""
    task, begin = TaskFactory(publisher=community, companions_at_most=1), timezone.now() + timedelta(days=2)
    hours = [begin + timedelta(hours=2 * n) for n in range(SHIFTS)]
    return [ShiftFactory(task=task, starts_at=hour, capacity=2 * MEMBERS) for hour in hours]


def signed_in(web: Web, member: Member, *, companions: int, shifts: list[Shift]) -> Phone:
    """With the cookies of a session and of forms, and with the token that such a form had."""
    client, request = Client(), HttpRequest()
    client.force_login(member.user)
    token = get_token(request)
    cookies = {
        settings.SESSION_COOKIE_NAME: client.cookies[settings.SESSION_COOKIE_NAME].value,
        settings.CSRF_COOKIE_NAME: request.META["CSRF_COOKIE"],
        settings.LANGUAGE_COOKIE_NAME: "en",
    }
    headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
    return Phone(web, member.pk, headers, token, companions, shifts)


def kill_after(n: int, answered: Semaphore, web: Web) -> None:
    for _ in range(n):
        assert answered.acquire(timeout=READY_WITHIN)
    assert is_connected()
    web.kill()


def is_connected() -> bool:
    """Whether PostgreSQL has a connection of the servers, or is not through yet with what killed ones had asked for."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE application_name = %s", [WEB])
        return cursor.fetchone() != (0,)


def pairs(phones: list[Phone], told: str) -> set[tuple[int, int]]:
    """Shift and member of the taps that were `acknowledged`, or `unanswered`."""
    return {(shift.pk, phone.member) for phone in phones for shift in getattr(phone, told)}


def held() -> set[tuple[int, int]]:
    return set(Claim.objects.filter(status=Claim.Status.HELD).values_list("shift", "member"))


def assert_all_is_whole() -> None:
    """Nobody stands twice on a list; each claim has its places, its record and its notice; and none is without claim."""
    claims = list(Claim.objects.all())
    assert len(claims) == len(held())
    taken: Counter[int] = Counter()
    for claim in claims:
        taken[claim.shift_id] += 1 + claim.companions
    assert taken == Counter(dict(Shift.objects.values_list("pk", "taken")))
    recorded = Record.objects.filter(verb="claimed", new_status="HELD", subject_type__model="claim")
    assert sorted(recorded.values_list("subject_id", flat=True)) == sorted(claim.pk for claim in claims)
    told = Notice.objects.filter(kind=Notice.Kind.CLAIM_MADE).values_list("user__member", "link")
    assert sorted(told) == sorted((claim.member_id, claim.page) for claim in claims)


def test_killed_servers_lose_no_place_that_was_acknowledged(web, phones):
    web.wait()
    answered = Semaphore(0)
    grabs = [partial(phone.grab, answered) for phone in phones]
    assert not reasons(at_once(*grabs, partial(kill_after, KILLED_AFTER, answered, web)))
    acknowledged, unanswered = pairs(phones, "acknowledged"), pairs(phones, "unanswered")
    assert KILLED_AFTER <= len(acknowledged) < MEMBERS * TAPS
    assert unanswered, "everybody was through before the servers were killed"

    wait_until(lambda: not is_connected(), within=READY_WITHIN, still=lambda: None)
    assert acknowledged <= held() <= acknowledged | unanswered
    assert_all_is_whole()

    web.start()
    web.wait()
    assert not reasons(at_once(*(phone.look_again for phone in phones)))
    assert held() == acknowledged | unanswered
    assert_all_is_whole()
