"""City tasks passed down: the city asks, communities host, the city sees how far they are (domain, city officer)."""

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.models import Notice, Organization
from tasks.actions.hosting import host_task, pass_down, remind_hosts
from tasks.actions.task import cancel_task
from tasks.actions.task_offer import ShiftTime
from tasks.actions.time import end_shifts
from tasks.models import BoundaryLine, Shift, Task, YearRule
from tasks.queries.hosting import progress_of, tasks_to_host
from tasks.queries.task import shifts_open_to, tasks_published_by
from tasks.refusals import Reason
from tests.conftest import actor
from tests.factories import ClaimFactory, CommunityFactory, OrganizationFactory, ShiftFactory, TaskFactory
from tests.tasks.refusing import refused
from vanguard.lib.saying import day_words

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = timedelta(days=1)
Kind = Notice.Kind


def in_days(days: int) -> date:
    return timezone.localdate() + days * DAY


def passed(by, **changed) -> Task:
    asked = {
        "host_by": in_days(20),
        "title": "反诈宣传进社区",
        "content": "讲清楚怎样防骗。",
        "place": "各社区",
        "contact_name": "周部长",
        "contact_phone": "000-0000002",
        "served": "全体居民",
        "flag_value": 5,
    }
    return pass_down(by=by, **{**asked, **changed})


def a_time(days: int = 3, hours: int = 2, capacity: int = 7) -> ShiftTime:
    starts_at = timezone.now() + days * DAY
    return ShiftTime(starts_at, starts_at + timedelta(hours=hours), capacity)


def hosted(parent: Task, by, **changed) -> Task:
    own = {"title": parent.title, "place": "文化家园", "contact_name": "陈书记", "contact_phone": "000-0000001"}
    return host_task(parent, by=by, **{"shifts": [a_time()], **own, **changed})


# --- passing down ---------------------------------------------------------------------------


def test_every_community_in_use_is_told_and_nobody_else(cast):
    elsewhere = actor(CommunityFactory(), "SECRETARY", "别市书记")
    closed = actor(CommunityFactory(parent=cast.street, code="330009"), "SECRETARY", "前书记")
    Organization.objects.filter(pk=closed.organization.pk).update(closed_on=in_days(-1))
    task = passed(cast.city_officer)
    assert (task.status, task.publisher, task.audience, task.is_passed_down) == ("OPEN", cast.city, cast.city, True)
    told = Notice.objects.filter(kind=Kind.TASK_PASSED_DOWN)
    assert {notice.user for notice in told} == {
        cast.secretary.user,
        cast.second_secretary.user,
        cast.other_secretary.user,
    }
    assert told[0].params == {"task": task.title, "day": task.host_by.isoformat()}
    assert elsewhere.user.notices.count() == 0


@pytest.mark.parametrize("who", ["secretary", "branch", "member", "street_officer", "inspector", "unit_officer"])
def test_only_the_city_passes_down(cast, who):
    with pytest.raises(PermissionDenied):
        passed(getattr(cast, who))
    assert not Task.objects.exists()


@pytest.mark.parametrize("days", [-1, 0, 367, 3650])
def test_the_last_day_is_to_come_and_within_a_year(cast, days):
    refused(Reason.HOST_BY_PAST, passed, cast.city_officer, host_by=in_days(days))


@pytest.mark.parametrize("days", [1, 366])
def test_tomorrow_and_a_year_ahead_will_do(cast, days):
    assert passed(cast.city_officer, host_by=in_days(days))


def test_what_no_city_may_publish_is_refused(cast):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    refused(Reason.NO_OWN_SHIFTS, passed, cast.city_officer, shifts=[a_time()])
    refused(Reason.FLAG_VALUE, passed, cast.city_officer, flag_value=6)
    refused(Reason.JUSTIFICATION_MISSING, passed, cast.city_officer, boundary_line=line)


# --- hosting --------------------------------------------------------------------------------


def test_a_community_hosts_it_with_what_the_city_says_and_its_own_place_and_times(cast):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    parent = passed(cast.city_officer, category="OTHER", boundary_line=line, justification="老人不会用手机")
    task = hosted(
        parent, cast.secretary, companions_at_most=2, served="别人", flag_value=1, content="别的", category="X"
    )
    task.refresh_from_db()
    for name in Task.FROM_THE_CITY:
        assert getattr(task, name) == getattr(parent, name), name
    assert (task.parent, task.publisher, task.audience) == (parent, cast.community, cast.community)
    assert (task.place, task.companions_at_most, task.status) == ("文化家园", 2, "OPEN")
    assert task.shifts.get().capacity == 7
    shift = shifts_open_to(cast.member.member, timezone.now()).get()
    assert shift.task == task, "members see what is hosted as any task"


def test_the_flags_may_be_above_the_communitys_own_limit(cast):
    YearRule.objects.create(city=cast.city, year=timezone.localdate().year, community_value_at_most=1)
    assert hosted(passed(cast.city_officer, flag_value=5), cast.secretary).flag_value == 5


def test_a_community_may_host_several_and_open_one_later(cast):
    parent = passed(cast.city_officer)
    hosted(parent, cast.secretary)
    later = hosted(parent, cast.second_secretary, opens_at=timezone.now() + DAY)
    assert later.status == Task.Status.SCHEDULED
    hosted(parent, cast.other_secretary)
    assert parent.children.count() == 3
    refused(
        Reason.OPENS_TOO_LATE, hosted, parent, cast.secretary, opens_at=timezone.now() + 3 * DAY + timedelta(minutes=1)
    )


def test_shifts_that_could_not_be_published_or_end_after_the_last_day(cast):
    parent = passed(cast.city_officer)
    for why, shifts in (
        (Reason.NO_SHIFT, []),
        (Reason.SHIFT_PAST, [a_time(days=-1)]),
        (Reason.CAPACITY, [a_time(capacity=0)]),
        (Reason.SHIFTS_OVERLAP, [a_time(), a_time()]),
        (Reason.AFTER_HOST_BY, [a_time(), a_time(days=21)]),
    ):
        refused(why, hosted, parent, cast.secretary, shifts=shifts)
    refused(Reason.COMPANIONS, hosted, parent, cast.secretary, companions_at_most=6)
    refused(Reason.FIRST_MINUTES, hosted, parent, cast.secretary, first_minutes=61)


def test_a_shift_up_to_the_midnight_after_the_last_day_is_in_time(cast):
    with time_machine.travel(datetime(2026, 12, 30, 12, tzinfo=SHANGHAI), tick=False):
        parent = passed(cast.city_officer, host_by=date(2026, 12, 31))
        evening, midnight = datetime(2026, 12, 31, 20, tzinfo=SHANGHAI), datetime(2027, 1, 1, tzinfo=SHANGHAI)
        late = ShiftTime(evening, midnight + timedelta(minutes=1), 7)
        told = refused(Reason.AFTER_HOST_BY, hosted, parent, cast.secretary, shifts=[late])
        assert told.details["day"] == day_words(date(2026, 12, 31))
        assert hosted(parent, cast.secretary, shifts=[ShiftTime(evening, midnight, 7)])


def test_only_communities_of_the_city_host(cast):
    parent = passed(cast.city_officer)
    for who in ("branch", "city_officer"):
        refused(Reason.ONLY_COMMUNITIES_HOST, hosted, parent, getattr(cast, who))
    for stranger in (actor(CommunityFactory(), "SECRETARY", "别市书记"), cast.member, cast.street_officer):
        with pytest.raises(PermissionDenied):
            hosted(parent, stranger)
    assert not parent.children.exists()


def test_what_is_not_asked_or_no_longer_is_not_hosted(cast):
    refused(Reason.NOT_PASSED_DOWN, hosted, TaskFactory(publisher=cast.city), cast.secretary)
    parent = passed(cast.city_officer)
    for status in ("CLOSED", "CANCELLED"):
        Task.objects.filter(pk=parent.pk).update(status=status)
        refused(Reason.NOT_OPEN, hosted, parent, cast.secretary)
    Task.objects.filter(pk=parent.pk).update(status="OPEN", host_by=in_days(-1))
    refused(Reason.NOT_OPEN, hosted, parent, cast.secretary)


def test_a_closed_community_hosts_nothing_on_its_last_day(cast):
    parent = passed(cast.city_officer)
    Organization.objects.filter(pk=cast.community.pk).update(closed_on=timezone.localdate())
    cast.secretary.appointment.organization.refresh_from_db()
    refused(Reason.FOREIGN_AUDIENCE, hosted, parent, cast.secretary)


# --- who sees it ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("who", "sees"),
    [
        ("city_officer", True),
        ("inspector", True),
        ("secretary", True),
        ("other_secretary", True),
        ("branch", False),
        ("street_officer", False),
        ("member", False),
        ("unit_officer", False),
    ],
)
def test_who_sees_what_the_city_passes_down(cast, who, sees):
    parent = passed(cast.city_officer)
    assert Task.objects.visible_to(getattr(cast, who)).filter(pk=parent.pk).exists() is sees


def test_another_citys_community_does_not_see_it_and_its_own_city_is_not_mixed_in(cast):
    city = OrganizationFactory()
    own = TaskFactory(publisher=city, host_by=in_days(9))
    passed(cast.city_officer)
    stranger = actor(CommunityFactory(parent__parent=city), "SECRETARY", "别市书记")
    assert list(tasks_to_host(stranger)) == [own]
    assert list(Task.objects.visible_to(stranger)) == [own]


def test_it_stands_in_the_list_of_who_asks_not_of_who_is_asked(cast):
    parent = passed(cast.city_officer)
    assert list(tasks_published_by(cast.city_officer)) == [parent]
    assert not tasks_published_by(cast.secretary).exists()
    assert not shifts_open_to(cast.member.member, timezone.now()).exists()


def test_what_is_asked_comes_nearest_last_day_first_and_says_what_is_hosted(cast):
    later, sooner = passed(cast.city_officer), passed(cast.city_officer, host_by=in_days(5))
    hosted(later, cast.secretary)
    called_off = hosted(sooner, cast.secretary)
    cancel_task(called_off, reason="下雨", by=cast.secretary)
    assert [(task, task.hosted) for task in tasks_to_host(cast.secretary)] == [(sooner, False), (later, True)]
    assert not tasks_to_host(cast.branch).exists()
    with time_machine.travel(timezone.now() + 6 * DAY, tick=False):
        assert list(tasks_to_host(cast.secretary)) == [later]


# --- progress -------------------------------------------------------------------------------


def test_the_city_sees_each_community_and_all_together(cast):
    parent = passed(cast.city_officer)
    first, second = hosted(parent, cast.secretary), hosted(parent, cast.secretary)
    called_off = hosted(parent, cast.other_secretary)
    for n, shift in enumerate(Shift.objects.filter(task__in=(first, second, called_off)).order_by("pk")):
        ClaimFactory(shift=shift, status="CONFIRMED" if n == 0 else "HELD")
    ShiftFactory(task=second, capacity=30, status="CANCELLED")
    cancel_task(called_off, reason="下雨", by=cast.other_secretary)
    progress = progress_of(parent)
    rows = {row.community.name: (row.tasks, row.places, row.taken, row.confirmed) for row in progress.rows}
    assert rows == {"荷风社区": (2, 14, 2, 1), "枕溪社区": (0, 0, 0, 0)}
    assert (progress.hosting, progress.tasks, progress.places, progress.taken, progress.confirmed) == (1, 2, 14, 2, 1)


def test_what_a_merged_community_hosts_stands_with_who_looks_after_it_now(cast):
    parent = passed(cast.city_officer)
    hosted(parent, cast.other_secretary)
    Organization.objects.filter(pk=cast.other_community.pk).update(
        closed_on=timezone.localdate(), merged_into=cast.community
    )
    assert [(row.community, row.tasks) for row in progress_of(parent).rows] == [(cast.community, 1)]
    refused(Reason.NOBODY_TO_REMIND, remind_hosts, parent, by=cast.city_officer)


# --- reminding, calling off, closing --------------------------------------------------------


def test_who_hosts_nothing_yet_is_reminded_once_a_day(cast):
    with time_machine.travel(datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI), tick=False) as clock:
        parent = passed(cast.city_officer, host_by=date(2027, 1, 15))
        hosted(parent, cast.secretary)
        assert remind_hosts(parent, by=cast.city_officer) == 1
        refused(Reason.NOBODY_TO_REMIND, remind_hosts, parent, by=cast.city_officer)
        clock.move_to(datetime(2027, 1, 1, tzinfo=SHANGHAI))
        assert remind_hosts(parent, by=cast.city_officer) == 1
    reminders = Notice.objects.filter(kind=Kind.HOSTING_REMINDER)
    assert [notice.user for notice in reminders] == [cast.other_secretary.user] * 2
    assert reminders[0].params == {"task": parent.title, "day": "2027-01-15"}


def test_who_came_after_the_others_were_reminded_is_reminded_the_same_day(cast):
    parent = passed(cast.city_officer)
    assert remind_hosts(parent, by=cast.city_officer) == 3
    actor(cast.community, "SECRETARY", "新书记")
    assert remind_hosts(parent, by=cast.city_officer) == 1


def test_only_the_city_reminds_and_only_while_it_asks(cast):
    parent = passed(cast.city_officer)
    for who in ("secretary", "inspector", "member"):
        with pytest.raises(PermissionDenied):
            remind_hosts(parent, by=getattr(cast, who))
    Task.objects.filter(pk=parent.pk).update(status="CLOSED")
    parent.refresh_from_db()
    refused(Reason.NOT_OPEN, remind_hosts, parent, by=cast.city_officer)
    refused(Reason.NOT_PASSED_DOWN, remind_hosts, TaskFactory(publisher=cast.city), by=cast.city_officer)


def test_called_off_by_the_city_tells_who_hosts_it_and_leaves_their_tasks_to_them(cast):
    parent = passed(cast.city_officer)
    child = hosted(parent, cast.secretary)
    claim = ClaimFactory(shift=child.shifts.get())
    cancel_task(parent, reason="改期", by=cast.city_officer)
    child.refresh_from_db()
    claim.refresh_from_db()
    assert (child.status, claim.status) == ("OPEN", "HELD")
    told = Notice.objects.filter(kind=Kind.HOSTED_CANCELLED)
    assert {notice.user for notice in told} == {cast.secretary.user, cast.second_secretary.user}
    assert told[0].params == {"task": parent.title, "reason": "改期"}
    cancel_task(child, reason="市里改期", by=cast.secretary)


def test_it_closes_at_the_midnight_after_its_last_day_and_what_is_hosted_goes_on(cast):
    with time_machine.travel(datetime(2026, 12, 30, 12, tzinfo=SHANGHAI), tick=False) as clock:
        parent = passed(cast.city_officer, host_by=date(2026, 12, 31))
        child = hosted(parent, cast.secretary, shifts=[a_time(days=1)])
        Shift.objects.filter(task=child).update(ends_at=datetime(2027, 1, 2, tzinfo=SHANGHAI))
        for moment, status in (
            (datetime(2026, 12, 31, 23, 59, 59, tzinfo=SHANGHAI), "OPEN"),
            (datetime(2027, 1, 1, tzinfo=SHANGHAI), "CLOSED"),
        ):
            clock.move_to(moment)
            end_shifts()
            parent.refresh_from_db()
            assert parent.status == status
        child.refresh_from_db()
        assert child.status == Task.Status.OPEN
