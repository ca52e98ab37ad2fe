"""A task held again week by week: each time its own task, all of them or none."""

from datetime import date, datetime, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import cancel_task
from tasks.actions.task_repeat import repeat_task
from tasks.models import BoundaryLine, Shift, Task
from tasks.queries.task_repeat import series_of, shifts_to_repeat, weeks_to_come
from tasks.refusals import Reason
from tests.factories import ShiftFactory, TaskFactory
from tests.tasks.refusing import refused
from tests.tasks.test_task import HOUR

pytestmark = pytest.mark.django_db
WEEK = timedelta(weeks=1)


def weekly(publisher, starts_at: datetime | None = None, **changed) -> Task:
    starts_at = starts_at or timezone.now() + timedelta(days=2)
    task = TaskFactory(**{"publisher": publisher, "opens_at": starts_at - timedelta(days=3), **changed})
    ShiftFactory(task=task, starts_at=starts_at, capacity=7)
    return task


def local(text: str) -> datetime:
    return timezone.make_aware(datetime.fromisoformat(text))


def offered(task: Task):
    return weeks_to_come(task, shifts_to_repeat(task), timezone.now())


def test_each_week_is_a_task_of_its_own_that_says_the_same(cast):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    said = {
        "boundary_line": line,
        "justification": "老人不会用手机",
        "flag_value": 2,
        "first_minutes": 5,
        "sign_in": True,
    }
    task = weekly(cast.community, audience=cast.street, **said)
    first = task.shifts.get()
    ShiftFactory(task=task, starts_at=first.starts_at, skill=Skill.objects.create(name="电工"), capacity=2, taken=1)
    written = repeat_task(task, weeks=[3, 1, 3], by=cast.secretary)
    assert [other.repeats for other in written] == [task, task]
    for other, weeks in zip(written, (1, 3), strict=True):
        assert (other.title, other.publisher, other.audience) == (task.title, cast.community, cast.street)
        assert {name: getattr(other, name) for name in said} == said
        shifts = list(other.shifts.order_by("pk"))
        assert {shift.starts_at for shift in shifts} == {first.starts_at + weeks * WEEK}
        assert {shift.ends_at for shift in shifts} == {first.ends_at + weeks * WEEK}
        assert [(shift.capacity, shift.taken, str(shift.skill)) for shift in shifts] == [(7, 0, "None"), (2, 0, "电工")]


def test_it_opens_as_long_before_as_the_first_did_and_at_once_where_that_has_passed(cast):
    task = weekly(cast.community)  # opened yesterday
    repeated = repeat_task(task, weeks=[1], by=cast.secretary)[0]
    assert (repeated.status, repeated.opens_at) == (Task.Status.SCHEDULED, task.opens_at + WEEK)
    early = weekly(cast.community, opens_at=timezone.now() - timedelta(days=30))
    assert repeat_task(early, weeks=[1], by=cast.secretary)[0].status == Task.Status.OPEN


def test_one_of_the_series_goes_on_with_it(cast):
    task = weekly(cast.community)
    second = repeat_task(task, weeks=[1], by=cast.secretary)[0]
    third = repeat_task(second, weeks=[1], by=cast.secretary)[0]
    assert third.repeats == task
    for each in (task, second, third):
        assert list(series_of(each)) == [task, second, third]


def test_a_day_is_held_once_until_that_is_called_off(cast):
    task = weekly(cast.community)
    second = repeat_task(task, weeks=[1], by=cast.secretary)[0]
    day = timezone.localdate(second.shifts.get().starts_at)
    for again in (task, second):
        weeks = [1, 2] if again == task else [0, 1]
        refused(Reason.SHIFT_DAY_TAKEN, repeat_task, again, weeks=weeks, by=cast.second_secretary)
    assert [week.day for week in offered(task) if week.is_taken] == [day]
    cancel_task(second, reason="下雨", by=cast.secretary)
    assert not any(week.is_taken for week in offered(task))
    repeat_task(task, weeks=[1], by=cast.secretary)


def test_the_next_twelve_weeks_are_offered(cast):
    start = timezone.now() + timedelta(days=2)
    assert [week.number for week in offered(weekly(cast.community, start))] == list(range(1, 13))
    long_ago = weekly(cast.community, start - 30 * WEEK, status="CLOSED")
    assert [week.number for week in offered(long_ago)] == list(range(30, 42))
    far = weekly(cast.community, start + 50 * WEEK)
    assert [week.number for week in offered(far)] == [1]


def test_a_closed_one_is_held_again(cast):
    task = weekly(cast.community, timezone.now() - timedelta(days=3), status="CLOSED")
    Shift.objects.update(status="SETTLED")
    assert repeat_task(task, weeks=[1], by=cast.secretary)[0].shifts.get().status == Shift.Status.OPEN


def test_a_public_holiday_is_told_and_can_be_held_all_the_same(cast):
    with time_machine.travel(local("2026-09-20 08:00"), tick=False):
        task = weekly(cast.community, local("2026-09-24 09:00"))
        weeks = offered(task)
        assert [(week.day, week.is_holiday) for week in weeks[:2]] == [
            (date(2026, 10, 1), True),
            (date(2026, 10, 8), False),
        ]
        assert [week.is_offered for week in weeks[:2]] == [False, True]
        assert repeat_task(task, weeks=[1], by=cast.secretary)


def test_weekday_and_hour_are_those_of_the_wall_over_midnight_and_new_year(cast):
    """00:30 in Shanghai is the day before elsewhere."""
    with time_machine.travel(local("2026-12-20 08:00"), tick=False):
        task = weekly(cast.community, local("2026-12-25 00:30"))
        assert [f"{week.day}" for week in offered(task)[:2]] == ["2027-01-01", "2027-01-08"]
        assert [week.is_holiday for week in offered(task)[:2]] == [True, False]
        shift = repeat_task(task, weeks=[2], by=cast.secretary)[0].shifts.get()
    assert f"{timezone.localtime(shift.starts_at):%Y-%m-%d %H:%M %a}" == "2027-01-08 00:30 Fri"


@pytest.mark.parametrize(
    ("why", "weeks"),
    [
        (Reason.NO_DAY_CHOSEN, []),
        (Reason.SHIFT_DAY_TAKEN, [0]),
        (Reason.SHIFT_PAST, [-1]),
        (Reason.SHIFT_TOO_FAR, [1, 53]),
        (Reason.SHIFT_TOO_FAR, [10**9]),
    ],
)
def test_weeks_that_cannot_be(cast, why, weeks):
    refused(why, repeat_task, weekly(cast.community), weeks=weeks, by=cast.secretary)


@pytest.mark.parametrize(
    ("why", "task", "shift"),
    [
        (AccountsReason.NOT_ALLOWED_NOW, {"status": "DRAFT"}, {}),
        (Reason.NOT_OPEN, {"status": "CANCELLED"}, {}),
        (Reason.NO_FIXED_HOURS, {}, {"by_agreement": True}),
    ],
)
def test_tasks_that_are_not_repeated(cast, why, task, shift):
    repeated = weekly(cast.community, **task)
    if shift:
        Shift.objects.update(**shift)
    refused(why, repeat_task, repeated, weeks=[1], by=cast.secretary)


def test_what_communities_host_is_not_repeated(cast):
    task = TaskFactory(publisher=cast.city, host_by=timezone.localdate() + WEEK)
    refused(Reason.NO_OWN_SHIFTS, repeat_task, task, weeks=[1], by=cast.city_officer)


def test_whoever_cancelled_it_meanwhile_is_heard(cast):
    task = weekly(cast.community)
    stale = Task.objects.get(pk=task.pk)
    cancel_task(task, reason="下雨", by=cast.secretary)
    refused(Reason.NOT_OPEN, repeat_task, stale, weeks=[1], by=cast.second_secretary)


def test_more_flags_than_this_year_allows_are_not_repeated(cast):
    refused(Reason.FLAG_VALUE, repeat_task, weekly(cast.community, flag_value=5), weeks=[1], by=cast.secretary)


@pytest.mark.parametrize("who", ["member", "other_secretary", "branch", "city_officer", "street_officer"])
def test_only_who_publishes_for_it_repeats_a_task(cast, who):
    task = weekly(cast.community)
    with pytest.raises(PermissionDenied):
        repeat_task(task, weeks=[1], by=getattr(cast, who))
    assert Task.objects.count() == 1


def test_a_compounds_task_stays_the_compounds(cast):
    written = repeat_task(weekly(cast.compound), weeks=[1], by=cast.secretary)
    assert (written[0].publisher, written[0].audience) == (cast.compound, cast.compound)


def test_a_shift_called_off_by_itself_is_not_repeated(cast):
    task = weekly(cast.community)
    ShiftFactory(task=task, starts_at=timezone.now() + HOUR, status="CANCELLED")
    assert repeat_task(task, weeks=[1], by=cast.secretary)[0].shifts.count() == 1


def test_what_a_community_hosts_is_hosted_again_for_as_long_as_the_city_asks(cast):
    today = timezone.localdate()
    parent = TaskFactory(publisher=cast.city, flag_value=5, host_by=today + timedelta(days=10))
    task = weekly(cast.community, parent=parent, flag_value=5)
    assert [week.number for week in offered(task)] == [1]
    refused(Reason.AFTER_HOST_BY, repeat_task, task, weeks=[1, 2], by=cast.secretary)
    [again] = repeat_task(task, weeks=[1], by=cast.secretary)
    assert (again.parent, again.flag_value, again.repeats) == (parent, 5, task)
    with time_machine.travel(timezone.now() + timedelta(days=11)):
        assert offered(task) == []
        refused(Reason.NOT_OPEN, repeat_task, task, weeks=[3], by=cast.secretary)
