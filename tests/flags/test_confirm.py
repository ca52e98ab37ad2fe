"""Only confirmation lights flags: once, by somebody else, with unit, community and year of the day (rules 4 and 6)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.approval import approve_check_in
from accounts.actions.check_in import Details, submit_check_in
from accounts.models import Appointment, CheckIn, Notice, Record, Role, UnitMembership
from flags.actions.confirm import confirm_claim, settle_shift
from flags.models import FlagAward
from flags.queries.confirm import shifts_to_settle
from flags.refusals import Reason
from tasks.actions.time import end_shifts
from tasks.models import Claim, Shift, Task, Wish
from tasks.queries.wish import wishes_to_handle
from tests.conftest import actor
from tests.factories import (
    ClaimFactory,
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    OrganizationFactory,
    ShiftFactory,
    TaskFactory,
    WishFactory,
)
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
Status = Claim.Status
ATTENDED, ABSENT, EXCUSED = Status.ATTENDED, Status.ABSENT, Status.EXCUSED
SHANGHAI = ZoneInfo("Asia/Shanghai")


def past_claim(publisher, member, **changed) -> Claim:
    task = TaskFactory(publisher=publisher, flag_value=changed.pop("flag_value", 2))
    starts_at = changed.pop("starts_at", None) or timezone.now() - timedelta(hours=3)
    shift = changed.pop("shift", None) or ShiftFactory(task=task, starts_at=starts_at)
    return ClaimFactory(shift=shift, member=member, **changed)


def settle(claim: Claim, mark: str, by: Actor) -> int:
    n = settle_shift(claim.shift, {claim.pk: mark}, by=by)
    claim.refresh_from_db()
    return n


def refused(why, act, *args, **kwargs) -> Refused:
    before = FlagAward.objects.count(), Record.objects.count(), Notice.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (FlagAward.objects.count(), Record.objects.count(), Notice.objects.count()) == before
    return caught.value


@pytest.fixture
def claim(cast) -> Claim:
    return past_claim(cast.community, cast.member.member)


def test_a_confirmed_service_is_one_award_of_the_tasks_value(cast, claim):
    assert settle(claim, ATTENDED, cast.secretary) == 1
    award = FlagAward.objects.get()
    assert (award.claim, award.member, award.value) == (claim, cast.member.member, 2)
    assert (award.unit, award.community, award.category) == (cast.unit, cast.community, claim.shift.task.category)
    assert (award.by_user, award.by_appointment) == (cast.secretary.user, cast.secretary.appointment)
    assert claim.status == Status.CONFIRMED
    notice = cast.member.user.notices.get()
    assert (notice.kind, notice.params["flags"]) == (Notice.Kind.CLAIM_CONFIRMED, "2")


def test_confirming_twice_awards_once_and_tells_once(cast, claim):
    assert settle(claim, ATTENDED, cast.secretary) == 1
    assert settle(claim, ATTENDED, cast.second_secretary) == 0
    refused(Reason.ALREADY_CONFIRMED, confirm_claim, claim, by=cast.second_secretary)
    assert FlagAward.objects.count() == cast.member.user.notices.count() == 1


@pytest.mark.parametrize("mark", [ABSENT, EXCUSED])
def test_who_was_not_there_gets_no_flag_and_is_told_at_most_once(cast, claim, mark):
    for _ in range(2):
        assert settle(claim, mark, cast.secretary) == 0
    assert claim.status == mark
    assert not FlagAward.objects.exists()
    assert cast.member.user.notices.count() == (1 if mark == ABSENT else 0)


def test_a_stale_page_does_not_overrule_what_a_colleague_has_marked(cast, claim):
    settle(claim, ABSENT, cast.secretary)
    assert settle(claim, ATTENDED, cast.second_secretary) == 0
    assert claim.status == ABSENT
    assert not FlagAward.objects.exists()
    caught = refused(Reason.NOT_ATTENDED, confirm_claim, claim, by=cast.second_secretary)
    assert caught.details == {"name": cast.member.member, "state": claim.get_status_display()}


def test_what_is_confirmed_stays_confirmed_whatever_is_marked_later(cast, claim):
    settle(claim, ATTENDED, cast.secretary)
    for mark in (ABSENT, EXCUSED):
        settle(claim, mark, cast.second_secretary)
        assert claim.status == Status.CONFIRMED


def test_before_the_end_it_is_refused(cast):
    claim = past_claim(cast.community, cast.member.member, starts_at=timezone.now() - timedelta(hours=1))
    refused(Reason.NOT_OVER, settle, claim, ATTENDED, cast.secretary)
    refused(Reason.NOT_OVER, confirm_claim, claim, by=cast.secretary)
    claim.refresh_from_db()
    assert claim.status == Status.HELD


def test_from_the_very_end_it_is_possible(cast, claim):
    with time_machine.travel(claim.ends_at, tick=False):
        assert settle(claim, ATTENDED, cast.secretary) == 1


@pytest.mark.parametrize("status", Claim.LAPSED)
def test_a_place_that_was_given_back_is_not_confirmed(cast, status):
    claim = past_claim(cast.community, cast.member.member, status=status)
    refused(Reason.NOT_ATTENDED, confirm_claim, claim, by=cast.secretary)


@pytest.mark.parametrize(
    "who", ["other_secretary", "branch", "city_officer", "street_officer", "unit_officer", "member", "inspector"]
)
def test_who_has_no_say_changes_nothing(cast, claim, who):
    assert settle(claim, ATTENDED, getattr(cast, who)) == 0
    claim.shift.refresh_from_db()
    assert (claim.status, claim.shift.status) == (Status.HELD, Shift.Status.OPEN)
    assert not FlagAward.objects.exists()
    assert not Record.objects.exists()
    with pytest.raises(Refused):
        confirm_claim(claim, by=getattr(cast, who))


def test_marks_for_another_shifts_claims_change_nothing(cast, claim):
    elsewhere = past_claim(cast.other_community, cast.other_member.member)
    settle_shift(claim.shift, {elsewhere.pk: ATTENDED, 10**17: ATTENDED}, by=cast.secretary)
    elsewhere.refresh_from_db()
    assert elsewhere.status == Status.HELD
    assert not FlagAward.objects.exists()


@pytest.mark.parametrize("mark", ["CONFIRMED", "PROPOSED", "HELD", "WITHDRAWN", "", "x"])
def test_only_the_three_marks_count(cast, claim, mark):
    assert settle(claim, mark, cast.secretary) == 0
    assert claim.status == Status.HELD


def test_nobody_confirms_oneself_under_any_hat(cast):
    member = MemberFactory(user=cast.secretary.user, unit=cast.unit, community=cast.community)
    own = past_claim(cast.community, member)
    refused(Reason.ONESELF, confirm_claim, own, by=cast.secretary)
    assert settle(own, ATTENDED, cast.secretary) == 0
    assert settle(own, ATTENDED, Actor(user=member.user, member=member)) == 0
    city_hat = Appointment.objects.create(
        user=member.user, organization=cast.city, role=Role.CITY_OFFICER, starts_on=date(2020, 1, 1)
    )
    assert settle(own, ATTENDED, Actor(user=member.user, appointment=city_hat)) == 0
    assert own.status == Status.HELD
    assert settle(own, ATTENDED, cast.second_secretary) == 1


def test_with_two_secretaries_the_city_has_no_say(cast):
    own = past_claim(cast.community, MemberFactory(user=cast.secretary.user, community=cast.community))
    assert settle(own, ATTENDED, cast.city_officer) == 0
    assert own.shift not in shifts_to_settle(cast.city_officer, timezone.now())


@pytest.mark.parametrize("place", ["other_community", "its_compound"])
def test_the_only_secretarys_own_service_is_confirmed_by_the_city_and_only_that(cast, place):
    publisher = cast.other_community
    if place == "its_compound":
        publisher = CompoundFactory(parent=cast.other_community)
    member = MemberFactory(user=cast.other_secretary.user, community=cast.other_community)
    own = past_claim(publisher, member)
    colleague = ClaimFactory(shift=own.shift, member=cast.other_member.member)
    assert own.shift in shifts_to_settle(cast.city_officer, timezone.now())
    marks = {own.pk: ATTENDED, colleague.pk: ATTENDED}
    assert settle_shift(own.shift, marks, by=cast.city_officer) == 1
    assert FlagAward.objects.get().member == member
    colleague.refresh_from_db()
    assert colleague.status == Status.HELD
    assert own.shift not in shifts_to_settle(cast.city_officer, timezone.now())


def test_another_city_has_no_say_over_an_only_secretary(cast):
    abroad = actor(OrganizationFactory(name="别的市", code="BD"), Role.CITY_OFFICER, "外部长")
    own = past_claim(
        cast.other_community, MemberFactory(user=cast.other_secretary.user, community=cast.other_community)
    )
    assert settle(own, ATTENDED, abroad) == 0


def test_a_branch_only_proposes_and_the_community_confirms(cast):
    claim = past_claim(cast.compound, cast.member.member)
    assert settle(claim, ATTENDED, cast.branch) == 1
    assert claim.status == Status.PROPOSED
    assert not FlagAward.objects.exists()
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.ENDED, "it still awaits the community"
    assert settle(claim, ATTENDED, cast.branch) == 0
    assert claim.status == Status.PROPOSED
    assert settle(claim, ATTENDED, cast.secretary) == 1
    assert FlagAward.objects.get().by_user == cast.secretary.user


def test_a_proposal_waits_for_the_community_and_no_longer_for_the_branch(cast):
    claim = past_claim(cast.compound, cast.member.member)
    now = timezone.now()
    for staff in (cast.branch, cast.secretary):
        assert list(shifts_to_settle(staff, now)) == [claim.shift]
    settle(claim, ATTENDED, cast.branch)
    assert not shifts_to_settle(cast.branch, now)
    assert list(shifts_to_settle(cast.secretary, now)) == [claim.shift]


@pytest.mark.parametrize("mark", [ABSENT, EXCUSED])
def test_the_community_may_overrule_a_proposal_and_a_branch_may_not(cast, mark):
    claim = past_claim(cast.compound, cast.member.member)
    settle(claim, ATTENDED, cast.branch)
    settle(claim, mark, cast.branch)
    assert claim.status == Status.PROPOSED
    settle(claim, mark, cast.secretary)
    assert claim.status == mark


def test_a_shift_is_settled_once_nobody_is_left(cast, claim):
    other = ClaimFactory(shift=claim.shift, member=cast.other_member.member)
    settle(claim, ATTENDED, cast.secretary)
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.ENDED
    assert list(shifts_to_settle(cast.secretary, timezone.now())) == [claim.shift]
    settle(other, ABSENT, cast.secretary)
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.SETTLED
    assert not shifts_to_settle(cast.secretary, timezone.now())


def test_a_shift_with_only_ones_own_service_left_does_not_wait_for_oneself(cast):
    own = past_claim(cast.community, MemberFactory(user=cast.secretary.user, community=cast.community))
    assert not shifts_to_settle(cast.secretary, timezone.now())
    assert list(shifts_to_settle(cast.second_secretary, timezone.now())) == [own.shift]


def test_a_wish_is_fulfilled_by_a_confirmed_service_and_by_nothing_else(cast):
    claim = past_claim(cast.community, cast.member.member)
    wish = WishFactory(community=cast.community, status="CLAIMED", task=claim.shift.task)
    other = ClaimFactory(shift=claim.shift, member=cast.other_member.member)
    settle(other, ABSENT, cast.secretary)
    wish.refresh_from_db()
    assert wish.status == Wish.Status.CLAIMED
    settle(claim, ATTENDED, cast.secretary)
    wish.refresh_from_db()
    assert wish.status == Wish.Status.FULFILLED


@pytest.mark.parametrize("mark", [ABSENT, EXCUSED])
def test_a_wish_that_nobody_came_for_is_the_communitys_again(cast, claim, mark):
    wish = WishFactory(community=cast.community, status="CLAIMED", task=claim.shift.task)
    settle(claim, mark, cast.secretary)
    end_shifts()
    wish.refresh_from_db()
    assert wish.status == Wish.Status.PUBLISHED
    assert list(wishes_to_handle(cast.secretary)) == [wish]


@pytest.mark.parametrize(
    ("ends_at", "day"),
    [
        (datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), date(2026, 12, 31)),
        (datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI), date(2027, 1, 1)),
        (datetime(2027, 1, 1, 7, 59, tzinfo=SHANGHAI), date(2027, 1, 1)),  # still 2026 in UTC
    ],
)
def test_the_year_is_that_of_the_end_in_shanghai_whenever_it_is_confirmed(cast, ends_at, day):
    with time_machine.travel("2026-12-30T08:00:00+08:00", tick=False):
        shift = ShiftFactory(
            task=TaskFactory(publisher=cast.community), starts_at=ends_at - timedelta(hours=2), ends_at=ends_at
        )
        claim = ClaimFactory(shift=shift, member=cast.member.member)
    with time_machine.travel("2027-01-15T08:00:00+08:00", tick=False):
        settle(claim, ATTENDED, cast.secretary)
    award = FlagAward.objects.get()
    assert (award.served_on, award.year) == (day, day.year)


@pytest.mark.parametrize(("days_after_the_change", "unit"), [(-1, "unit"), (0, "other_unit"), (1, "other_unit")])
def test_the_award_keeps_the_unit_of_its_day(cast, days_after_the_change, unit):
    member = cast.member.member
    served_at = timezone.now() - timedelta(days=9)
    change = timezone.localtime(served_at + timedelta(hours=2)).date() - timedelta(days=days_after_the_change)
    UnitMembership.objects.filter(member=member).update(ends_on=change)
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on=change)
    settle(past_claim(cast.community, member, starts_at=served_at), ATTENDED, cast.secretary)
    assert FlagAward.objects.get().unit == getattr(cast, unit)


@pytest.mark.parametrize(
    ("days_after_the_move", "community"), [(-1, "community"), (0, "other_community"), (1, "other_community")]
)
def test_the_award_keeps_the_community_of_its_day(cast, days_after_the_move, community):
    member = cast.member.member
    served_at = timezone.now() - timedelta(days=9)
    move = timezone.localtime(served_at + timedelta(hours=2)).date() - timedelta(days=days_after_the_move)
    CheckIn.objects.filter(member=member).update(status=CheckIn.Status.ENDED, ended_on=move)
    CheckIn.objects.create(
        member=member, community=cast.other_community, unit=cast.unit, address="2", status="APPROVED", approved_on=move
    )
    settle(past_claim(cast.community, member, starts_at=served_at), ATTENDED, cast.secretary)
    assert FlagAward.objects.get().community == getattr(cast, community)


def test_a_retired_members_award_needs_no_unit(cast):
    member = MemberFactory(community=cast.community, retired_on=date(2024, 1, 1))
    settle(past_claim(cast.community, member), ATTENDED, cast.secretary)
    assert FlagAward.objects.get().unit is None


def test_a_shift_that_was_called_off_is_not_confirmed(cast, claim):
    Shift.objects.filter(pk=claim.shift_id).update(status=Shift.Status.CANCELLED)
    Claim.objects.update(status=Status.CANCELLED)
    Task.objects.update(status=Task.Status.CANCELLED)
    assert settle(claim, ATTENDED, cast.secretary) == 0
    assert not FlagAward.objects.exists()


def test_sixty_services_cost_as_many_queries_as_one(cast):
    def cost_of(n: int) -> int:
        community = CommunityFactory(parent=cast.street)
        shift = ShiftFactory(
            task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(hours=3), capacity=60
        )
        claims = [
            ClaimFactory(shift=shift, member=MemberFactory(unit=cast.unit, community=community)) for _ in range(n)
        ]
        with CaptureQueriesContext(connection) as queries:
            assert settle_shift(shift, {claim.pk: ATTENDED for claim in claims}, by=cast.secretary) == n
        return len(queries)

    cost_of(1)  # content types and the like are read once for all
    assert cost_of(1) == cost_of(60)


def test_who_moves_keeps_open_claims_and_the_publishers_community_confirms_them(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    details = Details(community=cast.other_community, compound=None, unit=cast.unit, address="2-202")
    approve_check_in(submit_check_in(cast.member.user, details, by=cast.member), by=cast.other_secretary)
    claim.refresh_from_db()
    assert (claim.status, claim.community) == (Status.HELD, cast.community)
    with time_machine.travel(shift.ends_at + timedelta(minutes=1), tick=False):
        end_shifts()
        assert settle(claim, ATTENDED, by=cast.other_secretary) == 0
        assert settle(claim, ATTENDED, by=cast.secretary) == 1
    assert FlagAward.objects.get().community == cast.other_community, "where the member lived on that day"


# --- absent and excused, put right ----------------------------------------------------------


def put_right(claim: Claim, mark: str, by: Actor, *, seen: str = "") -> int:
    n = settle_shift(claim.shift, {claim.pk: mark}, by=by, put_right={claim.pk: seen or claim.status})
    claim.refresh_from_db()
    claim.shift.refresh_from_db()
    return n


@pytest.mark.parametrize("mark", [ABSENT, EXCUSED])
def test_who_was_there_after_all_is_confirmed_in_a_settled_shift_too(cast, claim, mark):
    settle(claim, mark, cast.secretary)
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.SETTLED
    for _ in range(2):
        put_right(claim, ATTENDED, cast.second_secretary, seen=mark)
    assert (claim.status, claim.shift.status) == (Status.CONFIRMED, Shift.Status.SETTLED)
    assert FlagAward.objects.count() == 1


def test_absent_and_excused_can_be_exchanged_and_what_is_confirmed_is_final(cast, claim):
    settle(claim, ABSENT, cast.secretary)
    put_right(claim, EXCUSED, cast.secretary)
    assert claim.status == EXCUSED
    put_right(claim, ABSENT, cast.secretary)
    assert claim.status == ABSENT
    put_right(claim, ATTENDED, cast.secretary)
    for mark in (ABSENT, EXCUSED):
        put_right(claim, mark, cast.secretary, seen=ABSENT)
        assert claim.status == Status.CONFIRMED


def test_a_page_from_before_puts_nothing_right(cast, claim):
    settle(claim, EXCUSED, cast.secretary)
    for seen in (ABSENT, Status.HELD, "", "x"):
        settle_shift(claim.shift, {claim.pk: ATTENDED}, by=cast.second_secretary, put_right={claim.pk: seen})
    claim.refresh_from_db()
    assert claim.status == EXCUSED


@pytest.mark.parametrize("who", ["other_secretary", "branch", "city_officer", "member"])
def test_who_has_no_say_puts_nothing_right(cast, claim, who):
    settle(claim, ABSENT, cast.secretary)
    put_right(claim, ATTENDED, getattr(cast, who))
    assert claim.status == ABSENT


def test_what_a_branch_puts_right_awaits_the_community_again(cast):
    claim = past_claim(cast.compound, cast.member.member)
    settle(claim, ABSENT, cast.branch)
    assert put_right(claim, ATTENDED, cast.branch) == 1
    assert (claim.status, claim.shift.status) == (Status.PROPOSED, Shift.Status.ENDED)
    assert claim.shift in shifts_to_settle(cast.secretary, timezone.now())
    assert settle(claim, ATTENDED, cast.secretary) == 1
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.SETTLED


def test_the_wish_of_who_came_after_all_is_fulfilled(cast, claim):
    wish = WishFactory(community=cast.community, task=claim.shift.task, status="CLAIMED")
    settle(claim, ABSENT, cast.secretary)
    wish.refresh_from_db()
    assert wish.status == "PUBLISHED"
    put_right(claim, ATTENDED, cast.secretary)
    wish.refresh_from_db()
    assert wish.status == "FULFILLED"
