"""A shift moved onto another place of a member: the member is asked, not dropped (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice
from tasks.actions.claim import claim_shift, is_late, withdraw_claim
from tasks.actions.new_hours import confirm_new_hours
from tasks.actions.shift_change import change_shift
from tasks.actions.task_offer import ShiftTime
from tasks.actions.waiting import accept_offer
from tasks.models import Claim, Shift
from tasks.queries.claim import claims_past, claims_to_come
from tasks.queries.shift_change import shift_seen
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import ClaimFactory, GroupClaimFactory, ShiftFactory, TaskFactory
from tests.tasks.refusing import refused
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def move(shift: Shift, to, by) -> None:
    shift.refresh_from_db()
    change_shift(shift, time=ShiftTime(to, to + 2 * HOUR, shift.capacity), seen=shift_seen(shift), by=by)


@pytest.fixture
def other(cast) -> Claim:
    """What the member does at the very time to which the shift will be moved."""
    task = TaskFactory(publisher=cast.community, title="反诈宣传")
    return ClaimFactory(
        shift=ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=4)), member=cast.member.member
    )


@pytest.fixture
def asked(cast, other) -> Claim:
    """A place in a shift that has been moved there."""
    claim = ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=cast.community)), member=cast.member.member)
    move(claim.shift, other.starts_at + HOUR, cast.secretary)
    claim.refresh_from_db()
    return claim


def test_who_has_another_place_then_keeps_both_and_is_asked(asked, other):
    assert (asked.status, asked.starts_at, asked.ends_at) == ("HELD", None, None)
    assert asked.asked_at
    assert asked.shift.taken == 1
    assert Claim.objects.get(pk=other.pk).starts_at == other.starts_at
    notice = asked.member.user.notices.get(kind=Notice.Kind.SHIFT_MOVED_ASKED)
    assert (notice.link, notice.params["time"]) == (asked.page, asked.shift.starts_at.isoformat())


def test_what_ends_as_the_other_begins_is_no_clash(cast, other):
    claim = ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=cast.community)), member=cast.member.member)
    move(claim.shift, other.starts_at - 2 * HOUR, cast.secretary)
    claim.refresh_from_db()
    assert claim.asked_at is None
    assert claim.starts_at == claim.shift.starts_at


@pytest.mark.parametrize("status", ["WAITING", "WITHDRAWN"])
def test_what_takes_up_no_time_is_no_clash_and_who_waits_is_not_asked(cast, other, status):
    Claim.objects.filter(pk=other.pk).update(status=status)
    claim = ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=cast.community)), member=cast.member.member)
    waits = ClaimFactory(shift=claim.shift, status="WAITING", member=cast.other_member.member)
    ClaimFactory(shift=other.shift, member=cast.other_member.member)
    move(claim.shift, other.starts_at, cast.secretary)
    for row in (claim, waits):
        row.refresh_from_db()
        assert row.asked_at is None
        assert row.starts_at == other.starts_at


def test_i_come_once_the_other_place_is_given_back(cast, asked, other):
    refused(Reason.OVERLAP, confirm_new_hours, asked, by=cast.member)
    withdraw_claim(other, by=cast.member)
    confirm_new_hours(asked, by=cast.member)
    asked.refresh_from_db()
    assert (asked.starts_at, asked.ends_at) == (asked.shift.starts_at, asked.shift.ends_at)
    assert asked.asked_at is None
    refused(Reason.NOT_ASKED, confirm_new_hours, asked, by=cast.member)


def test_only_the_member_answers(cast, asked):
    for actor in (cast.other_member, cast.secretary):
        with pytest.raises(PermissionDenied):
            confirm_new_hours(asked, by=actor)


def test_no_answer_is_taken_once_it_has_begun_or_is_given_back(cast, asked, other):
    withdraw_claim(other, by=cast.member)
    with time_machine.travel(asked.shift.starts_at, tick=False):
        refused(Reason.BEGUN, confirm_new_hours, asked, by=cast.member)
    withdraw_claim(asked, by=cast.member)
    refused(Reason.NOT_ASKED, confirm_new_hours, asked, by=cast.member)


def test_it_is_given_back_freely_even_an_hour_before(cast, asked):
    with time_machine.travel(asked.shift.starts_at - HOUR, tick=False):
        assert not is_late(asked, timezone.now())
        withdraw_claim(asked, by=cast.member)
    asked.refresh_from_db()
    asked.shift.refresh_from_db()
    assert (asked.status, asked.shift.taken) == ("WITHDRAWN", 0)


def test_a_place_of_a_group_given_back_stays_the_groups(cast, asked):
    Claim.objects.filter(pk=asked.pk).update(group_claim=GroupClaimFactory(shift=asked.shift))
    withdraw_claim(asked, by=cast.member)
    asked.refresh_from_db()
    assert (asked.status, asked.kept_until is None) == ("DECLINED", False)


def test_a_second_move_asks_again_or_not_any_more(cast, asked, other):
    move(asked.shift, other.starts_at, cast.secretary)
    asked.refresh_from_db()
    assert asked.asked_at
    move(asked.shift, other.ends_at, cast.secretary)
    asked.refresh_from_db()
    assert asked.asked_at is None
    assert asked.starts_at == other.ends_at
    kinds = [notice.kind for notice in asked.member.user.notices.order_by("pk")]
    assert kinds == ["SHIFT_MOVED_ASKED", "SHIFT_MOVED_ASKED", "SHIFT_MOVED"]


def test_who_is_offered_a_place_is_asked_as_well_and_accepts_once_it_suits(cast, other):
    claim = ClaimFactory(
        shift=ShiftFactory(task=TaskFactory(publisher=cast.community)),
        member=cast.member.member,
        status="OFFERED",
        offer_until=timezone.now() + HOUR,
    )
    move(claim.shift, other.starts_at, cast.secretary)
    claim.refresh_from_db()
    assert (claim.starts_at, claim.asked_at is None) == (None, False)
    refused(Reason.OVERLAP, accept_offer, claim, by=cast.member)
    withdraw_claim(other, by=cast.member)
    accept_offer(claim, by=cast.member)
    claim.refresh_from_db()
    assert (claim.status, claim.asked_at, claim.starts_at) == ("HELD", None, claim.shift.starts_at)


def test_an_offer_accepted_just_as_its_shift_is_moved_has_the_new_hours(cast, other):
    claim = ClaimFactory(
        shift=ShiftFactory(task=TaskFactory(publisher=cast.community)),
        member=cast.member.member,
        status="OFFERED",
        offer_until=timezone.now() + HOUR,
    )
    read_before = Claim.objects.select_related("shift").get(pk=claim.pk)
    move(claim.shift, other.starts_at, cast.secretary)
    withdraw_claim(other, by=cast.member)
    accept_offer(read_before, by=cast.member)
    claim.refresh_from_db()
    assert (claim.status, claim.starts_at, claim.ends_at) == ("HELD", other.starts_at, other.starts_at + 2 * HOUR)


def test_meanwhile_it_keeps_nothing_else_from_being_taken_but_counts_for_the_limit(cast, asked, other, settings):
    settings.OPEN_CLAIMS_AT_MOST = 3
    withdraw_claim(other, by=cast.member)
    task = TaskFactory(publisher=cast.community)
    for days in (0, 6):
        claim_shift(ShiftFactory(task=task, starts_at=asked.shift.starts_at + timedelta(days=days)), by=cast.member)
    with pytest.raises(Refused) as caught:
        claim_shift(ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=20)), by=cast.member)
    assert caught.value.reason == Reason.TOO_MANY
    refused(Reason.OVERLAP, confirm_new_hours, asked, by=cast.member)


def test_it_stands_among_the_places_by_the_hours_of_its_shift(cast, asked, other):
    soon = ClaimFactory(
        shift=ShiftFactory(task=asked.shift.task, starts_at=timezone.now() + timedelta(days=1)),
        member=cast.member.member,
    )
    now = timezone.now()
    assert list(claims_to_come(cast.member.member, now)) == [soon, other, asked]
    later = asked.shift.ends_at
    assert asked in claims_past(cast.member.member, later)
    assert asked not in claims_to_come(cast.member.member, later)


def test_the_page_asks_and_takes_both_answers(cast, asked, other):
    client = browser_of(cast.member)
    page, come = screen(client.get(asked.page)), reverse("claim_come", args=[asked.pk])
    assert come in page
    said = screen(client.post(come, follow=True))
    assert "反诈宣传" in said
    assert come in said
    assert asked.page in screen(client.get(reverse("claims")))
    client.post(reverse("claim_withdraw", args=[other.pk]), {"reason": ""})
    page = screen(client.post(come, follow=True))
    assert come not in page
    asked.refresh_from_db()
    assert asked.starts_at
    assert sentence(Reason.NOT_ASKED) in screen(client.post(come, follow=True))


def test_the_page_asks_once_and_no_longer_when_it_has_begun(cast, asked):
    client, back = browser_of(cast.member), reverse("claim_withdraw", args=[asked.pk])
    assert screen(client.get(asked.page)).count(back) == 1
    with time_machine.travel(asked.shift.starts_at, tick=False):
        page = screen(client.get(asked.page))
    assert reverse("claim_come", args=[asked.pk]) not in page
    assert back not in page


def test_who_is_offered_the_place_answers_with_the_offer(cast, asked):
    Claim.objects.filter(pk=asked.pk).update(status="OFFERED", offer_until=timezone.now() + HOUR)
    page = screen(browser_of(cast.member).get(asked.page))
    assert reverse("claim_come", args=[asked.pk]) not in page
    assert reverse("claim_accept", args=[asked.pk]) in page


def test_the_page_gives_it_back_in_one_tap(cast, asked):
    client = browser_of(cast.member)
    with time_machine.travel(asked.shift.starts_at - HOUR, tick=False):
        screen(client.post(reverse("claim_withdraw", args=[asked.pk]), {"reason": ""}, follow=True))
    asked.refresh_from_db()
    assert asked.status == "WITHDRAWN"
    assert reverse("claim_come", args=[asked.pk]) not in screen(client.get(asked.page))


def test_somebody_elses_question_is_not_found(cast, asked):
    stranger = Actor(user=cast.other_member.user, member=cast.other_member.member)
    assert browser_of(stranger).post(reverse("claim_come", args=[asked.pk])).status_code == 404
