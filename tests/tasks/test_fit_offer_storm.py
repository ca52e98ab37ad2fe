"""Two clocks at once: one notice, and a shift offered once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Notice
from tasks.actions import fit_offer
from tasks.models import FitOffer
from tests.storm import at_once, meet, reasons
from tests.tasks.test_fit_offer import willing
from tests.tasks.test_fitting import publish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


@pytest.mark.parametrize(("guarded", "notices"), [(True, 1), (False, 2)])
def test_two_at_once_tell_once_because_a_row_of_the_day_decides(cast, monkeypatch, guarded, notices):
    willing(cast.member.member)
    publish(cast, timezone.now() + timedelta(days=1))
    meeting, due, notice_to = meet(2), fit_offer.offers_due, fit_offer.notice_to

    def together(now):
        found = due(now)
        meeting()
        return found

    monkeypatch.setattr(fit_offer, "offers_due", together)
    if not guarded:
        monkeypatch.setattr(fit_offer, "notice_to", lambda *args, once, **kwargs: notice_to(*args, **kwargs))
    outcomes = at_once(fit_offer.tell_whom_it_fits, fit_offer.tell_whom_it_fits)
    assert reasons(outcomes) == []
    assert (FitOffer.objects.count(), Notice.objects.count()) == (1, notices)
