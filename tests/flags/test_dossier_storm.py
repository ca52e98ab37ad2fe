"""Two who seal, or write, at the same moment. A control shows what the member's row is held for."""

from functools import partial

import pytest
from django.db import IntegrityError, connection
from django.db.models import QuerySet

from flags.actions import dossier as sealing
from flags.actions.dossier import seal_dossier
from flags.actions.dossier_opinion import write_opinion
from flags.models import Dossier, DossierOpinion
from flags.refusals import Reason
from tests.flags.served import last_year
from tests.storm import at_once, meet, reasons

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time"),
]


def seals(cast):
    act = partial(seal_dossier, cast.member.member, year=last_year())
    return [partial(act, by=by) for by in (cast.member, cast.secretary, cast.unit_officer)]


def test_three_who_seal_at_once_get_one_version(cast):
    one, *others = at_once(*seals(cast))
    assert reasons([one, *others]) == []
    assert {dossier.pk for dossier in (one, *others)} == {Dossier.objects.get().pk}


def test_without_the_members_row_they_run_into_each_other(cast, monkeypatch):
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **_: rows.all())
    together, new_serial = meet(2), sealing.new_serial
    monkeypatch.setattr(sealing, "new_serial", lambda year: (together(), new_serial(year))[1])
    outcomes = at_once(*seals(cast)[:2])
    assert [type(outcome) for outcome in outcomes if isinstance(outcome, Exception)] == [IntegrityError]
    assert Dossier.objects.count() == 1, "the constraint is the last guard"


def test_of_two_secretaries_who_write_at_once_the_second_is_told(cast):
    act = partial(write_opinion, cast.member.member, year=last_year(), text="热心、守时。")
    outcomes = at_once(partial(act, by=cast.secretary), partial(act, by=cast.second_secretary))
    assert reasons(outcomes) == [Reason.OPINION_CHANGED]
    assert DossierOpinion.objects.count() == 1
