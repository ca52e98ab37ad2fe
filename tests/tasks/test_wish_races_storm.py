"""A wish is never open while somebody has a place, and no report is lost when its task is called off.

Each race has a control: the same race with its guard taken out goes wrong.
"""

import threading
from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from tasks.actions import agreement as agreement_actions
from tasks.actions import task as task_actions
from tasks.actions import wish as wish_actions
from tasks.actions import wish_step as step_actions
from tasks.actions.agreement import report_fulfilled
from tasks.actions.claim import withdraw_claim
from tasks.actions.task import cancel_task
from tasks.models import Claim, Task, Wish
from tests.factories import ShiftFactory, TaskFactory, WishFactory
from tests.storm import at_once, reasons
from tests.tasks.rush import claim, people

on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")
pytestmark = [pytest.mark.django_db(transaction=True), on_postgresql]
MINUTE = timedelta(minutes=1)


def pausing(act, paused: threading.Event):
    """`act`, before which the other is let go and given the time to come as far as it can."""

    def slow(*args, **kwargs):
        paused.set()
        threading.Event().wait(0.7)
        return act(*args, **kwargs)

    return slow


def after(paused: threading.Event, act):
    paused.wait(10)
    return act()


@pytest.mark.parametrize("guarded", [True, False])
def test_handed_back_while_another_place_is_taken_the_wish_is_claimed(cast, monkeypatch, guarded):
    """The second is the control: without the wishes held, the one finds them claimed and the other nobody there."""
    first, second = people(cast.community, 2)
    task = TaskFactory(publisher=cast.community)
    starts = timezone.now() + timedelta(days=2)
    mine, theirs = (
        ShiftFactory(task=task, starts_at=starts + k * timedelta(hours=3), ends_at=starts + (3 * k + 1) * 60 * MINUTE)
        for k in range(2)
    )
    wish = WishFactory(community=cast.community, status="PUBLISHED", task=task)
    held = Claim.objects.select_related("shift__task__publisher", "member__user").get(pk=claim(mine, first).pk)
    if not guarded:
        for module in (step_actions, wish_actions):
            monkeypatch.setattr(module, "hold_wishes", lambda task: None)
    looked = threading.Event()
    monkeypatch.setattr(wish_actions, "step_all", pausing(wish_actions.step_all, looked))
    outcomes = at_once(partial(withdraw_claim, held, by=first), partial(after, looked, partial(claim, theirs, second)))
    assert reasons(outcomes) == []
    wish.refresh_from_db()
    assert Claim.objects.occupying().count() == 1
    assert wish.status == (Wish.Status.CLAIMED if guarded else Wish.Status.PUBLISHED)


@pytest.mark.parametrize("guarded", [True, False])
def test_called_off_while_one_of_two_reports_the_report_stands(cast, monkeypatch, guarded):
    """The second is the control: the claims asked for in the statement that waits are those of before the report."""
    first, second = people(cast.community, 2)
    now = timezone.now()
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community), by_agreement=True, starts_at=now, ends_at=now + 5000 * MINUTE
    )
    wish = WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
    served, held = claim(shift, first), claim(shift, second)
    served = Claim.objects.select_related("shift__task__publisher", "member__user").get(pk=served.pk)
    task = Task.objects.select_related("publisher").get(pk=shift.task_id)
    if not guarded:
        monkeypatch.setattr(task_actions, "_hold", lambda shifts: None)
    reported = threading.Event()
    monkeypatch.setattr(agreement_actions, "_tell_staff", pausing(agreement_actions._tell_staff, reported))
    done = {"words": "好了", "starts_at": now - MINUTE, "ends_at": now}
    outcomes = at_once(
        partial(report_fulfilled, served, **done, by=first),
        partial(after, reported, partial(cancel_task, task, reason="不需要了", by=cast.secretary)),
    )
    assert reasons(outcomes) == []
    for row in (served, held, shift, wish):
        row.refresh_from_db()
    assert served.reported_at
    assert held.status == Claim.Status.CANCELLED
    expected = ("ENDED", "HELD", "FULFILLED") if guarded else ("CANCELLED", "CANCELLED", "PUBLISHED")
    assert (shift.status, served.status, wish.status) == expected
