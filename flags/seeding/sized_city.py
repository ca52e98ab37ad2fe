"""A city of any size with one full year of services (`manage.py seed_city`)."""

from datetime import date
from random import Random

from django.db import transaction

from accounts.models import Appointment, CheckIn, Consent, Organization, Record, Role
from flags.models import FlagAward
from flags.seeding.board import Board
from flags.seeding.city import City, found_city
from flags.seeding.people import Registry, Resident, add_users, appoint_all, draw_units, settle
from flags.seeding.refusals import Reason
from flags.seeding.rules import add_boundary_lines, add_rules
from flags.seeding.shares import SERVICES_AT_MOST, VALUE_AT_MOST, eagerness, share_out
from flags.seeding.times import Slot, days, slots, written_then
from flags.seeding.year import serve
from tasks.models import Task, Wish
from vanguard.lib.refused import Refused
from vanguard.lib.statistics import learn_sizes

MEMBERS_AT_MOST = 2_000_000
FIRST_YEAR, LAST_YEAR = 2000, 2100
STAMPED = (CheckIn, Consent, FlagAward, Record, Task, Wish)


def seed_city(*, members: int, flags: int, year: int, seed: int) -> None:
    """Fill an empty database with a city of exactly `members` members and `flags` flags, all earned in `year`.

    Refuses where there is a city already, and numbers that no year could hold. Nobody can log in: everybody has
    an unusable password.
    """
    _check(members, flags, year)
    rng = Random(seed)
    with transaction.atomic(), written_then(*STAMPED):
        city = found_city(rng)
        add_rules(city.city, [year])
        add_boundary_lines()
        registry = Registry(rng, before=date(year, 1, 1))
        secretaries = appoint_staff(city, registry)
        slots_of_year = slots(days(date(year, 1, 1), date(year, 12, 31)))
        units = draw_units(city, rng)
        owed = share_out(flags, [eagerness(rng) for _ in range(members)], SERVICES_AT_MOST * VALUE_AT_MOST)
        heads = share_out(members, [rng.uniform(0.6, 1.4) for _ in city.communities], members)
        for community, count in zip(city.communities, heads, strict=True):
            residents = [
                Resident(registry.newcomer(), community, rng.choice(city.compounds[community]), next(units))
                for _ in range(count)
            ]
            settle(residents, registry)
            _serve_year(community, secretaries[community], residents, owed[:count], slots_of_year, registry)
            owed = owed[count:]
    learn_sizes()


def _check(members: int, flags: int, year: int) -> None:
    most = members * SERVICES_AT_MOST * VALUE_AT_MOST
    if members < 0 or flags < 0:
        raise Refused(Reason.NEGATIVE)
    if not FIRST_YEAR <= year <= LAST_YEAR:
        raise Refused(Reason.YEAR_OUT_OF_RANGE, first=FIRST_YEAR, last=LAST_YEAR)
    if members > MEMBERS_AT_MOST:
        raise Refused(Reason.TOO_MANY_MEMBERS, most=MEMBERS_AT_MOST)
    if flags > most:
        raise Refused(Reason.TOO_MANY_FLAGS, members=members, most=most, services=SERVICES_AT_MOST)
    if Organization.objects.exists():
        raise Refused(Reason.CITY_EXISTS)


def appoint_staff(city: City, registry: Registry) -> dict[Organization, Appointment]:
    """One appointee for the city's, every street's, community's and unit's work; the secretaries come back."""
    posts = [
        (registry.officer(), city.city, Role.CITY_OFFICER),
        (registry.officer(), city.city, Role.INSPECTOR),
        *((registry.officer(), street, Role.STREET_OFFICER) for street in city.streets),
        *((registry.officer(), community, Role.SECRETARY) for community in city.communities),
        *((registry.officer(), unit, Role.UNIT_OFFICER) for unit in city.units),
    ]
    add_users((user for user, _, _ in posts), registry.before)
    appointments = appoint_all(posts, since=registry.before)
    return {row.organization: row for row in appointments if row.role == Role.SECRETARY}


def _serve_year(
    community: Organization,
    secretary: Appointment,
    residents: list[Resident],
    flags: list[int],
    slots_of_year: list[Slot],
    registry: Registry,
) -> None:
    board = Board(community, [secretary])
    serve(board, residents, flags, slots_of_year, SERVICES_AT_MOST, registry)
    board.write()
