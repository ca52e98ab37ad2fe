"""Passing a task down, hosting it, and how far the communities are, on the pages of city and community."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import ngettext

from accounts.models import Notice
from tasks.models import Task
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, CommunityFactory, ShiftFactory, TaskFactory
from vanguard.lib.saying import day_words

pytestmark = pytest.mark.django_db


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.fixture
def parent(cast) -> Task:
    return TaskFactory(
        publisher=cast.city,
        title="反诈宣传进社区",
        content="讲清楚怎样防骗。",
        flag_value=5,
        host_by=timezone.localdate() + timedelta(days=20),
    )


def asked(**changed) -> dict[str, str]:
    return {
        "title": "反诈宣传进社区",
        "content": "讲清楚怎样防骗。🚨",
        "category": "COMMUNITY_ACTIVITY",
        "place": "各社区",
        "served": "全体居民",
        "flag_value": "5",
        "contact_name": "周部长",
        "contact_phone": "000-0000002",
        "volunteering": "on",
        "host_by": in_days(20),
        **changed,
    }


def own(**changed) -> dict[str, str]:
    return {
        "title": "荷风反诈宣传",
        "place": "<文化家园>",
        "contact_name": "陈书记",
        "contact_phone": "000-0000001",
        "companions_at_most": "0",
        "volunteering": "on",
        "shift-TOTAL_FORMS": "2",
        "shift-INITIAL_FORMS": "0",
        "shift-0-day": in_days(3),
        "shift-0-starts": "14:00",
        "shift-0-ends": "16:00",
        "shift-0-capacity": "20",
        **changed,
    }


def test_the_city_passes_a_task_down_from_its_list_and_sees_how_far_it_is(cast):
    client, url = browser_of(cast.city_officer), reverse("task_pass_down")
    assert url in screen(client.get(reverse("task_list")))
    assert 'name="shift-0-day"' not in screen(client.get(url))
    page = screen(client.post(url, asked(), follow=True))
    task = Task.objects.get()
    assert task.content == "讲清楚怎样防骗。🚨"
    assert "荷风社区" in page
    assert "枕溪社区" in page
    assert day_words(task.host_by) in screen(client.get(reverse("task_list")))


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"host_by": ""},
        {"host_by": "someday"},
        {"host_by": "0001-01-01"},
        {"host_by": "9999-12-31"},
        {"flag_value": "6"},
        {"volunteering": ""},
        {"content": "长" * 2001},
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cast, wrong):
    page = screen(browser_of(cast.city_officer).post(reverse("task_pass_down"), asked(**wrong)))
    assert 'class="errorlist' in page
    assert "全体居民" in page
    assert not Task.objects.exists()


def sent_again(client, url: str, form: dict[str, str]) -> int:
    """How many tasks there are more, after its form was opened once and sent twice."""
    before = Task.objects.count()
    opened = client.get(url).context["form"]
    for _ in range(2):
        client.post(url, {**form, "sent_once": opened["sent_once"].value()})
    return Task.objects.count() - before


def test_a_form_sent_again_is_passed_down_or_hosted_once(cast, parent):
    assert sent_again(browser_of(cast.city_officer), reverse("task_pass_down"), asked()) == 1
    assert Notice.objects.filter(kind=Notice.Kind.TASK_PASSED_DOWN, user=cast.secretary.user).count() == 1
    assert sent_again(browser_of(cast.secretary), reverse("task_host", args=[parent.pk]), own()) == 1


@pytest.mark.parametrize("who", ["secretary", "branch"])
def test_nobody_else_passes_down(cast, who):
    client = browser_of(getattr(cast, who))
    assert client.post(reverse("task_pass_down"), asked()).status_code == 403
    assert reverse("task_pass_down") not in screen(client.get(reverse("task_list")))


def test_a_community_finds_reads_and_hosts_it(cast, parent):
    client, url = browser_of(cast.secretary), reverse("task_host", args=[parent.pk])
    page_of_it = reverse("task", args=[parent.pk])
    for where in ("task_list", "hosting_list"):
        assert page_of_it in screen(client.get(reverse(where)))
    assert url in screen(client.get(page_of_it))
    form = screen(client.get(url))
    assert 'value="反诈宣传进社区"' in form
    assert "讲清楚怎样防骗。" in form
    for name in ("content", "served", "flag_value", "category", "boundary_line"):
        assert f'name="{name}"' not in form
    after = screen(client.post(url, own(), follow=True))
    assert "<文化家园>" in after
    assert page_of_it in after
    task = Task.objects.get(parent=parent)
    assert (task.flag_value, task.content, task.shifts.get().capacity) == (5, parent.content, 20)
    assert reverse("task", args=[task.pk]) in screen(client.get(page_of_it))


@pytest.mark.parametrize(
    "wrong",
    [
        {"place": ""},
        {"shift-0-capacity": "0"},
        {"shift-0-day": ""},
        {"companions_at_most": "6"},
        {"companions_at_most": "-1"},
        {"volunteering": ""},
        {"opens_at": "someday"},
    ],
    ids=str,
)
def test_a_host_form_that_is_wrong_keeps_what_was_typed(cast, parent, wrong):
    page = screen(browser_of(cast.secretary).post(reverse("task_host", args=[parent.pk]), own(**wrong)))
    assert 'class="errorlist' in page
    assert 'value="荷风反诈宣传"' in page
    assert 'value="14:00"' in page
    assert not parent.children.exists()


def test_a_shift_after_the_citys_last_day_says_which_day(cast, parent):
    late = own(**{"shift-0-day": in_days(21)})
    page = screen(browser_of(cast.secretary).post(reverse("task_host", args=[parent.pk]), late))
    assert sentence(Reason.AFTER_HOST_BY, day=day_words(parent.host_by)) in page
    assert f'value="{in_days(21)}"' in page


@pytest.mark.parametrize(
    ("who", "answer"), [("branch", 404), ("city_officer", 403), ("member", 403), ("street_officer", 403)]
)
def test_who_does_not_host(cast, parent, who, answer):
    assert browser_of(getattr(cast, who)).get(reverse("task_host", args=[parent.pk])).status_code == answer


def test_one_that_is_called_off_is_still_read_but_no_longer_hosted(cast, parent):
    Task.objects.update(status="CANCELLED", cancel_reason="改期")
    client, url = browser_of(cast.secretary), reverse("task_host", args=[parent.pk])
    page = screen(client.get(reverse("task", args=[parent.pk])))
    assert "改期" in page
    assert url not in page
    assert sentence(Reason.NOT_OPEN) in screen(client.post(url, own()))


def test_a_community_changes_reminds_or_cancels_nothing_of_the_citys(cast, parent):
    client = browser_of(cast.secretary)
    page = screen(client.get(reverse("task", args=[parent.pk])))
    for name in ("task_change", "task_cancel", "shift_new", "hosting_remind"):
        url = reverse(name, args=[parent.pk])
        assert url not in page
        assert client.post(url, {"reason": "不想"}).status_code == 403
    parent.refresh_from_db()
    assert parent.status == "OPEN"


def test_each_number_leads_to_the_tasks_behind_it(cast, parent):
    mine, theirs = (
        ShiftFactory(task=TaskFactory(publisher=publisher, parent=parent, title=title)).task
        for publisher, title in ((cast.community, "荷风的"), (cast.other_community, "枕溪的"))
    )
    client, url = browser_of(cast.city_officer), reverse("task_hosted", args=[parent.pk])
    assert f"{url}?community={cast.community.code}" in screen(client.get(reverse("task", args=[parent.pk])))
    assert {t.title for t in (mine, theirs)} <= set(titles(client, url))
    assert titles(client, f"{url}?community={cast.community.code}") == ["荷风的"]
    assert titles(browser_of(cast.other_secretary), url) == ["枕溪的"]
    for odd in ("?community=999999", "?page=x"):
        screen(client.get(url + odd))


def titles(client, url: str) -> list[str]:
    return [task.title for task in client.get(url).context["page"]]


def test_the_citys_own_list_says_how_many_host_it(cast, parent):
    for community in (cast.community, cast.community, cast.other_community):
        ShiftFactory(task=TaskFactory(publisher=community, parent=parent))
    ShiftFactory(task=TaskFactory(publisher=cast.community, parent=parent, status="CANCELLED"))
    client, url = browser_of(cast.city_officer), reverse("hosting_list")
    assert url in screen(client.get(reverse("task_list")))
    [row] = client.get(url).context["page"]
    assert (row, row.hosts) == (parent, 2)
    assert reverse("task", args=[parent.pk]) in screen(client.get(url))
    one = queries_of(client, url)
    for _ in range(29):
        TaskFactory(publisher=cast.city, host_by=parent.host_by)
    assert queries_of(client, url) == one


def test_reminding_says_how_many_and_the_second_time_that_nobody_is_left(cast, parent):
    client, url = browser_of(cast.city_officer), reverse("hosting_remind", args=[parent.pk])
    assert url in screen(client.get(reverse("task", args=[parent.pk])))
    said = ngettext("%(n)s person is reminded.", "%(n)s people are reminded.", 3) % {"n": 3}
    assert said in screen(client.post(url, follow=True))
    assert sentence(Reason.NOBODY_TO_REMIND) in screen(client.post(url, follow=True))
    assert Notice.objects.count() == 3


def test_an_ordinary_task_has_none_of_these_pages(cast):
    task = TaskFactory(publisher=cast.city)
    client = browser_of(cast.city_officer)
    for name in ("task_host", "task_hosted"):
        assert client.get(reverse(name, args=[task.pk])).status_code == 404
    assert client.post(reverse("hosting_remind", args=[task.pk])).status_code == 404


def test_the_progress_costs_the_same_for_one_community_and_for_thirty(cast, parent):
    client, url = browser_of(cast.city_officer), reverse("task", args=[parent.pk])
    host(parent, cast.community)
    one = queries_of(client, url)
    for n in range(29):
        host(parent, CommunityFactory(parent=cast.street, code=f"34{n:04d}"))
    assert queries_of(client, url) == one


def host(parent: Task, community) -> None:
    shift = ShiftFactory(task=TaskFactory(publisher=community, parent=parent))
    ClaimFactory(shift=shift, status="CONFIRMED")


def test_the_lists_cost_the_same_for_one_and_for_thirty(cast, parent):
    client = browser_of(cast.secretary)
    urls = [reverse("task_list"), reverse("hosting_list"), reverse("task", args=[parent.pk])]
    host(parent, cast.community)
    one = [queries_of(client, url) for url in urls]
    for _ in range(29):
        host(parent, cast.community)
        TaskFactory(publisher=cast.city, host_by=timezone.localdate() + timedelta(days=9))
    assert [queries_of(client, url) for url in urls] == one
