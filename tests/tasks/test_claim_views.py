"""One tap takes a place, and every refusal is a sentence on the screen."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext

from accounts.access import Actor
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.waiting import accept_offer, expire_offers, join_waiting_list
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour
from tests.tasks.waiting_list import full_shift
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
    assert shift.task.title in tap(cast.member, shift)
    page = screen(browser_of(cast.member).get(reverse("claims")))
    assert reverse("claim_withdraw", args=[Claim.objects.get().pk]) in page


def test_a_double_tap_is_one_claim_and_no_error(cast, shift):
    client = browser_of(cast.member)
    for _ in range(2):
        assert client.post(reverse("shift_claim", args=[shift.pk])).headers["Location"] == shift.page
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
    assert sentence(Reason.NOT_OPEN_YET, time=moment_words(opens_at)) in strip_tags(tap(cast.member, shift))


def test_one_that_was_called_off_says_so(cast):
    task = TaskFactory(publisher=cast.community, status="CANCELLED", cancel_reason="下雨")
    assert "下雨" in tap(cast.member, ShiftFactory(task=task, status="CANCELLED"))


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


# --- waiting, offered, looking for a stand-in ---------------------------------------------


@pytest.fixture
def full(cast) -> Shift:
    return full_shift(cast)


def page_of(actor, name: str, *args) -> str:
    return screen(browser_of(actor).get(reverse(name, args=args)))


def do(actor, name: str, claim) -> str:
    return screen(browser_of(actor).post(reverse(name, args=[claim.pk]), follow=True))


def test_what_one_waits_for_stands_among_ones_places_with_its_position(cast, full):
    join_waiting_list(full, by=neighbour(cast))
    who = neighbour(cast)
    claim = join_waiting_list(full, by=who)
    for page in (page_of(who, "claims"), page_of(who, "home")):
        assert full.task.title in page
        assert gettext("waiting: number %(n)s") % {"n": 2} in page
    assert gettext("You are number %(n)s in the waiting list.") % {"n": 2} in page_of(who, "claim", claim.pk)
    assert reverse("claim_withdraw", args=[claim.pk]) in page_of(who, "claims")
    assert reverse("claim_accept", args=[claim.pk]) not in page_of(who, "claim", claim.pk)


def test_an_offer_stands_first_everywhere_with_its_end_and_its_button(cast, full):
    who = neighbour(cast)
    claim_shift(another_shift(cast, starts_at=full.starts_at - timedelta(days=1)), by=who)
    claim = join_waiting_list(full, by=who)
    held = Claim.objects.get(shift=full, member=cast.member.member)
    with time_machine.travel(full.starts_at - timedelta(hours=10), tick=False):
        withdraw_claim(held, by=cast.member, reason="孩子发烧")
        until = moment_words(full.starts_at - timedelta(hours=9))
        for page in (page_of(who, "home"), page_of(who, "claims"), page_of(who, "claim", claim.pk)):
            first = page.split("<main")[1].split("</article>")[0]
            assert until in strip_tags(first)
            assert reverse("claim_accept", args=[claim.pk]) in first
    with time_machine.travel(full.starts_at - timedelta(hours=9), tick=False):
        for name, *args in (("home",), ("claims",), ("claim", claim.pk)):
            assert reverse("claim_accept", args=[claim.pk]) not in page_of(who, name, *args)


def test_who_waits_sees_nobodys_name_and_nobody_sees_theirs(cast, full):
    who = neighbour(cast, user__name="欧阳修远")
    claim = join_waiting_list(full, by=who)
    held = Claim.objects.get(shift=full, member=cast.member.member)
    assert cast.member.user.name not in page_of(who, "claim", claim.pk)
    assert "欧阳" not in page_of(cast.member, "claim", held.pk)
    with time_machine.travel(full.starts_at - timedelta(hours=10), tick=False):
        withdraw_claim(held, by=cast.member, reason="孩子发烧")
        Shift.objects.filter(pk=full.pk).update(capacity=2)
        again = claim_shift(full, by=cast.member)
        assert "欧阳" not in page_of(cast.member, "claim", again.pk), "to whom a place is offered has none yet"


def test_one_looks_for_a_stand_in_and_comes_after_all(cast, full):
    claim = Claim.objects.get(shift=full)
    assert reverse("claim_stand_in", args=[claim.pk]) in page_of(cast.member, "claim", claim.pk)
    page = do(cast.member, "claim_stand_in", claim)
    assert reverse("claim_keep", args=[claim.pk]) in page
    assert reverse("claim_stand_in", args=[claim.pk]) not in page
    claim.refresh_from_db()
    assert claim.stand_in_since
    assert 'class="say success"' in do(cast.member, "claim_keep", claim)
    claim.refresh_from_db()
    assert claim.stand_in_since is None


def test_while_places_are_free_nobody_is_looked_for(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    assert reverse("claim_stand_in", args=[claim.pk]) not in page_of(cast.member, "claim", claim.pk)
    assert sentence(Reason.NO_STAND_IN_NEEDED) in do(cast.member, "claim_stand_in", claim)


def test_withdrawing_late_names_the_stand_in_as_the_other_way(cast, full):
    claim = Claim.objects.get(shift=full)
    stand_in = reverse("claim_stand_in", args=[claim.pk])
    assert stand_in not in page_of(cast.member, "claim_withdraw", claim.pk), "early it is simply given back"
    with time_machine.travel(full.starts_at - timedelta(hours=1), tick=False):
        assert stand_in in page_of(cast.member, "claim_withdraw", claim.pk)


def test_every_notice_about_a_place_leads_to_a_page_that_speaks_of_it(cast, full):
    """Offered, expired, freed; looked for and found: one of each."""
    people = [neighbour(cast) for _ in range(3)]
    for who in people:
        join_waiting_list(full, by=who)
    held = Claim.objects.get(shift=full, member=cast.member.member)
    with time_machine.travel(full.starts_at - timedelta(hours=10), tick=False) as clock:
        withdraw_claim(held, by=cast.member, reason="孩子发烧")
        clock.shift(timedelta(hours=1))
        expire_offers()
        accept_offer(Claim.objects.get(shift=full, member=people[1].member), by=people[1])
        seek_stand_in(Claim.objects.get(shift=full, member=people[1].member), by=people[1])
        claim_shift(full, by=people[2])
        seen = set()
        for who in people:
            client = browser_of(who)
            for notice in who.user.notices.all():
                seen.add(notice.kind)
                assert full.task.title in notice.text
                page = client.post(reverse("notice_open", args=[notice.pk]), follow=True)
                assert full.task.title in screen(page)
    assert seen == {"PLACE_OFFERED", "OFFER_EXPIRED", "CLAIM_MADE", "STAND_IN_SOUGHT", "STAND_IN_FOUND"}
