"""A service done off the system: entered afterwards, lit by a second person, never by the first (domain rule 5)."""

from datetime import date, datetime, timedelta
from functools import partial
from uuid import uuid4
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from accounts.access import Actor
from accounts.models import Appointment, CheckIn, Member, Notice, Organization, Record, Role
from accounts.refusals import Reason as AccountsReason
from flags.actions.confirm import settle_shift
from flags.actions.late_entry import Served, approve_entry, decline_entry, enter_late
from flags.actions.organization import refuse_waiting_entries
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import FlagAward, LateEntry
from flags.queries.late_entry import entries_to_approve
from flags.refusals import Reason
from tests.conftest import actor
from tests.factories import ClaimFactory, LateEntryFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
S = LateEntry.Status


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        yield


def at(day: date, hour: int, minute: int = 0) -> datetime:
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=SHANGHAI)


def served(day=date(2026, 11, 20), begin=19, hours=2, **fields) -> Served:
    starts_at = fields.pop("starts_at", at(day, begin))
    ends_at = fields.pop("ends_at", starts_at + timedelta(hours=hours))
    said = {"category": "COMMUNITY_ACTIVITY", "value": 2, "what": "夜间值守", "reason": "当晚停电，没有发布。"} | fields
    return Served(starts_at=starts_at, ends_at=ends_at, **said)


def enter(cast, what=None, *, member=None, by=None, **more) -> LateEntry:
    return enter_late(member or cast.member.member, what or served(), by=by or cast.secretary, **more)


def told(person) -> list[str]:
    return list(person.user.notices.order_by("pk").values_list("kind", flat=True))


def own_hat(cast) -> Actor:
    hat = Appointment.objects.create(
        user=cast.member.user, organization=cast.community, role=Role.SECRETARY, starts_on=date(2020, 1, 1)
    )
    return Actor(user=cast.member.user, appointment=hat)


def test_entered_it_lights_nothing_and_a_second_person_is_asked(cast):
    entry = enter(cast)
    assert (entry.status, entry.community, entry.value) == (S.SUBMITTED, cast.community, 2)
    assert (entry.entered_by, entry.entered_as) == (cast.secretary.user, cast.secretary.appointment)
    assert not FlagAward.objects.exists()
    assert told(cast.second_secretary) == ["LATE_ENTRY_WAITS"]
    assert told(cast.secretary) == told(cast.city_officer) == told(cast.member) == []
    assert list(entries_to_approve(cast.second_secretary)) == [entry]
    assert not entries_to_approve(cast.secretary).exists()
    assert not entries_to_approve(cast.city_officer).exists()
    assert Record.objects.get().verb == "entered afterwards"


def test_approved_by_a_second_person_it_is_one_line_of_its_value(cast):
    entry = enter(cast)
    award = approve_entry(entry, by=cast.second_secretary)
    assert (award.entry, award.member, award.value, award.category) == (entry, entry.member, 2, "COMMUNITY_ACTIVITY")
    assert (award.served_on, award.year, award.unit, award.community) == (
        date(2026, 11, 20),
        2026,
        cast.unit,
        cast.community,
    )
    assert (award.by_user, award.by_appointment) == (cast.second_secretary.user, cast.second_secretary.appointment)
    assert str(award.reason) == "当晚停电，没有发布。"
    assert (entry.status, entry.decided_by) == (S.APPROVED, cast.second_secretary.user)
    notice = Notice.objects.get(user=cast.member.user)
    assert (notice.kind, notice.params["what"], notice.params["flags"]) == ("FLAG_AWARDED", "夜间值守", "2")


def test_declined_with_a_reason_it_lights_nothing_and_who_entered_it_is_told(cast):
    entry = enter(cast)
    refused(AccountsReason.REASON_MISSING, partial(decline_entry, reason=" "), entry, by=cast.second_secretary)
    decline_entry(entry, reason="名单上没有这个人。", by=cast.second_secretary)
    assert (entry.status, entry.decline_reason) == (S.DECLINED, "名单上没有这个人。")
    assert told(cast.secretary) == ["LATE_ENTRY_DECLINED"]
    assert not FlagAward.objects.exists()
    enter(cast)  # the hours are free again


def test_decided_once(cast):
    entry = enter(cast)
    stale = LateEntry.objects.get(pk=entry.pk)
    approve_entry(entry, by=cast.second_secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, approve_entry, entry, by=cast.second_secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, partial(decline_entry, reason="不"), entry, by=cast.second_secretary)
    refused(AccountsReason.STATE_CHANGED, approve_entry, stale, by=cast.city_officer)
    refused(AccountsReason.STATE_CHANGED, partial(decline_entry, reason="不"), stale, by=cast.city_officer)
    assert FlagAward.objects.count() == 1


def test_the_same_form_sent_twice_is_one_entry(cast):
    form = uuid4()
    assert enter(cast, sent_once=form) == enter(cast, sent_once=form)
    assert told(cast.second_secretary) == ["LATE_ENTRY_WAITS"]


def test_never_who_entered_it_nor_the_member(cast):
    entry = enter(cast)
    refused(Reason.ENTERED_BY_ONESELF, approve_entry, entry, by=cast.secretary)
    refused(Reason.ENTERED_BY_ONESELF, partial(decline_entry, reason="不"), entry, by=cast.secretary)
    own = own_hat(cast)
    refused(AccountsReason.ONESELF, approve_entry, entry, by=own)
    refused(AccountsReason.ONESELF, enter, cast, served(begin=8), by=own)
    assert not entries_to_approve(own).exists()
    with pytest.raises(IntegrityError), transaction.atomic():
        LateEntry.objects.filter(pk=entry.pk).update(status=S.APPROVED, decided_by=entry.entered_by)


def test_where_nobody_else_is_there_the_city_looks_at_it(cast):
    lonely = MemberFactory(community=cast.other_community, unit=cast.unit)
    entry = enter(cast, member=lonely, by=cast.other_secretary)
    assert told(cast.city_officer) == ["LATE_ENTRY_WAITS"]
    assert list(entries_to_approve(cast.city_officer)) == [entry]
    approve_entry(entry, by=cast.city_officer)


def test_where_the_other_appointee_is_the_member_the_city_looks_at_it(cast):
    both = MemberFactory(community=cast.other_community, unit=cast.unit)
    Appointment.objects.create(
        user=both.user, organization=cast.other_community, role=Role.SECRETARY, starts_on=date(2020, 1, 1)
    )
    entry = enter(cast, member=both, by=cast.other_secretary)
    assert list(entries_to_approve(cast.city_officer)) == [entry]
    assert "LATE_ENTRY_WAITS" not in told(cast.other_secretary)


def test_only_who_keeps_the_ledger_of_the_community_of_that_day(cast):
    entry = enter(cast)
    for nobody in (
        "branch",
        "street_officer",
        "inspector",
        "unit_officer",
        "member",
        "other_member",
    ):
        with pytest.raises(PermissionDenied):
            enter(cast, served(begin=8), by=getattr(cast, nobody))
        with pytest.raises(PermissionDenied):
            approve_entry(entry, by=getattr(cast, nobody))
        assert getattr(cast, nobody) is cast.member or not (
            LateEntry.objects.visible_to(getattr(cast, nobody)).exists()
        )
    assert list(LateEntry.objects.visible_to(cast.member)) == [entry]
    refused(Reason.LIVED_ELSEWHERE, enter, cast, served(begin=8), by=cast.other_secretary)
    with pytest.raises(PermissionDenied):
        approve_entry(entry, by=cast.other_secretary)


@pytest.mark.parametrize("value", [0, 4, 99])
def test_a_value_outside_the_years_limits_is_refused(cast, value):
    refused(Reason.VALUE_OUTSIDE, enter, cast, served(value=value))


def test_the_city_may_give_what_its_tasks_may(cast):
    assert enter(cast, served(value=5), by=cast.city_officer).value == 5
    with pytest.raises(IntegrityError), transaction.atomic():
        LateEntryFactory(value=6)


@pytest.mark.parametrize(
    ("why", "hours"),
    [
        (Reason.NOT_SERVED_YET, {"day": date(2026, 11, 24), "begin": 11}),
        (Reason.HOURS_WRONG, {"hours": 0}),
        (Reason.HOURS_WRONG, {"hours": -1}),
        (Reason.HOURS_WRONG, {"hours": 25}),
        (Reason.NOT_CHECKED_IN_THEN, {"day": date(2019, 12, 31)}),
    ],
)
def test_hours_that_cannot_be_are_refused(cast, why, hours):
    refused(why, enter, cast, served(**hours))


def test_before_the_check_in_to_this_community_it_is_the_other_ones(cast):
    CheckIn.objects.filter(member=cast.member.member).update(approved_on=date(2026, 11, 21))
    refused(Reason.NOT_CHECKED_IN_THEN, enter, cast)
    enter(cast, served(day=date(2026, 11, 21)))


@pytest.mark.parametrize("empty", ["what", "reason"])
def test_it_says_what_and_why(cast, empty):
    refused(AccountsReason.REASON_MISSING, enter, cast, served(**{empty: " "}))


def test_another_service_of_the_person_at_that_time_is_refused(cast):
    task = TaskFactory(publisher=cast.other_community)
    shift = ShiftFactory(task=task, starts_at=at(date(2026, 11, 20), 20))
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    refused(Reason.SERVED_ELSEWHERE, enter, cast)
    enter(cast, served(begin=18))  # until 20:00, when the other one begins
    claim.status = "ABSENT"
    claim.save()
    enter(cast, served(begin=20))
    refused(Reason.SERVED_ELSEWHERE, enter, cast, served(begin=21))
    gone = MemberFactory(merged_into=cast.member.member)
    CheckIn.objects.create(
        member=gone,
        community=cast.community,
        unit=cast.unit,
        address="1",
        status="APPROVED",
        approved_on=date(2020, 1, 1),
    )
    refused(Reason.SERVED_ELSEWHERE, enter, cast, served(begin=21), member=gone)


def test_what_was_taken_back_is_no_service_any_more(cast):
    award = approve_entry(enter(cast), by=cast.second_secretary)
    refused(Reason.SERVED_ELSEWHERE, enter, cast)
    revoke_award(award, reason="时间记错了", by=cast.secretary)
    enter(cast)


def test_nobody_is_confirmed_where_they_were_not_for_a_service_entered_meanwhile(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=at(date(2026, 11, 20), 20))
    claim = ClaimFactory(shift=shift, member=cast.member.member)
    settle_shift(shift, {claim.pk: "ABSENT"}, by=cast.secretary)
    entry = enter(cast)
    put_right = partial(settle_shift, shift, {claim.pk: "ATTENDED"}, put_right={claim.pk: "ABSENT"}, by=cast.secretary)
    refused(Reason.SERVED_ELSEWHERE, put_right)
    decline_entry(entry, reason="其实在另一处。", by=cast.second_secretary)
    assert put_right() == 1


def test_what_was_entered_anew_keeps_the_first_from_being_lit_again(cast):
    first = approve_entry(enter(cast), by=cast.second_secretary)
    taken = revoke_award(first, reason="面值记错了", by=cast.secretary)
    anew = approve_entry(enter(cast, served(value=1)), by=cast.second_secretary)
    refused(Reason.SERVED_ELSEWHERE, reinstate_award, taken, reason="没错", by=cast.secretary)
    revoke_award(anew, reason="重复了", by=cast.secretary)
    assert reinstate_award(taken, reason="没错", by=cast.secretary).value == 2


@pytest.mark.parametrize("account", ["own", "merged"])
def test_an_absence_is_not_put_right_beside_what_was_entered_for_the_same_hours(cast, account):
    member = cast.member.member if account == "own" else MemberFactory(merged_into=cast.member.member)
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=served().starts_at, status="SETTLED")
    claim = ClaimFactory(shift=shift, member=member, status="ABSENT")
    entered = approve_entry(enter(cast), by=cast.second_secretary)

    def put_right() -> int:
        return settle_shift(shift, {claim.pk: "ATTENDED"}, put_right={claim.pk: "ABSENT"}, by=cast.secretary)

    refused(Reason.SERVED_ELSEWHERE, put_right)
    revoke_award(entered, reason="改为确认原班次", by=cast.secretary)
    assert put_right() == 1


def test_a_service_that_came_since_is_looked_at_when_it_is_approved(cast):
    entry = enter(cast)
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=entry.starts_at)
    ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")
    FlagAward.objects.create(
        member=cast.member.member,
        value=1,
        category="COMMUNITY_ACTIVITY",
        served_on=date(2026, 11, 20),
        year=2026,
        community=cast.community,
        claim=shift.claims.get(),
    )
    refused(Reason.SERVED_ELSEWHERE, approve_entry, entry, by=cast.second_secretary)


def test_over_new_years_midnight_the_year_is_that_of_the_end(cast):
    with time_machine.travel("2027-01-15T12:00:00+08:00", tick=False):
        entry = enter(cast, served(day=date(2026, 12, 31), begin=22, hours=3))
        assert approve_entry(entry, by=cast.second_secretary).served_on == date(2027, 1, 1)
        entry = enter(cast, served(starts_at=at(date(2026, 12, 31), 20), ends_at=at(date(2026, 12, 31), 21, 59)))
        assert approve_entry(entry, by=cast.second_secretary).year == 2026


def test_after_the_deadline_it_is_the_citys_with_a_reason(cast):
    waiting = enter(cast)
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        refused(Reason.YEAR_OVER, enter, cast, served(begin=8))
        refused(Reason.YEAR_NEEDS_REASON, enter, cast, served(begin=8), by=cast.city_officer)
        late = enter(cast, served(begin=8), by=cast.city_officer, late_reason="名单丢了，刚找到。")
        assert late.late_reason == "名单丢了，刚找到。"
        refused(Reason.YEAR_OVER, approve_entry, waiting, by=cast.second_secretary)
        assert waiting in entries_to_approve(cast.city_officer)
        refused(Reason.YEAR_NEEDS_REASON, approve_entry, waiting, by=cast.city_officer)
        line = approve_entry(waiting, by=cast.city_officer, why="社区书记年底住院。")
        assert (line.year, str(line.reason)) == (2026, "社区书记年底住院。")
        other = actor(cast.city, Role.CITY_OFFICER, "吴部长")
        assert str(approve_entry(late, by=other).reason) == "名单丢了，刚找到。"


def test_what_the_city_entered_with_its_reason_the_community_may_approve_as_the_second_person(cast):
    """Else a city of one officer could enter nothing after the deadline; and the community is who is asked."""
    with time_machine.travel("2027-02-01T12:00:00+08:00", tick=False):
        late = enter(cast, by=cast.city_officer, late_reason="名单丢了，刚找到。")
        assert "LATE_ENTRY_WAITS" in told(cast.secretary)
        assert str(approve_entry(late, by=cast.secretary).reason) == "名单丢了，刚找到。"


def test_waiting_entries_keep_a_community_from_being_closed_and_pass_to_the_one_it_joins(cast):
    entry = enter(cast)
    refused(Reason.ENTRIES_WAITING, refuse_waiting_entries, cast.community)
    Organization.objects.filter(pk=cast.community.pk).update(
        path=f"{cast.other_community.path}{cast.community.pk}/", closed_on=date(2026, 11, 24)
    )
    Organization.objects.filter(pk=cast.community.pk).update(merged_into=cast.other_community)
    entry = LateEntry.objects.get()
    assert list(entries_to_approve(cast.other_secretary)) == [entry]
    approve_entry(entry, by=cast.other_secretary)


def test_of_two_accounts_made_one_it_counts_for_the_one_that_is_left(cast):
    entry, kept = enter(cast), MemberFactory(unit=cast.unit)
    Member.objects.filter(pk=entry.member_id).update(home=None, merged_into=kept)
    award = approve_entry(LateEntry.objects.get(), by=cast.second_secretary)
    assert list(FlagAward.objects.of(kept)) == [award]
    assert (award.unit, award.community) == (cast.unit, cast.community)
    assert told(kept) == ["FLAG_AWARDED"]
    assert list(LateEntry.objects.visible_to(Actor(user=kept.user, member=kept))) == [entry]


def test_words_in_any_script_are_kept_and_too_many_queries_are_not_made(cast, django_assert_num_queries):
    words = "👩‍👩‍👧 值守" * 5
    assert enter(cast, served(what=f"  {words} ")).what == words
    for begin in range(1, 8):
        enter(cast, served(begin=begin, hours=1))
    with django_assert_num_queries(1):
        rows = list(entries_to_approve(cast.second_secretary))
        assert [str(row.member) and str(row.community) and str(row.entered_by) for row in rows]
