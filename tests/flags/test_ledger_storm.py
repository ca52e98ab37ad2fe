"""Two people write into the ledger at once: what may be once is once, what may be twice is twice."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from flags.actions.reversal import revoke_award
from flags.models import FlagAward
from flags.refusals import Reason
from tests.flags.ledger import award
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


def test_two_at_once_take_it_back_once(cast):
    for n in ROUNDS:
        first = award(cast, cast.member.member, timezone.localdate() - timedelta(days=n))
        acts = (partial(revoke_award, first, reason="错了", by=by) for by in (cast.secretary, cast.city_officer))
        assert reasons(at_once(*acts)) == [Reason.TAKEN_BACK_ALREADY]
        assert FlagAward.objects.filter(reverses=first).count() == 1
