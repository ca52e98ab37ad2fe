"""Two lines of a unit that may name the same member, linked at the same moment: one gets the member."""

import pytest
from django.db import connection
from django.db.utils import IntegrityError

from accounts.actions import roster
from accounts.models import RosterEntry
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


def link_both_at_once(cast):
    """One line by the member's phone, one by the name, each linked by somebody of its own."""
    user = cast.member.user
    lines = [
        RosterEntry.objects.create(unit=cast.unit, name="旧名", phone=user.phone),
        RosterEntry.objects.create(unit=cast.unit, name=user.name, phone="10099990000"),
    ]
    return at_once(*[lambda line=line: roster.link_entries(RosterEntry.objects.filter(pk=line.pk)) for line in lines])


@pytest.mark.parametrize("round", ROUNDS)
def test_one_of_the_two_gets_the_member(cast, round):
    assert reasons(link_both_at_once(cast)) == []
    assert RosterEntry.objects.filter(member=cast.member.member).count() == 1


@pytest.mark.skipif(connection.vendor == "sqlite", reason="SQLite has one writer at a time")
def test_without_taking_turns_one_of_them_fails(cast, monkeypatch):
    """The control: the constraint stands, but somebody's whole approval would be undone by it."""
    failed = []
    monkeypatch.setattr(roster, "_hold_rosters", lambda units: None)
    for _ in range(20):
        RosterEntry.objects.all().delete()
        failed += [outcome for outcome in link_both_at_once(cast) if isinstance(outcome, IntegrityError)]
        if failed:
            return
    pytest.fail("twenty rounds without the lock, and nobody was in anybody's way")
