"""The tree of organizations: what stands where, and how the city adds, renames and closes."""

from datetime import timedelta
from functools import partial

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import CLOCK, Actor
from accounts.actions.organization import (
    add_organization,
    change_organization,
    close_organization,
    obstacles,
    reopen_organization,
)
from accounts.models import Appointment, CheckIn, Notice, Organization, Record, UnitMembership
from accounts.refusals import Reason
from tests.factories import (
    AppointmentFactory,
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    OrganizationFactory,
    StreetFactory,
    UnitFactory,
    UserFactory,
)
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
        add_organization(by=CLOCK, parent=getattr(cast, parent), kind=kind, name="不该有", code="999999")
    assert refused.value.reason == Reason.WRONG_PARENT
    assert not Organization.objects.filter(code="999999").exists()


def test_it_refuses_a_community_without_a_street(db):
    with pytest.raises(Refused):
        add_organization(by=CLOCK, parent=None, kind=Kind.COMMUNITY, name="不该有", code="999999")


@pytest.mark.parametrize("code", ["12345", "1234567", "12345a", ""])
def test_the_database_refuses_a_community_code_that_is_not_six_digits(cast, code):
    with pytest.raises(IntegrityError), transaction.atomic():
        add_organization(by=CLOCK, parent=cast.street, kind=Kind.COMMUNITY, name="不该有", code=code)


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


# --- adding, changing -----------------------------------------------------------------------


def refused(why, act, *args, **kwargs) -> Refused:
    """It says why, in a sentence, and has written nothing."""
    before = Organization.objects.count(), Record.objects.count(), Notice.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Organization.objects.count(), Record.objects.count(), Notice.objects.count()) == before
    return caught.value


def test_the_city_adds_to_its_own_tree_and_it_is_recorded(cast):
    added = add_organization(
        parent=cast.community, kind=Kind.SUBCOMMUNITY, name="龘䶮𠮷苑", code="LYJ", by=cast.city_officer
    )
    assert added.path == f"{cast.community.path}{added.pk}/"
    row = Record.objects.get(subject_type__model="organization", subject_id=added.pk)
    assert (row.verb, row.appointment) == ("added", cast.city_officer.appointment)


@pytest.mark.parametrize("role", ["secretary", "branch", "street_officer", "unit_officer", "inspector", "member"])
def test_nobody_but_the_city_adds_changes_or_closes(cast, role):
    by = getattr(cast, role)
    with pytest.raises(PermissionDenied):
        add_organization(parent=cast.community, kind=Kind.SUBCOMMUNITY, name="不该有", code="X1", by=by)
    with pytest.raises(PermissionDenied):
        change_organization(cast.community, name="不该有", by=by)
    with pytest.raises(PermissionDenied):
        close_organization(cast.compound, by=by)
    assert not Organization.objects.filter(name="不该有").exists()


def test_a_city_reaches_no_other_city(cast):
    abroad = CommunityFactory()
    for act in (close_organization, partial(change_organization, name="不该有")):
        with pytest.raises(PermissionDenied):
            act(abroad, by=cast.city_officer)
    with pytest.raises(PermissionDenied):
        add_organization(parent=abroad, kind=Kind.SUBCOMMUNITY, name="不该有", code="X1", by=cast.city_officer)


def test_a_city_is_the_administrators_to_add_and_to_close(cast):
    refused(
        Reason.ADMINISTRATOR_ONLY,
        add_organization,
        parent=None,
        kind=Kind.CITY,
        name="乙",
        code="B",
        by=cast.city_officer,
    )
    refused(Reason.ADMINISTRATOR_ONLY, close_organization, cast.city, by=cast.city_officer)


def test_a_code_that_is_taken_and_a_closed_parent_are_refused(cast):
    asked = {"parent": cast.street, "kind": Kind.COMMUNITY, "name": "听松社区", "by": cast.city_officer}
    refused(Reason.CODE_TAKEN, add_organization, code="330001", **asked)
    Organization.objects.filter(pk=cast.street.pk).update(closed_on="2026-01-01")
    refused(Reason.PARENT_CLOSED, add_organization, code="330077", **asked)


def test_a_renaming_says_from_what_to_what_and_changes_no_path(cast):
    path = cast.community.path
    change_organization(cast.community, name="荷风里社区", phone="000-7", address="", by=cast.city_officer)
    cast.community.refresh_from_db()
    assert (cast.community.name, cast.community.phone, cast.community.path) == ("荷风里社区", "000-7", path)
    why = dict(Record.objects.filter(subject_id=cast.community.pk).values_list("verb", "reason__text"))
    assert why == {"renamed": "荷风社区 → 荷风里社区", "changed": "000-0000001 → 000-7"}


def test_what_stays_as_it_is_is_not_recorded(cast):
    change_organization(cast.community, name=cast.community.name, phone=cast.community.phone, by=cast.city_officer)
    assert not Record.objects.exists()


def test_a_communitys_code_stays_and_a_units_is_not_anothers(cast):
    refused(Reason.CODE_PERMANENT, change_organization, cast.community, code="330099", by=cast.city_officer)
    refused(Reason.CODE_TAKEN, change_organization, cast.unit, code="JYJ", by=cast.city_officer)
    change_organization(cast.unit, code="CZ", by=cast.city_officer)
    assert Organization.objects.get(code="CZ") == cast.unit


# --- closing --------------------------------------------------------------------------------


def close_all(*organizations, by):
    for organization in organizations:
        close_organization(organization, by=by)


def test_closing_ends_the_appointments_there_and_tells_their_people(cast):
    empty = CommunityFactory(parent=cast.street)
    today = timezone.localdate()
    here = AppointmentFactory(organization=empty)
    leaving = AppointmentFactory(organization=empty, ends_on=today)
    coming = AppointmentFactory(organization=empty, starts_on=today + timedelta(days=3))
    close_organization(empty, by=cast.city_officer)
    assert Organization.objects.get(pk=empty.pk).closed_on == today
    here.refresh_from_db()
    assert here.ends_on == today
    assert not Appointment.objects.filter(pk=coming.pk).exists()
    told = set(Notice.objects.filter(kind=Notice.Kind.APPOINTMENT_ENDED).values_list("user", flat=True))
    assert told == {here.user_id, coming.user_id}, f"{leaving.user} knows"
    verbs = Record.objects.filter(user=cast.city_officer.user).values_list("verb", flat=True)
    assert sorted(verbs) == ["appointment ended", "closed", "withdrawn"]


def test_members_who_live_there_keep_it_open(cast):
    said = refused(Reason.MEMBERS_LIVE_HERE, close_organization, cast.compound, by=cast.city_officer).sentence
    assert "1" in said
    leave(cast.member.member)
    close_organization(cast.compound, by=cast.city_officer)


def leave(member):
    member.check_ins.update(status=CheckIn.Status.ENDED, ended_on=timezone.localdate())
    member.home = None
    member.save()


@pytest.mark.parametrize("field", ["community", "compound", "unit"])
def test_check_ins_that_name_it_keep_it_open(cast, field):
    closing = {
        "community": CommunityFactory(parent=cast.street),
        "compound": CompoundFactory(parent=cast.community),
        "unit": UnitFactory(parent=cast.city),
    }
    named = {"community": cast.community, "unit": cast.unit, field: closing[field]}
    waiting = CheckIn.objects.create(member=MemberFactory(), address="1-1", **named)
    refused(Reason.CHECK_INS_PENDING, close_organization, closing[field], by=cast.city_officer)
    CheckIn.objects.filter(pk=waiting.pk).update(status=CheckIn.Status.RETURNED)
    close_organization(closing[field], by=cast.city_officer)


@pytest.mark.parametrize(("ends", "open"), [(None, True), (1, True), (0, False)])
def test_members_who_belong_to_a_unit_today_or_later_keep_it_open(cast, ends, open):
    today = timezone.localdate()
    ends_on = None if ends is None else today + timedelta(days=ends)
    UnitMembership.objects.filter(unit=cast.unit).update(ends_on=ends_on)
    if open:
        refused(Reason.MEMBERS_BELONG, close_organization, cast.unit, by=cast.city_officer)
    else:
        close_organization(cast.unit, by=cast.city_officer)


def test_what_is_in_use_below_keeps_it_open(cast):
    refused(Reason.IN_USE_BELOW, close_organization, cast.street, by=cast.city_officer)
    leave(cast.member.member)
    leave(cast.other_member.member)
    refused(Reason.IN_USE_BELOW, close_organization, cast.community, by=cast.city_officer)
    close_all(cast.compound, cast.community, cast.other_community, cast.street, by=cast.city_officer)
    assert not Organization.objects.within(cast.street.path).in_use().exists()


def test_all_that_stands_in_the_way_is_said_at_once(cast):
    CheckIn.objects.create(member=MemberFactory(), community=cast.community, unit=cast.unit, address="1-1")
    assert len(obstacles(cast.community)) == 3
    assert obstacles(CommunityFactory(parent=cast.street)) == []


def test_it_is_closed_once(cast):
    empty = CommunityFactory(parent=cast.street)
    close_organization(empty, by=cast.city_officer)
    refused(Reason.CLOSED_ALREADY, close_organization, empty, by=cast.city_officer)
    refused(Reason.CLOSED_ALREADY, change_organization, empty, name="新名", by=cast.city_officer)


def test_closing_costs_the_same_for_one_appointment_and_for_thirty(cast):
    def cost(appointments):
        empty = CommunityFactory(parent=cast.street)
        for n in range(appointments):
            AppointmentFactory(organization=empty)
            AppointmentFactory(organization=empty, starts_on=timezone.localdate() + timedelta(days=1 + n))
        with CaptureQueriesContext(connection) as queries:
            close_organization(empty, by=cast.city_officer)
        return len(queries)

    cost(1)
    assert cost(1) == cost(30)


def test_only_an_administrator_reopens(cast):
    empty, administrator = CommunityFactory(parent=cast.street), Actor(user=UserFactory(is_staff=True))
    close_organization(empty, by=cast.city_officer)
    refused(Reason.ADMINISTRATOR_ONLY, reopen_organization, empty, by=cast.city_officer)
    reopen_organization(empty, by=administrator)
    assert Organization.objects.get(pk=empty.pk).closed_on is None


def test_nothing_reopens_below_what_is_closed(cast):
    street = StreetFactory(parent=cast.city)
    empty = CommunityFactory(parent=street)
    close_all(empty, street, by=cast.city_officer)
    administrator = Actor(user=UserFactory(is_staff=True))
    refused(Reason.PARENT_CLOSED, reopen_organization, empty, by=administrator)
