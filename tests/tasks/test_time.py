"""What happens because time passes; every job may run twice, late, or not at all for a while."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, Record
from tasks.actions.claim import claim_shift
from tasks.actions.place import hold_shift
from tasks.actions.shift_change import cancel_shift
from tasks.actions.task import cancel_task
from tasks.actions.time import end_shifts, open_scheduled_tasks, remind_of_tomorrow
from tasks.jobs import keep_time
from tasks.models import Claim, Shift, Task
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


def rows() -> tuple[int, int]:
    return Record.objects.count(), Notice.objects.count()


def test_a_scheduled_task_opens_when_its_time_comes_and_can_then_be_claimed(cast):
    opens_at = timezone.now() + timedelta(hours=1)
    task = TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=opens_at)
    shift = ShiftFactory(task=task)
    assert open_scheduled_tasks() == []
    with time_machine.travel(opens_at, tick=False):
        assert open_scheduled_tasks() == [task.pk]
        assert open_scheduled_tasks() == []
        assert claim_shift(Shift.objects.get(pk=shift.pk), by=cast.member)


def test_a_shift_with_somebody_to_confirm_ends_and_waits(cast):
    claim = ClaimFactory(shift=ShiftFactory(task=TaskFactory(publisher=cast.community)))
    with time_machine.travel(claim.ends_at, tick=False):
        assert end_shifts() == [claim.shift_id]
        assert end_shifts() == []
    claim.shift.refresh_from_db()
    assert claim.shift.status == Shift.Status.ENDED


@pytest.mark.parametrize("status", ["", *Claim.LAPSED])
def test_a_shift_with_nobody_left_is_settled_at_once(status):
    shift = ShiftFactory()
    if status:
        ClaimFactory(shift=shift, status=status)
    with time_machine.travel(shift.ends_at, tick=False):
        end_shifts()
    shift.refresh_from_db()
    assert shift.status == Shift.Status.SETTLED


def test_a_task_closes_with_its_last_shift():
    first = ShiftFactory()
    last = ShiftFactory(task=first.task, starts_at=first.starts_at + timedelta(days=1))
    for shift, status in ((first, "OPEN"), (last, "CLOSED")):
        with time_machine.travel(shift.ends_at, tick=False):
            end_shifts()
        first.task.refresh_from_db()
        assert first.task.status == status


def test_a_cancelled_shift_does_not_end():
    shift = ShiftFactory(status="CANCELLED")
    with time_machine.travel(shift.ends_at, tick=False):
        assert end_shifts() == []
    shift.refresh_from_db()
    assert shift.status == Shift.Status.CANCELLED


def test_the_claimers_of_tomorrow_are_reminded_once_from_the_morning_on():
    with time_machine.travel(datetime(2026, 5, 1, 7, 59, tzinfo=SHANGHAI), tick=False):
        tomorrow = ShiftFactory(starts_at=datetime(2026, 5, 2, 0, 0, tzinfo=SHANGHAI))
        late = ShiftFactory(starts_at=datetime(2026, 5, 2, 23, 59, tzinfo=SHANGHAI))
        after = ShiftFactory(starts_at=datetime(2026, 5, 3, 0, 0, tzinfo=SHANGHAI))
        reminded = [ClaimFactory(shift=shift).member.user for shift in (tomorrow, late)]
        ClaimFactory(shift=after)
        remind_of_tomorrow()
        assert not Notice.objects.exists(), "nobody is woken"
    with time_machine.travel(datetime(2026, 5, 1, 8, 0, tzinfo=SHANGHAI), tick=False):
        remind_of_tomorrow()
        remind_of_tomorrow()
    notices = Notice.objects.filter(kind=Notice.Kind.SHIFT_TOMORROW)
    assert sorted(notice.user_id for notice in notices) == sorted(user.pk for user in reminded)


@pytest.mark.parametrize("status", [*Claim.LAPSED, Claim.Status.WAITING, Claim.Status.OFFERED])
def test_nobody_is_reminded_of_a_place_they_do_not_have(status):
    with time_machine.travel(datetime(2026, 5, 1, 8, 0, tzinfo=SHANGHAI), tick=False):
        ClaimFactory(shift=ShiftFactory(starts_at=datetime(2026, 5, 2, 9, 0, tzinfo=SHANGHAI)), status=status)
        remind_of_tomorrow()
    assert not Notice.objects.exists()


@pytest.mark.parametrize("what", [cancel_task, cancel_shift])
def test_nobody_is_reminded_of_what_was_called_off(cast, what):
    with time_machine.travel(datetime(2026, 5, 1, 7, 0, tzinfo=SHANGHAI), tick=False) as clock:
        shift = ShiftFactory(
            task=TaskFactory(publisher=cast.community), starts_at=datetime(2026, 5, 2, 9, 0, tzinfo=SHANGHAI)
        )
        ShiftFactory(task=shift.task, starts_at=shift.ends_at)
        ClaimFactory(shift=shift)
        what(shift.task if what == cancel_task else shift, reason="下雨", by=cast.secretary)
        clock.shift(timedelta(hours=1))
        remind_of_tomorrow()
    assert not Notice.objects.filter(kind=Notice.Kind.SHIFT_TOMORROW).exists()


def test_who_is_asked_about_new_hours_is_reminded_of_those():
    with time_machine.travel(datetime(2026, 12, 31, 8, 0, tzinfo=SHANGHAI), tick=False):
        shift = ShiftFactory(starts_at=datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI))
        asked = ClaimFactory(shift=shift, starts_at=None, ends_at=None, asked_at=timezone.now())
        ClaimFactory(shift=shift, starts_at=None, ends_at=None, asked_at=timezone.now(), status="WITHDRAWN")
        remind_of_tomorrow()
    notice = Notice.objects.get()
    assert notice.user == asked.member.user
    assert datetime.fromisoformat(notice.params["time"]) == shift.starts_at


def test_thirty_reminders_take_as_many_queries_as_one(cast):
    def reminding(n: int) -> int:
        day = datetime(2026, 3, n, 10, tzinfo=SHANGHAI)
        for _ in range(n):
            ClaimFactory(shift=ShiftFactory(starts_at=day + timedelta(days=1)))
        with time_machine.travel(day, tick=False), CaptureQueriesContext(connection) as queries:
            remind_of_tomorrow()
        assert Notice.objects.filter(created_at__gte=day).count() == n
        return len(queries)

    assert reminding(1) == reminding(30)


def test_the_next_day_has_its_own_reminder():
    with time_machine.travel(datetime(2026, 5, 1, 8, 0, tzinfo=SHANGHAI), tick=False):
        claim = ClaimFactory(shift=ShiftFactory(starts_at=datetime(2026, 5, 3, 9, 0, tzinfo=SHANGHAI)))
        remind_of_tomorrow()
        assert not claim.member.user.notices.exists()
    with time_machine.travel(datetime(2026, 5, 2, 8, 0, tzinfo=SHANGHAI), tick=False):
        remind_of_tomorrow()
    assert claim.member.user.notices.count() == 1


def test_the_whole_job_twice_writes_no_more_than_once():
    ShiftFactory(task=TaskFactory(status="SCHEDULED"))
    ClaimFactory(shift=ShiftFactory(starts_at=timezone.now() - timedelta(hours=3)))
    keep_time()
    once = rows()
    keep_time()
    assert rows() == once
    assert Task.objects.filter(status="OPEN").count() == 1


def test_one_shift_that_cannot_be_ended_keeps_nothing_else_from_happening(monkeypatch):
    broken, sound = (ShiftFactory(starts_at=timezone.now() - timedelta(minutes=5)) for _ in range(2))
    for shift in (broken, sound):
        ClaimFactory(shift=shift, status="WAITING")
    scheduled = ShiftFactory(task=TaskFactory(status="SCHEDULED")).task

    def hold(shift):
        if shift == broken:
            raise ZeroDivisionError
        return hold_shift(shift)

    monkeypatch.setattr("tasks.actions.waiting.hold_shift", hold)
    with pytest.raises(ExceptionGroup):
        keep_time()
    assert [shift.claims.get().status for shift in (broken, sound)] == ["WAITING", "EXPIRED"]
    scheduled.refresh_from_db()
    assert scheduled.status == "OPEN"


def test_a_task_closes_when_its_last_shift_was_ended_by_somebody_else():
    shift = ShiftFactory(status="ENDED", starts_at=timezone.now() - timedelta(hours=3))
    end_shifts()
    shift.task.refresh_from_db()
    assert shift.task.status == Task.Status.CLOSED
