"""What becomes of a wish as its helpers report, give back and are confirmed or not (domain rules 3 and 4)."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice, RecordReason
from tasks.actions.agreement import report_fulfilled
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.task import cancel_task
from tasks.actions.wish_reply import say_outcome
from tasks.actions.wish_thanks import pass_on_thanks
from tasks.models import Claim, Wish
from tasks.queries.claim import wish_in_hand
from tasks.queries.wish import wishes_to_handle
from tasks.queries.wish_tracking import steps_told
from tests.browsing import browser_of, screen
from tests.factories import MemberFactory, ShiftFactory, TaskFactory
from tests.flags.conftest import HOUR, LAST, NOON
from tests.flags.test_confirm_agreement import report, settle, state_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]


def self_of(claim: Claim) -> Actor:
    return Actor(user=claim.member.user, member=claim.member)


@pytest.fixture
def mate(cast, claim, shift) -> Claim:
    member = MemberFactory(user__name="王芳芳", community=cast.community)
    return claim_shift(shift, by=Actor(user=member.user, member=member))


# --- joint claims ---------------------------------------------------------------------------


def test_of_two_the_last_report_fulfils_the_wish_and_until_then_both_reach_the_resident(claim, mate, wish):
    report(claim)
    assert state_of(wish) == Wish.Status.CLAIMED
    assert wish_in_hand(claim) == wish_in_hand(mate) == wish
    report(mate)
    assert state_of(wish) == Wish.Status.FULFILLED


def test_one_reported_and_the_other_gives_back_it_is_fulfilled(claim, mate, wish):
    report(claim)
    withdraw_claim(mate, by=self_of(mate))
    assert state_of(wish) == Wish.Status.FULFILLED


@pytest.mark.parametrize("mark", ["ABSENT", "EXCUSED"])
def test_one_reported_and_the_other_never_came_it_is_fulfilled(cast, claim, mate, wish, clock, mark):
    report(claim)
    settle(claim, "ATTENDED", cast.secretary)
    assert state_of(wish) == Wish.Status.CLAIMED, "the other is still to report, though one is confirmed"
    clock.move_to(LAST)
    settle(mate, mark, cast.secretary)
    assert state_of(wish) == Wish.Status.FULFILLED


def test_called_off_after_one_report_it_is_fulfilled(cast, claim, mate, wish, shift):
    report(claim)
    cancel_task(shift.task, reason="不需要了", by=cast.secretary)
    assert (state_of(wish), state_of(mate)) == (Wish.Status.FULFILLED, Claim.Status.CANCELLED)


def test_a_report_found_false_while_the_other_is_still_to_come_changes_nothing_yet(cast, claim, mate, wish):
    report(claim)
    settle(claim, "ABSENT", cast.secretary)
    assert state_of(wish) == Wish.Status.CLAIMED
    withdraw_claim(mate, by=self_of(mate))
    assert state_of(wish) == Wish.Status.PUBLISHED


# --- a report that the community finds false ------------------------------------------------


@pytest.mark.parametrize("mark", ["ABSENT", "EXCUSED"])
def test_reported_but_nobody_came_it_is_back_with_the_community(cast, claim, wish, mark):
    Wish.objects.filter(pk=wish.pk).update(resident_words="上次没修好")
    report(claim)
    settle(claim, mark, cast.secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.resident_words) == (Wish.Status.REOPENED, "")
    assert wish in wishes_to_handle(cast.secretary)


def test_nobody_came_is_told_as_the_communitys_word_not_the_residents(cast, claim, wish, shift):
    report(claim)
    settle(claim, "ABSENT", cast.secretary)
    wish.refresh_from_db()
    last = steps_told(wish)[-1]
    why = RecordReason.objects.latest("pk").text
    assert (last.status, last.words) == (Wish.Status.REOPENED, why)
    client = browser_of(cast.secretary)
    for url in (reverse("wish", args=[wish.pk]), reverse("confirm_shift", args=[shift.pk])):
        assert "The resident says" not in screen(client.get(url, headers={"accept-language": "en"}))
    assert why in screen(client.get(reverse("wish", args=[wish.pk])))


def test_of_two_reports_one_found_false_the_wish_stays_fulfilled_until_both_are(cast, claim, mate, wish):
    report(claim)
    report(mate)
    settle(claim, "ABSENT", cast.secretary)
    assert state_of(wish) == Wish.Status.FULFILLED
    settle(mate, "ABSENT", cast.secretary)
    assert state_of(wish) == Wish.Status.REOPENED


def test_the_residents_done_counts_more_than_the_mark(cast, claim, wish):
    report(claim)
    wish.refresh_from_db()
    say_outcome(wish, done=True, words="谢谢", by=Actor())
    settle(claim, "ABSENT", cast.secretary)
    assert state_of(wish) == Wish.Status.DONE


# --- thanks ---------------------------------------------------------------------------------


def test_who_helps_after_a_no_is_thanked_too(cast, claim, wish, shift):
    report(claim)
    wish.refresh_from_db()
    say_outcome(wish, done=True, words="谢谢", by=Actor())
    pass_on_thanks(wish, words="谢谢", by=cast.secretary)
    say_outcome(wish, done=False, words="又坏了", by=Actor())
    second = ShiftFactory(
        task=TaskFactory(publisher=cast.community), by_agreement=True, starts_at=NOON, ends_at=LAST, capacity=1
    )
    Wish.objects.filter(pk=wish.pk).update(status="PUBLISHED", task=second.task)
    member = MemberFactory(community=cast.community)
    helper = Actor(user=member.user, member=member)
    again = claim_shift(second, by=helper)
    now = timezone.now()
    report_fulfilled(again, words="好了", starts_at=now - HOUR, ends_at=now, by=helper)
    wish = Wish.objects.get(pk=wish.pk)
    say_outcome(wish, done=True, words="谢谢新来的", by=Actor())
    pass_on_thanks(wish, words="谢谢新来的", by=cast.secretary)
    thanked = Notice.objects.filter(kind=Notice.Kind.WISH_THANKS).order_by("pk")
    assert [notice.user for notice in thanked] == [cast.member.user, member.user]
