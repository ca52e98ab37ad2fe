"""One tap takes a place, and every refusal is a sentence on the screen."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community))


def tap(actor, shift) -> str:
    """What the member reads after the tap."""
    return screen(browser_of(actor).post(reverse("shift_claim", args=[shift.pk]), follow=True))


def another_shift(cast, **changed) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), **changed)


def test_one_tap_and_the_place_is_under_mine(cast, shift):
    page = tap(cast.member, shift)
    assert shift.task.title in page
    assert reverse("claim_withdraw", args=[Claim.objects.get().pk]) in page


def test_a_double_tap_is_one_claim_and_no_error(cast, shift):
    client = browser_of(cast.member)
    for _ in range(2):
        assert client.post(reverse("shift_claim", args=[shift.pk])).headers["Location"] == reverse("claims")
    assert Claim.objects.count() == 1


def test_a_full_shift_says_so(cast):
    shift = another_shift(cast, capacity=1)
    ClaimFactory(shift=shift)
    assert sentence(Reason.FULL) in tap(cast.member, shift)


def test_a_shift_that_has_begun_says_so(cast):
    assert sentence(Reason.BEGUN) in tap(cast.member, another_shift(cast, starts_at=timezone.now()))


def test_one_that_opens_later_says_when(cast):
    opens_at = timezone.now() + timedelta(hours=1)
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=opens_at))
    assert sentence(Reason.NOT_OPEN_YET, time=moment_words(opens_at)) in tap(cast.member, shift)


def test_one_that_was_called_off_says_so(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, status="CANCELLED"), status="CANCELLED")
    assert sentence(Reason.NOT_OPEN) in tap(cast.member, shift)


def test_before_a_check_in_it_says_what_to_do(shift):
    newcomer = MemberFactory()
    assert sentence(Reason.NOT_CHECKED_IN) in tap(Actor(user=newcomer.user, member=newcomer), shift)


def test_outside_the_audience_it_says_whom_it_is_for(cast, shift):
    assert sentence(Reason.NOT_IN_AUDIENCE, audience=cast.community) in tap(cast.other_member, shift)


def test_an_overlap_names_the_other_place(cast, shift):
    claim_shift(shift, by=cast.member)
    said = sentence(Reason.OVERLAP, task=shift.task.title, time=moment_words(shift.starts_at))
    assert said in tap(cast.member, another_shift(cast, starts_at=shift.starts_at))


def test_one_too_many_says_how_many(cast, shift, settings):
    settings.OPEN_CLAIMS_AT_MOST = 1
    claim_shift(shift, by=cast.member)
    later = another_shift(cast, starts_at=shift.starts_at + timedelta(days=1))
    assert sentence(Reason.TOO_MANY, n=1) in tap(cast.member, later)


def test_ones_own_wish_says_so(cast, shift):
    WishFactory(community=cast.community, status="PUBLISHED", task=shift.task, sender=cast.member.user)
    assert sentence(Reason.OWN_WISH) in tap(cast.member, shift)
    assert not Claim.objects.exists()


@pytest.mark.parametrize("pk", ["0", "999999999", "9" * 30])
def test_a_shift_that_does_not_exist_is_not_found(cast, pk):
    assert browser_of(cast.member).post(f"/shifts/{pk}/claim/").status_code == 404


def withdraw(cast, claim, reason=""):
    return browser_of(cast.member).post(reverse("claim_withdraw", args=[claim.pk]), {"reason": reason}, follow=True)


def test_a_place_is_given_back_in_one_step_while_it_is_early(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    assert shift.task.title in screen(withdraw(cast, claim))
    claim.refresh_from_db()
    assert claim.status == Claim.Status.WITHDRAWN


def test_late_it_asks_for_a_reason_and_takes_it(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    with time_machine.travel(shift.starts_at - timedelta(hours=1), tick=False):
        page = screen(browser_of(cast.member).get(reverse("claim_withdraw", args=[claim.pk])))
        assert sentence(Reason.WITHDRAWAL_NEEDS_REASON) in page
        assert 'class="errorlist' in screen(withdraw(cast, claim))
        assert "长" * 201 in screen(withdraw(cast, claim, reason="长" * 201))
        claim.refresh_from_db()
        assert claim.status == Claim.Status.HELD
        withdraw(cast, claim, reason="孩子发烧")
    claim.refresh_from_db()
    assert (claim.status, claim.withdraw_reason) == (Claim.Status.WITHDRAWN, "孩子发烧")


def test_late_between_the_page_and_the_tap_says_so(cast, shift, monkeypatch):
    claim = claim_shift(shift, by=cast.member)
    monkeypatch.setattr("tasks.views.claim.is_late", lambda *args: False)
    with time_machine.travel(shift.starts_at - timedelta(hours=1), tick=False):
        assert sentence(Reason.WITHDRAWAL_NEEDS_REASON) in screen(withdraw(cast, claim))


def test_twice_and_after_the_start_are_said(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    with time_machine.travel(shift.starts_at, tick=False):
        page = screen(withdraw(cast, claim, reason="孩子发烧"))
        assert sentence(Reason.BEGUN) in page
        assert "孩子发烧" in page
    withdraw_claim(claim, by=cast.member)
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=claim.get_status_display()) in screen(withdraw(cast, claim))


def test_the_list_of_places_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.member), reverse("claims")

    def one_more(i: int) -> None:
        for starts_at in (timezone.now() + timedelta(days=i), timezone.now() - timedelta(days=i)):
            ClaimFactory(shift=another_shift(cast, starts_at=starts_at), member=cast.member.member)

    one_more(1)
    one = queries_of(client, url)
    for i in range(2, 31):
        one_more(i)
    assert queries_of(client, url) == one
