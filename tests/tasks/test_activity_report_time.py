"""Which activities still have to be told about, who is asked, and that nobody is asked twice."""

from datetime import timedelta

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone

from accounts.models import Appointment, Notice
from tasks.actions.activity_report import begin_report
from tasks.jobs import chase_activity_reports
from tasks.queries.activity_report import due_by_community, reports_due
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ActivityReportFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.test_wish_time import moment, told

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
NINE = moment("2026-03-20", "09:00")


def activity(publisher, ended_on="2026-03-05", at="16:00", **fields):
    ends_at = moment(ended_on, at)
    task = fields.pop("task", None) or TaskFactory(publisher=publisher, status=fields.pop("status", "CLOSED"))
    ShiftFactory(task=task, starts_at=ends_at - timedelta(hours=2), ends_at=ends_at, **fields)
    return task


def ask_on(day, at="09:00"):
    with time_machine.travel(moment(day, at), tick=False):
        chase_activity_reports()


def due(actor, now=NINE):
    return list(reports_due(actor, now))


def test_it_is_overdue_fourteen_days_after_the_last_shift(cast):
    task = activity(cast.community)
    activity(cast.community, "2026-03-01", task=task)
    last = moment("2026-03-19", "16:00")
    assert due(cast.secretary, last - timedelta(seconds=1)) == []
    assert due(cast.secretary, last) == [task]
    activity(cast.community, "2026-03-12", task=task)
    assert due(cast.secretary, last) == []


def test_it_was_over_with_the_last_shift_that_was_not_called_off(cast):
    task = activity(cast.community)
    activity(cast.community, "2026-03-28", task=task, status="CANCELLED")
    [late] = due(cast.secretary)
    assert late.last_at == moment("2026-03-05", "16:00")


@pytest.mark.parametrize(
    "what",
    ["reported", "called off", "draft", "by agreement", "all shifts called off", "a wish", "over for a year"],
)
def test_of_these_none_is_overdue(cast, what):
    status = {"called off": "CANCELLED", "draft": "DRAFT"}.get(what, "CLOSED")
    shift = {"by agreement": {"by_agreement": True}, "all shifts called off": {"status": "CANCELLED"}}.get(what, {})
    day = "2025-03-20" if what == "over for a year" else "2026-03-05"
    task = activity(cast.community, day, "09:00", task=TaskFactory(publisher=cast.community, status=status), **shift)
    if what == "reported":
        ActivityReportFactory(task=task)
    if what == "a wish":
        WishFactory(community=cast.community, task=task, status="DONE")
    assert due(cast.secretary) == []
    ask_on("2026-03-20")
    assert not Notice.objects.exists()


def test_a_draft_is_no_report_yet(cast):
    task = activity(cast.community)
    ActivityReportFactory(task=task, status="DRAFT")
    assert due(cast.secretary) == [task]


def test_who_sees_which(cast):
    own, compounds, neighbours = (activity(cast.community), activity(cast.compound), activity(cast.other_community))
    citys = activity(cast.city)
    assert due(cast.secretary) == [own, compounds]
    assert due(cast.branch) == [compounds]
    assert due(cast.other_secretary) == [neighbours]
    assert due(cast.street_officer) == [own, compounds, neighbours]
    assert due(cast.city_officer) == due(cast.inspector) == [own, compounds, neighbours, citys]
    counts = [(cast.community, 2), (cast.other_community, 1)]
    assert due_by_community(cast.street_officer, NINE) == counts
    assert due_by_community(cast.city_officer, NINE) == [(cast.city, 1), *counts]


def test_each_is_asked_once_whatever_happens(cast):
    task = activity(cast.community)
    for day, at in (("2026-03-19", "09:00"), ("2026-03-20", "07:59")):
        ask_on(day, at)
    assert not Notice.objects.exists(), "not on the day itself before its hour, nor at night"
    for day in ("2026-03-20", "2026-03-20", "2026-03-21", "2026-04-10"):
        ask_on(day)
    for actor in (cast.secretary, cast.second_secretary):
        assert told(actor, Kind.ACTIVITY_REPORT_DUE) == [{"task": task.title, "day": "2026-03-05"}]
    assert cast.secretary.user.notices.get().link == reverse("activity_report_write", args=[task.pk])
    assert Notice.objects.count() == 2


def test_of_what_was_long_ago_nobody_is_asked_though_it_stands_on_the_list(cast):
    task = activity(cast.community, "2026-01-20")
    ask_on("2026-03-20")
    assert not Notice.objects.exists()
    assert due(cast.secretary) == [task]


def test_a_branch_is_asked_for_its_own_and_without_one_the_community(cast):
    activity(cast.compound)
    ask_on("2026-03-20")
    assert [len(told(actor, Kind.ACTIVITY_REPORT_DUE)) for actor in (cast.branch, cast.secretary)] == [1, 0]
    Appointment.objects.filter(pk=cast.branch.appointment.pk).delete()
    activity(cast.compound)
    ask_on("2026-03-21")
    assert len(told(cast.secretary, Kind.ACTIVITY_REPORT_DUE)) == 2, "what the branch has left too"


def test_it_costs_the_same_for_one_and_for_thirty(cast, django_assert_num_queries):
    costs = []
    for n, day in ((1, "2026-03-20"), (29, "2026-03-21")):
        for _ in range(n):
            activity(cast.community)
        with time_machine.travel(moment(day, "09:00"), tick=False):
            costs.append(
                (queries_of(browser_of(cast.street_officer), reverse("activity_reports_due")), len(due(cast.secretary)))
            )
        with django_assert_num_queries(6):
            ask_on(day)
    assert costs[0][0] == costs[1][0]
    assert [n for _, n in costs] == [1, 30]


def test_the_secretary_reads_it_at_home_and_the_street_by_community(cast):
    ended = timezone.localdate() - timedelta(days=20)
    task = activity(cast.community, str(ended))
    assert reverse("activity_reports_due") in screen(browser_of(cast.secretary).get("/"))
    page = screen(browser_of(cast.secretary).get(reverse("activity_reports_due")))
    assert reverse("activity_report_write", args=[task.pk]) in page
    street = browser_of(cast.street_officer)
    assert reverse("activity_reports_due") in screen(street.get(reverse("city_figures")))
    for code, found in ((cast.community.code, True), (cast.other_community.code, False), ("nonsense", True)):
        page = screen(street.get(reverse("activity_reports_due"), {"community": code}))
        assert (reverse("task", args=[task.pk]) in page) == found
        assert f"?community={cast.community.code}" in page
    begin_report(task, words="办好了。", publish=True, by=cast.secretary)
    assert reverse("activity_reports_due") not in screen(browser_of(cast.secretary).get("/"))
