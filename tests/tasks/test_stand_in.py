"""Who takes my place? It is kept until somebody does, whoever that is (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.stand_in import seek_stand_in, stop_seeking
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim, Shift, Wish
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ClaimFactory, GroupClaimFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour, status, taken
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
S = Claim.Status
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=3), capacity=1)


@pytest.fixture
def claim(cast, shift) -> Claim:
    """The member's, of the only place."""
    return ClaimFactory(shift=shift, member=cast.member.member)


def test_the_place_stays_ones_own_until_somebody_takes_it_over(cast, shift, claim):
    seek_stand_in(claim, by=cast.member)
    assert (status(claim), taken(shift)) == (S.HELD, 1)
    who = neighbour(cast)
    theirs = claim_shift(shift, by=who)
    assert (theirs.status, status(claim), taken(shift)) == (S.HELD, S.WITHDRAWN, 1)
    told = cast.member.user.notices.get()
    assert (told.kind, told.link) == (Notice.Kind.STAND_IN_FOUND, shift.page)
    assert who.user.notices.get().kind == Notice.Kind.CLAIM_MADE
    assert Record.objects.get(subject_id=claim.pk, verb="moved").user == who.user
    refused(Reason.FULL, claim_shift, shift, by=cast.member)


def test_a_late_place_is_taken_over_without_a_word_to_the_community(cast, shift, claim):
    Claim.objects.update(claimed_at=timezone.now() - timedelta(days=1))
    with time_machine.travel(shift.starts_at - HOUR, tick=False):
        seek_stand_in(claim, by=cast.member)
        claim_shift(shift, by=neighbour(cast))
    assert status(claim) == S.WITHDRAWN
    assert not cast.secretary.user.notices.exists(), "nobody is missing"


def test_those_who_wait_are_told_and_one_of_them_takes_it(cast, shift, claim):
    waiting = [neighbour(cast), neighbour(cast)]
    for who in waiting:
        join_waiting_list(shift, by=who)
    for _ in range(2):
        seek_stand_in(claim, by=cast.member)
    for who in waiting:
        told = who.user.notices.get()
        assert (told.kind, told.link) == (Notice.Kind.STAND_IN_SOUGHT, shift.page)
    assert not cast.member.user.notices.exists()
    assert claim_shift(shift, by=waiting[1]).status == S.HELD, "who is first here is first served"
    assert (status(claim), taken(shift)) == (S.WITHDRAWN, 1)


def test_who_changes_their_mind_tells_nobody_twice_a_day(cast, shift, claim):
    who = neighbour(cast)
    join_waiting_list(shift, by=who)
    for _ in range(2):
        seek_stand_in(claim, by=cast.member)
        stop_seeking(claim, by=cast.member)
    assert who.user.notices.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=1)):
        seek_stand_in(claim, by=cast.member)
    assert who.user.notices.count() == 2


def test_who_cannot_claim_it_takes_nothing_over(cast, shift, claim):
    seek_stand_in(claim, by=cast.member)
    busy = neighbour(cast)
    ClaimFactory(shift=ShiftFactory(task=shift.task, starts_at=shift.starts_at + HOUR), member=busy.member)
    refused(Reason.OVERLAP, claim_shift, shift, by=busy)
    refused(Reason.NOT_IN_AUDIENCE, claim_shift, shift, by=cast.other_member)
    assert status(claim) == S.HELD


def test_who_looked_first_is_relieved_first(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=2)
    claims = [ClaimFactory(shift=shift, member=neighbour(cast).member) for _ in range(2)]
    for claim in reversed(claims):
        seek_stand_in(claim, by=member_actor(claim.member))
    claim_shift(shift, by=neighbour(cast))
    assert [status(claim) for claim in claims] == [S.HELD, S.WITHDRAWN]


def test_tapping_on_ones_own_place_takes_over_nothing(cast, shift, claim):
    seek_stand_in(claim, by=cast.member)
    assert claim_shift(shift, by=cast.member) == claim
    claim.refresh_from_db()
    assert (claim.status, taken(shift)) == (S.HELD, 1)
    assert claim.stand_in_since


def test_coming_after_all_takes_it_off_the_market(cast, shift, claim):
    seek_stand_in(claim, by=cast.member)
    for _ in range(2):
        stop_seeking(claim, by=cast.member)
    refused(Reason.FULL, claim_shift, shift, by=neighbour(cast))
    assert Record.objects.filter(verb="comes after all").count() == 1


def test_places_for_companions_are_taken_over_together_or_not_at_all(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=3), capacity=3)
    claims = [ClaimFactory(shift=shift, member=neighbour(cast).member) for _ in range(3)]
    for claim in claims[:2]:
        seek_stand_in(claim, by=member_actor(claim.member))
    refused(Reason.FULL, claim_shift, shift, by=cast.member, companions=2)
    assert [status(claim) for claim in claims] == [S.HELD] * 3
    claim_shift(shift, by=cast.member, companions=1)
    assert [status(claim) for claim in claims] == [S.WITHDRAWN, S.WITHDRAWN, S.HELD]
    assert taken(shift) == 3


def test_what_is_left_over_of_a_family_goes_to_who_waits(cast, django_capture_on_commit_callbacks):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=3), capacity=3)
    family = ClaimFactory(shift=shift, member=neighbour(cast).member, companions=2)
    waits = [join_waiting_list(shift, by=neighbour(cast)) for _ in range(3)]
    seek_stand_in(family, by=member_actor(family.member))
    with django_capture_on_commit_callbacks(execute=True):
        claim_shift(shift, by=cast.member)
    assert [status(claim) for claim in (family, *waits)] == [S.WITHDRAWN, S.HELD, S.HELD, S.WAITING]
    assert taken(shift) == 3


def test_the_wish_stays_taken_when_places_change_hands(cast, shift, claim):
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    seek_stand_in(claim, by=cast.member)
    claim_shift(shift, by=neighbour(cast))
    assert Wish.objects.get(pk=wish.pk).status == Wish.Status.CLAIMED


def test_given_back_meanwhile_it_goes_to_who_waits(cast, shift, claim):
    waits = join_waiting_list(shift, by=neighbour(cast))
    seek_stand_in(claim, by=cast.member)
    withdraw_claim(claim, by=cast.member)
    assert (status(claim), status(waits), taken(shift)) == (S.WITHDRAWN, S.HELD, 1)
    refused(Reason.FULL, claim_shift, shift, by=neighbour(cast))


def test_while_places_are_free_nobody_is_needed(cast):
    claim = claim_shift(ShiftFactory(task=TaskFactory(publisher=cast.community)), by=cast.member)
    refused(Reason.NO_STAND_IN_NEEDED, seek_stand_in, claim, by=cast.member)


def test_once_it_has_begun_nobody_is_looked_for_and_nobody_takes_over(cast, shift, claim):
    with time_machine.travel(shift.starts_at, tick=False):
        refused(Reason.BEGUN, seek_stand_in, claim, by=cast.member)
    seek_stand_in(claim, by=cast.member)
    with time_machine.travel(shift.starts_at, tick=False):
        refused(Reason.BEGUN, claim_shift, shift, by=neighbour(cast))


def test_time_by_agreement_is_handed_back_instead(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), by_agreement=True, capacity=1)
    claim = ClaimFactory(shift=shift, member=cast.member.member, starts_at=None, ends_at=None)
    refused(Reason.NO_WAITING_LIST, seek_stand_in, claim, by=cast.member)


def test_a_groups_place_is_the_groups_to_fill(cast, shift, claim):
    Claim.objects.update(group_claim=GroupClaimFactory(shift=shift))
    refused(Reason.STAND_IN_OF_A_GROUP, seek_stand_in, claim, by=cast.member)


@pytest.mark.parametrize("state", [S.WAITING, S.OFFERED, S.WITHDRAWN, S.CANCELLED, S.ATTENDED, S.CONFIRMED])
def test_only_a_place_one_has_can_be_handed_on(cast, shift, state):
    claim = ClaimFactory(
        shift=shift,
        member=cast.member.member,
        status=state,
        offer_until=shift.starts_at if state == S.OFFERED else None,
    )
    refused(AccountsReason.NOT_ALLOWED_NOW, seek_stand_in, claim, by=cast.member)
    stop_seeking(claim, by=cast.member)
    assert not Record.objects.exists()


@pytest.mark.parametrize("who", ["other_member", "secretary", "city_officer"])
@pytest.mark.parametrize("act", [seek_stand_in, stop_seeking])
def test_nobody_hands_on_somebody_elses_place(cast, claim, act, who):
    with pytest.raises(PermissionDenied):
        act(claim, by=getattr(cast, who))
