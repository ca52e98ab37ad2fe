"""The eight demo accounts, and the colleagues without a password who keep the rest of the city going."""

from dataclasses import dataclass
from datetime import date
from random import Random

from django.conf import settings
from django.contrib.auth.hashers import make_password

from accounts.models import Appointment, Organization, Role, User
from flags.seeding.city import City
from flags.seeding.people import Registry, Resident, add_users, appoint_all

UNITS_WITH_AN_OFFICER = 14


@dataclass
class Cast:
    """`stage` is the community where the demo accounts live and work; `posts` are written by `appoint_cast`."""

    stage: Organization
    member: Resident
    secretary: Resident
    staff: dict[str, User]

    @property
    def residents(self) -> list[Resident]:
        return [self.member, self.secretary]


def draw_cast(city: City, registry: Registry) -> Cast:
    """The people of the demo accounts, not saved yet, all with the one demo password."""
    password = make_password(settings.DEMO_PASSWORD)
    stage = city.named("荷风社区")
    member = Resident(
        registry.newcomer("张晓明", "member", password), stage, city.named("荷风雅苑一期"), city.named("青澜市财政局")
    )
    secretary = Resident(
        registry.newcomer("陈书敏", "secretary", password), stage, city.named("荷风花园"), city.named("青澜市图书馆")
    )
    names = {
        "admin": "平台管理员",
        "city": "周建平",
        "street": "郑海燕",
        "branch": "孙国华",
        "officer": "钱文博",
        "inspector": "吴立新",
    }
    staff = {username: registry.officer(name, username, password) for username, name in names.items()}
    staff["admin"].is_staff = staff["admin"].is_superuser = True
    return Cast(stage, member, secretary, staff)


def appoint_cast(cast: Cast, city: City, registry: Registry, since: date) -> dict[Organization, list[Appointment]]:
    """Appoint the demo accounts and some fifty colleagues; every community gets a secretary, the stage two.

    The members among them must have been written before.
    """
    posts = [
        (cast.staff["city"], city.city, Role.CITY_OFFICER),
        (cast.staff["inspector"], city.city, Role.INSPECTOR),
        (cast.staff["street"], city.named("望澜街道"), Role.STREET_OFFICER),
        (cast.secretary.member.user, cast.stage, Role.SECRETARY),
        (cast.staff["branch"], cast.member.compound, Role.BRANCH_SECRETARY),
        (cast.staff["officer"], cast.member.unit, Role.UNIT_OFFICER),
    ]
    colleagues = [(registry.officer(), *post) for post in _other_posts(cast, city, registry.rng)]
    add_users([*cast.staff.values(), *(user for user, _, _ in colleagues)], registry.before)
    by_organization: dict[Organization, list[Appointment]] = {}
    for appointment in appoint_all([*posts, *colleagues], since):
        by_organization.setdefault(appointment.organization, []).append(appointment)
    return by_organization


def _other_posts(cast: Cast, city: City, rng: Random) -> list[tuple[Organization, Role]]:
    streets = [street for street in city.streets if street.name != "望澜街道"]
    units = rng.sample([unit for unit in city.units if unit != cast.member.unit], UNITS_WITH_AN_OFFICER)
    return [
        *((street, Role.STREET_OFFICER) for street in streets),
        *((community, Role.SECRETARY) for community in city.communities),
        *((unit, Role.UNIT_OFFICER) for unit in units),
    ]
