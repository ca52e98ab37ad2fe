"""One hat at a time: a person with several acts under one of them, and they never add up."""

import pytest
from django.urls import reverse

from accounts.access import Ability, Actor, actor_of, hats_of
from accounts.models import CheckIn, Role
from tests.browsing import browser_of, screen
from tests.factories import AppointmentFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def both(cast):
    """A member of the community who is its secretary too."""
    user = cast.secretary.user
    MemberFactory(user=user, unit=cast.unit, community=cast.community)
    return user


def key_of(user, role):
    return next(key for key, actor in hats_of(user) if actor.role == role)


def test_hats_never_add_up(both):
    secretary, member = actor_of(both, key_of(both, Role.SECRETARY)), actor_of(both, "member")
    assert Ability.CLAIM in member.abilities
    assert not secretary.abilities & member.abilities
    assert member.home_paths == member.unit_paths == ()
    assert secretary.member is None


def test_two_appointments_do_not_add_up_either(cast):
    user = cast.secretary.user
    AppointmentFactory(user=user, organization=cast.other_community)
    here = actor_of(user, f"appointment-{cast.secretary.appointment.pk}")
    assert here.can(Ability.CONFIRM, cast.community)
    assert not here.can(Ability.CONFIRM, cast.other_community)


def test_a_secretary_does_not_claim_and_a_member_does_not_accept(both, cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    wish = WishFactory(community=cast.community)
    as_secretary, as_member = browser_of(cast.secretary), browser_of(Actor(user=both, member=both.member))
    assert as_secretary.post(reverse("shift_claim", args=[shift.pk])).status_code == 403
    assert as_member.post(reverse("wish_accept", args=[wish.pk])).status_code == 403
    assert as_member.post(reverse("shift_claim", args=[shift.pk])).status_code == 302
    assert as_secretary.post(reverse("wish_accept", args=[wish.pk])).status_code == 302


def test_the_switcher_shows_which_hat_is_worn_and_changes_it(both, cast):
    client = browser_of(cast.secretary)
    assert client.get(reverse("claims")).status_code == 403
    assert 'value="member"' in screen(client.get(reverse("me")))
    assert client.post(reverse("hat"), {"hat": "member"}).status_code == 302
    assert screen(client.get(reverse("claims")))
    assert client.get(reverse("wish_queue")).status_code == 403


def test_a_hat_of_somebody_else_is_not_found_and_changes_nothing(both, cast):
    client = browser_of(cast.secretary)
    for key in ("", "member ", f"appointment-{cast.other_secretary.appointment.pk}", "appointment-0", "\u0000"):
        assert client.post(reverse("hat"), {"hat": key}).status_code == 404
    assert screen(client.get(reverse("wish_queue")))


def test_a_hat_that_has_ended_falls_back_to_one_in_force(both, cast):
    client = browser_of(cast.secretary)
    appointment = cast.secretary.appointment
    appointment.starts_on, appointment.ends_on = "2020-01-01", "2020-12-31"
    appointment.save()
    assert client.get(reverse("wish_queue")).status_code == 403
    assert screen(client.get(reverse("claims")))


def test_what_is_done_keeps_the_hat(both, cast):
    newcomer = MemberFactory()
    check_in = CheckIn.objects.create(member=newcomer, community=cast.community, unit=cast.unit, address="2-202")
    browser_of(cast.secretary).post(reverse("check_in_approve", args=[check_in.pk]))
    moved = both.records.get(subject_id=check_in.pk, new_status="APPROVED")
    assert moved.appointment == cast.secretary.appointment


def test_the_inbox_is_one_for_the_person_under_any_hat(both, cast):
    both.notices.create(kind="CHECK_IN_APPROVED", params={"community": "荷风社区"})
    for hat in (cast.secretary, Actor(user=both, member=both.member)):
        assert "荷风社区" in screen(browser_of(hat).get(reverse("notices")))
