"""The page on which a publisher changes the words of a task."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.models import Task
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import ShiftFactory, TaskFactory, WishFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(cast) -> Task:
    return ShiftFactory(task=TaskFactory(publisher=cast.community)).task


def typed(task: Task, page: str, **changed: str) -> dict[str, str]:
    """As a browser sends the form that it has just been given."""
    names = ("title", "content", "place", "contact_name", "contact_phone", "requirements", "risk_note", "served")
    seen = page.partition('name="seen" value="')[2].partition('"')[0]
    return {**{name: getattr(task, name) for name in names}, "seen": seen, **changed}


def opened(actor, task: Task):
    client, url = browser_of(actor), reverse("task_change", args=[task.pk])
    return client, url, screen(client.get(url))


def test_the_tasks_page_leads_there_and_back(cast, task):
    client, url, page = opened(cast.secretary, task)
    assert url in screen(client.get(reverse("task", args=[task.pk])))
    after = screen(client.post(url, typed(task, page, place="<b>二楼</b>"), follow=True))
    assert "<b>二楼</b>" in after
    assert b"<b>" not in client.get(reverse("task", args=[task.pk])).content
    assert Task.objects.get().place == "<b>二楼</b>"


@pytest.mark.parametrize("wrong", [{"title": ""}, {"title": "题" * 61}, {"content": "长" * 2001}, {"place": " "}])
def test_what_is_wrong_is_said_and_what_was_typed_is_kept(cast, task, wrong):
    client, url, page = opened(cast.secretary, task)
    again = screen(client.post(url, typed(task, page, requirements="带剪刀", **wrong)))
    assert 'class="errorlist' in again
    assert "带剪刀" in again
    assert Task.objects.get().requirements == ""


def test_a_text_that_names_the_resident_says_which_words_and_keeps_them(cast, task):
    WishFactory(community=cast.community, status="PUBLISHED", task=task)
    client, url, page = opened(cast.secretary, task)
    again = screen(client.post(url, typed(task, page, content="去李奶奶家修灯")))
    assert sentence(Reason.NAMES_RESIDENT, words="李奶奶") in again
    assert "去李奶奶家修灯" in again


def test_who_was_slower_sees_what_it_says_now_and_may_send_again(cast, task):
    client, url, page = opened(cast.secretary, task)
    other, _url, its_page = opened(cast.second_secretary, task)
    other.post(url, typed(task, its_page, place="一楼"))
    again = screen(client.post(url, typed(task, page, place="二楼")))
    assert sentence(AccountsReason.STATE_CHANGED) in again
    assert "一楼" in again
    assert 'value="二楼"' in again
    assert Task.objects.get().place == "一楼"
    client.post(url, typed(task, again, place="二楼"))
    assert Task.objects.get().place == "二楼"


def test_a_form_without_what_it_was_opened_with_overwrites_nothing(cast, task):
    client, url, page = opened(cast.secretary, task)
    assert sentence(AccountsReason.STATE_CHANGED) in screen(client.post(url, typed(task, page, place="二楼", seen="")))


def test_what_the_city_says_is_not_on_the_form_of_who_hosts_it(cast):
    parent = TaskFactory(publisher=cast.city, host_by=timezone.localdate() + timedelta(days=9))
    child = TaskFactory(publisher=cast.community, parent=parent)
    _client, _url, page = opened(cast.secretary, child)
    assert 'name="content"' not in page
    assert 'name="served"' not in page
    assert 'name="place"' in page


def test_one_that_is_over_offers_no_change(cast):
    task = TaskFactory(publisher=cast.community, status="CLOSED")
    assert reverse("task_change", args=[task.pk]) not in screen(
        browser_of(cast.secretary).get(reverse("task", args=[task.pk]))
    )
