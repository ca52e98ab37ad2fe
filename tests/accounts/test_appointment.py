from datetime import date, timedelta

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import CLOCK, hats_of
from accounts.actions.appointment import appoint
from accounts.models import Appointment, Record, Role
from accounts.models.appointment import KIND_OF_ROLE
from accounts.refusals import Reason
from tests.factories import AppointmentFactory, UserFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
PLACES = ["city", "street", "community", "compound", "unit"]


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("place", PLACES)
def test_a_role_goes_with_one_kind_of_organization(cast, role, place):
    organization, user = getattr(cast, place), UserFactory()
    if KIND_OF_ROLE[role] == organization.kind:
        appointment = appoint(user, organization, role, starts_on=date(2026, 1, 1), by=CLOCK)
        assert Record.objects.filter(verb="appointed", subject_id=appointment.pk).exists()
        return
    with pytest.raises(Refused) as refused:
        appoint(user, organization, role, starts_on=date(2026, 1, 1), by=CLOCK)
    assert refused.value.reason == Reason.WRONG_KIND
    assert not Appointment.objects.filter(user=user).exists()


def test_the_same_role_is_held_once(cast):
    user = UserFactory()
    appoint(user, cast.community, Role.SECRETARY, starts_on=date(2026, 1, 1), by=CLOCK)
    with pytest.raises(IntegrityError), transaction.atomic():
        appoint(user, cast.community, Role.SECRETARY, starts_on=date(2026, 2, 1), by=CLOCK)
    assert Appointment.objects.filter(user=user).count() == 1


@pytest.mark.parametrize(("begins", "ends", "hats"), [(0, 0, 1), (1, None, 0), (-9, -1, 0), (-9, 0, 1), (-9, None, 1)])
def test_it_is_worn_from_its_first_to_its_last_day(cast, begins, ends, hats):
    today = timezone.localdate()
    appointment = AppointmentFactory(
        organization=cast.community,
        starts_on=today + timedelta(days=begins),
        ends_on=None if ends is None else today + timedelta(days=ends),
    )
    assert len(list(hats_of(appointment.user))) == hats
