"""Claiming, waiting, groups, stand-ins and the clock in any order, against a plain model of who has what."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.test import TestCase, override_settings
from django.urls import resolve
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from accounts.models import Notice
from tasks.models import Claim, GroupClaim, Shift
from tests.storm import LONG
from tests.tasks import claim_world as verbs
from tests.tasks.claim_world import (
    FREEING,
    ClaimWorld,
    check,
    nobody_has_passed,
    nobody_is_overlooked,
    nothing_is_overdue,
    queues,
    traces,
)
from vanguard.lib.refused import Refused

START = "2026-03-02T08:00+08:00"
NO = object()
NUMBER = st.integers(0, 35)
LATE = st.sampled_from([True, False])
SOME_OF_THE_GROUP = st.integers(1, 31)
Kind, Status = Notice.Kind, Claim.Status
Seat = tuple[int, int]

# What who reads it has from then on; None is nothing.
MEANS: dict[str, Status | None] = {
    Kind.CLAIM_MADE: Status.HELD,
    Kind.PLACE_FREED: Status.HELD,
    Kind.GROUP_PLACE: Status.HELD,
    Kind.PLACE_OFFERED: Status.OFFERED,
    Kind.OFFER_EXPIRED: None,
    Kind.STAND_IN_FOUND: None,
    Kind.GROUP_CALLED_OFF: None,
    Kind.GROUP_WAITS_NO_MORE: None,
    Kind.SHIFT_CANCELLED: None,
    Kind.TASK_CANCELLED: None,
}


class Told:
    """Who has what by the answers and the notices alone: (member, shift) → state, and who is with the group where."""

    def __init__(self) -> None:
        self.seats: dict[Seat, Status] = {}
        self.parties: dict[int, set[Seat]] = {}
        self.read = 0

    def have(self, seats: Any, status: Status | None) -> None:
        for seat in list(seats):
            if status:
                self.seats[seat] = status
            else:
                self.seats.pop(seat, None)
                self.party(seat[1]).discard(seat)

    def party(self, shift: int) -> set[Seat]:
        return self.parties.setdefault(shift, set())

    def read_notices(self) -> None:
        for notice in Notice.objects.filter(pk__gt=self.read).order_by("pk").select_related("user__member"):
            self.read = notice.pk
            if notice.kind in MEANS:
                self.have(self._seats_of(notice), MEANS[notice.kind])

    def _seats_of(self, notice: Notice) -> list[Seat]:
        page, member = resolve(notice.link), notice.user.member.pk
        key = page.kwargs["pk"]
        if page.url_name == "claim":
            return [(member, Claim.objects.get(pk=key).shift_id)]
        if page.url_name == "group_claim":
            return list(self.party(GroupClaim.objects.get(pk=key).shift_id))
        if page.url_name == "shift":
            return [(member, key)]
        shifts = Shift.objects.filter(task=key, status=Shift.Status.CANCELLED)
        if "time" in notice.params:
            shifts = shifts.filter(starts_at=notice.params["time"])
        return [(member, shift.pk) for shift in shifts]


def where_somebody(*states: Status) -> Callable[..., Any]:
    """For rules that only say no as long as nobody has a claim in one of these states."""
    return precondition(lambda machine: any(has in states for has in machine.told.seats.values()))


def where_the_group_is() -> Callable[..., Any]:
    return precondition(lambda machine: any(machine.told.parties.values()))


class ClaimMachine(RuleBasedStateMachine):
    """Each example in a transaction that is rolled back, at a time that stands still until somebody lets it pass."""

    world: ClaimWorld

    def __init__(self) -> None:
        super().__init__()
        self.travel = time_machine.travel(START, tick=False)
        self.now = self.travel.start()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.told = Told()
        self.limit = override_settings()

    def teardown(self) -> None:
        self.limit.disable()
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        self.travel.stop()

    def do(self, verb: Callable[..., Any], who: int, n: int) -> Any:
        """What was answered, or `NO`; a refusal has changed nothing, and nobody in the list is passed over."""
        before = traces()
        waiting = queues(self.world) if verb in FREEING else {}
        try:
            with TestCase.captureOnCommitCallbacks(execute=True):
                answer = verb(self.world, who, n)
        except Refused:
            assert traces() == before
            return NO
        nobody_has_passed(waiting)
        return answer

    # --- one alone ---

    @initialize(
        team=st.sampled_from([6, 22, 0]),
        where=NUMBER,
        first=st.lists(NUMBER, min_size=4, max_size=6),
        late=LATE,
        limit=st.sampled_from([2, 1]),
    )
    def first_come_first_served(self, team: int, where: int, first: list[int], late: bool, limit: int) -> None:
        """The group if it comes, then so many members, the last first: all want a place where the group does, or wait."""
        self.limit = override_settings(OPEN_CLAIMS_AT_MOST=limit)
        self.limit.enable()
        self.now.shift(timedelta(hours=6 if late else 0))
        self.group_claims(team, where)
        for who, n in zip(reversed(range(6)), first, strict=False):
            self.claims(who, n)
            self.claims(who, where)
            self.waits(who, where)
            self.told.read_notices()
        self.nobody_else_gets_in(where)

    @rule(who=NUMBER, n=NUMBER)
    def claims(self, who: int, n: int) -> None:
        self._has_alone(self.do(verbs.claim, who, n))

    @rule(who=NUMBER, n=NUMBER)
    def waits(self, who: int, n: int) -> None:
        self._has_alone(self.do(verbs.wait, who, n))

    def _has_alone(self, claim: Any) -> None:
        if claim is NO:
            return
        seat = (claim.member_id, claim.shift_id)
        if self.told.seats.get(seat) != claim.status:  # who waited with the group has found a place alone
            self.told.party(seat[1]).discard(seat)
        self.told.have([seat], Status(claim.status))

    @where_somebody(Status.HELD)
    @rule(who=NUMBER, n=NUMBER)
    def gives_a_place_back(self, who: int, n: int) -> None:
        self._gives_back(self.do(verbs.give_back, who, n))

    @where_somebody(Status.WAITING, Status.OFFERED)
    @rule(who=NUMBER)
    def does_not_wait_any_more(self, who: int) -> None:
        self._gives_back(self.do(verbs.stop_waiting, who, 0))

    def _gives_back(self, given: Any) -> None:
        if given is NO or not given:
            return
        seat = (given.member_id, given.shift_id)
        if self.told.seats[seat] != Status.WAITING:
            nobody_is_overlooked([given.shift])
        self.told.have([seat], None)

    @where_somebody(Status.OFFERED)
    @rule(who=NUMBER)
    def accepts(self, who: int) -> None:
        claim = self.do(verbs.accept, who, 0)
        if claim is not NO and claim:
            self.told.have([(claim.member_id, claim.shift_id)], Status.HELD)

    @where_somebody(Status.HELD)
    @rule(who=NUMBER, another=NUMBER, comes=st.booleans())
    def looks_for_a_stand_in_and_comes_or_another_taps(self, who: int, another: int, comes: bool) -> None:
        held = self.do(verbs.seek, who, 0)
        if comes:
            self.do(verbs.stop, who, 0)
        elif held is not NO and held:
            self.claims(another, self.world.shifts.index(held.shift))

    def nobody_else_gets_in(self, n: int) -> None:
        """Neither the neighbour nor the secretary, nor anybody by another's claim."""
        before, shift, world = traces(), self.world.shift(n), self.world
        for act in (verbs.claim_shift, verbs.join_waiting_list):
            with pytest.raises(Refused):
                act(shift, by=world.neighbour)
            with pytest.raises(PermissionDenied):
                act(shift, by=world.secretary)
        if theirs := world.living(n):
            with pytest.raises(PermissionDenied):
                verbs.withdraw_claim(theirs, by=world.neighbour)
        assert traces() == before

    # --- the group ---

    @rule(who=SOME_OF_THE_GROUP, n=NUMBER)
    def group_claims(self, who: int, n: int) -> None:
        self._come_together(self.do(verbs.group_claims, who, n), who, Status.HELD)

    @rule(who=SOME_OF_THE_GROUP, n=NUMBER)
    def group_waits(self, who: int, n: int) -> None:
        self._come_together(self.do(verbs.group_waits, who, n), who, Status.WAITING)

    def _come_together(self, theirs: Any, who: int, status: Status) -> None:
        if theirs is NO:
            return
        party = {(member, theirs.shift_id) for member in self.world.named(who)}
        self.told.parties[theirs.shift_id] = party
        self.told.have(party, status)

    @where_the_group_is()
    @rule(who=NUMBER, n=NUMBER)
    def one_of_the_group_declines(self, who: int, n: int) -> None:
        self._gives_back(self.do(verbs.decline, who, n))

    @where_the_group_is()
    @rule(who=NUMBER, n=NUMBER)
    def group_withdraws(self, who: int, n: int) -> None:
        self._all_give_back(self.do(verbs.group_withdraws, who, n))

    @where_somebody(Status.OFFERED)
    @rule(n=NUMBER)
    def group_accepts(self, n: int) -> None:
        theirs = self.do(verbs.group_accepts, 0, n)
        if theirs is not NO and theirs:
            self.told.have(self.told.party(theirs.shift_id), Status.HELD)

    @where_somebody(Status.OFFERED)
    @rule(n=NUMBER)
    def group_declines(self, n: int) -> None:
        self._all_give_back(self.do(verbs.group_declines, 0, n))

    def _all_give_back(self, theirs: Any) -> None:
        if theirs is not NO and theirs:
            self.told.have(self.told.party(theirs.shift_id), None)
            nobody_is_overlooked([theirs.shift])

    @precondition(lambda machine: Claim.objects.kept_for_a_group().exists())
    @rule(who=NUMBER, n=NUMBER)
    def group_fills_again(self, who: int, n: int) -> None:
        claim = self.do(verbs.group_fills, who, n)
        if claim is not NO and claim:
            self.told.party(claim.shift_id).add((claim.member_id, claim.shift_id))
            self.told.have([(claim.member_id, claim.shift_id)], Status(claim.status))

    @precondition(lambda machine: Claim.objects.kept_for_a_group().exists())
    @rule(n=NUMBER)
    def group_lets_go(self, n: int) -> None:
        theirs = self.do(verbs.group_lets_go, 0, n)
        if theirs is not NO and theirs:
            nobody_is_overlooked([theirs.shift])

    # --- the community ---

    @rule(who=NUMBER, n=NUMBER)
    def capacity_changes(self, who: int, n: int) -> None:
        changed = self.do(verbs.change_capacity, who, n)
        if changed is not NO and changed:
            nobody_is_overlooked([changed])

    @rule(n=NUMBER, dice=st.integers(0, 5))
    def something_is_called_off(self, n: int, dice: int) -> None:
        """Seldom, so that more comes before it."""
        if dice > 3:
            self.do(verbs.call_off_shift if dice == 4 else verbs.call_off_task, 0, n)

    @precondition(lambda machine: timezone.now() >= machine.world.shifts[0].ends_at)
    @rule(who=NUMBER, n=NUMBER)
    def services_are_confirmed(self, who: int, n: int) -> None:
        marked = self.do(verbs.settle, who, n)
        for seat, mark in (marked if marked is not NO else {}).items():
            self.told.have([seat], Status.CONFIRMED if mark == Status.ATTENDED else Status(mark))

    # --- time ---

    @rule(minutes=st.sampled_from([61, 240, 5, 15 * 60]), ticks=st.sampled_from([True, True, False]))
    def time_passes(self, minutes: int, ticks: bool) -> None:
        self.now.shift(timedelta(minutes=minutes))
        if ticks:
            self.clock_ticks()

    def clock_ticks(self) -> None:
        self.do(verbs.clock, 0, 0)
        nothing_is_overdue()
        nobody_is_overlooked(self.world.shifts)
        begun = set(Shift.objects.filter(starts_at__lte=timezone.now()).values_list("pk", flat=True))
        gone = [seat for seat, has in self.told.seats.items() if has == Status.WAITING and seat[1] in begun]
        self.told.have(gone, None)

    # --- always ---

    @invariant()
    def all_is_right(self) -> None:
        check(self.world)

    @invariant()
    def everybody_was_told(self) -> None:
        self.told.read_notices()
        there = Claim.objects.exclude(status__in=Claim.LAPSED).values_list("member", "shift", "status")
        assert self.told.seats == {(member, shift): status for member, shift, status in there}


BOUNDS = settings(
    max_examples=300 if LONG else 16,
    stateful_step_count=40 if LONG else 12,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],  # making a failure small takes minutes
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.once
@pytest.mark.django_db
def test_whatever_happens_in_whatever_order_nobody_is_oversold_overlooked_or_misled(cast):
    with time_machine.travel(START, tick=False):
        ClaimMachine.world = ClaimWorld(cast, 14, 15, 30)
    run_state_machine_as_test(ClaimMachine, settings=BOUNDS)
