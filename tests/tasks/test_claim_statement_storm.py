"""The one statement of PostgreSQL without its conditions and locks: what stands behind each, and what happens without."""

from contextlib import nullcontext
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from tasks.models import Claim
from tasks.refusals import Reason
from tests.storm import at_once, reasons
from tests.tasks.rush import claim, everybody_claims, new_shift, people, places
from tests.tasks.unguarded import statement_without, without_constraint, without_index

pytestmark = [
    pytest.mark.django_db(transaction=True),
    pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite always takes the slow way"),
]


@pytest.mark.parametrize(("checked", "taken"), [(True, 7), (False, 8)])
def test_in_the_statement_the_check_stands_behind_the_condition_and_without_both_it_oversells(cast, checked, taken):
    shift = new_shift(cast.community)
    check = nullcontext() if checked else without_constraint("tasks_shift", "shift_never_oversold")
    with check, statement_without("AND s.taken < s.capacity"):
        outcomes = everybody_claims(shift, people(cast.community, 8))
        assert places(shift) == (taken, taken)
    assert reasons(outcomes) == [Reason.FULL] * (8 - taken)


@pytest.mark.parametrize("guarded", [True, False])
def test_in_the_statement_the_unique_constraint_makes_many_taps_one_claim_and_without_it_they_are_many(cast, guarded):
    [actor], shift = people(cast.community, 1), new_shift(cast.community)
    overlap = nullcontext() if guarded else without_constraint("tasks_claim", "claim_member_in_one_place")
    unique = nullcontext() if guarded else without_index("claim_once_a_shift")
    with overlap, unique, statement_without():
        outcomes = everybody_claims(shift, [actor] * 4)
        assert places(shift) == ((1, 1) if guarded else (4, 4))
    assert reasons(outcomes) == []
    assert len({outcome.pk for outcome in outcomes}) == (1 if guarded else 4)


@pytest.mark.parametrize("guarded", [True, False])
def test_in_the_statement_the_exclusion_refuses_an_overlap_and_without_it_a_member_is_in_two_places(cast, guarded):
    [actor], first = people(cast.community, 1), new_shift(cast.community)
    second = new_shift(cast.community, starts_at=first.starts_at + timedelta(hours=1))
    exclusion = nullcontext() if guarded else without_constraint("tasks_claim", "claim_member_in_one_place")
    with exclusion, statement_without():
        outcomes = at_once(partial(claim, first, actor), partial(claim, second, actor))
        assert places(first)[0] + places(second)[0] == Claim.objects.count() == (1 if guarded else 2)
    assert reasons(outcomes) == ([Reason.OVERLAP] if guarded else [])


@pytest.mark.parametrize(("without", "n"), [((), 2), ((" FOR NO KEY UPDATE",), 3)])
def test_in_the_statement_the_members_lock_keeps_the_limit_and_without_it_it_is_overrun(cast, settings, without, n):
    settings.OPEN_CLAIMS_AT_MOST = 2
    [actor], begin = people(cast.community, 1), timezone.now() + timedelta(days=2)
    shifts = [new_shift(cast.community, starts_at=begin + timedelta(hours=3 * i)) for i in range(3)]
    with statement_without(*without):
        outcomes = at_once(*(partial(claim, shift, actor) for shift in shifts))
    assert Claim.objects.count() == sum(places(shift)[0] for shift in shifts) == n
    assert reasons(outcomes) == [Reason.TOO_MANY] * (3 - n)
