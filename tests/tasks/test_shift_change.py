"""Other hours, more or fewer places, one shift more, one less (domain rules 2 and 3)."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, Record, Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.shift_change import add_shift, cancel_shift, change_shift
from tasks.actions.task_offer import ShiftTime
from tasks.models import Claim, GroupClaim, Shift, Task, Wish
from tasks.queries.shift_change import NAMES_AT_MOST, shift_seen
from tasks.refusals import Reason
from tests.factories import ClaimFactory, GroupClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
Kind = Notice.Kind


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community))


def change(shift: Shift, by, *, later: timedelta = timedelta(), **changed) -> bool:
    time = {"starts_at": shift.starts_at + later, "ends_at": shift.ends_at + later, "capacity": shift.capacity}
    return change_shift(shift, time=ShiftTime(**{**time, **changed}), seen=shift_seen(shift), by=by)


def kept_place(shift: Shift) -> Claim:
    """A member of a group has declined: the place is still counted."""
    claim = ClaimFactory(shift=shift, group_claim=GroupClaimFactory(shift=shift))
    Claim.objects.filter(pk=claim.pk).update(status="DECLINED", kept_until=timezone.now() + DAY)
    return claim


# --- places ---------------------------------------------------------------------------------


def test_places_change_down_to_what_is_taken(cast, shift):
    ClaimFactory.create_batch(2, shift=shift)
    assert change(shift, cast.secretary, capacity=2)
    shift.refresh_from_db()
    assert (shift.capacity, shift.taken) == (2, 2)
    assert not Notice.objects.exists(), "nobody's place has changed"


def test_fewer_than_are_taken_are_refused_with_the_names_of_who_has_them(cast, shift):
    ClaimFactory(shift=shift, member=cast.member.member, companions=2)
    ClaimFactory(shift=shift, member=cast.other_member.member, status="OFFERED", offer_until=timezone.now() + HOUR)
    ClaimFactory(shift=shift, status="WAITING", member__user__name="等候人")
    kept_place(shift)
    Shift.objects.filter(pk=shift.pk).update(taken=5)
    shift.refresh_from_db()
    told = refused(Reason.BELOW_TAKEN, change, shift, cast.secretary, capacity=4).details
    assert told["taken"] == 5
    assert "张小明 (+2)" in told["names"]
    assert "王芳" in told["names"]
    assert "等候人" not in told["names"]
    assert told["names"].count(",") == 2, "the kept place is named as well"


def test_of_very_many_names_the_first_are_said_and_the_others_counted(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=NAMES_AT_MOST + 2)
    ClaimFactory.create_batch(NAMES_AT_MOST + 2, shift=shift)
    names = refused(Reason.BELOW_TAKEN, change, shift, cast.secretary, capacity=1).details["names"]
    assert names.count(",") == NAMES_AT_MOST
    assert "2" in names.rpartition(",")[2]


def test_a_place_taken_in_the_last_moment_is_counted(cast, shift, monkeypatch):
    """The condition of the statement itself: what was read before may be old."""
    monkeypatch.setattr("tasks.actions.shift_change._check_capacity", lambda *_: None)
    ClaimFactory.create_batch(2, shift=shift)
    refused(Reason.BELOW_TAKEN, change, shift, cast.secretary, capacity=1)


@pytest.mark.parametrize("capacity", [0, -1, 10_001])
def test_places_that_cannot_be(cast, shift, capacity):
    refused(Reason.CAPACITY, change, shift, cast.secretary, capacity=capacity)


def test_more_places_go_to_who_waits_in_order(cast, shift):
    now = timezone.now()
    waiting = [
        ClaimFactory(
            shift=shift,
            member=MemberFactory(community=cast.community),
            status="WAITING",
            claimed_at=now - HOUR + timedelta(minutes=n),
        )
        for n in range(3)
    ]
    Shift.objects.filter(pk=shift.pk).update(capacity=1, taken=1)
    shift.refresh_from_db()
    change(shift, cast.secretary, capacity=3)
    assert [Claim.objects.get(pk=claim.pk).status for claim in waiting] == ["HELD", "HELD", "WAITING"]
    shift.refresh_from_db()
    assert (shift.taken, shift.capacity) == (3, 3)


def test_by_agreement_places_change_but_there_are_no_hours(cast):
    now = timezone.now()
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community),
        by_agreement=True,
        starts_at=now - DAY,
        ends_at=now + DAY,
        capacity=1,
    )
    assert change(shift, cast.secretary, capacity=3)
    shift.refresh_from_db()
    refused(Reason.WISH_PLACES, change, shift, cast.secretary, capacity=11)
    refused(Reason.BY_AGREEMENT, change, shift, cast.secretary, later=DAY)
    refused(Reason.BY_AGREEMENT, add_shift, shift.task, time=a_time(), by=cast.secretary)


# --- hours ----------------------------------------------------------------------------------


def test_a_shift_moves_with_its_claims_and_everybody_is_told(cast, shift):
    held = ClaimFactory(shift=shift)
    offered = ClaimFactory(shift=shift, status="OFFERED", offer_until=timezone.now() + HOUR)
    waits = ClaimFactory(shift=shift, status="WAITING")
    gone = ClaimFactory(shift=shift, status="WITHDRAWN")
    assert change(shift, cast.secretary, later=3 * HOUR)
    shift.refresh_from_db()
    for claim in (held, offered, waits):
        claim.refresh_from_db()
        assert (claim.starts_at, claim.ends_at, claim.asked_at) == (shift.starts_at, shift.ends_at, None)
        notice = claim.member.user.notices.get()
        assert (notice.kind, notice.link) == (Kind.SHIFT_MOVED, claim.page)
        assert notice.params["time"] == shift.starts_at.isoformat()
    assert not gone.member.user.notices.exists()


def test_hours_that_are_the_same_and_places_too_write_nothing(cast, shift):
    ClaimFactory(shift=shift)
    records = Record.objects.count()
    assert not change(shift, cast.secretary)
    assert (Record.objects.count(), Notice.objects.count()) == (records, 0)


def test_an_offer_and_what_is_kept_for_a_group_end_when_the_shift_begins(cast, shift):
    offered = ClaimFactory(shift=shift, status="OFFERED", offer_until=shift.starts_at)
    kept = kept_place(shift)
    change(shift, cast.secretary, later=-40 * HOUR)
    shift.refresh_from_db()
    offered.refresh_from_db()
    kept.refresh_from_db()
    assert offered.offer_until == kept.kept_until == shift.starts_at


@pytest.mark.parametrize(
    ("why", "changed"),
    [
        (Reason.SHIFT_PAST, {"later": -3 * DAY}),
        (Reason.SHIFT_TOO_FAR, {"later": 366 * DAY}),
        (Reason.SHIFT_TOO_FAR, {"later": 3650 * DAY}),
        (Reason.OPENS_TOO_LATE, {"later": -1 * DAY}),
    ],
)
def test_hours_that_could_not_be_published(cast, why, changed):
    opens = timezone.now() + timedelta(hours=30)
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=opens))
    refused(why, change, shift, cast.secretary, **changed)


def test_an_end_before_the_beginning_is_refused(cast, shift):
    for ends_at in (shift.starts_at, shift.starts_at - HOUR):
        refused(Reason.SHIFT_BACKWARDS, change, shift, cast.secretary, ends_at=ends_at)


def test_it_never_overlaps_with_the_tasks_other_shifts_unless_they_are_for_another_skill(cast, shift):
    skill = Skill.objects.create(name="理发")
    other = ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    refused(Reason.SHIFTS_OVERLAP, change, shift, cast.secretary, later=HOUR)
    refused(Reason.SHIFTS_OVERLAP, change, shift, cast.secretary, ends_at=shift.ends_at + HOUR)
    Shift.objects.filter(pk=other.pk).update(skill=skill)
    assert change(shift, cast.secretary, later=HOUR)
    shift.refresh_from_db()
    Shift.objects.filter(pk=other.pk).update(skill=None, status="CANCELLED")
    assert change(shift, cast.secretary, later=HOUR)


def test_a_shift_of_another_task_is_no_hindrance(cast, shift):
    ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=shift.ends_at)
    assert change(shift, cast.secretary, later=HOUR)


def test_what_is_hosted_of_the_city_ends_on_its_last_day_at_the_latest_at_midnight(cast):
    with time_machine.travel(datetime(2026, 12, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
        last = datetime(2026, 12, 31, tzinfo=ZoneInfo("Asia/Shanghai"))
        parent = TaskFactory(publisher=cast.city, host_by=last.date())
        shift = ShiftFactory(task=TaskFactory(publisher=cast.community, parent=parent), starts_at=last + 8 * HOUR)
        midnight = last + DAY
        assert change(shift, cast.secretary, starts_at=midnight - HOUR, ends_at=midnight)
        shift.refresh_from_db()
        late = {"starts_at": midnight - HOUR, "ends_at": midnight + timedelta(minutes=1)}
        refused(Reason.AFTER_HOST_BY, change, shift, cast.secretary, **late)
        refused(Reason.AFTER_HOST_BY, add_shift, shift.task, time=ShiftTime(**late, capacity=1), by=cast.secretary)


@pytest.mark.parametrize("what", [{"later": HOUR}, {"capacity": 20}])
@pytest.mark.parametrize("state", [{"status": "ENDED"}, {"status": "CANCELLED"}, {"starts_at": "now"}])
def test_what_has_begun_or_is_over_stays(cast, shift, state, what):
    values = {name: timezone.now() if value == "now" else value for name, value in state.items()}
    Shift.objects.filter(pk=shift.pk).update(**values)
    shift.refresh_from_db()
    refused(Reason.SHIFT_OVER, change, shift, cast.secretary, **what)
    refused(Reason.SHIFT_OVER, cancel_shift, shift, reason="下雨", by=cast.secretary)


@pytest.mark.parametrize("status", ["DRAFT", "CLOSED", "CANCELLED"])
def test_shifts_of_what_is_not_published_stay(cast, shift, status):
    Task.objects.filter(pk=shift.task_id).update(status=status)
    refused(Reason.NOT_OPEN, change, shift, cast.secretary, capacity=20)
    refused(Reason.NOT_OPEN, cancel_shift, shift, reason="下雨", by=cast.secretary)
    refused(Reason.NOT_OPEN, add_shift, shift.task, time=a_time(), by=cast.secretary)


def test_of_two_at_once_the_second_is_told_and_undoes_nothing(cast, shift):
    stale, seen = Shift.objects.get(pk=shift.pk), shift_seen(shift)
    change(shift, cast.secretary, capacity=10)
    time = ShiftTime(stale.starts_at + HOUR, stale.ends_at + HOUR, stale.capacity)
    refused(AccountsReason.STATE_CHANGED, change_shift, stale, time=time, seen=seen, by=cast.second_secretary)


@pytest.mark.parametrize("who", ["member", "other_secretary", "branch", "city_officer", "street_officer"])
def test_only_the_publishers_staff_change_cancel_and_add(cast, shift, who):
    actor = getattr(cast, who)
    for act in (
        lambda: change(shift, actor, capacity=9),
        lambda: cancel_shift(shift, reason="下雨", by=actor),
        lambda: add_shift(shift.task, time=a_time(), by=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_moving_thirty_claims_takes_as_many_queries_as_moving_one(cast):
    def cost(n: int) -> int:
        shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=40)
        ClaimFactory.create_batch(n, shift=shift)
        with CaptureQueriesContext(connection) as queries:
            change(shift, cast.secretary, later=HOUR)
        return len(queries)

    cost(1)
    assert cost(1) == cost(30)


# --- one less, one more ---------------------------------------------------------------------


def test_a_shift_called_off_frees_its_places_and_tells_everybody_why(cast, shift):
    other = ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    here = [ClaimFactory(shift=shift), ClaimFactory(shift=shift, status="WAITING")]
    here.append(ClaimFactory(shift=shift, status="OFFERED", offer_until=timezone.now() + HOUR))
    kept = kept_place(shift)
    there = ClaimFactory(shift=other)
    gone = ClaimFactory(shift=shift, status="WITHDRAWN")
    cancel_shift(shift, reason="下雨", by=cast.secretary)
    for row in (shift, kept, there):
        row.refresh_from_db()
    assert (shift.status, shift.taken, kept.kept_until, there.status) == ("CANCELLED", 0, None, "HELD")
    assert set(Claim.objects.filter(pk__in=[c.pk for c in here]).values_list("status", flat=True)) == {"CANCELLED"}
    group = GroupClaim.objects.get()
    assert group.status == "CANCELLED"
    told = Notice.objects.filter(kind=Kind.SHIFT_CANCELLED)
    assert {n.user_id for n in told} == {*(claim.member.user_id for claim in here), group.leader.user_id}
    assert told[0].params == {"task": shift.task.title, "time": shift.starts_at.isoformat(), "reason": "下雨"}
    assert not gone.member.user.notices.exists()


def test_a_wish_whose_only_claimed_shift_is_called_off_is_open_again(cast, shift):
    ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    ClaimFactory(shift=shift)
    cancel_shift(shift, reason="下雨", by=cast.secretary)
    wish.refresh_from_db()
    assert wish.status == Wish.Status.PUBLISHED


@pytest.mark.parametrize("other", ["", "CANCELLED", "ENDED"])
def test_the_only_open_shift_is_not_called_off_alone(cast, shift, other):
    if other:
        ShiftFactory(task=shift.task, starts_at=shift.ends_at, status=other)
    refused(Reason.LAST_SHIFT, cancel_shift, shift, reason="下雨", by=cast.secretary)


@pytest.mark.parametrize("reason", ["", " "])
def test_a_reason_is_asked_for(cast, shift, reason):
    ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    refused(Reason.REASON_MISSING, cancel_shift, shift, reason=reason, by=cast.secretary)


def test_calling_off_twice_is_refused(cast, shift):
    ShiftFactory(task=shift.task, starts_at=shift.ends_at)
    cancel_shift(shift, reason="下雨", by=cast.secretary)
    refused(Reason.SHIFT_OVER, cancel_shift, shift, reason="下雨", by=cast.second_secretary)


def a_time(days: int = 5, **changed) -> ShiftTime:
    starts_at = timezone.now() + timedelta(days=days)
    return ShiftTime(**{"starts_at": starts_at, "ends_at": starts_at + HOUR, "capacity": 3, **changed})


def test_a_shift_is_added_beside_the_others(cast, shift):
    added = add_shift(shift.task, time=a_time(), by=cast.secretary)
    assert list(shift.task.shifts.values_list("pk", "capacity", "status")) == [
        (shift.pk, 7, "OPEN"),
        (added.pk, 3, "OPEN"),
    ]


def test_a_shift_that_could_not_be_published_is_not_added(cast, shift):
    for why, time in (
        (Reason.SHIFT_PAST, a_time(days=-1)),
        (Reason.SHIFT_TOO_FAR, a_time(days=366)),
        (Reason.CAPACITY, a_time(capacity=0)),
        (Reason.SHIFTS_OVERLAP, ShiftTime(shift.starts_at, shift.ends_at, 1)),
        (Reason.BY_AGREEMENT, a_time(by_agreement=True)),
    ):
        refused(why, add_shift, shift.task, time=time, by=cast.secretary)


def test_none_is_added_to_what_communities_host_nor_where_no_shift_is_left(cast, shift):
    parent = TaskFactory(publisher=cast.city, host_by=timezone.localdate() + DAY)
    refused(Reason.NO_OWN_SHIFTS, add_shift, parent, time=a_time(), by=cast.city_officer)
    Shift.objects.update(status="ENDED")
    refused(Reason.NOT_OPEN, add_shift, shift.task, time=a_time(), by=cast.secretary)
