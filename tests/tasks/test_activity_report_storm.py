"""Two who write about the same activity at the same moment: one report, and the second is told."""

from datetime import timedelta

import pytest
from django.db import IntegrityError
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.actions import activity_report
from tasks.actions.activity_report import begin_report, rewrite_report
from tasks.models import ActivityReport
from tasks.queries.activity_report import report_seen
from tasks.refusals import Reason
from tests.factories import ShiftFactory, TaskFactory
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def task(cast):
    task = TaskFactory(publisher=cast.community)
    ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=1))
    return task


@pytest.mark.parametrize("round", ROUNDS)
def test_two_who_begin_and_two_who_go_on_at_once_overwrite_nothing(cast, task, round):
    writers = {"甲": cast.secretary, "乙": cast.second_secretary}
    begun = at_once(*(lambda w=w, by=by: begin_report(task, words=w, by=by) for w, by in writers.items()))
    assert reasons(begun) == [Reason.ACTIVITY_REPORTED]
    report = ActivityReport.objects.get()
    seen = report_seen(report)

    def go_on(words, by):
        rewrite_report(ActivityReport.objects.get(), words=words * 2, seen=seen, publish=True, by=by)

    gone_on = at_once(*(lambda w=w, by=by: go_on(w, by) for w, by in writers.items()))
    assert reasons(gone_on) == [AccountsReason.STATE_CHANGED]
    assert ActivityReport.objects.get().words in ("甲甲", "乙乙")


def test_control_whoever_does_not_wait_finds_out_too_late(cast, task, monkeypatch):
    """Another report comes between the look and the own one."""
    look = activity_report._refuse_no_activity

    def another_comes_in_between(task):
        monkeypatch.undo()
        ActivityReport.objects.create(task=task)
        look(task)

    monkeypatch.setattr(activity_report, "_refuse_no_activity", another_comes_in_between)
    with pytest.raises(IntegrityError):
        begin_report(task, words="甲", by=cast.secretary)
