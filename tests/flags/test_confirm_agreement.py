"""Confirming what was done by agreement: once it is reported, in the year of the day of service (rules 3, 4 and 6)."""

from datetime import date, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import CheckIn, Notice, Record, UnitMembership
from flags.actions.confirm import confirm_claim, settle_shift
from flags.actions.member_merge import merge_members
from flags.actions.reminder import chase_unconfirmed_shifts
from flags.models import FlagAward
from flags.queries.confirm import shifts_to_settle
from flags.queries.unit import awaiting_confirmation as awaiting_of_units
from flags.queries.wall import awaiting_confirmation, progress_of
from flags.refusals import Reason
from tasks.actions.agreement import agree_time, report_fulfilled
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.time import end_shifts
from tasks.models import Claim, Shift, Task, Wish
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.flags.conftest import HOUR, LAST, NOON, SHANGHAI
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("clock")]
Status = Claim.Status
ATTENDED, ABSENT, EXCUSED = Status.ATTENDED, Status.ABSENT, Status.EXCUSED


@pytest.fixture
def mate(cast, claim, shift) -> Claim:
    member = MemberFactory(user__name="王芳芳", community=cast.community)
    return claim_shift(shift, by=Actor(user=member.user, member=member))


def report(claim: Claim, ends_at: datetime = NOON) -> None:
    by = Actor(user=claim.member.user, member=claim.member)
    report_fulfilled(claim, words="灯换好了", starts_at=ends_at - HOUR, ends_at=ends_at, by=by)


def settle(claim: Claim, mark: str, by: Actor) -> int:
    return settle_shift(Shift.objects.select_related("task__publisher").get(pk=claim.shift_id), {claim.pk: mark}, by=by)


def state_of(row) -> str:
    return type(row).objects.values_list("status", flat=True).get(pk=row.pk)


def refused(why, act, *args, **kwargs) -> Refused:
    before = FlagAward.objects.count(), Record.objects.count(), Notice.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (FlagAward.objects.count(), Record.objects.count(), Notice.objects.count()) == before
    return caught.value


def test_what_is_reported_waits_for_the_community_and_is_confirmed_before_the_last_day(cast, claim, wish):
    assert not shifts_to_settle(cast.secretary, timezone.now())
    report(claim)
    assert list(shifts_to_settle(cast.secretary, timezone.now())) == [claim.shift]
    assert settle(claim, ATTENDED, cast.secretary) == 1
    award = FlagAward.objects.get()
    assert (award.claim, award.served_on, award.category) == (claim, NOON.date(), "MICRO_WISH")
    assert (state_of(claim), state_of(claim.shift), state_of(wish)) == ("CONFIRMED", "SETTLED", "FULFILLED")
    end_shifts()
    assert state_of(claim.shift.task) == Task.Status.CLOSED


def test_twice_it_awards_once(cast, claim):
    report(claim)
    assert [settle(claim, ATTENDED, cast.secretary) for _ in range(2)] == [1, 0]
    refused(Reason.ALREADY_CONFIRMED, confirm_claim, claim, by=cast.second_secretary)
    assert FlagAward.objects.count() == 1


@pytest.mark.parametrize("moment", [NOON, LAST])
def test_unreported_it_cannot_be_confirmed_and_the_refusal_says_what_to_do(cast, claim, clock, moment):
    clock.move_to(moment)
    refused(Reason.NOT_REPORTED, settle, claim, ATTENDED, cast.secretary)
    refused(Reason.NOT_REPORTED, confirm_claim, claim, by=cast.secretary)
    assert (state_of(claim), state_of(claim.shift)) == (Status.HELD, Shift.Status.OPEN)


@pytest.mark.parametrize("mark", [ABSENT, EXCUSED])
def test_unreported_it_is_noted_as_absence_after_the_last_day_and_the_wish_is_open_again(
    cast, claim, wish, clock, mark
):
    caught = refused(Reason.LAST_DAY_TO_COME, settle, claim, mark, cast.secretary)
    assert caught.details["day"] == day_words(date(2027, 1, 9))
    clock.move_to(LAST)
    assert list(shifts_to_settle(cast.secretary, timezone.now())) == [claim.shift]
    assert settle(claim, mark, cast.secretary) == 0
    assert (state_of(claim), state_of(claim.shift), state_of(wish)) == (mark, "SETTLED", "PUBLISHED")
    told = cast.member.user.notices.filter(kind=Notice.Kind.CLAIM_ABSENT)
    assert [datetime.fromisoformat(notice.params["time"]) for notice in told] == ([LAST] if mark == ABSENT else [])


def test_reported_the_community_may_still_say_that_it_was_not_served(cast, claim):
    report(claim)
    settle(claim, ABSENT, cast.secretary)
    assert (state_of(claim), state_of(claim.shift)) == (ABSENT, Shift.Status.SETTLED)
    assert not FlagAward.objects.exists()


@pytest.mark.parametrize("who", ["other_secretary", "branch", "city_officer", "street_officer", "member"])
def test_who_has_no_say_changes_nothing(cast, claim, who):
    report(claim)
    assert settle(claim, ATTENDED, getattr(cast, who)) == 0
    assert state_of(claim) == Status.HELD


def test_a_branch_proposes_what_its_compound_published(cast):
    task = TaskFactory(publisher=cast.compound)
    shift = ShiftFactory(task=task, by_agreement=True, starts_at=NOON, ends_at=LAST)
    claim = claim_shift(shift, by=cast.member)
    report(claim)
    assert settle(claim, ATTENDED, cast.branch) == 1
    assert (state_of(claim), state_of(shift)) == (Status.PROPOSED, Shift.Status.ENDED)
    assert not shifts_to_settle(cast.branch, timezone.now())
    assert settle(claim, ATTENDED, cast.secretary) == 1
    assert state_of(shift) == Shift.Status.SETTLED


def test_confirming_one_of_two_leaves_the_others_place_open(cast, claim, mate, clock):
    report(claim)
    assert settle(claim, ATTENDED, cast.secretary) == 1
    assert (state_of(mate), state_of(claim.shift)) == (Status.HELD, Shift.Status.OPEN)
    assert not shifts_to_settle(cast.secretary, timezone.now()), "nothing to do before the last day"
    agree_time(mate, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=Actor(mate.member.user, member=mate.member))
    clock.move_to(NOON + 3 * HOUR)
    report_fulfilled(mate, words="一起换的", by=Actor(mate.member.user, member=mate.member))
    assert settle(mate, ATTENDED, cast.secretary) == 1
    assert state_of(claim.shift) == Shift.Status.SETTLED
    assert FlagAward.objects.count() == 2


def test_after_the_last_day_the_clock_ends_what_the_other_has_not_reported(cast, claim, mate, clock):
    report(claim)
    settle(claim, ATTENDED, cast.secretary)
    clock.move_to(LAST)
    end_shifts()
    assert list(shifts_to_settle(cast.secretary, timezone.now())) == [claim.shift]
    settle(mate, ABSENT, cast.secretary)
    assert state_of(claim.shift) == Shift.Status.SETTLED


def test_marks_for_both_are_all_taken_or_none(cast, claim, mate):
    report(claim)
    shift = Shift.objects.select_related("task__publisher").get(pk=claim.shift_id)
    marks = {claim.pk: ATTENDED, mate.pk: ATTENDED}
    refused(Reason.NOT_REPORTED, settle_shift, shift, marks, by=cast.secretary)
    assert state_of(claim) == Status.HELD


def test_an_empty_form_ends_nothing_that_still_can_be_taken(cast, claim, shift):
    withdraw_claim(claim, by=cast.member)
    assert settle_shift(shift, {}, by=cast.secretary) == 0
    assert state_of(shift) == Shift.Status.OPEN


def test_a_shift_with_only_ones_own_report_does_not_wait_for_oneself(cast, claim, shift):
    member = MemberFactory(user=cast.secretary.user, community=cast.community)
    own = claim_shift(shift, by=Actor(user=member.user, member=member))
    report(own)
    assert not shifts_to_settle(cast.secretary, timezone.now())
    assert list(shifts_to_settle(cast.second_secretary, timezone.now())) == [shift]
    refused(Reason.ONESELF, confirm_claim, own, by=cast.secretary)


@pytest.mark.parametrize(
    ("ends_at", "day"),
    [
        (datetime(2026, 12, 31, 23, 30, tzinfo=SHANGHAI), date(2026, 12, 31)),
        (datetime(2027, 1, 1, 0, 10, tzinfo=SHANGHAI), date(2027, 1, 1)),
    ],
)
def test_the_year_is_that_of_the_day_of_service_whenever_it_is_confirmed(cast, claim, clock, ends_at, day):
    agree_time(claim, starts_at=ends_at - HOUR, ends_at=ends_at, by=cast.member)
    clock.move_to(datetime(2027, 1, 5, 9, tzinfo=SHANGHAI))
    report_fulfilled(claim, words="灯换好了", by=cast.member)
    settle(claim, ATTENDED, cast.secretary)
    award = FlagAward.objects.get()
    assert (award.served_on, award.year) == (day, day.year)


def test_each_of_two_keeps_unit_and_community_of_the_own_day(cast, claim, mate, clock):
    for member in (claim.member, mate.member):
        UnitMembership.objects.filter(member=member).delete()
        UnitMembership.objects.create(
            member=member, unit=cast.unit, starts_on=date(2020, 1, 1), ends_on=date(2026, 12, 20)
        )
        UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=date(2026, 12, 20))
        CheckIn.objects.filter(member=member).update(status="ENDED", ended_on=date(2026, 12, 20))
        CheckIn.objects.create(
            member=member, community=cast.other_community, unit=cast.other_unit, address="1-1", status="APPROVED",
            approved_on=date(2026, 12, 20),
        )  # fmt: skip
    report(claim, NOON)
    clock.move_to(NOON + timedelta(days=14))
    report(mate, NOON + timedelta(days=14))
    shift = Shift.objects.select_related("task__publisher").get(pk=claim.shift_id)
    assert settle_shift(shift, {claim.pk: ATTENDED, mate.pk: ATTENDED}, by=cast.secretary) == 2
    earlier, later = FlagAward.objects.order_by("served_on")
    assert (earlier.claim, earlier.unit, earlier.community) == (claim, cast.unit, cast.community)
    assert (later.claim, later.unit, later.community) == (mate, cast.other_unit, cast.other_community)


def test_a_report_that_nobody_confirms_is_chased_after_a_week_with_the_day_of_service(cast, claim, clock):
    report(claim)
    clock.shift(timedelta(days=7) - HOUR)
    chase_unconfirmed_shifts()
    assert not cast.secretary.user.notices.filter(kind=Notice.Kind.SHIFT_UNCONFIRMED).exists()
    clock.shift(HOUR)
    chase_unconfirmed_shifts()
    chase_unconfirmed_shifts()
    notice = cast.secretary.user.notices.get(kind=Notice.Kind.SHIFT_UNCONFIRMED)
    assert datetime.fromisoformat(notice.params["time"]) == NOON


def test_flags_wait_for_confirmation_from_the_report_on_not_from_the_agreed_time(cast, claim, clock):
    member = cast.member.member
    agree_time(claim, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.member)
    clock.move_to(NOON + 3 * HOUR)
    for reported in (False, True):
        if reported:
            report_fulfilled(claim, words="灯换好了", by=cast.member)
        assert list(awaiting_confirmation(member)) == ([claim] if reported else [])
        assert list(awaiting_of_units(2026)) == ([claim] if reported else [])
        assert progress_of(member, 2026).waiting == int(reported)
    assert progress_of(member, 2025).waiting == 0


def test_accounts_are_merged_only_once_a_place_without_a_time_is_settled(cast, claim):
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    refused(Reason.UNSETTLED_CLAIMS, merge_members, twin, claim.member, by=cast.city_officer)
    withdraw_claim(claim, by=cast.member)
    merge_members(twin, claim.member, by=cast.city_officer)


# --- the pages ------------------------------------------------------------------------------


def page(actor, shift) -> str:
    return screen(browser_of(actor).get(reverse("confirm_shift", args=[shift.pk])))


def test_the_page_shows_what_was_reported_and_offers_to_write_down_what_was_not(cast, claim, mate):
    report(claim)
    said = page(cast.secretary, claim.shift)
    assert "灯换好了" in said
    assert f'name="mark-{claim.pk}"' in said
    assert f'name="mark-{mate.pk}"' not in said
    assert reverse("claim_report", args=[mate.pk]) in said
    assert reverse("claim_report", args=[claim.pk]) not in said


def test_after_the_last_day_only_absence_is_offered_for_who_has_not_reported(cast, claim, clock):
    clock.move_to(LAST)
    said = page(cast.secretary, claim.shift)
    assert 'value="ABSENT"' in said
    assert 'value="ATTENDED"' not in said
    assert 'name="only"' not in said


def test_one_tap_confirms_and_a_forged_mark_for_the_other_is_a_sentence(cast, claim, mate):
    report(claim)
    client, url = browser_of(cast.secretary), reverse("confirm_shift", args=[claim.shift_id])
    forged = client.post(url, {f"mark-{claim.pk}": "ATTENDED", f"mark-{mate.pk}": "ABSENT"}, follow=True)
    day = day_words(date(2027, 1, 9))
    assert sentence(Reason.LAST_DAY_TO_COME, name=mate.member, day=day) in screen(forged)
    client.post(url, {f"mark-{claim.pk}": "ATTENDED"})
    assert (state_of(claim), state_of(mate)) == (Status.CONFIRMED, Status.HELD)


def test_the_residents_no_stands_beside_with_the_words_for_who_may_read_them(cast, claim, wish, shift):
    report(claim)
    Wish.objects.filter(pk=wish.pk).update(status="REOPENED", resident_words="灯还是不亮")
    assert "灯还是不亮" in page(cast.secretary, shift)
    assert "灯还是不亮" not in page(cast.city_officer, shift)
    assert settle(claim, ATTENDED, cast.secretary) == 1
    assert state_of(wish) == Wish.Status.REOPENED


def test_the_list_and_the_page_cost_the_same_for_one_and_for_many(cast, shift):
    client = browser_of(cast.secretary)
    urls = [reverse("confirm_list"), reverse("confirm_shift", args=[shift.pk])]

    def one_more() -> None:
        for place in (shift, ShiftFactory(task=shift.task, by_agreement=True, starts_at=NOON, ends_at=LAST)):
            ClaimFactory(shift=place, starts_at=NOON - HOUR, ends_at=NOON, reported_at=NOON, report="好了")

    Shift.objects.update(capacity=50)
    shift.refresh_from_db()
    one_more()
    costs = [queries_of(client, url) for url in urls]
    for _ in range(8):
        one_more()
    assert [queries_of(client, url) for url in urls] == costs
