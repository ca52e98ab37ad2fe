"""Who is told that a wish waits, after how many working days, once; and what the street sees of it."""

from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.actions.community import merge_community
from accounts.models import Appointment, Beat, Notice, Role
from tasks.actions.wish_publishing import publish_wish
from tasks.actions.wish_time import chase_late_wishes
from tasks.jobs import chase_wishes
from tasks.models import Task, Wish
from tasks.queries.wish_time import (
    Column,
    board_of,
    days_unclaimed,
    late_rows,
    late_wishes,
    late_within,
    widening_of,
)
from tests.browsing import browser_of, queries_of, screen
from tests.factories import AppointmentFactory, CommunityFactory, TaskFactory, WishFactory
from tests.storm import at_once, reasons
from tests.tasks.test_wish_publishing import WORDS

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
SHANGHAI = ZoneInfo("Asia/Shanghai")


def moment(day: str, at: str = "09:00") -> datetime:
    return datetime.fromisoformat(f"{day}T{at}").replace(tzinfo=SHANGHAI)


def chase_on(day: str, at: str = "09:00") -> None:
    with time_machine.travel(moment(day, at), tick=False):
        chase_wishes()


def told(actor, kind) -> list[dict]:
    return [notice.params for notice in actor.user.notices.filter(kind=kind).order_by("pk")]


def days_of(column: Column) -> int:
    """How long the oldest has stood there, in days of the calendar."""
    return (moment("2026-03-12").date() - column.oldest.astimezone(SHANGHAI).date()).days


def waiting(cast, since: str, **changed) -> Wish:
    return WishFactory(**{"community": cast.community, "since": moment(since, "20:00"), **changed})


def published(cast, since: str, **changed) -> Wish:
    task = TaskFactory(publisher=cast.community, opens_at=moment(since, "20:00"))
    return waiting(cast, since, **{"status": "PUBLISHED", "task": task, **changed})


# Working days in between; 2026: January 1 to 3 off, Sunday January 4 worked, February 15 to 23 off, 14 and 28 worked.
# 2027 is not announced yet: Monday to Friday.
THREE_LATER = [
    ("2026-03-02", "2026-03-06"),  # Monday: Tuesday to Thursday pass
    ("2026-03-05", "2026-03-11"),  # over a weekend
    ("2025-12-31", "2026-01-07"),  # New Year, and a Sunday worked for it
    ("2026-02-12", "2026-02-25"),  # Spring Festival: the 13th, the worked Saturday 14th and the 24th
    ("2027-02-05", "2027-02-11"),  # a year whose holidays are not known
]


@pytest.mark.parametrize(("since", "late"), THREE_LATER)
@pytest.mark.parametrize("status", ["NEW", "REOPENED"])
def test_after_three_working_days_without_an_answer_the_secretary_is_told_once(cast, since, late, status):
    task = TaskFactory(publisher=cast.community, status="CLOSED") if status == "REOPENED" else None
    wish = waiting(cast, since, status=status, task=task)
    before = (datetime.fromisoformat(late) - timedelta(days=1)).date().isoformat()
    chase_on(before, "23:59")
    assert not Notice.objects.exists(), "the third day is not over"
    for at in ("09:00", "10:00", "23:00"):
        chase_on(late, at)
    after = (datetime.fromisoformat(late) + timedelta(days=1)).date().isoformat()
    chase_on(after)
    for actor in (cast.secretary, cast.second_secretary):
        assert told(actor, Kind.WISH_LATE) == [{"number": wish.number, "days": "3"}]
    notice = cast.secretary.user.notices.get()
    assert notice.link == reverse("wish", args=[wish.pk])
    assert wish.number in notice.text
    assert Notice.objects.count() == 2, "nobody else is told"


def test_after_seven_the_street_is_told_and_not_before(cast):
    waiting(cast, "2026-03-02")  # Monday: seven working days have passed on Thursday the 12th
    chase_on("2026-03-11")
    assert told(cast.street_officer, Kind.WISH_LATE_STREET) == []
    for day in ("2026-03-12", "2026-03-13"):
        chase_on(day)
    assert told(cast.street_officer, Kind.WISH_LATE_STREET) == [{"community": "荷风社区", "days": "7"}]
    notice = cast.street_officer.user.notices.get()
    assert notice.link == reverse("wishes_late") + "?community=330001"
    with time_machine.travel(moment("2026-03-13"), tick=False):
        assert "荷风社区" in screen(browser_of(cast.street_officer).get(notice.link))


def test_after_fourteen_unclaimed_the_secretary_is_told_and_led_to_the_task(cast):
    wish = published(cast, "2026-03-02")  # fourteen have passed on Monday the 23rd
    chase_on("2026-03-20")
    assert not Notice.objects.exists()
    for day in ("2026-03-23", "2026-03-24"):
        chase_on(day)
    assert told(cast.secretary, Kind.WISH_UNCLAIMED) == [{"task": wish.task.title, "days": "14"}]
    assert cast.secretary.user.notices.get().link == reverse("task", args=[wish.task_id])
    assert not cast.street_officer.user.notices.exists()


def test_one_whose_task_came_to_nothing_is_led_back_to_the_wish(cast):
    wish = published(cast, "2026-03-02", task=TaskFactory(publisher=cast.community, status="CLOSED"))
    Task.objects.update(opens_at=moment("2026-03-02"))
    chase_on("2026-03-23")
    assert cast.secretary.user.notices.get().link == reverse("wish", args=[wish.pk])


def test_of_an_activity_made_of_several_wishes_one_notice_is_enough(cast):
    first = published(cast, "2026-03-02")
    for _ in range(3):
        waiting(cast, "2026-03-02", status="PUBLISHED", task=first.task)
    chase_on("2026-03-23")
    assert cast.secretary.user.notices.count() == 1


def test_a_task_that_opens_later_waits_from_then_on(cast):
    task = TaskFactory(publisher=cast.community, status="SCHEDULED", opens_at=moment("2026-03-20"))
    waiting(cast, "2026-03-02", status="PUBLISHED", task=task)
    chase_on("2026-03-23")
    assert not Notice.objects.exists()


@pytest.mark.parametrize("status", ["ASKED_BACK", "DECLINED", "MERGED", "ACCEPTED", "CLAIMED", "FULFILLED", "DONE"])
def test_nobody_is_told_of_what_waits_for_somebody_else(cast, status):
    waiting(cast, "2026-01-05", status=status, task=TaskFactory(publisher=cast.community))
    chase_on("2026-06-30")
    assert not Notice.objects.exists()


def test_it_counts_from_the_day_it_came_back_and_is_told_anew(cast):
    wish = waiting(cast, "2026-03-02")
    chase_on("2026-03-06")
    Wish.objects.filter(pk=wish.pk).update(since=moment("2026-04-08"))  # asked back, and answered then
    chase_on("2026-04-13")
    assert len(told(cast.secretary, Kind.WISH_LATE)) == 1
    chase_on("2026-04-14")
    assert len(told(cast.secretary, Kind.WISH_LATE)) == 2


def test_nobody_is_woken(cast):
    waiting(cast, "2026-03-02")
    chase_on("2026-03-06", "07:59")
    assert not Notice.objects.exists()
    assert not Beat.objects.exists()
    chase_on("2026-03-06", "08:00")
    assert Notice.objects.exists()


def test_only_those_who_act_there_today_are_told(cast):
    waiting(cast, "2026-03-02")
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).update(ends_on="2026-03-11")
    AppointmentFactory(organization=cast.community, starts_on="2026-03-13")
    closed = AppointmentFactory(organization=cast.community, user__is_active=False)
    twice = AppointmentFactory(organization=cast.street, role=Role.STREET_OFFICER, user=cast.secretary.user)
    chase_on("2026-03-12")
    people = Notice.objects.order_by("pk").values_list("user", "kind")
    assert sorted(people) == sorted(
        [
            (cast.secretary.user.pk, Kind.WISH_LATE),
            (cast.street_officer.user.pk, Kind.WISH_LATE_STREET),
            (twice.user_id, Kind.WISH_LATE_STREET),
        ]
    )
    assert not closed.user.notices.exists()


def test_of_a_merged_community_the_one_that_looks_after_it_is_told(cast):
    """A wish that was done there and came back keeps its community, which nobody acts for any more."""
    with time_machine.travel(moment("2026-03-02"), tick=False):
        task = TaskFactory(publisher=cast.community, status="CLOSED")
        wish = waiting(cast, "2026-03-02", status="DONE", task=task)
        merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
        Wish.objects.filter(pk=wish.pk).update(status="REOPENED")
    chase_on("2026-03-12")
    assert len(told(cast.other_secretary, Kind.WISH_LATE)) == 1
    assert told(cast.street_officer, Kind.WISH_LATE_STREET) == [{"community": "枕溪社区", "days": "7"}]
    assert told(cast.secretary, Kind.WISH_LATE) == []


def test_the_limits_are_settings(cast, settings):
    settings.WISH_ANSWER_WITHIN, settings.WISH_STREET_AFTER, settings.WISH_WIDEN_AFTER = 2, 1, 3
    waiting(cast, "2026-03-02")
    published(cast, "2026-03-02")
    chase_on("2026-03-04")
    assert (len(told(cast.street_officer, Kind.WISH_LATE_STREET)), Notice.objects.count()) == (1, 1)
    chase_on("2026-03-06")
    assert len(told(cast.secretary, Kind.WISH_LATE)) == len(told(cast.secretary, Kind.WISH_UNCLAIMED)) == 1


def test_thirty_wishes_take_as_many_queries_as_one(cast):
    def chasing(n: int, day: str) -> int:
        for _ in range(n):
            community = CommunityFactory(parent=cast.street)
            AppointmentFactory(organization=community)
            waiting(cast, "2026-03-02", community=community)
            published(cast, "2026-03-02", community=community)
        with time_machine.travel(moment(day), tick=False), CaptureQueriesContext(connection) as queries:
            chase_late_wishes()
        return len(queries)

    assert chasing(1, "2026-03-23") == chasing(29, "2026-03-24")
    assert Notice.objects.filter(kind=Kind.WISH_UNCLAIMED).count() == 30


@pytest.mark.django_db(transaction=True)
def test_the_clock_that_fires_twice_at_once_tells_everybody_once(cast):
    waiting(cast, "2026-03-02")
    with time_machine.travel(moment("2026-03-12"), tick=False):
        assert reasons(at_once(*(partial(chase_wishes) for _ in range(3)))) == []
    assert Notice.objects.filter(kind=Kind.WISH_LATE).count() == 2
    assert Notice.objects.filter(kind=Kind.WISH_LATE_STREET).count() == 1


def test_one_taken_meanwhile_is_no_longer_unclaimed(cast):
    with time_machine.travel(moment("2026-03-02"), tick=False):
        wish = WishFactory(community=cast.community)
        publish_wish(wish, by=cast.secretary, **WORDS)
    with time_machine.travel(moment("2026-03-23"), tick=False):
        wish = Wish.objects.get(pk=wish.pk)
        assert (days_unclaimed(wish), widening_of(wish)) == (14, [cast.street, cast.city])
        Wish.objects.filter(pk=wish.pk).update(status="CLAIMED")
        wish.refresh_from_db()
        assert (days_unclaimed(wish), widening_of(wish)) == (0, [])


def test_the_wishs_own_page_offers_it_to_more_people_once_it_is_time(cast):
    wish = published(cast, "2026-03-02")
    client, widen = browser_of(cast.secretary), reverse("task_widen", args=[wish.task_id])
    for day, offered in (("2026-03-20", False), ("2026-03-23", True)):
        with time_machine.travel(moment(day), tick=False):
            assert (widen in screen(client.get(reverse("wish", args=[wish.pk])))) is offered
    client.post(widen, {"to": cast.city.pk})
    with time_machine.travel(moment("2026-03-24"), tick=False):
        assert widen not in screen(client.get(reverse("wish", args=[wish.pk]))), "there is nobody else to offer it to"


def test_before_its_time_nothing_is_offered(cast):
    with time_machine.travel(moment("2026-03-20"), tick=False):
        assert widening_of(published(cast, "2026-03-02")) == []


# --- what street, city and inspector see ----------------------------------------------------

PERSONAL = {"text": "我家漏水，求修", "place": "3幢301", "contact__name": "李奶奶", "contact__phone": "10088888888"}


@pytest.mark.parametrize("who", ["street_officer", "city_officer", "inspector"])
def test_the_late_page_tells_how_long_and_never_what_or_whose(cast, who):
    wish = waiting(cast, "2026-03-02", compound=cast.compound, **PERSONAL)
    waiting(cast, "2026-03-03", community=cast.other_community)  # not yet
    published(cast, "2026-01-05")  # another matter
    with time_machine.travel(moment("2026-03-12"), tick=False):
        page = screen(browser_of(getattr(cast, who)).get(reverse("wishes_late")))
    main = page[page.index("<main") : page.index("</main")]
    assert "荷风社区" in main
    assert str(wish.get_category_display()) in main
    assert ">7<" in main
    assert "枕溪社区" not in main
    for hidden in ("漏水", "301", "李奶奶", "8888", cast.compound.name, wish.number):
        assert hidden not in main


def test_each_sees_the_own_subtree_and_one_community_where_it_is_asked_for(cast):
    elsewhere = CommunityFactory()
    for community in (cast.community, cast.other_community, elsewhere):
        waiting(cast, "2026-03-02", community=community)
    with time_machine.travel(moment("2026-03-12"), tick=False):
        assert [row[0] for row in late_rows(cast.city_officer)] == ["荷风社区", "枕溪社区"]
        assert [row[0] for row in late_rows(cast.street_officer, "330002")] == ["枕溪社区"]
        assert not late_rows(cast.street_officer, elsewhere.code)
        page = browser_of(cast.street_officer).get(reverse("wishes_late"), {"community": elsewhere.code})
        assert 'class="empty"' in screen(page)


def test_the_longest_waiting_stand_first_and_the_list_is_paged(cast):
    for _ in range(35):
        waiting(cast, "2026-03-02")
    oldest = waiting(cast, "2026-02-02", category="SCHOOL")
    with time_machine.travel(moment("2026-03-12"), tick=False):
        rows = browser_of(cast.city_officer).get(reverse("wishes_late")).context["rows"]
        assert (len(rows), rows[0].category_words) == (30, str(oldest.get_category_display()))
        rest = browser_of(cast.city_officer).get(reverse("wishes_late"), {"page": "2"}).context["rows"]
        assert len(rest) == 6


@pytest.mark.parametrize(("who", "url"), [("city_officer", "wishes_late"), ("secretary", "wishes_board")])
def test_a_page_costs_the_same_for_one_wish_and_for_thirty(cast, who, url):
    client = browser_of(getattr(cast, who))
    waiting(cast, "2026-03-02")
    one = queries_of(client, reverse(url))
    for _ in range(29):
        waiting(cast, "2026-03-02")
        published(cast, "2026-03-02")
    assert queries_of(client, reverse(url)) == one


def test_the_citys_table_and_the_secretarys_home_count_by_their_own_limits(cast):
    waiting(cast, "2026-03-02")
    waiting(cast, "2026-03-06")
    with time_machine.travel(moment("2026-03-12"), tick=False):
        assert late_wishes(cast.secretary).count() == 2
        assert late_within(cast.city_officer.home_paths).count() == 1
        page = screen(browser_of(cast.city_officer).get(reverse("city_figures")))
        assert f"{reverse('wishes_late')}?community=330001" in page
        assert 'class="state late"' in screen(browser_of(cast.secretary).get(reverse("home")))
        assert 'class="state late"' not in screen(browser_of(cast.other_secretary).get(reverse("home")))


# --- the community's board --------------------------------------------------------------------


def test_the_board_counts_every_state_with_its_oldest_and_its_late_ones(cast):
    waiting(cast, "2026-03-02", verified="PHONE")
    waiting(cast, "2026-03-11")
    waiting(cast, "2026-03-10", status="ACCEPTED")
    waiting(cast, "2026-03-09", status="ASKED_BACK")
    published(cast, "2026-02-02")
    published(cast, "2026-03-11")
    for status in ("CLAIMED", "FULFILLED", "DONE"):
        published(cast, "2026-03-01", status=status)
    published(cast, "2025-12-31", status="DONE")
    waiting(cast, "2026-03-05", status="REOPENED", task=TaskFactory(publisher=cast.community))
    waiting(cast, "2026-03-02", status="DECLINED")
    waiting(cast, "2026-03-02", community=cast.other_community)
    with time_machine.travel(moment("2026-03-12"), tick=False):
        board = {column.status: (column.count, days_of(column), column.late) for column in board_of(cast.secretary)}
        page = screen(browser_of(cast.secretary).get(reverse("wishes_board")))
    assert board == {
        "NEW": (2, 10, 1),
        "ASKED_BACK": (1, 3, 0),
        "ACCEPTED": (1, 2, 0),
        "PUBLISHED": (2, 38, 1),
        "CLAIMED": (1, 11, 0),
        "FULFILLED": (1, 11, 0),
        "REOPENED": (1, 7, 1),
        "DONE": (1, 11, 0),
    }
    for status in board:
        assert f"{reverse('wish_queue')}?status={status}" in page


def test_the_last_minute_of_the_year_is_this_year(cast):
    wish = published(cast, "2026-12-31", status="DONE")
    Wish.objects.filter(pk=wish.pk).update(since=moment("2026-12-31", "23:59"))
    for at, count in (("2026-12-31", 1), ("2027-01-01", 0)):
        with time_machine.travel(moment(at, "23:59"), tick=False):
            assert board_of(cast.secretary)[-1].count == count


def test_an_empty_board_still_shows_every_state(cast):
    columns = board_of(cast.secretary)
    assert [column.count for column in columns] == [0] * 8
    assert screen(browser_of(cast.secretary).get(reverse("wishes_board")))
