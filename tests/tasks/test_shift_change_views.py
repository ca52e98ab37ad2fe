"""The pages on which a publisher changes, adds and calls off shifts."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.models import Claim, Shift
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(cast) -> Shift:
    start = timezone.localtime().replace(hour=14, minute=0) + timedelta(days=3)  # with the seconds of now
    return ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=start)


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def hours(**changed) -> dict[str, str]:
    return {"day": in_days(3), "starts": "14:00", "ends": "16:00", "capacity": "7", **changed}


def seen_on(page: str) -> dict[str, str]:
    return {"seen": page.partition('name="seen" value="')[2].partition('"')[0]}


def opened(actor, shift: Shift):
    client, url = browser_of(actor), reverse("shift_change", args=[shift.pk])
    return client, url, screen(client.get(url))


def test_the_tasks_page_leads_to_a_form_with_the_hours_there_are(cast, shift):
    client, url, page = opened(cast.secretary, shift)
    assert url in screen(client.get(reverse("task", args=[shift.task_id])))
    for value in (in_days(3), "14:00", "16:00", "7"):
        assert f'value="{value}"' in page


def test_places_change_and_the_hours_stay_to_the_second(cast, shift):
    client, url, page = opened(cast.secretary, shift)
    screen(client.post(url, {**hours(capacity="9"), **seen_on(page)}, follow=True))
    after = Shift.objects.get()
    assert (after.capacity, after.starts_at, after.ends_at) == (9, shift.starts_at, shift.ends_at)


def test_other_hours_are_told(cast, shift):
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    client, url, page = opened(cast.secretary, shift)
    client.post(url, {**hours(day=in_days(5), starts="09:30", ends="11:00"), **seen_on(page)})
    shift.refresh_from_db()
    assert f"{timezone.localtime(shift.starts_at):%Y-%m-%d %H:%M}" == f"{in_days(5)} 09:30"
    assert Claim.objects.get(pk=claim.pk).starts_at == shift.starts_at
    assert "09:30" in screen(browser_of(cast.member).get(reverse("notices")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"day": ""},
        {"day": "2026-02-30"},
        {"day": "0001-01-01"},
        {"day": "9999-12-31"},
        {"starts": "25:00"},
        {"ends": "14:00"},
        {"capacity": "0"},
        {"capacity": "9" * 30},
        {"capacity": "many"},
    ],
    ids=str,
)
def test_what_cannot_be_is_said_and_what_was_typed_is_kept(cast, shift, wrong):
    client, url, page = opened(cast.secretary, shift)
    typed = hours(**wrong)
    again = screen(client.post(url, {**typed, **seen_on(page)}))
    assert 'class="errorlist' in again
    for value in filter(None, typed.values()):
        assert f'value="{value}"' in again
    after = Shift.objects.get()
    assert (after.starts_at, after.capacity) == (shift.starts_at, 7)


def test_too_few_places_are_refused_by_name_and_kept(cast, shift):
    ClaimFactory(shift=shift, member=cast.member.member)
    ClaimFactory(shift=shift, member=cast.other_member.member)
    client, url, page = opened(cast.secretary, shift)
    again = screen(client.post(url, {**hours(capacity="1"), **seen_on(page)}))
    assert sentence(Reason.BELOW_TAKEN, taken=2, names="张小明, 王芳") in again
    assert 'value="1"' in again


def test_who_was_slower_sees_how_it_stands_and_may_send_again(cast, shift):
    client, url, page = opened(cast.secretary, shift)
    other, _url, its_page = opened(cast.second_secretary, shift)
    other.post(url, {**hours(capacity="10"), **seen_on(its_page)})
    again = screen(client.post(url, {**hours(capacity="8"), **seen_on(page)}))
    assert sentence(AccountsReason.STATE_CHANGED) in again
    assert 'value="8"' in again
    assert Shift.objects.get().capacity == 10
    client.post(url, {**hours(capacity="8"), **seen_on(again)})
    assert Shift.objects.get().capacity == 8


def test_by_agreement_only_places_can_be_changed(cast):
    now = timezone.now()
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community),
        by_agreement=True,
        starts_at=now - timedelta(days=1),
        ends_at=now + timedelta(days=9),
        capacity=1,
    )
    client, url, page = opened(cast.secretary, shift)
    assert 'name="day"' not in page
    task_page = screen(client.get(reverse("task", args=[shift.task_id])))
    assert url in task_page
    assert reverse("shift_new", args=[shift.task_id]) not in task_page
    client.post(url, {"capacity": "2", **seen_on(page)})
    assert Shift.objects.get().capacity == 2


def test_a_shift_that_has_begun_offers_no_change_and_says_so(cast, shift):
    Shift.objects.update(starts_at=timezone.now() - timedelta(minutes=1))
    client, url, page = opened(cast.secretary, shift)
    assert url not in screen(client.get(reverse("task", args=[shift.task_id])))
    assert sentence(Reason.SHIFT_OVER) in screen(client.post(url, {**hours(), **seen_on(page)}))


def test_a_shift_is_added(cast, shift):
    client, url = browser_of(cast.secretary), reverse("shift_new", args=[shift.task_id])
    assert url in screen(client.get(reverse("task", args=[shift.task_id])))
    again = screen(client.post(url, hours()))
    assert sentence(Reason.SHIFTS_OVERLAP) in again
    assert f'value="{in_days(3)}"' in again
    screen(client.post(url, hours(day=in_days(4)), follow=True))
    assert Shift.objects.count() == 2


def test_a_shift_is_called_off_with_a_reason_and_once(cast, shift):
    client, url = browser_of(cast.secretary), reverse("shift_cancel", args=[shift.pk])
    again = screen(client.post(url, {"reason": "下雨"}))
    assert sentence(Reason.LAST_SHIFT) in again
    assert "下雨" in again
    ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    ClaimFactory(shift=shift, member=cast.member.member)
    for unusable in (" ", "长" * 201):
        assert 'class="errorlist' in screen(client.post(url, {"reason": unusable}))
    screen(client.post(url, {"reason": "下雨"}, follow=True))
    assert "下雨" in screen(browser_of(cast.member).get(reverse("notices")))
    assert sentence(Reason.SHIFT_OVER) in screen(client.post(url, {"reason": "下雨"}))
