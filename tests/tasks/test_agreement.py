"""Time by agreement: from taking a wish on to reporting it fulfilled or handing it back (domain rule 3)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.agreement import agree_time, note_contact, report_fulfilled, reveal_to_claimer
from tasks.actions.claim import claim_shift, is_late, withdraw_claim
from tasks.actions.task import cancel_task
from tasks.actions.time import end_shifts, remind_of_tomorrow
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.claim import Step, claims_past, claims_to_come, next_step, steps_of_place, wish_in_hand
from tasks.queries.shift import State, standings
from tasks.queries.task import shifts_open_to
from tasks.queries.wish import is_stranded
from tasks.refusals import Reason
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 12, 10, 12, tzinfo=SHANGHAI)
LAST = datetime(2026, 12, 25, tzinfo=SHANGHAI)  # the midnight after December 24
HOUR = timedelta(hours=1)


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def open_shift(cast, **changed) -> Shift:
    fields = {"by_agreement": True, "starts_at": timezone.now(), "ends_at": LAST, "capacity": 1, **changed}
    return ShiftFactory(task=TaskFactory(publisher=cast.community, title="修厨房的灯"), **fields)


@pytest.fixture
def shift(cast) -> Shift:
    return open_shift(cast)


@pytest.fixture
def wish(cast, shift) -> Wish:
    return WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)


@pytest.fixture
def claim(cast, wish, shift) -> Claim:
    return claim_shift(shift, by=cast.member)


def state_of(row) -> str:
    return type(row).objects.values_list("status", flat=True).get(pk=row.pk)


def kinds(actor) -> list[str]:
    return list(actor.user.notices.order_by("pk").values_list("kind", flat=True))


# --- taking it on ---------------------------------------------------------------------------


def test_it_is_taken_without_a_time_and_the_member_is_told_what_comes_next(cast, claim, wish):
    assert (claim.starts_at, claim.ends_at, claim.status) == (None, None, Claim.Status.HELD)
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.link) == (Notice.Kind.WISH_TAKEN, f"/claims/{claim.pk}/")
    assert state_of(wish) == Wish.Status.CLAIMED


@pytest.mark.parametrize(("moment", "why"), [(LAST - timedelta(seconds=1), None), (LAST, Reason.NOT_OPEN)])
def test_it_can_be_taken_until_its_last_day_is_over(cast, shift, clock, moment, why):
    clock.move_to(moment)
    if why:
        refused(why, claim_shift, shift, by=cast.member)
    else:
        assert claim_shift(shift, by=cast.member)


def test_taken_by_one_it_is_gone_for_the_others_and_by_two_where_there_are_two_places(cast, claim, shift):
    other = neighbour(cast)
    assert not shifts_open_to(other.member, timezone.now())
    assert [shift.mine for shift in shifts_open_to(cast.member.member, timezone.now())] == [True]
    refused(Reason.FULL, claim_shift, shift, by=other)
    Shift.objects.filter(pk=shift.pk).update(capacity=2)
    assert claim_shift(shift, by=other)


def test_what_is_open_stands_in_order_by_its_start_or_its_last_day(cast, shift):
    task = shift.task
    later, soon = (ShiftFactory(task=task, starts_at=start) for start in (LAST + HOUR, LAST - HOUR))
    assert list(shifts_open_to(cast.member.member, timezone.now())) == [soon, shift, later]


def test_it_is_nobodys_once_somebody_has_reported_it(cast, claim, shift):
    Shift.objects.filter(pk=shift.pk).update(capacity=3)
    late, second = neighbour(cast), neighbour(cast)
    claim_shift(shift, by=second)
    report_fulfilled(claim, words="换好了", starts_at=NOON - HOUR, ends_at=NOON, by=cast.member)
    assert state_of(shift) == Shift.Status.OPEN, "the second still serves"
    assert not shifts_open_to(late.member, timezone.now())
    [standing] = standings(shift.task.shifts.all(), late.member, timezone.now())
    assert standing.state == State.OVER
    refused(Reason.NOT_OPEN, claim_shift, shift, by=late)


def test_without_a_time_it_is_in_nobodys_way_but_counts_toward_the_limit(cast, claim, settings):
    settings.OPEN_CLAIMS_AT_MOST = 2
    task = TaskFactory(publisher=cast.community)
    assert claim_shift(ShiftFactory(task=task, starts_at=NOON + HOUR), by=cast.member)
    refused(Reason.TOO_MANY, claim_shift, ShiftFactory(task=task, starts_at=NOON + 9 * HOUR), by=cast.member)
    report_fulfilled(claim, words="换好了", starts_at=NOON - HOUR, ends_at=NOON, by=cast.member)
    assert claim_shift(ShiftFactory(task=task, starts_at=NOON + 9 * HOUR), by=cast.member)


@pytest.mark.parametrize("link", ["sender", "phone", "for_phone"])
def test_ones_own_wish_is_for_somebody_else(cast, shift, link):
    user = cast.member.user
    own = {"sender": user} if link == "sender" else {f"contact__{link}": user.phone}
    WishFactory(community=cast.community, status="PUBLISHED", task=shift.task, **own)
    refused(Reason.OWN_WISH, claim_shift, shift, by=cast.member)


# --- the resident's contact -----------------------------------------------------------------


def revealed() -> int:
    return Record.objects.filter(verb="revealed").count()


def test_each_look_at_the_contact_is_recorded_with_who_looked(cast, claim, wish):
    for n in (1, 2):
        assert reveal_to_claimer(claim, by=cast.member).contact.phone == "10088888888"
        assert revealed() == n
    row = Record.objects.filter(verb="revealed").latest("pk")
    assert (row.subject_id, row.user) == (wish.pk, cast.member.user)


@pytest.mark.parametrize(
    ("status", "seen"),
    [(state, state in ("CLAIMED", "FULFILLED")) for state in ("PUBLISHED", "CLAIMED", "FULFILLED", "DONE", "REOPENED")],
)
def test_the_contact_is_seen_from_claim_to_closure(cast, claim, wish, status, seen):
    Wish.objects.filter(pk=wish.pk).update(status=status)
    if seen:
        assert reveal_to_claimer(claim, by=cast.member) == wish
    else:
        refused(Reason.CONTACT_CLOSED, reveal_to_claimer, claim, by=cast.member)


def test_the_contact_is_closed_to_who_has_handed_the_wish_back_and_to_who_is_confirmed(cast, claim):
    withdraw_claim(claim, by=cast.member)
    refused(Reason.CONTACT_CLOSED, reveal_to_claimer, claim, by=cast.member)
    Claim.objects.filter(pk=claim.pk).update(status="CONFIRMED", starts_at=NOON - HOUR, ends_at=NOON)
    refused(Reason.CONTACT_CLOSED, reveal_to_claimer, Claim.objects.get(pk=claim.pk), by=cast.member)


def test_where_the_hours_are_fixed_no_contact_is_shown_be_it_of_one_wish_or_of_the_last_that_is_left(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    wishes = [WishFactory(community=cast.community, status="CLAIMED", task=shift.task) for _ in range(2)]
    held = ClaimFactory(shift=shift, member=cast.member.member)
    refused(Reason.CONTACT_CLOSED, reveal_to_claimer, held, by=cast.member)
    Wish.objects.filter(pk=wishes[0].pk).update(task=TaskFactory(publisher=cast.community))
    refused(Reason.CONTACT_CLOSED, reveal_to_claimer, held, by=cast.member)


def test_a_contact_that_was_erased_is_not_looked_for(cast, claim, wish):
    wish.contact.delete()
    assert wish_in_hand(claim) is None


def test_nobody_else_acts_on_a_claim(cast, claim):
    time = {"starts_at": NOON + HOUR, "ends_at": NOON + 2 * HOUR}
    strangers = [neighbour(cast), cast.secretary, cast.branch, cast.city_officer]
    for who in strangers:
        for act, said in ((reveal_to_claimer, {}), (note_contact, {}), (agree_time, time), (withdraw_claim, {})):
            with pytest.raises(PermissionDenied):
                act(claim, **said, by=who)
    assert not revealed()


def test_contact_is_noted_once(cast, claim, clock):
    note_contact(claim, by=cast.member)
    clock.shift(HOUR)
    note_contact(claim, by=cast.member)
    assert Claim.objects.get(pk=claim.pk).contacted_at == NOON
    assert Record.objects.filter(verb="contact made").count() == 1


# --- agreeing on a time ---------------------------------------------------------------------


def agree(claim, by, hours: float = 2, length: timedelta = HOUR) -> None:
    starts_at = NOON + hours * HOUR
    agree_time(claim, starts_at=starts_at, ends_at=starts_at + length, by=by)


def test_the_claim_takes_the_time_agreed_and_contact_was_made(cast, claim):
    agree(claim, cast.member)
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.starts_at, claim.ends_at, claim.contacted_at) == (NOON + 2 * HOUR, NOON + 3 * HOUR, NOON)
    assert Record.objects.get(verb="time agreed").subject_id == claim.pk


def test_it_can_be_agreed_anew_also_when_the_time_has_passed(cast, claim, clock):
    agree(claim, cast.member)
    agree(claim, cast.member, hours=2.5)
    clock.move_to(NOON + 9 * HOUR)
    agree(claim, cast.member, hours=30)
    claim.refresh_from_db()
    assert (claim.starts_at, claim.contacted_at) == (NOON + 30 * HOUR, NOON)


@pytest.mark.parametrize(
    ("starts_at", "length", "why"),
    [
        (NOON, HOUR, Reason.TIME_PAST),
        (NOON - HOUR, 3 * HOUR, Reason.TIME_PAST),
        (LAST - HOUR, HOUR + timedelta(minutes=1), Reason.AFTER_THE_LAST_DAY),
        (LAST + HOUR, HOUR, Reason.AFTER_THE_LAST_DAY),
        (NOON + HOUR, timedelta(0), Reason.TIME_BACKWARDS),
        (NOON + HOUR, -HOUR, Reason.TIME_BACKWARDS),
        (NOON + HOUR, timedelta(hours=12, seconds=1), Reason.TIME_TOO_LONG),
    ],
)
def test_a_time_that_makes_no_sense_is_refused(cast, claim, starts_at, length, why):
    refused(why, agree_time, claim, starts_at=starts_at, ends_at=starts_at + length, by=cast.member)


@pytest.mark.parametrize(("starts_at", "length"), [(LAST - HOUR, HOUR), (NOON + HOUR, 12 * HOUR)])
def test_the_last_hour_and_twelve_hours_are_possible(cast, claim, starts_at, length):
    agree_time(claim, starts_at=starts_at, ends_at=starts_at + length, by=cast.member)
    assert Claim.objects.get(pk=claim.pk).starts_at == starts_at


def test_an_agreed_time_and_another_place_never_overlap_whichever_came_first(cast, claim):
    other = ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), starts_at=NOON + 3 * HOUR)
    held = claim_shift(other, by=cast.member)
    caught = refused(Reason.OVERLAP, agree, claim, cast.member, 2.5)
    assert caught.details["task"] == "反诈宣传"
    agree(claim, cast.member, 2)  # until the other begins
    withdraw_claim(held, by=cast.member)
    agree(claim, cast.member, 2.5)
    assert refused(Reason.OVERLAP, claim_shift, other, by=cast.member).details["task"] == "修厨房的灯"


def test_two_wishes_of_one_member_are_not_agreed_for_the_same_time(cast, claim):
    second = claim_shift(open_shift(cast), by=cast.member)
    agree(claim, cast.member)
    refused(Reason.OVERLAP, agree, second, cast.member, 2.5)


@pytest.mark.parametrize("status", ["WITHDRAWN", "CANCELLED", "ABSENT"])
def test_only_who_holds_it_agrees_and_reports(cast, claim, status):
    Claim.objects.filter(pk=claim.pk).update(status=status)
    for act in (agree, note_contact):
        refused(AccountsReason.NOT_ALLOWED_NOW, act, claim, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, report, claim, cast.member)


def test_where_the_hours_are_fixed_there_is_nothing_to_agree_on(cast):
    claim = claim_shift(ShiftFactory(task=TaskFactory(publisher=cast.community)), by=cast.member)
    refused(Reason.HOURS_ARE_FIXED, agree, claim, by=cast.member)
    refused(Reason.HOURS_ARE_FIXED, note_contact, claim, by=cast.member)
    refused(Reason.HOURS_ARE_FIXED, report, claim, cast.member)


# --- reporting ------------------------------------------------------------------------------


def report(claim, by, starts_at=NOON - HOUR, ends_at=NOON) -> None:
    report_fulfilled(claim, words="灯换好了", starts_at=starts_at, ends_at=ends_at, by=by)


def test_a_report_says_when_it_was_and_the_wish_is_fulfilled_and_staff_told(cast, claim, wish, shift):
    report(claim, cast.member)
    claim = Claim.objects.get(pk=claim.pk)
    assert (claim.starts_at, claim.ends_at, claim.report, claim.reported_at) == (NOON - HOUR, NOON, "灯换好了", NOON)
    assert (claim.status, state_of(wish)) == (Claim.Status.HELD, Wish.Status.FULFILLED)
    for staff in (cast.secretary, cast.second_secretary):
        notice = staff.user.notices.get()
        assert (notice.kind, notice.link) == (Notice.Kind.WISH_REPORTED, f"/confirm/{shift.pk}/")
    assert not cast.other_secretary.user.notices.exists()


def test_the_resident_with_an_account_is_told(cast, claim, wish):
    Wish.objects.filter(pk=wish.pk).update(sender=cast.other_member.user)
    report(claim, cast.member)
    assert kinds(cast.other_member) == [Notice.Kind.WISH_NEWS]


def test_at_the_agreed_time_the_report_needs_no_other_and_an_end_to_come_is_now(cast, claim, clock):
    agree(claim, cast.member)
    refused(Reason.TIME_TO_COME, report_fulfilled, claim, words="好了", by=cast.member)
    clock.move_to(NOON + 2 * HOUR)
    refused(Reason.TIME_TO_COME, report_fulfilled, claim, words="好了", by=cast.member)
    clock.move_to(NOON + 2.5 * HOUR)
    report_fulfilled(claim, words="好了", by=cast.member)
    claim.refresh_from_db()
    assert (claim.starts_at, claim.ends_at) == (NOON + 2 * HOUR, NOON + 2.5 * HOUR)


def test_reported_later_the_agreed_time_stays(cast, claim, clock):
    agree(claim, cast.member)
    clock.move_to(NOON + timedelta(days=20))  # the last day is over too
    report_fulfilled(claim, words="好了", by=cast.member)
    claim.refresh_from_db()
    assert (claim.starts_at, claim.ends_at) == (NOON + 2 * HOUR, NOON + 3 * HOUR)


def test_done_at_another_time_than_agreed_it_was_done_then(cast, claim):
    agree(claim, cast.member, hours=48)
    report(claim, cast.member)
    claim.refresh_from_db()
    assert claim.ends_at == NOON


@pytest.mark.parametrize(
    ("starts_at", "ends_at", "why"),
    [
        (None, None, Reason.WHEN_MISSING),
        (NOON - HOUR, None, Reason.WHEN_MISSING),
        (None, NOON, Reason.WHEN_MISSING),
        (NOON, NOON + HOUR, Reason.TIME_TO_COME),
        (NOON - HOUR, NOON - HOUR, Reason.TIME_BACKWARDS),
        (NOON - 12.5 * HOUR, NOON, Reason.TIME_TOO_LONG),
        (NOON - 12.5 * HOUR, NOON - 11 * HOUR, Reason.BEFORE_THE_CLAIM),
    ],
)
def test_a_time_of_service_that_cannot_be_is_refused(cast, claim, starts_at, ends_at, why):
    refused(why, report, claim, cast.member, starts_at, ends_at)


def test_on_the_very_day_of_claiming_any_hour_counts(cast, claim):
    report(claim, cast.member, NOON - 12 * HOUR, NOON - 11 * HOUR)
    assert Claim.objects.get(pk=claim.pk).reported_at


@pytest.mark.parametrize("words", ["", " \n"])
def test_a_report_says_what_was_done(cast, claim, words):
    refused(
        Reason.WORDS_MISSING, report_fulfilled, claim, words=words, starts_at=NOON - HOUR, ends_at=NOON, by=cast.member
    )


def test_reported_is_reported(cast, claim):
    stale = Claim.objects.get(pk=claim.pk)
    report(claim, cast.member)
    for act in (report, agree, withdraw_claim):
        refused(Reason.REPORTED_ALREADY, act, Claim.objects.get(pk=claim.pk), by=cast.member)
    refused(Reason.REPORTED_ALREADY, report, stale, cast.member)
    refused(Reason.REPORTED_ALREADY, withdraw_claim, Claim.objects.get(pk=claim.pk), by=cast.member, reason="不去了")


def test_one_is_not_in_two_places_in_a_report_either(cast, claim):
    other = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=NOON + HOUR)
    claim_shift(other, by=cast.member)
    with time_machine.travel(NOON + 9 * HOUR, tick=False):
        for who, why in ((cast.member, Reason.OVERLAP), (cast.secretary, Reason.ELSEWHERE)):
            refused(why, report, claim, who, NOON + 2 * HOUR, NOON + 4 * HOUR)
        report(claim, cast.member, NOON + 3 * HOUR, NOON + 4 * HOUR)


def test_the_communitys_staff_writes_down_what_a_member_told_by_phone(cast, claim, wish):
    report(claim, cast.secretary)
    assert state_of(wish) == Wish.Status.FULFILLED
    assert Record.objects.get(verb="reported").user == cast.secretary.user
    assert not cast.secretary.user.notices.exists(), "who wrote it knows"
    assert kinds(cast.second_secretary) == [Notice.Kind.WISH_REPORTED]


@pytest.mark.parametrize("who", ["other_secretary", "branch", "city_officer", "unit_officer", "other_member"])
def test_nobody_else_writes_it_down(cast, claim, who):
    with pytest.raises(PermissionDenied):
        report(claim, getattr(cast, who))
    assert Claim.objects.get(pk=claim.pk).reported_at is None


def test_staff_writes_nothing_down_for_oneself(cast, shift):
    member = MemberFactory(user=cast.secretary.user, community=cast.community)
    own = claim_shift(shift, by=Actor(user=member.user, member=member))
    refused(AccountsReason.ONESELF, report, own, cast.secretary)


@pytest.mark.parametrize("status", ["FULFILLED", "REOPENED", "DONE"])
def test_the_second_of_two_reports_the_claim_alone(cast, claim, wish, shift, status):
    Shift.objects.filter(pk=shift.pk).update(capacity=2)
    other = neighbour(cast)
    second = claim_shift(shift, by=other)
    report(claim, cast.member)
    assert state_of(shift) == Shift.Status.OPEN
    Wish.objects.filter(pk=wish.pk).update(status=status)
    report(second, other)
    assert (state_of(wish), state_of(shift)) == (status, Shift.Status.ENDED)


def test_when_everybody_has_reported_the_shift_ends_and_the_clock_closes_the_task(cast, claim, shift):
    report(claim, cast.member)
    assert state_of(shift) == Shift.Status.ENDED
    end_shifts()
    assert state_of(shift.task) == Task.Status.CLOSED


# --- handing it back ------------------------------------------------------------------------


def test_handed_back_at_once_it_needs_no_reason_and_is_open_again(cast, claim, wish, shift, clock):
    clock.shift(timedelta(minutes=10))
    withdraw_claim(claim, by=cast.member)
    assert (state_of(claim), state_of(wish), state_of(shift)) == ("WITHDRAWN", "PUBLISHED", "OPEN")
    assert not kinds(cast.secretary)
    assert claim_shift(shift, by=neighbour(cast))
    assert claim_shift(open_shift(cast), by=cast.member)


@pytest.mark.parametrize("agreed", [False, True])
def test_later_it_needs_a_reason_which_staff_reads_also_after_the_agreed_time(cast, claim, wish, clock, agreed):
    if agreed:
        agree(claim, cast.member)
        clock.move_to(NOON + 5 * HOUR)
    else:
        clock.shift(timedelta(minutes=10, seconds=1))
    assert is_late(claim, timezone.now())
    for reason in ("", "  "):
        refused(Reason.HANDING_BACK_NEEDS_REASON, withdraw_claim, claim, by=cast.member, reason=reason)
    withdraw_claim(claim, by=cast.member, reason="出差了")
    for staff in (cast.secretary, cast.second_secretary):
        notice = staff.user.notices.get()
        assert (notice.kind, notice.params["reason"]) == (Notice.Kind.WISH_HANDED_BACK, "出差了")
    assert state_of(wish) == Wish.Status.PUBLISHED


def test_while_another_holds_it_the_wish_stays_claimed(cast, claim, wish, shift):
    Shift.objects.filter(pk=shift.pk).update(capacity=2)
    claim_shift(shift, by=neighbour(cast))
    withdraw_claim(claim, by=cast.member)
    assert state_of(wish) == Wish.Status.CLAIMED


def test_who_hands_back_what_another_has_done_leaves_nothing_open(cast, claim, wish, shift):
    Shift.objects.filter(pk=shift.pk).update(capacity=2)
    second = claim_shift(shift, by=neighbour(cast))
    report(claim, cast.member)
    withdraw_claim(second, by=Actor(user=second.member.user, member=second.member))
    assert (state_of(shift), state_of(wish)) == (Shift.Status.ENDED, Wish.Status.FULFILLED)


def test_handed_back_after_the_last_day_the_wish_is_stranded_and_nothing_is_left_to_confirm(cast, claim, wish, clock):
    clock.move_to(LAST)
    end_shifts()
    assert state_of(claim.shift) == Shift.Status.ENDED
    withdraw_claim(claim, by=cast.member, reason="一直没空")
    end_shifts()
    wish.refresh_from_db()
    assert is_stranded(wish)
    assert state_of(claim.shift) == Shift.Status.SETTLED


# --- around it ------------------------------------------------------------------------------


def test_what_comes_next_for_the_claimer(cast, claim, clock):
    def steps():
        return next_step(Claim.objects.get(pk=claim.pk), timezone.now())

    assert steps() == Step.CALL
    note_contact(claim, by=cast.member)
    assert steps() == Step.AGREE
    agree(claim, cast.member)
    assert steps() == Step.GO
    clock.move_to(NOON + 2 * HOUR)
    assert steps() == Step.REPORT
    clock.shift(HOUR)
    report_fulfilled(claim, words="好了", by=cast.member)
    assert steps() == Step.CONFIRM
    Claim.objects.filter(pk=claim.pk).update(status="CONFIRMED")
    assert steps() is None


def test_after_the_last_day_there_is_nothing_to_agree_on_any_more(claim, clock):
    clock.move_to(LAST)
    assert next_step(claim, timezone.now()) == Step.REPORT


def test_places_to_come_stand_in_order_and_a_reported_one_is_behind_one(cast, claim):
    member = cast.member.member
    soon = ClaimFactory(shift=ShiftFactory(starts_at=NOON + HOUR), member=member)
    later = ClaimFactory(shift=ShiftFactory(starts_at=LAST + HOUR), member=member)
    assert list(claims_to_come(member, NOON)) == [soon, claim, later]
    agree(claim, cast.member, 5)
    assert list(claims_to_come(member, NOON)) == [soon, claim, later]
    report(claim, cast.member)
    assert list(claims_to_come(member, NOON)) == [soon, later]
    assert list(claims_past(member, NOON)) == [claim]
    given_back = ClaimFactory(
        shift=open_shift(cast), member=member, starts_at=None, ends_at=None, status="WITHDRAWN", claimed_at=NOON - HOUR
    )
    assert list(claims_past(member, NOON)) == [claim, given_back]


def test_the_day_before_the_agreed_time_the_member_is_reminded(cast, claim, clock):
    agree(claim, cast.member, hours=48)
    remind_of_tomorrow()
    assert Notice.Kind.SHIFT_TOMORROW not in kinds(cast.member)
    clock.shift(24 * HOUR)
    remind_of_tomorrow()
    notice = cast.member.user.notices.get(kind=Notice.Kind.SHIFT_TOMORROW)
    assert notice.link == f"/claims/{claim.pk}/"
    assert "12:00" in notice.text


@pytest.mark.parametrize("agreed", [False, True])
def test_a_task_called_off_frees_the_member_and_tells_them(cast, claim, wish, shift, agreed):
    if agreed:
        agree(claim, cast.member)
    cancel_task(Task.objects.get(pk=shift.task_id), reason="不需要了", by=cast.secretary)
    assert (state_of(claim), state_of(shift), state_of(wish)) == ("CANCELLED", "CANCELLED", "PUBLISHED")
    assert kinds(cast.member)[-1] == Notice.Kind.TASK_CANCELLED
    assert not claims_to_come(cast.member.member, timezone.now())


def test_what_was_reported_before_the_task_is_called_off_stays_to_be_confirmed(cast, claim, shift):
    report(claim, cast.member)
    cancel_task(Task.objects.get(pk=shift.task_id), reason="不需要了", by=cast.secretary)
    assert (state_of(claim), state_of(shift)) == (Claim.Status.HELD, Shift.Status.ENDED)


@pytest.mark.parametrize(
    ("changed", "following"),
    [
        ({}, "CALL"),
        ({"contacted_at": NOON}, "AGREE"),
        ({"contacted_at": NOON, "starts_at": NOON + 24 * HOUR, "ends_at": NOON + 25 * HOUR}, "REPORT"),
        ({"starts_at": NOON - HOUR, "ends_at": NOON, "reported_at": NOON}, "CONFIRM"),
    ],
)
def test_the_way_of_a_place_shows_what_is_done_and_one_step_that_is_next(claim, changed, following):
    Claim.objects.filter(pk=claim.pk).update(**changed)
    claim.refresh_from_db()
    stages = steps_of_place(claim, NOON)
    assert [stage.step for stage in stages] == ["CALL", "AGREE", "REPORT", "CONFIRM"]
    assert [stage.step for stage in stages if stage.is_next] == [following]
    moments = [claim.contacted_at, claim.starts_at, claim.reported_at, None]
    assert [stage.done_at for stage in stages] == moments


def test_a_place_given_back_has_no_way_any_more(cast, claim):
    withdraw_claim(claim, by=cast.member)
    claim.refresh_from_db()
    assert steps_of_place(claim, NOON) == []
