"""The waiting list: first in first out, skipping who no longer fits (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Member, Notice, Record
from tasks.actions import place
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.task import cancel_task
from tasks.actions.waiting import (
    accept_offer,
    end_waiting,
    join_waiting_list,
    pass_on_what_is_free,
)
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.claim import claims_to_come
from tasks.queries.waiting import position_of, queue_of
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour, status, taken
from tests.tasks.refusing import refused
from tests.tasks.waiting_list import full_shift, give_back, waiting

pytestmark = pytest.mark.django_db
S = Claim.Status
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(cast) -> Shift:
    return full_shift(cast)


# --- joining ------------------------------------------------------------------------------


def test_who_waits_stands_in_the_order_of_coming_and_takes_no_place(cast, shift):
    claims = [waiting(cast, shift)[1] for _ in range(3)]
    assert [claim.status for claim in claims] == [S.WAITING] * 3
    assert [entry.claims for entry in queue_of(shift)] == [[claim] for claim in claims]
    assert [position_of(claim) for claim in claims] == [1, 2, 3]
    assert taken(shift) == 1
    assert Record.objects.filter(verb="waits").count() == 3


def test_joining_twice_is_one_entry(cast, shift):
    who, claim = waiting(cast, shift)
    assert join_waiting_list(shift, by=who) == claim
    assert Record.objects.filter(verb="waits").count() == 1


def test_who_has_a_place_keeps_it_and_does_not_wait(cast, shift):
    assert join_waiting_list(shift, by=cast.member).status == S.HELD
    assert not queue_of(shift)


@pytest.mark.parametrize("who", ["secretary", "branch", "city_officer", "unit_officer", "street_officer", "inspector"])
def test_only_a_member_waits(cast, shift, who):
    with pytest.raises(PermissionDenied):
        join_waiting_list(shift, by=getattr(cast, who))


def test_for_whom_a_shift_is_counts_as_it_is_once_the_member_is_held(cast, shift, monkeypatch):
    """Two communities may become one while somebody waits for the member's row."""
    hold = place.hold_members

    def hold_after_a_merger(members):
        Task.objects.update(audience=cast.city)
        return hold(members)

    monkeypatch.setattr(place, "hold_members", hold_after_a_merger)
    who = member_actor(MemberFactory(community=cast.other_community))
    assert join_waiting_list(shift, by=who).status == S.WAITING


def test_while_places_are_free_there_is_no_need_to_wait(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    refused(Reason.STILL_FREE, join_waiting_list, shift, by=cast.member)


def test_with_companions_one_may_wait_for_more_places_than_are_free(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2), capacity=2)
    held = ClaimFactory(shift=shift, member=cast.member.member, claimed_at=timezone.now())
    who, claim = waiting(cast, shift, companions=1)
    withdraw_claim(held, by=cast.member)
    assert (status(claim), taken(shift)) == (S.HELD, 2)
    assert Claim.objects.get(member=who.member).companions == 1


def test_nobody_waits_for_more_places_than_there_are(cast, shift):
    Task.objects.update(companions_at_most=2)
    refused(Reason.GROUP_TOO_LARGE, join_waiting_list, shift, by=neighbour(cast), companions=1)


@pytest.mark.parametrize("companions", [-1, 3, 32767])
def test_more_companions_than_the_task_allows_are_refused(cast, companions):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2), capacity=1, taken=1)
    refused(Reason.TOO_MANY_COMPANIONS, join_waiting_list, shift, by=cast.member, companions=companions)


def test_who_waits_where_no_companions_can_be_brought_is_told_so(cast, shift):
    refused(Reason.NO_COMPANIONS, join_waiting_list, shift, by=neighbour(cast), companions=1)


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"by_agreement": True}, Reason.NO_WAITING_LIST),
        ({"status": "CANCELLED"}, Reason.NOT_OPEN),
        ({"status": "ENDED"}, Reason.NOT_OPEN),
        ({"task__status": "CANCELLED"}, Reason.NOT_OPEN),
        ({"task__opens_at": timezone.now() + timedelta(days=365)}, Reason.NOT_OPEN_YET),
        ({"starts_at": timezone.now()}, Reason.BEGUN),
    ],
    ids=str,
)
def test_nobody_waits_for_what_cannot_come(cast, changed, why):
    shift = ShiftFactory(**{"task__publisher": cast.community, "capacity": 1, "taken": 1, **changed})
    refused(why, join_waiting_list, shift, by=cast.member)


def test_who_could_not_claim_it_cannot_wait_for_it(cast, shift):
    refused(Reason.NOT_IN_AUDIENCE, join_waiting_list, shift, by=cast.other_member)
    refused(Reason.NOT_CHECKED_IN, join_waiting_list, shift, by=member_actor(MemberFactory()))
    own = WishFactory(community=cast.community, status="PUBLISHED", task=shift.task, sender=neighbour(cast).user)
    refused(Reason.OWN_WISH, join_waiting_list, shift, by=member_actor(own.sender.member))


def test_waiting_counts_neither_for_overlap_nor_for_the_limit(cast, shift, settings):
    settings.OPEN_CLAIMS_AT_MOST = 1
    who, _claim = waiting(cast, shift)
    other = ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), starts_at=shift.starts_at)
    assert claim_shift(other, by=who).status == S.HELD, "at the same time, and the only one allowed"
    full = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=1, taken=1)
    assert join_waiting_list(full, by=who).status == S.WAITING, "with an overlapping place and the limit reached"


# --- a place becomes free -----------------------------------------------------------------


def test_the_first_gets_the_place_at_once_and_is_told(cast, shift):
    (first, claim), (second, next_claim) = waiting(cast, shift), waiting(cast, shift)
    give_back(cast, shift)
    assert (status(claim), status(next_claim), taken(shift)) == (S.HELD, S.WAITING, 1)
    assert position_of(next_claim) == 1
    notice = first.user.notices.get()
    assert (notice.kind, notice.link) == (Notice.Kind.PLACE_FREED, claim.page)
    assert not second.user.notices.exists()
    assert Record.objects.get(verb="moved", subject_id=claim.pk, new_status=S.HELD).user is None, "by the clock"


def test_a_promoted_place_can_be_given_back_freely_for_a_while(cast, shift):
    who, claim = waiting(cast, shift)
    give_back(cast, shift)
    withdraw_claim(Claim.objects.get(pk=claim.pk), by=who)
    assert (status(claim), taken(shift)) == (S.WITHDRAWN, 0)


def move_away(cast, who, shift) -> None:
    Member.objects.filter(pk=who.member.pk).update(home=cast.other_community)


def be_elsewhere(cast, who, shift) -> None:
    task = TaskFactory(publisher=cast.community, title="反诈宣传")
    ClaimFactory(shift=ShiftFactory(task=task, starts_at=shift.starts_at + HOUR), member=who.member)


def reach_the_limit(cast, who, shift) -> None:
    for day in range(5):
        starts_at = shift.starts_at + timedelta(days=3 + day)
        ClaimFactory(shift=ShiftFactory(task=shift.task, starts_at=starts_at), member=who.member)


@pytest.mark.parametrize("meanwhile", [move_away, be_elsewhere, reach_the_limit])
def test_who_no_longer_fits_is_skipped_and_keeps_waiting(cast, shift, meanwhile):
    (first, claim), (_second, next_claim) = waiting(cast, shift), waiting(cast, shift)
    meanwhile(cast, first, shift)
    give_back(cast, shift)
    assert (status(claim), status(next_claim), taken(shift)) == (S.WAITING, S.HELD, 1)
    assert not first.user.notices.exists()


def test_who_fits_again_gets_what_is_still_free(cast, shift):
    who, claim = waiting(cast, shift)
    be_elsewhere(cast, who, shift)
    give_back(cast, shift)
    pass_on_what_is_free()
    assert (status(claim), taken(shift)) == (S.WAITING, 0)
    withdraw_claim(Claim.objects.get(member=who.member, status=S.HELD), by=who)
    for _ in range(2):
        pass_on_what_is_free()
    assert (status(claim), taken(shift)) == (S.HELD, 1)
    assert who.user.notices.get().kind == Notice.Kind.PLACE_FREED


def test_a_wish_is_taken_on_again_by_who_gets_the_place(cast, shift):
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    who, _claim = waiting(cast, shift)
    be_elsewhere(cast, who, shift)
    give_back(cast, shift)
    assert Wish.objects.get(pk=wish.pk).status == Wish.Status.PUBLISHED
    withdraw_claim(Claim.objects.get(member=who.member, status=S.HELD), by=who)
    pass_on_what_is_free()
    assert Wish.objects.get(pk=wish.pk).status == Wish.Status.CLAIMED


def test_who_waits_takes_a_free_place_with_a_tap(cast, shift):
    wish = WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
    who, claim = waiting(cast, shift)
    refused(Reason.FULL, claim_shift, shift, by=who)
    Shift.objects.filter(pk=shift.pk).update(capacity=2)
    assert claim_shift(shift, by=who) == claim
    assert (status(claim), taken(shift)) == (S.HELD, 2)
    assert who.user.notices.get().kind == Notice.Kind.CLAIM_MADE
    wish.refresh_from_db()
    assert wish.status == Wish.Status.CLAIMED


def test_more_places_than_are_free_wait_and_fewer_behind_them_may_pass(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2), capacity=3)
    held = [ClaimFactory(shift=shift, member=neighbour(cast).member) for _ in range(2)]
    ClaimFactory(shift=shift, member=cast.member.member)
    three, one = waiting(cast, shift, companions=2)[1], waiting(cast, shift)[1]
    withdraw_claim(held[0], by=member_actor(held[0].member))
    assert (status(three), status(one), taken(shift)) == (S.WAITING, S.HELD, 3)


def test_several_free_places_go_to_several(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=2)
    claims = [ClaimFactory(shift=shift, member=neighbour(cast).member, status=S.WAITING) for _ in range(3)]
    pass_on_what_is_free()
    assert [status(claim) for claim in claims] == [S.HELD, S.HELD, S.WAITING]
    assert taken(shift) == 2


def test_leaving_the_list_frees_nothing_and_the_next_moves_up(cast, shift):
    (who, claim), (_next, next_claim) = waiting(cast, shift), waiting(cast, shift)
    with time_machine.travel(shift.starts_at - HOUR, tick=False):
        withdraw_claim(claim, by=who)
    assert (status(claim), taken(shift), position_of(next_claim)) == (S.WITHDRAWN, 1, 1)
    assert not cast.secretary.user.notices.exists(), "nobody counted on it"
    assert join_waiting_list(shift, by=who) != claim
    assert position_of(Claim.objects.get(member=who.member, status=S.WAITING)) == 2


# --- because time passes ------------------------------------------------------------------


def test_once_it_begins_nobody_waits_any_more(cast, shift):
    claim = waiting(cast, shift)[1]
    later = ShiftFactory(task=shift.task, starts_at=shift.starts_at + HOUR)
    goes_on = ClaimFactory(shift=later, member=claim.member, status=S.WAITING)
    with time_machine.travel(shift.starts_at, tick=False):
        for _ in range(2):
            end_waiting()
        pass_on_what_is_free()
        assert (status(claim), taken(shift)) == (S.EXPIRED, 1)
        assert status(goes_on) == S.OFFERED, "another shift's list goes on"


def test_a_place_freed_before_the_opening_waits_for_it(cast):
    task = TaskFactory(publisher=cast.community, opens_at=timezone.now() + HOUR, status=Task.Status.SCHEDULED)
    claim = ClaimFactory(shift=ShiftFactory(task=task), member=cast.member.member, status=S.WAITING)
    pass_on_what_is_free()
    assert status(claim) == S.WAITING
    with time_machine.travel(task.opens_at, tick=False):
        pass_on_what_is_free()
    assert status(claim) == S.HELD


def test_a_task_called_off_ends_the_waiting_and_the_offer_and_tells(cast, shift):
    (first, claim), (second, next_claim) = waiting(cast, shift), waiting(cast, shift)
    give_back(cast, shift, before=10 * HOUR)
    cancel_task(shift.task, reason="下雨", by=cast.secretary)
    assert (status(claim), status(next_claim)) == (S.CANCELLED, S.CANCELLED)
    for who in (first, second):
        assert who.user.notices.filter(kind=Notice.Kind.TASK_CANCELLED).count() == 1
    refused(Reason.NOT_OFFERED, accept_offer, claim, by=first)


def test_ones_own_list_names_offers_first_and_says_the_position(cast, shift):
    who, waited = waiting(cast, shift)
    now = timezone.now()
    later = ShiftFactory(task=shift.task, starts_at=shift.starts_at + timedelta(days=1))
    soon = ShiftFactory(task=shift.task, starts_at=shift.starts_at - timedelta(days=1))
    held = ClaimFactory(shift=soon, member=who.member)
    offer = ClaimFactory(shift=later, member=who.member, status=S.OFFERED, offer_until=now + HOUR)
    over = {"status": S.OFFERED, "offer_until": now - HOUR}
    ClaimFactory(shift=ShiftFactory(task=shift.task, starts_at=now + 3 * HOUR), member=who.member, **over)
    ClaimFactory(shift=ShiftFactory(task=shift.task, starts_at=now - HOUR), member=who.member, status=S.WAITING)
    coming = claims_to_come(who.member, now)
    assert [(claim, claim.position) for claim in coming] == [(offer, 0), (held, 0), (waited, 1)]
