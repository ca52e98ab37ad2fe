"""The people of a city: who they are, where they live and work, and who may act for whom."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from django.conf import settings

from accounts.models import Appointment, CheckIn, Consent, Member, Organization, Role, RosterEntry, UnitMembership, User
from flags.seeding.city import City
from flags.seeding.names import draw_name
from flags.seeding.times import at
from vanguard.lib.addressing import address_key

BATCH = 2000
PHONES = 10**8
MEMBER_NUMBERS = 10**10


@dataclass(eq=False)
class Resident:
    """A member with where they live and work; `member` has a key once `settle` has written it."""

    member: Member
    community: Organization
    compound: Organization
    unit: Organization

    def unit_on(self, day: date) -> Organization | None:
        """The work unit of that day: none once retired."""
        retired_on = self.member.retired_on
        return None if retired_on and day >= retired_on else self.unit


@dataclass
class Registry:
    """Hands out names, phones and numbers: each phone and number once, the same ones from the same seed."""

    rng: Random
    before: date
    phones: Iterator[int] = field(init=False)
    numbers: Iterator[int] = field(init=False)
    staff: int = 0

    def __post_init__(self) -> None:
        self.phones = distinct(self.rng, PHONES)
        self.numbers = distinct(self.rng, MEMBER_NUMBERS)

    def phone(self) -> str:
        return f"100{next(self.phones):08d}"

    def officer(self, name: str = "", username: str = "", password: str = "") -> User:
        """Somebody who is appointed, not saved yet."""
        self.staff += 1
        return self._user(username or f"s{self.staff:06d}", name, password)

    def newcomer(self, name: str = "", username: str = "", password: str = "") -> Member:
        """Somebody who will be a member, not saved yet."""
        number = f"{next(self.numbers):010d}"
        return Member(user=self._user(username or f"u{number}", name, password), number=number)

    def _user(self, username: str, name: str, password: str) -> User:
        return User(
            username=username,
            name=name or draw_name(self.rng),
            phone=self.phone(),
            password=password or f"!{self.rng.getrandbits(160):040x}",  # "!" marks a password nobody can type
            date_joined=at(self.before - timedelta(days=self.rng.randint(1, 300))),
        )


def distinct(rng: Random, below: int) -> Iterator[int]:
    """Numbers under `below`, none twice."""
    drawn: set[int] = set()
    while True:
        number = rng.randrange(below)
        if number not in drawn:
            drawn.add(number)
            yield number


def draw_units(city: City, rng: Random) -> Iterator[Organization]:
    """Units for one member after another: everybody's three first, then the big ones more often."""
    for _ in range(3):
        yield from rng.sample(city.units, len(city.units))
    weights = [rng.paretovariate(1.5) for _ in city.units]
    while True:
        yield from rng.choices(city.units, weights, k=100)


def settle(residents: list[Resident], registry: Registry) -> None:
    """Write members with all that belongs to them: approved check-in, work unit and a roster line that agrees.

    All of it before `registry.before`, the first day of the time to be filled.
    """
    rng, before = registry.rng, registry.before
    add_users((resident.member.user for resident in residents), before)
    for resident in residents:
        resident.member.home = resident.compound
    Member.objects.bulk_create((resident.member for resident in residents), BATCH)
    joined = [before - timedelta(days=rng.randint(366, 4000)) for _ in residents]
    moved_in = [before - timedelta(days=rng.randint(1, 300)) for _ in residents]
    UnitMembership.objects.bulk_create(
        (
            UnitMembership(
                member=resident.member, unit=resident.unit, starts_on=day, ends_on=resident.member.retired_on
            )
            for resident, day in zip(residents, joined, strict=True)
        ),
        BATCH,
    )
    CheckIn.objects.bulk_create(
        (
            CheckIn(
                member=resident.member,
                community=resident.community,
                compound=resident.compound,
                unit=resident.unit,
                phone=str(resident.member.user.phone),
                **addressed(draw_address(rng)),
                status=CheckIn.Status.APPROVED,
                submitted_at=at(day - timedelta(days=2), 19),
                approved_on=day,
            )
            for resident, day in zip(residents, moved_in, strict=True)
        ),
        BATCH,
    )
    RosterEntry.objects.bulk_create(
        (
            RosterEntry(
                unit=r.unit,
                name=r.member.user.name,
                phone=str(r.member.user.phone),
                community=r.community,
                member=r.member,
            )
            for r in residents
            if r.member.retired_on is None
        ),
        BATCH,
    )


def add_users(users: Iterable[User], before: date) -> None:
    """Write people, each with the consent asked for at first use."""
    written = User.objects.bulk_create(users, BATCH)
    Consent.objects.bulk_create(
        (
            Consent(user=user, version=settings.PRIVACY_VERSION, given_at=at(before - timedelta(days=1)))
            for user in written
        ),
        BATCH,
    )


def appoint_all(posts: list[tuple[User, Organization, Role]], since: date) -> list[Appointment]:
    """Appoint people who are written already; without a record each, since nobody of the platform did it."""
    return Appointment.objects.bulk_create(
        (
            Appointment(user=user, organization=organization, role=role, starts_on=since)
            for user, organization, role in posts
        ),
        BATCH,
    )


def addressed(address: str) -> dict[str, str]:
    """An address with what it is compared by."""
    return {"address": address, "address_key": address_key(address)}


def draw_address(rng: Random) -> str:
    return f"{rng.randint(1, 24)}幢{rng.randint(1, 3)}单元{rng.randint(1, 17)}0{rng.randint(1, 4)}室"
