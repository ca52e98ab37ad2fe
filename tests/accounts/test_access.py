"""What each hat reaches: `Actor.can`, apart from any page."""

import pytest
from django.contrib.auth.models import AnonymousUser
from django.core.exceptions import PermissionDenied

from accounts.access import ABILITIES, CLOCK, Ability, Actor, actor_of
from accounts.models import CheckIn, Member, Role
from tasks.models import Claim, Task, Wish
from tests.factories import (
    CommunityFactory,
    MemberFactory,
    OrganizationFactory,
    StreetFactory,
    UserFactory,
    WishFactory,
)

pytestmark = pytest.mark.django_db


def test_every_role_has_its_line_in_the_table():
    assert set(ABILITIES) == set(Role)


@pytest.mark.parametrize("person", [AnonymousUser(), None])
def test_nobody_can_do_nothing(person):
    actor = actor_of(person)
    assert not actor.abilities
    assert actor.role == ""


def test_a_person_without_a_hat_can_do_nothing(cast):
    actor = actor_of(UserFactory())
    assert not actor.abilities
    assert not Wish.objects.visible_to(actor).exists()
    assert not Member.objects.visible_to(actor).exists()


def test_the_clock_is_no_person(cast):
    assert not CLOCK.is_person(cast.member.member)
    assert not CLOCK.abilities


@pytest.mark.parametrize(
    ("who", "ability", "where", "can"),
    [
        ("secretary", Ability.CONFIRM, "community", True),
        ("secretary", Ability.CONFIRM, "compound", True),
        ("secretary", Ability.CONFIRM, "other_community", False),
        ("secretary", Ability.CONFIRM, "street", False),
        ("branch", Ability.CONFIRM, "compound", False),
        ("branch", Ability.PROPOSE, "compound", True),
        ("branch", Ability.PROPOSE, "community", False),
        ("city_officer", Ability.CONFIRM, "city", True),
        ("city_officer", Ability.CONFIRM, "community", False),
        ("city_officer", Ability.PUBLISH, "community", False),
        ("city_officer", Ability.SEE_CLAIMS, "community", True),
        ("city_officer", Ability.SEE_UNITS, "unit", True),
        ("street_officer", Ability.SEE_FIGURES, "community", True),
        ("street_officer", Ability.PUBLISH, "street", False),
        ("unit_officer", Ability.SEE_UNITS, "unit", True),
        ("unit_officer", Ability.SEE_UNITS, "other_unit", False),
        ("unit_officer", Ability.SEE_RESIDENT_MEMBERS, "unit", False),
        ("inspector", Ability.CONFIRM, "city", False),
    ],
)
def test_how_far_an_ability_reaches(cast, who, ability, where, can):
    actor, organization = getattr(cast, who), getattr(cast, where)
    assert actor.can(ability, organization) is can
    if not can:
        with pytest.raises(PermissionDenied):
            actor.require(ability, organization)


def test_another_city_is_never_reached(cast):
    abroad = CommunityFactory(parent=StreetFactory(parent=OrganizationFactory(name="别的市", code="BD")))
    for who in ("city_officer", "secretary", "street_officer", "inspector", "unit_officer"):
        actor: Actor = getattr(cast, who)
        assert not any(actor.can(ability, abroad) for ability in Ability), who


@pytest.mark.parametrize("who", ["member", "unit_officer", "city_officer", "street_officer", "inspector", "branch"])
def test_only_the_communitys_staff_see_a_wish(cast, who):
    WishFactory(community=cast.community)
    assert not Wish.objects.visible_to(getattr(cast, who)).exists()
    assert Wish.objects.visible_to(cast.secretary).count() == 1
    assert not Wish.objects.visible_to(cast.other_secretary).exists()


def test_a_unit_officer_sees_nothing_of_what_people_do_at_home(cast):
    assert not Task.objects.visible_to(cast.unit_officer).exists()
    assert not Claim.objects.visible_to(cast.unit_officer).exists()
    assert not CheckIn.objects.visible_to(cast.unit_officer).exists()
    assert list(Member.objects.visible_to(cast.unit_officer)) == [cast.member.member]


def test_a_branch_sees_its_compound_and_not_the_whole_community(cast):
    neighbour = MemberFactory(community=cast.community)
    assert list(Member.objects.visible_to(cast.branch)) == [cast.member.member]
    assert set(Member.objects.visible_to(cast.secretary)) == {cast.member.member, neighbour}
