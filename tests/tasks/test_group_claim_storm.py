"""Groups and singles at the same moment: never oversold, and every group whole or not at all.

Each race has a control: the same race with its guard taken out must go wrong, or it would show nothing.
"""

from collections import Counter
from contextlib import nullcontext
from functools import partial

import pytest
from django.db import connection
from django.db.models import F
from django.db.models.functions import Least
from django.utils import timezone

from accounts.models import Member
from accounts.refusals import Reason as AccountsReason
from tasks.actions import group_claim as group_actions
from tasks.actions import place
from tasks.actions.claim import withdraw_claim
from tasks.actions.group_claim import claim_for_group, wait_for_group, withdraw_group_claim
from tasks.actions.group_refill import fill_again, let_go
from tasks.actions.helper_group import leave_group
from tasks.actions.waiting import release_kept_places
from tasks.models import Claim, GroupClaim, HelperGroup, Shift
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory
from tests.storm import ROUNDS, at_once, meet, reasons
from tests.tasks.group_world import alone, led
from tests.tasks.places import taken
from tests.tasks.rush import claim, new_shift, people
from tests.tasks.unguarded import without_constraint
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
NO_ROOM = {Reason.FULL, Reason.TOO_FEW_PLACES}


def groups(community, n: int, *, size: int = 3) -> list[HelperGroup]:
    """Groups of so many, their leaders among them."""
    return [
        HelperGroupFactory(community=community, members=MemberFactory.create_batch(size - 1, community=community))
        for _ in range(n)
    ]


def members_of(group: HelperGroup) -> list[Member]:
    return list(Member.objects.filter(group_memberships__group=group).order_by("pk"))


def claim_together(group: HelperGroup, shift: Shift) -> GroupClaim:
    return claim_for_group(group, Shift(pk=shift.pk), members=alone(*members_of(group)), by=led(group))


def sizes_of_groups(shift: Shift) -> set[int]:
    """How many places each group holds that holds any."""
    held = Claim.objects.filter(shift=shift, group_claim__isnull=False).occupying()
    return set(Counter(held.values_list("group_claim", flat=True)).values())


def forget(shift: Shift) -> None:
    Claim.objects.all().delete()
    GroupClaim.objects.all().delete()
    Shift.objects.filter(pk=shift.pk).update(taken=0)


@on_postgresql
def test_twelve_groups_and_ten_singles_on_ten_places_never_more_and_every_group_whole(cast):
    teams, singles, shift = groups(cast.community, 12), people(cast.community, 10), new_shift(cast.community, 10)
    for _ in ROUNDS:
        outcomes = at_once(
            *(partial(claim_together, team, shift) for team in teams),
            *(partial(claim, shift, actor) for actor in singles),
        )
        assert set(reasons(outcomes)) <= NO_ROOM
        assert taken(shift) == 10
        assert sizes_of_groups(shift) <= {3}
        got = [outcome for outcome in outcomes if not isinstance(outcome, Exception)]
        assert sum(3 if isinstance(one, GroupClaim) else 1 for one in got) == 10, "what was said is what is true"
        forget(shift)


@on_postgresql
def test_control_where_they_look_first_and_take_then_there_are_more_claims_than_places(cast, monkeypatch):
    """The same storm without the lock and the condition; the CHECK stands, so the count stops where it must."""
    teams, shift = groups(cast.community, 4), new_shift(cast.community, 10)
    everybody_has_looked = meet(4)

    def look_then_take(shift, now, n=1):
        if Shift.objects.get(pk=shift.pk).free < n:
            raise Refused(Reason.FULL)
        everybody_has_looked()
        Shift.objects.filter(pk=shift.pk).update(taken=Least(F("taken") + n, F("capacity")))

    monkeypatch.setattr(group_actions, "take_places", look_then_take)
    monkeypatch.setattr(place, "hold_shift", read_shift)
    at_once(*(partial(claim_together, team, shift) for team in teams))
    shift.refresh_from_db()
    assert (Claim.objects.filter(shift=shift).occupying().count(), shift.taken) == (12, 10)


def read_shift(shift: Shift) -> Shift:
    """As `hold_shift` reads it, without holding it."""
    return Shift.objects.select_related("task__audience", "task__publisher", "skill").get(pk=shift.pk)


@on_postgresql
def test_one_group_claimed_for_many_times_at_once_has_one_claim(cast):
    [team], shift = groups(cast.community, 1), new_shift(cast.community, 10)
    for _ in ROUNDS:
        outcomes = at_once(*(partial(claim_together, team, shift) for _ in range(6)))
        assert reasons(outcomes) == [Reason.GROUP_CLAIMED_ALREADY] * 5
        assert taken(shift) == 3
        forget(shift)


@on_postgresql
def test_a_member_of_two_groups_who_claims_alone_too_has_one_place(cast):
    teams, shift = groups(cast.community, 2), new_shift(cast.community, 10)
    [actor] = people(cast.community, 1)
    for team in teams:
        team.memberships.create(member=actor.member, status="AGREED")
    for _ in ROUNDS:
        outcomes = at_once(*(partial(claim_together, team, shift) for team in teams), partial(claim, shift, actor))
        assert set(reasons(outcomes)) == {Reason.HAS_A_PLACE}
        assert len(reasons(outcomes)) == 2 or isinstance(outcomes[2], Claim)
        assert Claim.objects.filter(member=actor.member).occupying().count() == 1
        assert taken(shift) in (1, 4)
        forget(shift)


@on_postgresql
@pytest.mark.parametrize("guarded", [True, False])
def test_the_exclusion_alone_keeps_a_member_of_two_groups_in_one_place_and_without_it_in_two(
    cast, monkeypatch, guarded
):
    """Two shifts at the same time, a group in each, and one member in both groups; the members are not held."""
    teams = groups(cast.community, 2)
    shared = members_of(teams[0])[-1]
    teams[1].memberships.create(member=shared, status="AGREED")
    shifts = [new_shift(cast.community, 10) for _ in teams]
    both_have_looked, look = meet(2), group_actions.require_member_fits

    def look_and_wait(shift, member, *args, **kwargs):
        home = look(shift, member, *args, **kwargs)
        if member == shared:
            both_have_looked()
        return home

    monkeypatch.setattr(group_actions, "require_member_fits", look_and_wait)
    monkeypatch.setattr(
        place, "hold_members", lambda keys: Member.objects.select_related("user", "home__parent").in_bulk(keys)
    )
    with nullcontext() if guarded else without_constraint("tasks_claim", "claim_member_in_one_place"):
        outcomes = at_once(*(partial(claim_together, team, shift) for team, shift in zip(teams, shifts, strict=True)))
        together = sorted(taken(shift) for shift in shifts)
    assert reasons(outcomes) == ([AccountsReason.STATE_CHANGED] if guarded else [])
    assert together in ([[0, 3], [0, 4]] if guarded else [[3, 4]])


@on_postgresql
def test_a_place_declined_filled_again_and_released_at_once_is_counted_once(cast):
    [team] = groups(cast.community, 1, size=4)
    shift = new_shift(cast.community, capacity=3)
    first, second, third, spare = members_of(team)
    [waiting] = people(cast.community, 1)
    for _ in ROUNDS:
        group_claim = claim_for_group(team, shift, members=alone(first, second, third), by=led(team))
        withdraw_claim(group_claim.claims.get(member=first), by=member_actor(first))
        group_claim.claims.filter(kept_until__isnull=False).update(kept_until=timezone.now())
        declining = group_claim.claims.get(member=second)
        outcomes = at_once(
            partial(withdraw_claim, declining, by=member_actor(second)),
            partial(fill_again, group_claim, spare, by=led(team)),
            release_kept_places,
            partial(let_go, GroupClaim.objects.get(pk=group_claim.pk), by=led(team)),
            partial(claim, shift, waiting),
        )
        assert set(reasons(outcomes)) <= {Reason.NO_PLACE_KEPT, Reason.FULL}
        assert taken(shift) <= 3
        forget(shift)


@on_postgresql
def test_two_who_are_named_for_one_kept_place_are_one_who_has_it(cast):
    [team] = groups(cast.community, 1, size=4)
    shift = new_shift(cast.community, 10)
    first, second, third, fourth = members_of(team)
    for _ in ROUNDS:
        group_claim = claim_for_group(team, shift, members=alone(first, second), by=led(team))
        withdraw_claim(group_claim.claims.get(member=first), by=member_actor(first))
        outcomes = at_once(*(partial(fill_again, group_claim, member, by=led(team)) for member in (third, fourth)))
        assert reasons(outcomes) == [Reason.NO_PLACE_KEPT]
        assert taken(shift) == 2
        forget(shift)


@on_postgresql
def test_groups_that_wait_while_places_are_given_back_and_members_leave_stay_whole(cast):
    """Whoever is promoted, is promoted whole; nobody waits for another for ever."""
    teams, shift = groups(cast.community, 3), new_shift(cast.community, capacity=4)
    singles = people(cast.community, 4)
    for _ in ROUNDS:
        held = [claim(shift, actor) for actor in singles]
        waiting = [wait_for_group(team, shift, members=alone(*members_of(team)), by=led(team)) for team in teams]
        [leaver] = [member for member in members_of(teams[2]) if member != teams[2].leader][:1]
        outcomes = at_once(
            *(partial(withdraw_claim, one, by=actor) for one, actor in zip(held, singles, strict=True)),
            partial(withdraw_group_claim, waiting[0], by=led(teams[0])),
            partial(leave_group, teams[2], by=member_actor(leaver)),
        )
        assert reasons(outcomes) == []
        assert taken(shift) <= 4
        for one in waiting:
            one.refresh_from_db()
            living = one.claims.exclude(status__in=Claim.LAPSED).values_list("status", flat=True)
            assert set(living) <= {one.status}
        teams[2].memberships.update(status="AGREED")
        forget(shift)


def test_a_small_storm_on_any_database(cast):
    """On SQLite writers wait for each other at BEGIN: none fails, none is torn."""
    teams, shift = groups(cast.community, 3), new_shift(cast.community, capacity=7)
    outcomes = at_once(
        *(partial(claim_together, team, shift) for team in teams),
        *(partial(claim, shift, actor) for actor in people(cast.community, 2)),
    )
    assert set(reasons(outcomes)) <= NO_ROOM
    assert taken(shift) <= 7
    assert sizes_of_groups(shift) <= {3}
