"""The person of a request: with the member they are and their home at once, for every page asks for these."""

from datetime import timedelta

import pytest
from django.contrib.auth import get_user
from django.test import RequestFactory
from django.utils import timezone

from accounts.access import hats_of
from accounts.authentication import AuthenticationBackend
from accounts.models import User
from tests.browsing import browser_of
from tests.factories import AppointmentFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def user_of():
    """As a request finds them by their session."""

    def user_of(actor):
        request = RequestFactory().get("/")
        request.session = browser_of(actor).session
        return get_user(request)

    return user_of


def test_a_member_comes_with_the_home_and_its_hats_cost_one_query_more(cast, user_of, django_assert_num_queries):
    user = user_of(cast.member)
    with django_assert_num_queries(1):  # whether they are appointed anywhere
        [(key, actor)] = hats_of(user)
    with django_assert_num_queries(0):
        assert (key, actor.member, actor.place) == ("member", cast.member.member, cast.compound)
        assert actor.member.user == user


def test_who_is_no_member_has_the_hats_of_the_appointments(cast, user_of, django_assert_num_queries):
    AppointmentFactory(user=cast.secretary.user, organization=cast.other_community)
    user = user_of(cast.secretary)
    with django_assert_num_queries(2):
        assert [str(actor.place) for _, actor in hats_of(user)] == ["荷风社区", "枕溪社区"]


@pytest.mark.parametrize(
    ("starts", "ends", "acts"),
    [(0, None, True), (0, 0, True), (-9, 0, True), (-9, -1, False), (1, None, False), (1, 9, False)],
)
def test_a_hat_is_worn_from_the_first_day_to_the_last(cast, user_of, starts, ends, acts):
    today = timezone.localdate()
    appointment = cast.secretary.appointment
    appointment.starts_on = today + timedelta(days=starts)
    appointment.ends_on = None if ends is None else today + timedelta(days=ends)
    appointment.save()
    assert bool(dict(hats_of(user_of(cast.secretary)))) is acts
    assert appointment.is_in_force(today) is acts
    assert cast.secretary.user.appointments.in_force(today).exists() is acts


@pytest.mark.parametrize("key", [0, 10**12])
def test_who_is_not_there_is_nobody(key):
    assert AuthenticationBackend().get_user(key) is None


def test_a_closed_account_is_nobody(cast, user_of):
    User.objects.filter(pk=cast.member.user.pk).update(is_active=False)
    assert not user_of(cast.member).is_authenticated
