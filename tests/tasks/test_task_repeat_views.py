"""A task once more, as a draft or in other weeks, as the people who publish see it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Organization
from tasks.actions.task_draft import save_draft
from tasks.actions.task_repeat import repeat_task
from tasks.models import Task
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ShiftFactory, TaskFactory
from tests.tasks.test_task_draft import SAID
from tests.tasks.test_task_draft_views import send

pytestmark = pytest.mark.django_db


def test_a_copy_opens_as_a_form(cast):
    task = TaskFactory(publisher=cast.community, status="CANCELLED")
    ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=30))
    page = screen(browser_of(cast.secretary).get(reverse("task", args=[task.pk])))
    assert reverse("task_copy", args=[task.pk]) in page
    assert reverse("task_repeat", args=[task.pk]) not in page
    response = send(cast, "task_copy", task.pk)
    copy = Task.objects.latest("pk")
    assert response.redirect_chain[-1][0] == reverse("task_draft_change", args=[copy.pk])
    assert task.content in screen(response)


def test_a_wish_by_agreement_is_neither_copied_nor_repeated(cast):
    task = ShiftFactory(task=TaskFactory(publisher=cast.community), by_agreement=True).task
    page = screen(browser_of(cast.secretary).get(reverse("task", args=[task.pk])))
    assert reverse("task_copy", args=[task.pk]) not in page
    for name in ("task_copy", "task_repeat"):
        assert sentence(Reason.NO_FIXED_HOURS) in screen(send(cast, name, task.pk))


def weekly(cast) -> Task:
    return ShiftFactory(task=TaskFactory(publisher=cast.community)).task


def day_of(task: Task, weeks: int) -> str:
    return (timezone.localdate(task.shifts.get().starts_at) + timedelta(weeks=weeks)).isoformat()


def boxes(page: str) -> dict[str, str]:
    """Each day with what stands in its box."""
    parts = page.split('name="days" value="')[1:]
    return {part[:10]: part[11 : part.index(">")].strip() for part in parts}


def test_it_is_repeated_in_the_weeks_that_are_ticked(cast, monkeypatch):
    task = weekly(cast)
    repeat_task(task, weeks=[2], by=cast.secretary)
    monkeypatch.setattr("tasks.queries.task_repeat.is_public_holiday", lambda day: day.isoformat() == day_of(task, 3))
    found = boxes(screen(browser_of(cast.secretary).get(reverse("task_repeat", args=[task.pk]))))
    assert list(found) == [day_of(task, weeks) for weeks in range(1, 13)]
    assert [found[day_of(task, weeks)] for weeks in (1, 2, 3, 4)] == ["checked", "disabled", "", "checked"]
    response = send(cast, "task_repeat", task.pk, days=[day_of(task, 1), day_of(task, 3)])
    assert response.redirect_chain[-1][0] == reverse("task", args=[task.pk])
    page = screen(response)
    for other in task.repetitions.all():
        assert reverse("task", args=[other.pk]) in page
    assert task.repetitions.count() == 3


def test_what_was_ticked_stays_ticked_when_it_is_refused(cast):
    task = weekly(cast)
    repeat_task(task, weeks=[2], by=cast.secretary)
    page = screen(send(cast, "task_repeat", task.pk, days=[day_of(task, 2), day_of(task, 5)]))
    assert [day for day, box in boxes(page).items() if box == "checked"] == [day_of(task, 5)]
    assert 'class="errorlist' in page
    assert task.repetitions.count() == 1


@pytest.mark.parametrize("days", [[], ["2026-02-30"], ["x"], ["9" * 4000]], ids=lambda days: str(days)[:20])
def test_no_day_or_one_that_was_not_offered_publishes_nothing(cast, days):
    page = screen(send(cast, "task_repeat", weekly(cast).pk, days=days))
    assert 'class="errorlist' in page
    assert Task.objects.count() == 1


def test_a_double_tap_repeats_it_once(cast):
    task = weekly(cast)
    for _tap in range(2):
        send(cast, "task_repeat", task.pk, days=[day_of(task, 1)])
    assert task.repetitions.count() == 1


def test_a_tasks_page_costs_the_same_in_a_series_of_one_and_of_twelve(cast):
    task, client = weekly(cast), browser_of(cast.secretary)
    url = reverse("task", args=[task.pk])
    alone = queries_of(client, url)
    repeat_task(task, weeks=range(1, 13), by=cast.secretary)
    assert queries_of(client, url) == alone


def test_the_draft_of_a_compound_that_is_closed_can_be_copied_instead(cast):
    draft = save_draft(by=cast.branch, **SAID)
    Organization.objects.filter(pk=cast.compound.pk).update(closed_on=timezone.localdate())
    page = screen(browser_of(cast.secretary).get(reverse("task_draft", args=[draft.pk])))
    assert reverse("task_copy", args=[draft.pk]) in page
    assert reverse("task_draft_publish", args=[draft.pk]) not in page
