"""Checking in at the same moment: two taps of somebody who is no member yet make one member and one check-in."""

import pytest

from accounts.access import Actor
from accounts.actions.check_in import Details, submit_check_in
from accounts.models import CheckIn, Member
from accounts.refusals import Reason
from tests.factories import UserFactory
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)
TAPS = 4


@pytest.mark.parametrize("round", ROUNDS)
def test_taps_at_once_make_one_member_and_one_check_in(cast, round):
    user = UserFactory()

    def tap() -> CheckIn:
        asked = {"community": cast.community, "compound": cast.compound, "unit": cast.unit, "address": "3-301"}
        return submit_check_in(user, Details(**asked), by=Actor(user=user))

    outcomes = at_once(*[tap] * TAPS)
    assert reasons(outcomes) == [Reason.ALREADY_PENDING] * (TAPS - 1)
    assert Member.objects.get(user=user).check_ins.count() == 1
