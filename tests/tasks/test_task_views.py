"""Publishing by hand, the lists of tasks, and calling off, as the people who do it see it."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Skill
from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import cancel_task
from tasks.models import BoundaryLine, Shift, Task, Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db


def in_days(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


def half_day(
    n: int, *, day: str = "", starts: str = "08:00", ends: str = "12:00", capacity: str = "7"
) -> dict[str, str]:
    values = {"day": day or in_days(3), "starts": starts, "ends": ends, "capacity": capacity}
    return {f"shift-{n}-{name}": value for name, value in values.items()}


def typed(cast, *shifts: dict[str, str], **changed):
    task = {
        "title": "社区疫情防控工作",
        "content": "在社区办公室值班，每半天 7 人。",
        "category": "COMMUNITY_ACTIVITY",
        "place": "社区办公室",
        "served": "社区居民",
        "flag_value": "1",
        "audience": cast.community.pk,
        "contact_name": "陈书记",
        "contact_phone": "000-0000001",
        "volunteering": "on",
        "shift-TOTAL_FORMS": "4",
        "shift-INITIAL_FORMS": "0",
    }
    for shift in shifts or (half_day(0),):
        task.update(shift)
    return {**task, **changed}


def publish(cast, data, **kwargs):
    return browser_of(cast.secretary).post(reverse("task_new"), data, **kwargs)


def refused(cast, *shifts, **changed) -> str:
    """The page after a refusal: what was typed is on it, and nothing was written."""
    data = typed(cast, *shifts, **changed)
    page = screen(publish(cast, data))
    assert 'class="errorlist' in page
    for field in ("title", "content", "place", "served"):
        assert data[field].strip() in page, field
    for name, value in data.items():
        if name.endswith(("-day", "-starts", "-ends", "-capacity")) and value:
            assert f'name="{name}" value="{value}"' in page
    assert not Task.objects.exists()
    assert not Shift.objects.exists()
    return page


def test_two_half_day_shifts_of_seven_are_published(cast):
    data = typed(cast, half_day(0), half_day(1, starts="13:30", ends="17:30"))
    page = screen(publish(cast, data, follow=True))
    task = Task.objects.get()
    assert task.title in page
    local = [timezone.localtime(shift.starts_at).strftime("%H:%M") for shift in task.shifts.all()]
    assert local == ["08:00", "13:30"]
    assert [shift.capacity for shift in task.shifts.all()] == [7, 7]


@pytest.mark.parametrize("words", ["龘䶮𠮷", "🏮灯笼", "<script>alert(1)</script>", "100%(x)s {{ 7 }}"])
def test_whatever_is_written_is_shown_as_text(cast, words):
    response = publish(cast, typed(cast, title=words, content=words), follow=True)
    assert words in screen(response)
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize(
    "wrong",
    [
        {"title": ""},
        {"title": "题" * 61},
        {"content": "长" * 2001},
        {"served": " "},
        {"category": "PARADE"},
        {"flag_value": "many"},
        {"volunteering": ""},
        {"contact_phone": ""},
        {"opens_at": "someday"},
        {"audience": "0"},
        {"audience": "9" * 30},
        {"boundary_line": "77"},
    ],
    ids=str,
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cast, wrong):
    refused(cast, **wrong)


@pytest.mark.parametrize("value", ["0", "4", "6", "32767", "-1"])
def test_a_flag_value_outside_the_limit_is_said_in_plain_words(cast, value):
    page = refused(cast, flag_value=value)
    assert "task_flag_value_in_range" not in page
    if int(value) >= 0:
        assert sentence(Reason.FLAG_VALUE, most=3) in page


@pytest.mark.parametrize(
    "shift",
    [
        {"shift-0-day": ""},
        {"shift-0-day": "2026-02-30"},
        {"shift-0-starts": "25:00"},
        {"shift-0-capacity": "0"},
        {"shift-0-capacity": "-3"},
        {"shift-0-capacity": "10001"},
        {"shift-0-capacity": "9" * 30},
        {"shift-0-ends": "08:00"},
        {"shift-0-ends": "07:00"},
        {"shift-2-day": "2027-01-01"},
    ],
    ids=str,
)
def test_a_shift_that_cannot_be_is_said_and_kept(cast, shift):
    refused(cast, **shift)


def test_no_shift_at_all_is_said(cast):
    refused(cast, {f"shift-0-{name}": "" for name in ("day", "starts", "ends", "capacity")})


def test_a_shift_that_has_begun_says_which(cast):
    yesterday = in_days(-1)
    start = timezone.make_aware(timezone.datetime.fromisoformat(f"{yesterday}T08:00"))
    assert sentence(Reason.SHIFT_PAST, time=moment_words(start)) in refused(cast, half_day(0, day=yesterday))


@pytest.mark.parametrize("day", ["0001-01-01", "1900-01-01"])
def test_a_day_in_another_age_is_an_answer_and_not_an_error(cast, day):
    refused(cast, half_day(0, day=day))


@pytest.mark.parametrize("days", [367, 700_000])
def test_a_shift_too_far_ahead_says_so(cast, days):
    assert sentence(Reason.SHIFT_TOO_FAR) in refused(cast, half_day(0, day=in_days(days)))


def test_overlapping_shifts_say_so(cast):
    assert sentence(Reason.SHIFTS_OVERLAP) in refused(cast, half_day(0), half_day(1, starts="11:00", ends="15:00"))


def test_opening_too_late_says_so(cast):
    opens_at = timezone.make_aware(timezone.datetime.fromisoformat(f"{in_days(3)}T09:00"))
    page = refused(cast, opens_at=f"{in_days(3)}T09:00")
    assert sentence(Reason.OPENS_TOO_LATE, time=moment_words(opens_at)) in page


def test_the_boundary_list_asks_for_a_justification(cast):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    refused(cast, boundary_line=line.pk)
    publish(cast, typed(cast, boundary_line=line.pk, justification="老人不会用手机"))
    assert Task.objects.get().boundary_line == line


@pytest.mark.parametrize(
    "garbage", [{"shift-TOTAL_FORMS": "x"}, {"shift-TOTAL_FORMS": "-1"}, {"shift-TOTAL_FORMS": "1000000"}]
)
def test_a_garbled_form_is_an_answer_and_not_an_error(cast, garbage):
    assert 'class="errorlist' in screen(publish(cast, typed(cast, **garbage)))
    assert not Task.objects.exists()


def test_a_neighbour_is_no_audience(cast):
    assert cast.other_community.name not in screen(browser_of(cast.secretary).get(reverse("task_new")))
    refused(cast, audience=cast.other_community.pk)


def test_a_wish_becomes_a_task_without_anything_personal(cast):
    wish = WishFactory(community=cast.community, status="ACCEPTED", place="3 幢 301", contact__name="李奶奶")
    client, url = browser_of(cast.secretary), reverse("wish_publish_hours", args=[wish.pk])
    page = screen(client.get(url))
    for personal in ("3 幢 301", "李奶奶", wish.contact.phone):
        assert personal not in page
    client.post(url, typed(cast, category="MICRO_WISH"))
    wish.refresh_from_db()
    assert (wish.status, wish.task) == (Wish.Status.PUBLISHED, Task.objects.get())


def test_a_wish_that_waits_for_its_resident_says_so_and_keeps_the_form(cast):
    wish = WishFactory(community=cast.community, status="ASKED_BACK")
    url = reverse("wish_publish_hours", args=[wish.pk])
    page = screen(browser_of(cast.secretary).post(url, typed(cast)))
    assert sentence(Reason.WISH_NOT_READY) in page
    assert "社区疫情防控工作" in page
    assert not Task.objects.exists()


def test_a_double_tap_publishes_a_wish_once(cast):
    wish = WishFactory(community=cast.community, status="ACCEPTED")
    client, url = browser_of(cast.secretary), reverse("wish_publish_hours", args=[wish.pk])
    client.post(url, typed(cast))
    assert sentence(Reason.WISH_NOT_READY) in screen(client.post(url, typed(cast)))
    assert Task.objects.count() == 1


def test_calling_off_tells_and_the_second_time_says_so_and_keeps_the_words(cast):
    task = TaskFactory(publisher=cast.community)
    ClaimFactory(shift=ShiftFactory(task=task), member=cast.member.member)
    client, url = browser_of(cast.secretary), reverse("task_cancel", args=[task.pk])
    for unusable in (" ", "长" * 201):
        assert 'class="errorlist' in screen(client.post(url, {"reason": unusable}))
    assert "下雨" in screen(client.post(url, {"reason": "下雨"}, follow=True))
    assert "下雨" in screen(browser_of(cast.member).get(reverse("notices")))
    task.refresh_from_db()
    page = screen(client.post(url, {"reason": "还在下"}))
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=task.get_status_display()) in page
    assert "还在下" in page


def test_the_way_to_call_a_task_off_is_shown_to_who_may_do_it(cast):
    task = ShiftFactory(task=TaskFactory(publisher=cast.compound)).task
    way = reverse("task_cancel", args=[task.pk])
    assert way in screen(browser_of(cast.secretary).get(reverse("task", args=[task.pk]))), "as for its other changes"
    assert way not in screen(browser_of(cast.city_officer).get(reverse("task", args=[task.pk])))


def test_a_member_sees_what_is_open_to_them_and_no_other(cast):
    def shift_of(title: str, **changed):
        fields = {"publisher": cast.community, "title": title}
        shift = {name: changed.pop(name) for name in ("starts_at", "status") if name in changed}
        return ShiftFactory(task=TaskFactory(**{**fields, **changed}), **shift)

    shift_of("可以来")
    shift_of("全市都可以来", publisher=cast.city)
    shift_of("隔壁的", publisher=cast.other_community)
    shift_of("已经开始", starts_at=timezone.now())
    shift_of("还没开放", opens_at=timezone.now() + timedelta(hours=1))
    shift_of("班次取消", status="CANCELLED")
    page = screen(browser_of(cast.member).get(reverse("task_list")))
    for title, seen in {
        "可以来": True,
        "全市都可以来": True,
        "隔壁的": False,
        "已经开始": False,
        "还没开放": True,
        "班次取消": False,
    }.items():
        assert (f">{title}<" in page) is seen, title


def test_a_called_off_task_stays_readable_for_who_had_a_place(cast):
    task = TaskFactory(publisher=cast.other_community)
    ClaimFactory(shift=ShiftFactory(task=task), member=cast.member.member)
    cancel_task(task, reason="下雨", by=cast.other_secretary)
    assert "下雨" in screen(browser_of(cast.member).get(reverse("task", args=[task.pk])))


@pytest.mark.parametrize("who", ["member", "secretary", "branch", "city_officer"])
def test_the_list_costs_the_same_for_one_and_for_thirty(cast, who):
    publisher = cast.city if who == "city_officer" else cast.compound
    client, url = browser_of(getattr(cast, who)), reverse("task_list")
    ShiftFactory(task=TaskFactory(publisher=publisher))
    one = queries_of(client, url)
    for _ in range(29):
        ShiftFactory(task=TaskFactory(publisher=publisher))
    assert queries_of(client, url) == one


def test_a_tasks_page_costs_the_same_for_one_claimer_and_for_thirty(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=40)
    client, url = browser_of(cast.secretary), reverse("task", args=[shift.task_id])
    ClaimFactory(shift=shift, member=cast.member.member)
    one = queries_of(client, url)
    for member in MemberFactory.create_batch(29, community=cast.community):
        ClaimFactory(shift=shift, member=member)
    assert queries_of(client, url) == one


def test_with_one_shift_its_button_is_the_pages_and_with_several_each_has_its_own(cast):
    task = TaskFactory(publisher=cast.community, companions_at_most=1, content="长" * 2000)
    shifts = [ShiftFactory(task=task)]
    client, url = browser_of(cast.member), reverse("task", args=[task.pk])
    page = screen(client.get(url))
    assert page.count(reverse("shift_claim", args=[shifts[0].pk])) == 1
    assert 'class="main-action"' in page
    assert page.index('class="main-action"') < page.index(task.content)
    hair = Skill.objects.create(name="理发")
    shifts.append(ShiftFactory(task=task, skill=hair, starts_at=timezone.now() + timedelta(days=3)))
    ClaimFactory(shift=shifts[0], member=cast.member.member, status="WAITING")
    Shift.objects.filter(pk=shifts[0].pk).update(taken=7)
    page = screen(client.get(url))
    assert 'class="main-action"' not in page
    assert reverse("shift_claim", args=[shifts[1].pk]) in page
    assert reverse("shift_claim", args=[shifts[0].pk]) not in page
    assert sentence(Reason.FULL) in page
    assert "理发" in page
    assert 'name="companions"' in page


def test_a_members_page_of_a_task_costs_the_same_for_one_shift_and_for_thirty(cast):
    task = TaskFactory(publisher=cast.community)
    client, url = browser_of(cast.member), reverse("task", args=[task.pk])

    def one_more(i: int) -> None:
        shift = ShiftFactory(task=task, starts_at=timezone.now() + timedelta(days=i))
        ClaimFactory(shift=shift, member=cast.member.member, status="WAITING")

    one_more(1)
    one = queries_of(client, url)
    for i in range(2, 31):
        one_more(i)
    assert queries_of(client, url) == one
