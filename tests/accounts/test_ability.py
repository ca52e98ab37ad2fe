"""What a hat may do, in words: on the page of each person, and in the documentation."""

from datetime import timedelta
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import ABILITIES, MEMBER_ABILITIES, Ability
from accounts.models import Role
from accounts.queries.ability import abilities_of, abilities_table
from tests.browsing import browser_of, queries_of, screen
from tests.factories import AppointmentFactory, CommunityFactory, MemberFactory

PAGE = Path(settings.BASE_DIR, "docs", "abilities.md")


def test_the_documentation_says_what_the_code_does():
    assert PAGE.read_text() == abilities_table(), "run `manage.py abilities_table`"


def test_the_command_writes_the_page(tmp_path, monkeypatch):
    page = tmp_path / "abilities.md"
    monkeypatch.setattr("accounts.management.commands.abilities_table.PAGE", page)
    call_command("abilities_table")
    assert page.read_text() == abilities_table()


def test_a_changed_table_is_another_page(monkeypatch):
    monkeypatch.setitem(ABILITIES, Role.INSPECTOR, frozenset({Ability.APPOINT}))
    assert PAGE.read_text() != abilities_table()


def test_each_ability_stands_on_a_line_of_its_own():
    lines = [line for line in abilities_table().splitlines() if line.startswith("|")]
    assert len(lines) == len(Ability) + 3
    assert {line.count("|") for line in lines} == {len(Role) + 3}


@pytest.mark.parametrize(
    ("ability", "marks"),
    [
        ("Confirm services, which lights flags", ["✓", "", "", "✓ ↓", "", "", ""]),
        ("See units' members and figures", ["✓ ↓", "✓ ↓", "", "", "", "✓", ""]),
        ("Take places in shifts", ["", "", "", "", "", "", "✓"]),
    ],
)
def test_a_mark_says_how_far_it_reaches(ability, marks):
    (line,) = [line for line in abilities_table().splitlines() if line.startswith(f"| {ability} ")]
    assert [cell.strip() for cell in line.split("|")[2:-1]] == marks


@pytest.mark.parametrize("role", Role)
def test_the_page_names_every_ability_of_the_hat(cast, role):
    hats = {actor.role: actor for actor in vars(cast).values() if hasattr(actor, "abilities")}
    page = screen(browser_of(hats[role]).get(reverse("abilities")))
    for ability in Ability:
        assert (f"<li>{ability.label}</li>" in page) == (ability in ABILITIES[role])
    assert set(abilities_of(role)) == ABILITIES[role]


def test_several_hats_stand_apart_and_those_to_come_have_their_day(cast):
    user, today = cast.secretary.user, timezone.localdate()
    AppointmentFactory(user=user, organization=cast.other_community)
    AppointmentFactory(user=user, organization=cast.unit, role=Role.UNIT_OFFICER, starts_on=today + timedelta(days=1))
    AppointmentFactory(user=user, organization=CommunityFactory(name="往日社区"), ends_on=today - timedelta(days=1))
    MemberFactory(user=user, community=cast.community)
    response = browser_of(cast.secretary).get(reverse("abilities"))
    assert [row.organization for row, _ in response.context["held"]] == [cast.community, cast.other_community]
    assert [row.organization for row, _ in response.context["coming"]] == [cast.unit]
    assert response.context["as_member"] == MEMBER_ABILITIES
    page = screen(response)
    assert "往日社区" not in page
    assert page.index("枕溪社区 ·") < page.index("青澜市财政局 ·")


def test_who_has_no_hat_is_told_what_to_do(cast):
    resident = AppointmentFactory(organization=cast.community, ends_on=timezone.localdate() - timedelta(days=1)).user
    client = Client()
    client.force_login(resident)
    assert reverse("communities") in screen(client.get(reverse("abilities")))


def test_it_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.secretary), reverse("abilities")
    one = queries_of(client, url)
    for _ in range(29):
        AppointmentFactory(user=cast.secretary.user, organization=CommunityFactory(parent=cast.street))
    assert queries_of(client, url) == one


def test_the_way_there_starts_from_me(cast):
    assert reverse("abilities") in screen(browser_of(cast.secretary).get(reverse("me")))
