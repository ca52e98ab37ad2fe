"""Several at the same draft, or the same series, in the same moment."""

from functools import partial
from threading import Barrier
from uuid import uuid4

import pytest
from django.db import connection
from django.utils import timezone

from accounts.models import Record
from tasks.actions import task_repeat
from tasks.actions.task import cancel_task, publish_task
from tasks.actions.task_draft import change_draft, discard_draft, publish_draft, save_draft
from tasks.actions.task_repeat import repeat_task
from tasks.models import Shift, Task
from tasks.queries.task_repeat import days_held
from tasks.refusals import Reason
from tests.factories import ShiftFactory, TaskFactory
from tests.storm import ROUNDS, at_once, reasons
from tests.tasks.test_task_draft import SAID, draft_of, morning

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def test_a_draft_is_published_or_thrown_away_or_changed_and_never_half(cast):
    for _ in ROUNDS:
        draft = draft_of(cast.secretary, morning(), morning(3))
        read = [Task.objects.get(pk=draft.pk) for _reader in range(4)]
        outcomes = at_once(
            partial(publish_draft, read[0], by=cast.secretary),
            partial(publish_draft, read[1], by=cast.second_secretary),
            partial(discard_draft, read[2], by=cast.second_secretary),
            partial(change_draft, read[3], by=cast.secretary, shifts=[morning(4)]),
        )
        assert set(reasons(outcomes)) == {Reason.NOT_A_DRAFT}
        published = Record.objects.filter(subject_id=draft.pk, verb="moved", new_status="OPEN").count()
        discarded = Record.objects.filter(subject_id=draft.pk, verb="discarded").count()
        assert published + discarded == 1
        assert Task.objects.filter(pk=draft.pk, status="OPEN").count() == published
        assert Shift.objects.filter(task=draft.pk).count() in ([1, 2] if published else [0])


@pytest.mark.parametrize("write", [save_draft, publish_task])
def test_the_same_form_arriving_twice_at_once_is_one_task(cast, write):
    for _ in ROUNDS:
        form = uuid4()
        said = {**SAID, "audience": cast.community, "sent_once": form, "shifts": [morning()]}
        tasks = at_once(*[partial(write, by=cast.secretary, **said)] * 2)
        assert len(set(tasks)) == 1
        assert Task.objects.get(sent_once=form) in tasks


def both_repeat(cast) -> tuple[Task, list]:
    task = ShiftFactory(task=TaskFactory(publisher=cast.community)).task
    read = [Task.objects.get(pk=task.pk) for _reader in range(2)]
    acts = [
        partial(repeat_task, read[0], weeks=[1, 2], by=cast.secretary),
        partial(repeat_task, read[1], weeks=[2, 3], by=cast.second_secretary),
    ]
    return task, at_once(*acts)


def test_each_day_of_a_series_is_held_once(cast):
    for _ in ROUNDS:
        task, outcomes = both_repeat(cast)
        assert reasons(outcomes) == [Reason.SHIFT_DAY_TAKEN]
        assert task.repetitions.count() == 2


@on_postgresql
def test_control_without_the_hold_one_day_is_held_twice(cast, monkeypatch):
    both_have_looked = Barrier(2)

    def look_together(task):
        held = days_held(task)
        both_have_looked.wait(timeout=10)
        return held

    monkeypatch.setattr(task_repeat, "_hold", lambda task: Task.objects.get(pk=task.pk))
    monkeypatch.setattr(task_repeat, "days_held", look_together)
    task, outcomes = both_repeat(cast)
    assert reasons(outcomes) == []
    assert task.repetitions.count() == 4


def test_repeating_and_calling_off_do_not_wait_for_each_other(cast):
    for _ in ROUNDS:
        task = ShiftFactory(task=TaskFactory(publisher=cast.community, opens_at=timezone.now())).task
        read = [Task.objects.get(pk=task.pk) for _reader in range(2)]
        outcomes = at_once(
            partial(repeat_task, read[0], weeks=[1], by=cast.secretary),
            partial(cancel_task, read[1], reason="下雨", by=cast.second_secretary),
        )
        assert set(reasons(outcomes)) <= {Reason.NOT_OPEN}
        task.refresh_from_db()
        assert task.status == Task.Status.CANCELLED
