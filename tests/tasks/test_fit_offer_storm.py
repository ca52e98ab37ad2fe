"""Two clocks at once: one notice, and a shift offered once."""

from datetime import timedelta

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Member, Notice
from tasks.actions import fit_offer
from tasks.models import FitOffer
from tests.storm import at_once, meet, reasons
from tests.tasks.test_fit_offer import willing
from tests.tasks.test_fitting import publish

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def test_two_at_once_tell_once(cast, monkeypatch):
    willing(cast.member.member)
    publish(cast, timezone.now() + timedelta(days=1))
    meeting, due = meet(2), fit_offer.offers_due

    def together(now):
        found = due(now)
        meeting()
        return found

    monkeypatch.setattr(fit_offer, "offers_due", together)
    outcomes = at_once(fit_offer.tell_whom_it_fits, fit_offer.tell_whom_it_fits)
    assert reasons(outcomes) == []
    assert (FitOffer.objects.count(), Notice.objects.count()) == (1, 1)
    assert Member.objects.get(pk=cast.member.member.pk).fit_offers.count() == 1
