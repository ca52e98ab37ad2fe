"""The page of a shift, where everybody comes after a tap: what is true, what to do, what else is open."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags
from django.utils.translation import gettext

from accounts.models import Skill
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.task import cancel_task
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.tasks.places import neighbour
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
S = Claim.Status
HOUR = timedelta(hours=1)


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community))


@pytest.fixture
def full(cast) -> Shift:
    """Its only place is a neighbour's."""
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2), capacity=1)
    ClaimFactory(shift=shift, member=neighbour(cast).member, claimed_at=timezone.now() - timedelta(days=1))
    return shift


def look(actor, shift) -> str:
    return screen(browser_of(actor).get(shift.page))


def said(page: str) -> str:
    """The one sentence."""
    sentence = page.split('role="status"')[1].split(">", 1)[1].split("</p>")[0]
    return " ".join(strip_tags(sentence).split())


def do(actor, name: str, row, **data) -> str:
    return screen(browser_of(actor).post(reverse(name, args=[row.pk]), data, follow=True))


def offered(cast, shift) -> Claim:
    """The member's, for an hour, ten hours before it begins."""
    claim = join_waiting_list(shift, by=cast.member)
    held = Claim.objects.get(shift=shift, status=S.HELD)
    with time_machine.travel(shift.starts_at - 10 * HOUR, tick=False):
        withdraw_claim(held, by=member_actor(held.member), reason="孩子发烧")
    claim.refresh_from_db()
    return claim


# --- after a tap --------------------------------------------------------------------------


def test_a_tap_says_that_it_is_yours_and_how_to_give_it_back(cast, shift):
    page = do(cast.member, "shift_claim", shift)
    claim = Claim.objects.get()
    assert moment_words(shift.starts_at) in said(page)
    assert shift.task.place in said(page)
    assert claim.page in page
    assert reverse("claim_withdraw", args=[claim.pk]) in page
    assert reverse("shift_claim", args=[shift.pk]) not in page


def test_a_double_tap_and_a_resend_end_on_the_same_sentence_even_when_it_is_full(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=1)
    first, *again = [said(do(cast.member, "shift_claim", shift)) for _ in range(3)]
    assert again == [first] * 2
    assert Claim.objects.count() == 1
    assert str(Reason.FULL.label) not in first


def test_too_late_it_says_full_once_and_offers_the_waiting_list_and_what_else_is_open(cast, full):
    other = ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"))
    page = do(cast.member, "shift_claim", full)
    assert said(page) == sentence(Reason.FULL)
    assert page.count(sentence(Reason.FULL)) == 1
    assert reverse("shift_wait", args=[full.pk]) in page
    assert reverse("shift_claim", args=[other.pk]) in page


def test_at_most_three_others_are_offered(cast, full):
    for day in range(4):
        ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=timezone.now() + timedelta(days=3 + day))
    assert look(cast.member, full).count("<article") == 3


def test_companions_are_taken_with_the_place(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2), capacity=3)
    assert 'name="companions"' in look(cast.member, shift)
    do(cast.member, "shift_claim", shift, companions="2")
    shift.refresh_from_db()
    assert (Claim.objects.get().companions, shift.taken) == (2, 3)


@pytest.mark.parametrize("companions", ["", "-1", "x", "1.5", "９"])
def test_a_number_of_companions_that_is_none_is_nobody(cast, companions):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2))
    do(cast.member, "shift_claim", shift, companions=companions)
    assert Claim.objects.get().companions == 0


@pytest.mark.parametrize("companions", ["3", "9" * 18])
def test_too_many_companions_are_said(cast, companions):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, companions_at_most=2))
    assert sentence(Reason.TOO_MANY_COMPANIONS, most=2) in do(cast.member, "shift_claim", shift, companions=companions)
    assert not Claim.objects.exists()


# --- what is true -------------------------------------------------------------------------


def test_it_says_when_it_opens_and_counts_down_by_the_servers_clock(cast):
    opens_at = timezone.now() + HOUR
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=opens_at))
    with time_machine.travel(opens_at - timedelta(seconds=90), tick=False):
        page = look(cast.member, shift)
        assert said(page) == sentence(Reason.NOT_OPEN_YET, time=moment_words(opens_at))
        assert 'data-opens-in="90000"' in page
        assert "disabled" not in page, "without script it is a plain form"
        assert "countdown.js" in page
        assert said(do(cast.member, "shift_claim", shift)) == sentence(Reason.NOT_OPEN_YET, time=moment_words(opens_at))
    with time_machine.travel(opens_at, tick=False):
        page = look(cast.member, shift)
        assert "data-opens-in" not in page
        assert reverse("shift_claim", args=[shift.pk]) in page


def test_in_the_first_minutes_of_others_it_says_until_when(cast, monkeypatch):
    monkeypatch.setattr("tasks.queries.fair_share.RULES", [])
    now = timezone.now()
    task = TaskFactory(publisher=cast.community, opens_at=now - timedelta(minutes=1), first_minutes=10)
    page = look(cast.member, ShiftFactory(task=task))
    assert said(page) == sentence(Reason.FIRST_FOR_OTHERS, time=moment_words(task.first_until))
    assert "data-opens-in" in page


def test_called_off_it_says_why(cast, shift):
    claim_shift(shift, by=cast.member)
    cancel_task(shift.task, reason="下雨", by=cast.secretary)
    page = look(cast.member, shift)
    assert "下雨" in said(page)
    assert reverse("shift_claim", args=[shift.pk]) not in page


def test_the_skill_it_asks_for_stands_there(cast, shift):
    Shift.objects.update(skill=Skill.objects.create(name="理发"))
    assert "理发" in look(cast.member, shift)


@pytest.mark.parametrize(
    ("status", "before", "reason"),
    [
        ("OPEN", timedelta(0), Reason.BEGUN),
        ("ENDED", HOUR, Reason.NOT_OPEN),
        ("OPEN", -3 * HOUR, Reason.NOT_OPEN),
    ],
)
def test_what_is_begun_or_over_says_so(cast, status, before, reason):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), status=status, starts_at=timezone.now() + before)
    assert said(look(cast.member, shift)) == sentence(reason)


@pytest.mark.parametrize("status", [S.ATTENDED, S.ABSENT, S.CONFIRMED])
def test_what_became_of_ones_place_is_said(cast, shift, status):
    claim = ClaimFactory(shift=shift, member=cast.member.member, status=status)
    assert claim.get_status_display() in said(look(cast.member, shift))


def test_somebody_elses_shift_is_not_found_and_staff_have_no_such_page(cast, shift):
    assert browser_of(cast.other_member).get(shift.page).status_code == 404
    assert browser_of(cast.secretary).get(shift.page).status_code == 403
    for pk in (0, 999999999):
        assert browser_of(cast.member).get(f"/shifts/{pk}/").status_code == 404


def test_it_names_nobody_who_takes_part_and_stays_light(cast):
    """Hundreds come here within the same second: what it costs has nothing to do with how many they are.

    Session, the person as a member, appointments, unread notices; the shift, the own claim and the groups one leads; what
    else is open and one's own times, for who has no place; how many wait, where it is full.
    """
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=30)
    client = browser_of(cast.member)
    assert queries_of(client, shift.page) == 9
    members = MemberFactory.create_batch(33, community=cast.community, unit=cast.unit, user__name="欧阳修远")
    for i, member in enumerate(members):
        ClaimFactory(shift=shift, member=member, status=S.HELD if i < 30 else S.WAITING)
    ShiftFactory(task=TaskFactory(publisher=cast.community))
    assert "欧阳" not in look(cast.member, shift)
    assert queries_of(client, shift.page) == 10
    Shift.objects.filter(pk=shift.pk).update(capacity=31)
    claim_shift(shift, by=cast.member)
    assert "欧阳" not in look(cast.member, shift)
    assert queries_of(client, shift.page) == 8


# --- waiting ------------------------------------------------------------------------------


def test_joining_says_at_which_position_and_leaving_makes_room(cast, full):
    join_waiting_list(full, by=neighbour(cast))
    for _ in range(2):
        page = do(cast.member, "shift_wait", full)
        assert sentence(Reason.FULL) in said(page)
        assert gettext("You are number %(n)s in the waiting list.") % {"n": 2} in said(page)
    claim = Claim.objects.get(member=cast.member.member)
    assert reverse("claim_withdraw", args=[claim.pk]) in page
    page = do(cast.member, "claim_withdraw", claim)
    assert 'class="say success"' in page
    assert reverse("shift_wait", args=[full.pk]) in page
    claim.refresh_from_db()
    assert claim.status == S.WITHDRAWN


def test_one_waits_with_companions(cast, full):
    Shift.objects.update(capacity=3, taken=3)
    assert 'name="companions"' in look(cast.member, full)
    do(cast.member, "shift_wait", full, companions="2")
    assert Claim.objects.get(member=cast.member.member).companions == 2


def test_while_a_place_is_free_one_is_told_to_take_it(cast, shift):
    page = do(cast.member, "shift_wait", shift)
    assert sentence(Reason.STILL_FREE) in page
    assert reverse("shift_claim", args=[shift.pk]) in page


@pytest.mark.parametrize("name", ["shift_claim", "shift_wait"])
def test_who_lives_elsewhere_or_nowhere_is_led_to_what_is_open_for_them(cast, full, name):
    url = reverse(name, args=[full.pk])
    for who, why in (
        (cast.other_member, sentence(Reason.NOT_IN_AUDIENCE, audience=cast.community)),
        (member_actor(MemberFactory()), sentence(Reason.NOT_CHECKED_IN)),
    ):
        response = browser_of(who).post(url, follow=True)
        assert response.redirect_chain == [(reverse("task_list"), 302)]
        assert why in screen(response)


def test_an_offer_is_accepted_with_one_tap_and_twice_it_is_still_yours(cast, full):
    claim = offered(cast, full)
    with time_machine.travel(claim.offer_until - HOUR / 2, tick=False):
        page = look(cast.member, full)
        assert moment_words(claim.offer_until) in said(page)
        assert reverse("claim_accept", args=[claim.pk]) in page
        first, again = [said(do(cast.member, "claim_accept", claim)) for _ in range(2)]
        assert again == first
        assert full.task.place in first
    claim.refresh_from_db()
    assert claim.status == S.HELD


def test_saying_no_to_an_offer_is_one_tap_too(cast, full):
    claim = offered(cast, full)
    with time_machine.travel(claim.offer_until - HOUR / 2, tick=False):
        assert 'class="say success"' in do(cast.member, "claim_withdraw", claim)
    claim.refresh_from_db()
    assert claim.status == S.DECLINED


def test_an_offer_that_is_over_cannot_be_accepted_and_says_so(cast, full):
    claim = offered(cast, full)
    with time_machine.travel(claim.offer_until, tick=False):
        why = sentence(Reason.OFFER_OVER, time=moment_words(claim.offer_until))
        page = look(cast.member, full)
        assert said(page) == why
        assert reverse("claim_accept", args=[claim.pk]) not in page
        assert why in do(cast.member, "claim_accept", claim)
    claim.refresh_from_db()
    assert claim.status == S.OFFERED


def test_where_nothing_is_offered_that_is_said(cast, full):
    claim = join_waiting_list(full, by=cast.member)
    assert sentence(Reason.NOT_OFFERED) in do(cast.member, "claim_accept", claim)


# --- a stand-in ---------------------------------------------------------------------------


def test_a_place_that_can_be_taken_over_is_offered_and_taken(cast, full):
    held = Claim.objects.get(shift=full)
    seek_stand_in(held, by=member_actor(held.member))
    assert reverse("shift_claim", args=[full.pk]) in look(cast.member, full)
    do(cast.member, "shift_claim", full)
    assert Claim.objects.get(member=cast.member.member).status == S.HELD
    held.refresh_from_db()
    assert held.status == S.WITHDRAWN


@pytest.mark.parametrize("name", ["claim_accept", "claim_stand_in", "claim_keep"])
def test_these_are_posted_and_ones_own(cast, full, name):
    claim = Claim.objects.get(shift=full)
    url = reverse(name, args=[claim.pk])
    assert browser_of(cast.member).post(url).status_code == 404
    assert browser_of(cast.secretary).post(url).status_code == 403
    assert browser_of(member_actor(claim.member)).get(url).status_code == 405
