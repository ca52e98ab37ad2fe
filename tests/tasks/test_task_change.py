"""The words of a published task, mended (domain rule 2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task_change import change_task
from tasks.models import Task
from tasks.queries.task_change import words_seen
from tasks.refusals import Reason
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def task(cast) -> Task:
    return TaskFactory(publisher=cast.community)


def change(task: Task, by, **words) -> bool:
    return change_task(task, words=words, seen=words_seen(task), by=by)


@pytest.mark.parametrize("status", ["SCHEDULED", "OPEN"])
def test_every_word_can_be_mended_and_the_record_says_from_what(cast, task, status):
    Task.objects.filter(pk=task.pk).update(status=status)
    words = {
        "title": "灯笼",
        "content": "做🏮\r\n两个",
        "place": "文化家园二楼",
        "contact_name": "林书记",
        "contact_phone": "000-0000009",
        "requirements": "带剪刀",
        "risk_note": "小心烫",
        "served": "孩子",
    }
    assert change(task, cast.second_secretary, **words)
    task.refresh_from_db()
    assert {name: getattr(task, name) for name in words} == words
    assert "社区文化家园 → 文化家园二楼" in Record.objects.get(verb="changed").reason.text


def test_flags_category_and_audience_are_no_words(cast, task):
    assert not change(task, cast.secretary, flag_value="3", category="OTHER", status="CLOSED")
    task.refresh_from_db()
    assert (task.flag_value, task.category, task.status) == (1, "COMMUNITY_ACTIVITY", "OPEN")


@pytest.mark.parametrize("again", ["和孩子们一起做灯笼。", " 和孩子们一起做灯笼。\r\n"])
def test_nothing_changed_is_nothing_written(cast, task, again):
    ClaimFactory(shift=ShiftFactory(task=task))
    assert not change(task, cast.secretary, title=task.title, content=again)
    assert not Record.objects.filter(verb="changed").exists()
    assert not Notice.objects.exists()


@pytest.mark.parametrize(
    ("name", "tells"),
    [
        ("place", True),
        ("contact_name", True),
        ("contact_phone", True),
        ("requirements", True),
        ("risk_note", True),
        ("title", False),
        ("content", False),
        ("served", False),
    ],
)
def test_who_has_a_place_or_waits_is_told_once_of_what_matters(cast, task, name, tells):
    first, second = ShiftFactory(task=task), ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=4))
    for shift in (first, second):
        ClaimFactory(shift=shift, member=cast.member.member)
    waits, gone, came = MemberFactory.create_batch(3)
    ClaimFactory(shift=first, member=waits, status="WAITING")
    ClaimFactory(shift=first, member=gone, status="WITHDRAWN")
    over = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=1))
    ClaimFactory(shift=over, member=came)
    change(task, cast.secretary, **{name: "另一处"})
    told = Notice.objects.filter(kind=Notice.Kind.TASK_CHANGED)
    assert {notice.user_id for notice in told} == ({cast.member.user.pk, waits.user_id} if tells else set())
    assert told.count() == (2 if tells else 0)


def test_telling_thirty_takes_as_many_queries_as_telling_one(cast, task):
    shift = ShiftFactory(task=task, capacity=40)

    def cost(place: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            change(task, cast.secretary, place=place)
        task.refresh_from_db()
        return len(queries)

    ClaimFactory(shift=shift)
    one = cost("一楼")
    for _ in range(29):
        ClaimFactory(shift=shift)
    assert cost("二楼") == one


@pytest.mark.parametrize("who", ["member", "other_secretary", "branch", "city_officer", "street_officer"])
def test_only_the_publishers_staff_change_it(cast, task, who):
    with pytest.raises(PermissionDenied):
        change(task, getattr(cast, who), title="别的")


def test_a_community_mends_what_its_branch_published(cast):
    assert change(TaskFactory(publisher=cast.compound), cast.secretary, title="改好了")


@pytest.mark.parametrize("status", ["CLOSED", "CANCELLED"])
def test_what_is_over_stays(cast, task, status):
    Task.objects.filter(pk=task.pk).update(status=status)
    refused(Reason.NOT_OPEN, change, task, cast.secretary, title="别的")


@pytest.mark.parametrize("name", ["title", "content", "place", "contact_name", "contact_phone", "served"])
def test_nothing_that_must_be_said_can_be_emptied(cast, task, name):
    refused(Reason.FIELD_MISSING, change, task, cast.secretary, **{name: " \r\n"})


def test_of_two_at_once_the_second_is_told(cast, task):
    seen = words_seen(task)
    change(task, cast.secretary, place="一楼")
    stale = {"words": {"place": "二楼"}, "seen": seen, "by": cast.second_secretary}
    refused(AccountsReason.STATE_CHANGED, change_task, task, **stale)


@pytest.mark.parametrize("words", ["李奶奶", "李 奶 奶", "10088888888", "3 幢 301", "微信 lnn1950"])
def test_a_text_that_says_whose_wish_it_is_is_refused_as_at_publication(cast, task, words):
    WishFactory(community=cast.community, status="PUBLISHED", task=task, place="3 幢 301")
    refused(Reason.NAMES_RESIDENT, change, task, cast.secretary, content=f"请到{words}那里修灯。")
    assert change(task, cast.secretary, content="请修一盏灯。")


def test_what_a_community_hosts_keeps_what_the_city_says_and_follows_it(cast):
    parent = TaskFactory(publisher=cast.city, host_by=timezone.localdate() + timedelta(days=9))
    child, over = (TaskFactory(publisher=cast.community, parent=parent, status=s) for s in ("OPEN", "CLOSED"))
    assert not change(child, cast.secretary, content="另一件事", served="别人")
    assert change(child, cast.secretary, place="文化家园")
    assert change(parent, cast.city_officer, content="做灯谜", place="各处", served="老人")
    for task in (child, over):
        task.refresh_from_db()
    assert (child.content, child.served, child.place) == ("做灯谜", "老人", "文化家园")
    assert over.content != "做灯谜"
