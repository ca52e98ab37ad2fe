"""Three shifts, six members and a group: every verb of claiming on them, and what is true after each.

A verb picks its rows by plain numbers, so that Hypothesis and the threads of a storm can both throw dice.
"""

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Q, Sum
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice, Record
from flags.actions.confirm import settle_shift
from flags.models import FlagAward
from flags.queries.confirm import MARKS
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.fit import require_fit
from tasks.actions.group_claim import claim_for_group, wait_for_group, withdraw_group_claim
from tasks.actions.group_offer import accept_group_offer, decline_group_offer
from tasks.actions.group_refill import fill_again, let_go
from tasks.actions.shift_change import cancel_shift, change_shift
from tasks.actions.stand_in import seek_stand_in, stop_seeking
from tasks.actions.task import cancel_task
from tasks.actions.task_offer import ShiftTime
from tasks.actions.waiting import accept_offer, join_waiting_list
from tasks.jobs import keep_time
from tasks.models import Claim, GroupClaim, Shift
from tasks.models.claim import ClaimQuerySet
from tasks.queries.shift_change import shift_seen
from tasks.queries.waiting import Entry, queue_of
from tests.conftest import member_actor
from tests.factories import HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory
from vanguard.lib.refused import Refused

HOUR = timedelta(hours=1)
LIVING = (Claim.Status.WAITING, Claim.Status.OFFERED, Claim.Status.HELD)
IN_THE_GROUP = 4


class ClaimWorld:
    """The first four members are a group, which the first leads; the second shift overlaps the first."""

    def __init__(self, cast: SimpleNamespace, *hours: int) -> None:
        """The shifts begin so many `hours` from now."""
        self.people = [member_actor(MemberFactory(community=cast.community)) for _ in range(6)]
        self.neighbour, self.secretary = cast.other_member, cast.secretary
        self.leader = self.people[0]
        team = [actor.member for actor in self.people[:IN_THE_GROUP]]
        self.group = HelperGroupFactory(community=cast.community, leader=team[0], members=team)
        lanterns = TaskFactory(publisher=cast.community, companions_at_most=2)
        other = TaskFactory(publisher=cast.community)
        now = timezone.now()
        self.shifts = [
            ShiftFactory(task=task, capacity=capacity, starts_at=now + begin * HOUR)
            for task, capacity, begin in zip([lanterns, other, lanterns], [2, 1, 3], hours, strict=True)
        ]

    def shift(self, n: int) -> Shift:
        return Shift.objects.select_related("task__publisher", "task__audience").get(pk=self.shifts[n % 3].pk)

    def claims(self) -> ClaimQuerySet:
        return Claim.objects.filter(shift__in=self.shifts)

    def living(self, n: int, *states: Claim.Status, **like: Any) -> Claim:
        """One of the claims in those states; where there are none, one of any, which is to be refused then."""
        rows = self.claims().select_related("shift__task__publisher", "member__user").order_by("pk")
        return one_of(rows.filter(status__in=states or LIVING, **like), n) or one_of(rows, n)

    def group_claim(self, n: int) -> GroupClaim:
        rows = GroupClaim.objects.filter(group=self.group).select_related("shift__task", "group").order_by("pk")
        return one_of(rows.living(), n) or one_of(rows, n)

    def named(self, n: int) -> dict[int, int]:
        """Some of the group by the bits of `n`, the first of them with a companion now and then."""
        chosen = [actor.member.pk for i, actor in enumerate(self.people[:IN_THE_GROUP]) if n >> i & 1]
        return {key: int(n >> IN_THE_GROUP & 1 and i == 0) for i, key in enumerate(chosen)}


def one_of(rows: Any, n: int) -> Any:
    found = list(rows)
    if found:
        return found[n % len(found)]
    return None


def owner(claim: Claim) -> Actor:
    return member_actor(claim.member)


# --- verbs: each takes the world and two numbers -------------------------------------------


def claim(world: ClaimWorld, who: int, n: int) -> Any:
    return claim_shift(world.shift(n), by=world.people[who % 6], companions=n // 3 % 4 % 3)


def wait(world: ClaimWorld, who: int, n: int) -> Any:
    return join_waiting_list(world.shift(n), by=world.people[who % 6], companions=n // 3 % 4 % 3)


def withdraw(world: ClaimWorld, who: int, n: int) -> Any:
    return _withdraw(world.living(who), n)


def give_back(world: ClaimWorld, who: int, n: int) -> Any:
    """A place that is held, if there is one."""
    return _withdraw(world.living(who, Claim.Status.HELD), n)


def stop_waiting(world: ClaimWorld, who: int, n: int) -> Any:
    return _withdraw(world.living(who, Claim.Status.WAITING, Claim.Status.OFFERED), n)


def decline(world: ClaimWorld, who: int, n: int) -> Any:
    """A place of the group's, if there is one."""
    return _withdraw(world.living(who, group_claim__isnull=False), n)


def _withdraw(given: Claim, n: int) -> Claim:
    if given:
        withdraw_claim(given, by=owner(given), reason="要出差" if n % 2 else "")
    return given


def accept(world: ClaimWorld, who: int, n: int) -> Any:
    if offered := world.living(who, Claim.Status.OFFERED):
        accept_offer(offered, by=owner(offered))
    return offered


def seek(world: ClaimWorld, who: int, n: int) -> Any:
    if held := world.living(who, Claim.Status.HELD):
        seek_stand_in(held, by=owner(held))
    return held


def stop(world: ClaimWorld, who: int, n: int) -> Any:
    if held := world.living(who, Claim.Status.HELD):
        stop_seeking(held, by=owner(held))


def group_claims(world: ClaimWorld, who: int, n: int) -> Any:
    return claim_for_group(world.group, world.shift(n), members=world.named(who), by=world.leader)


def group_waits(world: ClaimWorld, who: int, n: int) -> Any:
    return wait_for_group(world.group, world.shift(n), members=world.named(who), by=world.leader)


def group_withdraws(world: ClaimWorld, who: int, n: int) -> Any:
    if theirs := world.group_claim(n):
        withdraw_group_claim(theirs, by=world.leader, reason="下雨" if who % 2 else "")
    return theirs


def group_accepts(world: ClaimWorld, who: int, n: int) -> Any:
    if theirs := world.group_claim(n):
        accept_group_offer(theirs, by=world.leader)
    return theirs


def group_declines(world: ClaimWorld, who: int, n: int) -> Any:
    if theirs := world.group_claim(n):
        decline_group_offer(theirs, by=world.leader)
    return theirs


def group_fills(world: ClaimWorld, who: int, n: int) -> Any:
    theirs = world.group_claim(n)
    return theirs and fill_again(theirs, world.people[who % 6].member, by=world.leader)


def group_lets_go(world: ClaimWorld, who: int, n: int) -> Any:
    if theirs := world.group_claim(n):
        let_go(theirs, by=world.leader)
    return theirs


def change_capacity(world: ClaimWorld, who: int, n: int) -> Any:
    shift = world.shift(n)
    time = ShiftTime(shift.starts_at, shift.ends_at, 1 + who % 3)
    return change_shift(shift, time=time, seen=shift_seen(shift), by=world.secretary) and shift


def call_off_shift(world: ClaimWorld, who: int, n: int) -> Any:
    cancel_shift(world.shift(n), reason="台风", by=world.secretary)


def call_off_task(world: ClaimWorld, who: int, n: int) -> Any:
    cancel_task(world.shift(n).task, reason="台风", by=world.secretary)


def settle(world: ClaimWorld, who: int, n: int) -> Any:
    """With marks that `who` turns; back come those of the claims that were held."""
    shift = world.shift(n)
    held = list(Claim.objects.filter(shift=shift, status=Claim.Status.HELD).order_by("pk"))
    marks = {one.pk: MARKS[(who + i) % 3] for i, one in enumerate(held)}
    settle_shift(shift, marks, by=world.secretary)
    return {(one.member_id, shift.pk): marks[one.pk] for one in held}


def clock(world: ClaimWorld, who: int, n: int) -> Any:
    keep_time()


FREEING = (give_back, stop_waiting, decline, group_withdraws, group_declines, group_lets_go, change_capacity, clock)

# --- what is always true -------------------------------------------------------------------


def traces() -> tuple[Any, ...]:
    """What a refusal must not leave."""
    states = Counter(Claim.objects.values_list("status", "stand_in_since", "kept_until"))
    taken = Shift.objects.aggregate(n=Sum("taken"))["n"]
    return states, taken, Record.objects.count(), Notice.objects.count(), FlagAward.objects.count()


def check(world: ClaimWorld) -> None:
    claims = list(world.claims().order_by("starts_at"))
    places_are_counted(world, claims)
    nobody_is_in_two_places(claims)
    assert {actor.member.pk for actor in world.people} >= {claim.member_id for claim in claims}
    every_step_is_recorded()
    awards_are_of_what_is_confirmed()


def places_are_counted(world: ClaimWorld, claims: list[Claim]) -> None:
    """Once a shift is over those settled stand where they held; a place kept for a group is counted as well."""
    taken: Counter[int] = Counter()
    for claim in claims:
        if claim.status not in (*Claim.LAPSED, Claim.Status.WAITING):
            taken[claim.shift_id] += claim.places
        elif claim.kept_until:
            taken[claim.shift_id] += 1
    for shift in Shift.objects.filter(pk__in=[one.pk for one in world.shifts]):
        assert shift.taken == taken[shift.pk]
        assert shift.taken <= shift.capacity


def nobody_is_in_two_places(claims: list[Claim]) -> None:
    """Nor twice in one, nor in more to come than one may."""
    living = Counter((claim.member_id, claim.shift_id) for claim in claims if claim.status not in Claim.LAPSED)
    assert set(living.values()) <= {1}
    mine: dict[int, list[Claim]] = {}
    for claim in claims:
        assert claim.status != Claim.Status.OFFERED or claim.offer_until
        if claim.status in Claim.OCCUPYING:
            mine.setdefault(claim.member_id, []).append(claim)
    now = timezone.now()
    for one in mine.values():
        assert all(before.ends_at <= after.starts_at for before, after in pairwise(one))
        assert sum(claim.ends_at > now for claim in one) <= settings.OPEN_CLAIMS_AT_MOST


def every_step_is_recorded() -> None:
    """From the first word on each step begins where the one before ended, and the last is where the claim stands."""
    of_claims = Record.objects.filter(subject_type=ContentType.objects.get_for_model(Claim)).exclude(new_status="")
    now: dict[int, str] = {}
    for key, old, new in of_claims.order_by("pk").values_list("subject_id", "old_status", "new_status"):
        assert now.get(key, "") == old
        now[key] = new
    assert now == dict(Claim.objects.values_list("pk", "status"))


def awards_are_of_what_is_confirmed() -> None:
    confirmed = Claim.objects.filter(status=Claim.Status.CONFIRMED)
    assert sorted(FlagAward.objects.values_list("claim", flat=True)) == sorted(confirmed.values_list("pk", flat=True))


def queues(world: ClaimWorld) -> dict[int, list[Entry]]:
    return {shift.pk: queue_of(shift) for shift in world.shifts}


def fits(entry: Entry, shift: Shift) -> bool:
    try:
        for waiting in entry.claims:
            require_fit(shift, waiting.member, timezone.now())
    except Refused:
        return False
    return True


def nothing_is_overdue() -> None:
    """Once the clock has come round: no offer outlasts its time, nor any place that is kept."""
    now = timezone.now()
    over = Q(status=Claim.Status.OFFERED, offer_until__lte=now) | Q(kept_until__lte=now)
    assert not Claim.objects.filter(over).exists()


def nobody_is_overlooked(shifts: Iterable[Shift]) -> None:
    """Where places are free, whoever waits for them does not fit or needs more."""
    for shift in (
        Shift.objects.claimable(timezone.now())
        .filter(pk__in=[one.pk for one in shifts])
        .select_related("task__audience", "skill")
    ):
        assert not [entry for entry in queue_of(shift) if entry.places <= shift.free and fits(entry, shift)]


def nobody_has_passed(before: dict[int, list[Entry]]) -> None:
    """Whoever got a place from the list did so before nobody who fits, stood ahead and needs no more places."""
    status = dict(Claim.objects.values_list("pk", "status"))
    for shift in Shift.objects.filter(pk__in=before).select_related("task__audience", "skill"):
        ahead: list[Entry] = []
        for entry in before[shift.pk]:
            states = {status[one.pk] for one in entry.claims}
            if states & set(Claim.OCCUPYING):
                assert not [one for one in ahead if one.places <= entry.places and fits(one, shift)]
            elif states == {Claim.Status.WAITING}:
                ahead.append(entry)
