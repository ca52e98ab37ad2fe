"""The cast that every test knows: one small city, one of each role, and a neighbour who has no say here."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from copy import deepcopy
from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection, transaction
from django.test import TransactionTestCase
from django.test.utils import override_settings

from accounts.access import Actor
from accounts.models import Organization, Role
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    OrganizationFactory,
    StreetFactory,
    UnitFactory,
)
from vanguard.lib import guards

KEPT_BY_MIGRATE = {"django_content_type", "auth_permission"}


def actor(organization: Organization, role: Role, name: str) -> Actor:
    appointment = AppointmentFactory(organization=organization, role=role, user__name=name, starts_on=date(2020, 1, 1))
    return Actor(user=appointment.user, appointment=appointment)


def member_actor(member) -> Actor:
    return Actor(user=member.user, member=member)


@pytest.fixture(autouse=True, scope="session")
def cheap_passwords() -> Iterator[None]:
    """A password costs a second on purpose, and here nobody guesses; the started demo and stack hash as a city does."""
    with override_settings(PASSWORD_HASHERS=["django.contrib.auth.hashers.MD5PasswordHasher"]):
        yield


@pytest.fixture(autouse=True, scope="session")
def emptied_past_the_guards() -> Iterator[None]:
    """A test with real transactions ends by emptying every table, the ledgers too: only there they allow it.

    Django would truncate each of them and write anew what migrate writes after itself: dear for the few rows of a test.
    """
    flush = TransactionTestCase._fixture_teardown
    TransactionTestCase._fixture_teardown = lambda case: empty_the_tables()
    yield
    TransactionTestCase._fixture_teardown = flush


def empty_the_tables() -> None:
    """In one transaction, at whose end no row may point to one that is gone."""
    tables = set(connection.introspection.django_table_names(only_existing=True, include_views=False))
    with guards.lifted(), transaction.atomic(), connection.cursor() as cursor:
        for table in tables - KEPT_BY_MIGRATE:
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")


@pytest.fixture(autouse=True)
def empty_cache() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture(scope="module")
def shared_cast(
    request: pytest.FixtureRequest, django_db_setup: None, django_db_blocker: Any
) -> Iterator[SimpleNamespace | None]:
    """The cast, written once for all tests of a module, each of which goes back to it: it costs more than most tests.

    None where a test really commits: it would not, within the transaction that this keeps open.
    """
    if any(commits(item) for item in request.session.items if item.getparent(pytest.Module) is request.node):
        yield None
        return
    with django_db_blocker.unblock(), kept_until_the_end(the_cast) as written:
        yield written


@contextmanager
def kept_until_the_end(write: Callable[[], Any]) -> Iterator[Any]:
    """What `write` writes stays for all tests within. Its foreign keys are checked now, else after each of them."""
    with transaction.atomic():
        written = write()
        connection.check_constraints()
        yield written
        transaction.set_rollback(True)


def commits(item: pytest.Item) -> bool:
    marks = [mark.kwargs.get("transaction") for mark in item.iter_markers("django_db")]
    return any(marks) or "transactional_db" in getattr(item, "fixturenames", ())


@pytest.fixture
def cast(shared_cast: SimpleNamespace | None, db: None) -> SimpleNamespace:
    return deepcopy(shared_cast) if shared_cast else the_cast()


def the_cast() -> SimpleNamespace:
    """青澜市: 荷风 with its compound and 枕溪 next door; 财政局 and 教育局; one person for every role."""
    city = OrganizationFactory(name="青澜市", code="QL")
    street = StreetFactory(parent=city, name="望澜街道", code="WL")
    community = CommunityFactory(parent=street, name="荷风社区", code="330001")
    compound = CompoundFactory(parent=community, name="荷风雅苑一期", code="HF1")
    other_community = CommunityFactory(parent=street, name="枕溪社区", code="330002")
    unit = UnitFactory(parent=city, name="青澜市财政局", code="CZJ")
    other_unit = UnitFactory(parent=city, name="青澜市教育局", code="JYJ")
    member = MemberFactory(user__name="张小明", unit=unit, community=compound, number="0000000001")
    other_member = MemberFactory(user__name="王芳", unit=other_unit, community=other_community, number="0000000002")
    return SimpleNamespace(
        city=city,
        street=street,
        community=community,
        compound=compound,
        other_community=other_community,
        unit=unit,
        other_unit=other_unit,
        city_officer=actor(city, Role.CITY_OFFICER, "周部长"),
        inspector=actor(city, Role.INSPECTOR, "吴督查"),
        street_officer=actor(street, Role.STREET_OFFICER, "郑主任"),
        secretary=actor(community, Role.SECRETARY, "陈书记"),
        second_secretary=actor(community, Role.SECRETARY, "林书记"),
        other_secretary=actor(other_community, Role.SECRETARY, "何书记"),
        branch=actor(compound, Role.BRANCH_SECRETARY, "孙书记"),
        unit_officer=actor(unit, Role.UNIT_OFFICER, "钱干事"),
        other_unit_officer=actor(other_unit, Role.UNIT_OFFICER, "冯干事"),
        member=member_actor(member),
        other_member=member_actor(other_member),
    )
