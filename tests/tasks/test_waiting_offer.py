"""A place that becomes free after the withdrawal limit is offered, and has to be accepted in time (domain rule 3)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied

from accounts.access import Actor
from accounts.models import Notice
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.waiting import accept_offer, expire_offers, pass_on_what_is_free
from tasks.models import Claim, Shift, Wish
from tasks.refusals import Reason
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour, status, taken
from tests.tasks.refusing import refused
from tests.tasks.waiting_list import full_shift, give_back, waiting
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
S = Claim.Status
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(cast) -> Shift:
    return full_shift(cast)


def offered(cast, shift, *, before: timedelta = 10 * HOUR) -> tuple[Actor, Claim]:
    """The first in the list, to whom the place given back so late is offered."""
    who, claim = waiting(cast, shift)
    give_back(cast, shift, before=before)
    claim.refresh_from_db()
    return who, claim


def test_after_the_withdrawal_limit_the_place_is_offered_for_an_hour(cast, shift):
    who, claim = offered(cast, shift)
    assert (claim.status, claim.offer_until) == (S.OFFERED, shift.starts_at - 9 * HOUR)
    assert taken(shift) == 1
    notice = who.user.notices.get()
    assert (notice.kind, notice.link) == (Notice.Kind.PLACE_OFFERED, claim.page)
    assert notice.params["until"] == claim.offer_until.isoformat()
    with time_machine.travel(claim.offer_until - timedelta(seconds=1), tick=False):
        for _ in range(2):
            accept_offer(claim, by=who)
        assert claim_shift(shift, by=who) == claim
    assert (status(claim), taken(shift)) == (S.HELD, 1)
    assert who.user.notices.filter(kind=Notice.Kind.CLAIM_MADE).count() == 1


def test_the_limit_itself_is_still_early(cast, shift):
    assert offered(cast, shift, before=12 * HOUR)[1].status == S.HELD


def test_an_offer_never_outlasts_the_beginning(cast, shift):
    assert offered(cast, shift, before=timedelta(minutes=20))[1].offer_until == shift.starts_at


def test_a_tap_on_the_claim_button_accepts_too(cast, shift):
    who, claim = offered(cast, shift)
    with time_machine.travel(claim.offer_until - HOUR, tick=False):
        assert claim_shift(shift, by=who) == claim
    assert (status(claim), taken(shift)) == (S.HELD, 1)


def test_saying_no_declines_and_the_next_is_asked(cast, shift):
    who, claim = waiting(cast, shift)
    next_claim = waiting(cast, shift)[1]
    give_back(cast, shift, before=10 * HOUR)
    with time_machine.travel(shift.starts_at - 9.5 * HOUR, tick=False):
        withdraw_claim(claim, by=who)
    assert (status(claim), status(next_claim), taken(shift)) == (S.DECLINED, S.OFFERED, 1)
    assert Notice.objects.filter(kind=Notice.Kind.LATE_WITHDRAWAL, params__name=str(who.member)).count() == 0


def test_an_offer_not_accepted_in_time_goes_to_the_next(cast, shift):
    who, claim = waiting(cast, shift)
    next_claim = waiting(cast, shift)[1]
    give_back(cast, shift, before=10 * HOUR)
    with time_machine.travel(shift.starts_at - 9 * HOUR, tick=False):
        caught = refused(Reason.OFFER_OVER, accept_offer, claim, by=who)
        assert caught.details == {"time": moment_words(shift.starts_at - 9 * HOUR)}
        for _ in range(2):
            expire_offers()
        claim.refresh_from_db()
        refused(Reason.OFFER_OVER, accept_offer, claim, by=who)
    assert (status(claim), status(next_claim), taken(shift)) == (S.EXPIRED, S.OFFERED, 1)
    assert Claim.objects.get(pk=next_claim.pk).offer_until == shift.starts_at - 8 * HOUR
    assert list(who.user.notices.values_list("kind", flat=True)) == ["OFFER_EXPIRED", "PLACE_OFFERED"]


def test_there_are_never_two_offers_for_one_place(cast, shift):
    claims = [waiting(cast, shift)[1] for _ in range(3)]
    give_back(cast, shift, before=10 * HOUR)
    with time_machine.travel(shift.starts_at - 9.5 * HOUR, tick=False):
        for _ in range(2):
            pass_on_what_is_free()
            expire_offers()
    assert [status(claim) for claim in claims] == [S.OFFERED, S.WAITING, S.WAITING]
    assert taken(shift) == 1


def test_an_offer_that_nobody_is_left_for_frees_the_place_and_the_wish(cast, shift):
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    offered(cast, shift)
    assert Wish.objects.get(pk=wish.pk).status == Wish.Status.CLAIMED
    with time_machine.travel(shift.starts_at - 9 * HOUR, tick=False):
        expire_offers()
        assert taken(shift) == 0
        assert Wish.objects.get(pk=wish.pk).status == Wish.Status.PUBLISHED
        assert claim_shift(shift, by=neighbour(cast)).status == S.HELD


def test_an_offered_place_takes_up_the_time_it_is_offered_for(cast, shift):
    who, claim = offered(cast, shift)
    other = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=shift.starts_at)
    with time_machine.travel(claim.offer_until - HOUR, tick=False):
        refused(Reason.OVERLAP, claim_shift, other, by=who)


@pytest.mark.parametrize("who", ["other_member", "secretary", "city_officer"])
def test_nobody_accepts_for_somebody_else(cast, shift, who):
    claim = offered(cast, shift)[1]
    with pytest.raises(PermissionDenied):
        accept_offer(claim, by=getattr(cast, who))
    assert status(claim) == S.OFFERED


@pytest.mark.parametrize("state", [S.WAITING, S.WITHDRAWN, S.DECLINED, S.CANCELLED, S.EXPIRED])
def test_where_nothing_is_offered_there_is_nothing_to_accept(cast, shift, state):
    who = neighbour(cast)
    claim = ClaimFactory(shift=shift, member=who.member, status=state)
    refused(Reason.NOT_OFFERED, accept_offer, claim, by=who)


def test_over_new_year_a_place_is_offered_and_expires_by_the_same_clock(cast):
    """Given back at 23:30 of New Year's Eve in Shanghai, it is offered until 00:30 of the new year."""
    midnight = datetime(2027, 1, 1, tzinfo=ZoneInfo("Asia/Shanghai"))
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=1, starts_at=midnight + 8 * HOUR)
    ClaimFactory(shift=shift, member=cast.member.member, claimed_at=midnight - timedelta(days=3))
    with time_machine.travel(midnight - timedelta(days=2), tick=False):
        (_, claim), (_, next_claim) = waiting(cast, shift), waiting(cast, shift)
    give_back(cast, shift, before=8.5 * HOUR)
    assert Claim.objects.get(pk=claim.pk).offer_until == midnight + HOUR / 2
    with time_machine.travel(midnight, tick=False):
        expire_offers()
        assert status(claim) == S.OFFERED
    with time_machine.travel(midnight + HOUR / 2, tick=False):
        expire_offers()
    assert (status(claim), status(next_claim), taken(shift)) == (S.EXPIRED, S.OFFERED, 1)
