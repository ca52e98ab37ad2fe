"""What nobody takes can be offered to more people: to the street, to the city, never back and never elsewhere."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.actions.community import merge_community
from accounts.models import Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import widen_audience
from tasks.models import Task
from tasks.queries.task import wider_audiences
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import ShiftFactory, TaskFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


def refused(why, task, to, by) -> None:
    audience, records = Task.objects.get(pk=task.pk).audience, Record.objects.count()
    with pytest.raises(Refused) as caught:
        widen_audience(task, to=to, by=by)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Task.objects.get(pk=task.pk).audience, Record.objects.count()) == (audience, records)


@pytest.mark.parametrize("status", ["OPEN", "SCHEDULED"])
def test_it_is_offered_to_the_street_and_then_to_the_city(cast, status):
    task = TaskFactory(publisher=cast.community, status=status)
    assert wider_audiences(task) == [cast.street, cast.city]
    for audience in (cast.street, cast.city):
        widen_audience(task, to=audience, by=cast.secretary)
        task.refresh_from_db()
        assert task.audience == audience
    assert wider_audiences(task) == []
    reasons = Record.objects.filter(verb="widened", subject_id=task.pk).values_list("reason__text", flat=True)
    assert set(reasons) == {"荷风社区 → 望澜街道", "望澜街道 → 青澜市"}


def test_a_member_next_door_sees_it_from_then_on(cast):
    task = TaskFactory(publisher=cast.community)
    assert task not in Task.objects.visible_to(cast.other_member)
    widen_audience(task, to=cast.street, by=cast.secretary)
    assert task in Task.objects.visible_to(cast.other_member)


def test_it_is_never_narrowed_and_never_the_same_again(cast):
    task = TaskFactory(publisher=cast.community, audience=cast.street)
    for audience in (cast.community, cast.street):
        refused(Reason.NOT_WIDER, task, audience, cast.secretary)


def test_neighbours_and_compounds_are_no_audience(cast):
    task = TaskFactory(publisher=cast.community)
    for audience in (cast.other_community, cast.compound, cast.unit):
        refused(Reason.FOREIGN_AUDIENCE, task, audience, cast.secretary)


def test_a_compounds_task_stays_in_the_compound(cast):
    task = TaskFactory(publisher=cast.compound)
    for by in (cast.branch, cast.secretary):
        refused(Reason.FOREIGN_AUDIENCE, task, cast.community, by)
    assert wider_audiences(task) == []


@pytest.mark.parametrize("status", ["DRAFT", "CLOSED", "CANCELLED"])
def test_what_is_not_open_is_refused(cast, status):
    refused(Reason.NOT_OPEN, TaskFactory(publisher=cast.community, status=status), cast.street, cast.secretary)


@pytest.mark.parametrize("changed", [{"status": "CANCELLED"}, {"audience": "city"}], ids=str)
def test_what_somebody_else_changed_meanwhile_is_refused(cast, changed):
    task = TaskFactory(publisher=cast.community)
    fields = {name: getattr(cast, value, value) for name, value in changed.items()}
    Task.objects.filter(pk=task.pk).update(**fields)
    refused(AccountsReason.STATE_CHANGED, task, cast.street, cast.secretary)


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer", "street_officer", "inspector"])
def test_only_the_publishers_staff_widen_it(cast, who):
    task = TaskFactory(publisher=cast.community)
    with pytest.raises(PermissionDenied):
        widen_audience(task, to=cast.street, by=getattr(cast, who))


def test_after_a_merger_the_community_that_looks_after_it_widens_it(cast):
    task = TaskFactory(publisher=cast.community)
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    task = Task.objects.get(pk=task.pk)
    cast.other_secretary.organization.refresh_from_db()
    widen_audience(task, to=cast.street, by=cast.other_secretary)
    assert Task.objects.get(pk=task.pk).audience == cast.street


def test_the_button_stands_on_the_tasks_page_and_says_what_is_now_true(cast):
    task = ShiftFactory(task=TaskFactory(publisher=cast.community)).task
    client, url = browser_of(cast.secretary), reverse("task_widen", args=[task.pk])
    assert url in screen(client.get(reverse("task", args=[task.pk])))
    page = screen(client.post(url, {"to": cast.city.pk}, follow=True))
    assert 'class="say success"' in page
    assert url not in page, "there is nobody else to offer it to"
    told = sentence(Reason.NOT_WIDER, audience=cast.city)
    assert told in screen(client.post(url, {"to": cast.city.pk}, follow=True))


@pytest.mark.parametrize("to", ["", "x", "-1", "0", "9" * 5000, "other_community"])
def test_a_choice_that_is_none_is_said(cast, to):
    task = TaskFactory(publisher=cast.community)
    sent = {"to": getattr(cast, to).pk if hasattr(cast, to) else to}
    page = screen(browser_of(cast.secretary).post(reverse("task_widen", args=[task.pk]), sent, follow=True))
    assert 'class="say error"' in page
    assert Task.objects.get().audience == cast.community


def test_who_only_looks_has_no_button(cast):
    task = ShiftFactory(task=TaskFactory(publisher=cast.community)).task
    url = reverse("task_widen", args=[task.pk])
    for who in (cast.city_officer, cast.street_officer, cast.inspector):
        client = browser_of(who)
        assert url not in screen(client.get(reverse("task", args=[task.pk])))
    assert browser_of(cast.city_officer).post(url, {"to": cast.city.pk}).status_code == 403
