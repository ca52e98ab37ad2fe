import pytest
from django.db import IntegrityError, transaction

from accounts.actions.organization import add_organization
from accounts.models import Organization
from accounts.refusals import Reason
from tests.factories import CommunityFactory, OrganizationFactory
from vanguard.lib.refused import Refused

Kind = Organization.Kind
pytestmark = pytest.mark.django_db


def test_its_path_continues_that_of_its_parent(cast):
    assert cast.compound.path == f"{cast.community.path}{cast.compound.pk}/"
    assert cast.compound.city_path == cast.city.path


@pytest.mark.parametrize(
    ("parent", "kind"),
    [
        ("community", Kind.COMMUNITY),
        ("city", Kind.COMMUNITY),
        ("city", Kind.CITY),
        ("street", Kind.WORK_UNIT),
        ("compound", Kind.SUBCOMMUNITY),
        ("unit", Kind.SUBCOMMUNITY),
    ],
)
def test_it_refuses_a_kind_that_cannot_stand_there(cast, parent, kind):
    with pytest.raises(Refused) as refused:
        add_organization(parent=getattr(cast, parent), kind=kind, name="不该有", code="999999")
    assert refused.value.reason == Reason.WRONG_PARENT
    assert not Organization.objects.filter(code="999999").exists()


def test_it_refuses_a_community_without_a_street(db):
    with pytest.raises(Refused):
        add_organization(parent=None, kind=Kind.COMMUNITY, name="不该有", code="999999")


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", ""])
def test_the_database_refuses_a_community_code_that_is_not_six_digits(cast, code):
    with pytest.raises(IntegrityError), transaction.atomic():
        add_organization(parent=cast.street, kind=Kind.COMMUNITY, name="不该有", code=code)


def test_a_neighbour_whose_key_begins_alike_is_not_inside():
    first = OrganizationFactory()
    neighbour = OrganizationFactory()
    Organization.objects.filter(pk=first.pk).update(path="7/")
    Organization.objects.filter(pk=neighbour.pk).update(path="77/")
    assert list(Organization.objects.within("7/")) == [first]


def test_no_path_means_no_organization(cast):
    assert not Organization.objects.within().exists()


def test_what_is_closed_is_not_in_use(cast):
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01")
    assert closed not in Organization.objects.communities().in_use()
    assert cast.community in Organization.objects.communities().in_use()
