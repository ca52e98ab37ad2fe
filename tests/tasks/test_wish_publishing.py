"""From wish to task in one tap: who may, from which state, until when, and nothing about who asked."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.actions.community import merge_community
from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import publish_task
from tasks.actions.task_offer import ShiftTime
from tasks.actions.time import end_shifts
from tasks.actions.wish_publishing import TOGETHER_AT_MOST, publish_wish
from tasks.models import Shift, Task, Wish
from tasks.queries.wish import wishes_to_handle
from tasks.queries.wish_tracking import steps_told
from tasks.refusals import Reason
from tests.factories import TaskFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
WORDS = {
    "title": "维修：厨房的灯不亮了",
    "content": "厨房的灯不亮了，想请人帮忙看看。",
    "place": "荷风社区",
    "served": "一位居民",
    "contact_name": "陈书记",
    "contact_phone": "000-0000001",
}


def publish(wish, actor, **changed) -> Task:
    return publish_wish(wish, by=actor, **{**WORDS, **changed})


def rows() -> tuple[int, ...]:
    return tuple(model.objects.count() for model in (Task, Shift, Record, Notice))


def refused(why, wish, actor, **changed) -> Refused:
    before, state = rows(), Wish.objects.values_list("status", "task", "since").get(pk=wish.pk)
    with pytest.raises(Refused) as caught:
        publish(wish, actor, **changed)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert rows() == before
    assert Wish.objects.values_list("status", "task", "since").get(pk=wish.pk) == state
    return caught.value


def wish_of(cast, **changed) -> Wish:
    return WishFactory(**{"community": cast.community, "status": "ACCEPTED", **changed})


def in_state(cast, status: str, task_status: str = "") -> Wish:
    task = TaskFactory(publisher=cast.community, status=task_status) if task_status else None
    return wish_of(cast, status=status, task=task)


def test_it_becomes_a_task_of_one_flag_whose_time_is_agreed_on(cast):
    with time_machine.travel(datetime(2026, 3, 2, 9, tzinfo=SHANGHAI), tick=False):
        wish = wish_of(cast)
        task = publish(wish, cast.secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.task, wish.published_at) == (Wish.Status.PUBLISHED, task, task.opens_at)
    assert (task.category, task.flag_value, task.status) == ("MICRO_WISH", 1, Task.Status.OPEN)
    assert (task.publisher, task.audience) == (cast.community, cast.community)
    shift = task.shifts.get()
    assert (shift.by_agreement, shift.capacity) == (True, 1)
    assert shift.starts_at == datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
    assert shift.ends_at == datetime(2026, 4, 2, 0, tzinfo=SHANGHAI), "the midnight after April 1"


def test_a_new_one_is_accepted_by_it(cast):
    wish = wish_of(cast, status="NEW")
    publish(wish, cast.secretary)
    assert [step.status for step in steps_told(wish)] == ["ACCEPTED", "PUBLISHED"]
    wish.refresh_from_db()
    assert wish.answered_at is not None


@pytest.mark.parametrize(
    ("status", "task_status"), [("REOPENED", "CLOSED"), ("PUBLISHED", "CLOSED"), ("PUBLISHED", "CANCELLED")]
)
def test_one_that_came_back_gets_a_new_task_and_waits_anew(cast, status, task_status):
    wish = in_state(cast, status, task_status)
    Wish.objects.filter(pk=wish.pk).update(since=timezone.now() - timedelta(days=40))
    task = publish(Wish.objects.get(pk=wish.pk), cast.secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.task) == (Wish.Status.PUBLISHED, task)
    assert wish.since > timezone.now() - timedelta(minutes=1)


def test_one_that_nobody_takes_by_its_last_day_comes_back_to_the_queue(cast):
    wish = wish_of(cast)
    task = publish(wish, cast.secretary, last_day=timezone.localdate())
    assert wish not in wishes_to_handle(cast.secretary)
    with time_machine.travel(task.shifts.get().ends_at, tick=False):
        end_shifts()
    assert wish in wishes_to_handle(cast.secretary)
    assert publish(Wish.objects.get(pk=wish.pk), cast.secretary) != task


@pytest.mark.parametrize(
    ("status", "task_status"),
    [
        ("ASKED_BACK", ""),
        ("DECLINED", ""),
        ("MERGED", ""),
        ("PUBLISHED", "OPEN"),
        ("PUBLISHED", "SCHEDULED"),
        ("CLAIMED", "OPEN"),
        ("FULFILLED", "CLOSED"),
        ("DONE", "CLOSED"),
    ],
)
def test_from_any_other_state_it_is_refused(cast, status, task_status):
    refused(Reason.WISH_NOT_READY, in_state(cast, status, task_status), cast.secretary)


@pytest.mark.parametrize("who", ["member", "branch", "city_officer", "street_officer", "unit_officer", "inspector"])
def test_only_the_communitys_staff_publish_it(cast, who):
    with pytest.raises(PermissionDenied):
        publish(wish_of(cast), getattr(cast, who))
    assert not Task.objects.exists()


def test_a_neighbours_wish_is_not_published(cast):
    with pytest.raises(PermissionDenied):
        publish(wish_of(cast), cast.other_secretary)


def test_it_may_be_for_street_and_city_and_for_no_neighbour(cast):
    for audience in (cast.street, cast.city):
        assert publish(wish_of(cast), cast.secretary, audience=audience).audience == audience
    for audience in (cast.other_community, cast.compound):
        refused(Reason.FOREIGN_AUDIENCE, wish_of(cast), cast.secretary, audience=audience)


@pytest.mark.parametrize("places", [0, -1, 11, 10_000])
def test_at_most_ten_take_it_together(cast, places):
    refused(Reason.WISH_PLACES, wish_of(cast), cast.secretary, places=places)
    assert publish(wish_of(cast), cast.secretary, places=10).shifts.get().capacity == 10


@pytest.mark.parametrize(
    ("last_day", "fits"),
    [
        (date(2026, 12, 30), False),
        (date(2026, 12, 31), True),
        (date(2027, 12, 31), True),
        (date(2028, 1, 1), False),
        (date.min, False),
        (date.max, False),
    ],
    ids=str,
)
def test_the_last_day_is_counted_in_local_days_also_in_the_last_minute_of_the_year(cast, last_day, fits):
    with time_machine.travel(datetime(2026, 12, 31, 23, 59, 30, tzinfo=SHANGHAI), tick=False):
        if fits:
            shift = publish(wish_of(cast), cast.secretary, last_day=last_day).shifts.get()
            assert shift.ends_at == datetime(last_day.year + 1, 1, 1, tzinfo=SHANGHAI)
        else:
            refused(Reason.LAST_DAY, wish_of(cast), cast.secretary, last_day=last_day)


CONTACT = {
    "contact__name": "李奶奶",
    "contact__phone": "10088888888",
    "contact__for_name": "王小宝",
    "contact__for_phone": "10077777777",
    "contact__other_way": "女儿单位前台",
    "for_whom": "OTHER",
    "place": "3 幢 301",
}


@pytest.mark.parametrize(
    "said",
    [
        "李奶奶",
        "李 奶奶",
        "王小宝",
        "10088888888",
        "100 8888 8888",
        "１００８８８８８８８８",
        "10077777777",
        "女儿单位前台",
        "13912345678",
        "320106194912310022",
        "0999-8123456",
        "someone@example.org",
        "电话8123456",
        "301",
    ],
)
@pytest.mark.parametrize("field", ["title", "content", "place", "served"])
def test_nothing_that_says_who_asked_or_behind_which_door_is_published(cast, field, said):
    told = refused(Reason.NAMES_RESIDENT, wish_of(cast, **CONTACT), cast.secretary, **{field: f"去{said}那里"})
    assert told.details["words"]


@pytest.mark.parametrize("field", ["requirements", "risk_note", "justification"])
def test_what_stands_below_the_task_names_nobody_either(cast, field):
    wish = wish_of(cast, **CONTACT)
    with pytest.raises(Refused) as caught:
        together(cast, [wish], **{field: "联系李奶奶"})
    assert caught.value.reason == Reason.NAMES_RESIDENT


@pytest.mark.parametrize("name", ["居民", "荷风", "荷风社区", "社区"])
def test_a_name_that_is_nobodys_is_no_hindrance(cast, name):
    wish = wish_of(cast, contact__name=name, contact__other_way="微信群")
    assert publish(wish, cast.secretary, content="荷风社区微信群里一位居民要换灯。")


def test_a_public_concern_may_name_its_place(cast):
    wish = wish_of(cast, **{**CONTACT, "for_whom": "EVERYONE"})
    assert publish(wish, cast.secretary, content="3 幢 301 门前的路灯不亮。")


def test_the_communitys_own_telephone_may_stand_in_the_text(cast):
    cast.community.phone = "0999-8123456"
    cast.community.save(update_fields=["phone"])
    cast.secretary.organization.refresh_from_db()
    assert publish(wish_of(cast), cast.secretary, content="修灯，电话：（0999）8123456。")


def test_one_character_alone_is_no_name(cast):
    assert publish(wish_of(cast, contact__name="灯"), cast.secretary)


def test_of_two_who_publish_it_at_once_the_second_is_told(cast):
    for status in ("NEW", "ACCEPTED", "REOPENED"):
        wish = wish_of(cast, status=status)
        stale = Wish.objects.get(pk=wish.pk)
        task = publish(wish, cast.secretary)
        refused(AccountsReason.STATE_CHANGED, stale, cast.second_secretary)
        wish.refresh_from_db()
        assert wish.task == task


def test_a_wish_that_came_back_from_a_merged_community_is_published_by_the_one_it_became(cast):
    wish = wish_of(cast, status="DONE", task=TaskFactory(publisher=cast.community, status="CLOSED"))
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    Wish.objects.filter(pk=wish.pk).update(status="REOPENED")
    wish = Wish.objects.get(pk=wish.pk)
    assert wish.community == cast.community
    cast.other_secretary.organization.refresh_from_db()
    assert publish(wish, cast.other_secretary).audience == cast.other_community


# --- several into one activity --------------------------------------------------------------


def together(cast, wishes, **changed) -> Task:
    starts_at = timezone.now() + timedelta(days=2)
    shifts = [ShiftTime(starts_at, starts_at + timedelta(hours=2), 3)]
    return publish_task(
        by=cast.secretary, audience=cast.community, shifts=shifts, wishes=wishes, **{**WORDS, **changed}
    )


def test_several_wishes_become_one_activity(cast):
    wishes = [wish_of(cast, status=status) for status in ("NEW", "ACCEPTED", "REOPENED")]
    task = together(cast, wishes)
    assert set(task.wishes.values_list("pk", "status")) == {(wish.pk, "PUBLISHED") for wish in wishes}


@pytest.mark.parametrize("spoils", ["state", "words"])
def test_all_are_published_or_none(cast, spoils):
    good = wish_of(cast)
    bad = wish_of(cast, status="DECLINED") if spoils == "state" else wish_of(cast, contact__name="厨房")
    before = rows()
    with pytest.raises(Refused) as caught:
        together(cast, [good, bad])
    assert caught.value.reason == (Reason.WISH_NOT_READY if spoils == "state" else Reason.NAMES_RESIDENT)
    assert rows() == before
    assert Wish.objects.get(pk=good.pk).status == Wish.Status.ACCEPTED


def test_at_most_twenty_go_together(cast):
    wishes = [wish_of(cast) for _ in range(TOGETHER_AT_MOST + 1)]
    with pytest.raises(Refused) as caught:
        together(cast, wishes)
    assert caught.value.reason == Reason.WISHES_TOGETHER
    assert together(cast, wishes[1:]).wishes.count() == TOGETHER_AT_MOST
