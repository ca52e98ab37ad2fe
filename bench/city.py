"""The city in which places are grabbed: 11,000 members with a year behind them, some of them signed in, and shifts."""

from dataclasses import dataclass
from datetime import date, timedelta
from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from accounts.models import Member

MEMBERS, FLAGS, SEED = 11_000, 80_000, 1


@dataclass
class Person:
    """A member who is signed in, with what their browser keeps and the token of the forms it was shown."""

    key: int
    community: int
    cookies: dict[str, str]
    token: str


@dataclass
class Team:
    """A helper group, its leader first."""

    key: int
    people: list[Person]


def fill() -> None:
    """The scale of domain.md; everybody can be reached by mail, so that each notice is to be mailed too."""
    from django.db import connection
    from django.db.models import F, Value
    from django.db.models.functions import Concat

    from accounts.models import User
    from flags.seeding.sized_city import seed_city

    seed_city(members=MEMBERS, flags=FLAGS, year=date.today().year - 1, seed=SEED)
    User.objects.update(email=Concat(F("username"), Value("@example.org")))
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")


def signed_in(n: int) -> list[Person]:
    """So many members, of all communities, each with a session made by Django's own log-in."""
    from accounts.models import Member

    members = Member.objects.checked_in().select_related("user", "home__parent").order_by("number")
    return [sign_in(member) for member in members[:n]]


def sign_in(member: "Member") -> Person:
    """As the log-in page does it once the password has been found right, and the page after it that has a form."""
    from django.conf import settings
    from django.contrib.auth import login
    from django.http import HttpRequest
    from django.middleware.csrf import get_token

    request = HttpRequest()
    request.session = import_module(settings.SESSION_ENGINE).SessionStore()
    login(request, member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    request.session.save()
    token = get_token(request)
    cookies = {
        settings.SESSION_COOKIE_NAME: str(request.session.session_key),
        settings.CSRF_COOKIE_NAME: request.META["CSRF_COOKIE"],
    }
    assert member.home is not None
    return Person(member.pk, member.home.community.pk, cookies, token)


def teams(people: list[Person], n: int, *, size: int) -> list[Team]:
    """So many helper groups of neighbours, everybody in one at most, who have all agreed to belong to it."""
    from tasks.models import GroupMembership, HelperGroup

    in_order = sorted(people, key=lambda person: person.community)
    parts = [in_order[i : i + size] for i in range(0, len(in_order), size)]
    neighbours = [part for part in parts if len({person.community for person in part}) == 1][:n]
    groups = HelperGroup.objects.bulk_create(
        HelperGroup(name=f"和睦帮帮团 {i}", community_id=part[0].community, leader_id=part[0].key)
        for i, part in enumerate(neighbours)
    )
    GroupMembership.objects.bulk_create(
        GroupMembership(group=group, member_id=person.key, status=GroupMembership.Status.AGREED)
        for group, part in zip(groups, neighbours, strict=True)
        for person in part
    )
    return [Team(group.pk, part) for group, part in zip(groups, neighbours, strict=True)]


def shifts(n: int, *, places: int) -> list[int]:
    """So many shifts for everybody, two hours each and one after the other, each the only one of its task."""
    from django.utils import timezone

    from accounts.models import Organization
    from tasks.models import Shift, Task

    city, now = Organization.objects.get(kind=Organization.Kind.CITY), timezone.now().replace(microsecond=0)
    told = {"place": "文化家园", "content": "和孩子们一起做灯笼。", "served": "孩子", "contact_name": "王书记"}
    tasks = Task.objects.bulk_create(
        Task(publisher=city, audience=city, title=f"灯笼制作 {i}", status=Task.Status.OPEN, opens_at=now, **told)
        for i in range(n)
    )
    begin = now + timedelta(days=2)
    hours = [begin + timedelta(hours=2 * i) for i in range(n + 1)]
    rows = Shift.objects.bulk_create(
        Shift(task=task, starts_at=hours[i], ends_at=hours[i + 1], capacity=places) for i, task in enumerate(tasks)
    )
    return [row.pk for row in rows]


def empty_again() -> None:
    """Take back what a measurement has left to come, so that everybody is as free as before."""
    from django.utils import timezone

    from tasks.models import Claim, GroupClaim, Shift

    coming = Shift.objects.filter(starts_at__gt=timezone.now())
    Claim.objects.filter(shift__in=coming).delete()
    GroupClaim.objects.filter(shift__in=coming).delete()
    coming.update(taken=0)
