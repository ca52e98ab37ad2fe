"""What is open, found by what, where, when, whose and how many flags; under the own duty and the own next shifts."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from accounts.models import Member
from tasks.actions.claim import claim_shift
from tasks.actions.stand_in import seek_stand_in
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim
from tasks.models.task import Category
from tests.browsing import browser_of, queries_of, screen
from tests.conftest import member_actor
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from tests.flags.ledger import award

pytestmark = pytest.mark.django_db
WEDNESDAY = datetime(2026, 12, 30, 9, tzinfo=ZoneInfo("Asia/Shanghai"))  # New Year's Day is the Friday after
DAY = timedelta(days=1)


def publish(cast, title: str, **changed):
    task = {"publisher": cast.community, "title": title}
    of_shift = {
        name: changed.pop(name) for name in ("starts_at", "ends_at", "by_agreement", "capacity") if name in changed
    }
    return ShiftFactory(task=TaskFactory(**{**task, **changed}), **of_shift)


def found(cast, query: str, *titles: str) -> set[str]:
    """Which of `titles` stand in the list, under the form that asks for them."""
    page = screen(browser_of(cast.member).get(f"{reverse('task_list')}?{query}"))
    return {title for title in titles if f">{title}<" in page.split("</search>")[1]}


def test_who_waits_with_companions_takes_a_free_place_for_all_of_them(cast):
    shift = publish(cast, "守护小门", capacity=3, companions_at_most=2)
    ClaimFactory(shift=shift, member=cast.member.member, status="WAITING", companions=2)
    page = screen(browser_of(cast.member).get(reverse("task_list")))
    assert '<input type="hidden" name="companions" value="2">' in page


@pytest.fixture
def week():
    with time_machine.travel(WEDNESDAY, tick=False):
        yield


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("", {"当晚", "周四", "周六", "周日", "下周"}),
        ("when=today", {"当晚"}),
        ("when=week", {"当晚", "周四", "周六", "周日"}),
        ("when=weekend", {"周六", "周日"}),
        ("day=2026-12-31", {"周四"}),
        ("day=2027-01-01", set()),
        ("when=weekend&day=2026-12-31", {"周四"}),
    ],
)
def test_days_are_those_of_the_platforms_calendar(cast, week, query, wanted):
    midnight = WEDNESDAY.replace(hour=0)
    times = {
        "当晚": midnight + timedelta(hours=23, minutes=59),
        "周四": midnight + DAY,
        "周六": midnight + 3 * DAY,
        "周日": midnight + 5 * DAY - timedelta(minutes=1),
        "下周": midnight + 5 * DAY,
    }
    for title, starts_at in times.items():
        publish(cast, title, starts_at=starts_at)
    assert found(cast, query, *times) == wanted


@pytest.mark.parametrize("day", [5, 6])
def test_a_weekend_that_has_begun_is_the_one_that_is_meant(cast, day):
    saturday = WEDNESDAY + 3 * DAY
    with time_machine.travel(WEDNESDAY + (day - 2) * DAY, tick=False):
        publish(cast, "周日", starts_at=saturday + DAY + timedelta(hours=3))
        publish(cast, "下周六", starts_at=saturday + 7 * DAY)
        assert found(cast, "when=weekend", "周日", "下周六") == {"周日"}


def test_what_has_its_time_by_agreement_can_be_done_on_any_day_until_its_last(cast, week):
    publish(cast, "修灯", by_agreement=True, starts_at=WEDNESDAY - DAY, ends_at=WEDNESDAY + 3 * DAY)
    assert found(cast, "when=today", "修灯") == found(cast, "day=2027-01-01", "修灯") == {"修灯"}
    assert found(cast, "day=2027-01-10", "修灯") == set()


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        ("q=灯笼", {"做灯笼"}),
        ("q=北门", {"守小门"}),
        ("category=MICRO_WISH", {"守小门"}),
        ("flags=3", {"守小门"}),
        ("flags=2&q=门", {"守小门"}),
        ("flags=4", set()),
        ("by=community", {"做灯笼"}),
        ("by=compound", {"守小门"}),
        ("by=city", {"全市"}),
        ("by=city&category=MICRO_WISH", set()),
        ("q=%25", set()),
        ("q=_", set()),
        ("q='", set()),
        ("q=" + "长" * 60_000, set()),
    ],
)
def test_it_is_found_by_what_where_whose_and_how_much(cast, query, wanted):
    publish(cast, "做灯笼")
    publish(cast, "守小门", publisher=cast.compound, place="北门", category="MICRO_WISH", flag_value=3)
    publish(cast, "全市", publisher=cast.city)
    assert found(cast, query, "做灯笼", "守小门", "全市") == wanted


@pytest.mark.parametrize(
    "query",
    [
        "category=PARADE",
        "when=someday",
        "day=2026-02-30",
        "day=0001-01-01",
        "day=9999-12-31",
        "day=1999-01-01",
        "flags=-1",
        "flags=many",
        "flags=" + "9" * 5000,
        "by=unit",
        "by=../../",
        "page=99",
        "page=x",
    ],
)
def test_what_cannot_be_is_passed_over(cast, query):
    publish(cast, "做灯笼")
    assert found(cast, query, "做灯笼") == {"做灯笼"}


def test_what_was_asked_for_is_kept_in_the_form_and_over_the_pages(cast):
    for _ in range(31):
        publish(cast, "做灯笼", flag_value=3)
    page = screen(
        browser_of(cast.member).get(f"{reverse('task_list')}?q=灯笼&category=COMMUNITY_ACTIVITY&flags=3&day=x")
    )
    assert 'value="灯笼"' in page
    assert '<option value="COMMUNITY_ACTIVITY" selected' in page
    assert '<option value="3" selected' in page
    assert 'value="x"' not in page
    assert "category=COMMUNITY_ACTIVITY&flags=3&day=x&page=2" in page


def test_nothing_found_says_so_and_leads_back_to_everything(cast):
    publish(cast, "做灯笼")
    page = screen(browser_of(cast.member).get(f"{reverse('task_list')}?flags=5"))
    assert 'class="empty"' in page.replace("\n", " ")
    assert page.count(f'href="{reverse("task_list")}?q="') == 2, "two ways back"
    assert found(cast, "", "做灯笼")


def test_before_the_first_check_in_there_is_nothing_and_a_way_to_begin(cast):
    newcomer = member_actor(MemberFactory())
    for query in ("", "?by=community", "?by=compound&q=x"):
        page = screen(browser_of(newcomer).get(reverse("task_list") + query))
        assert reverse("communities") in page


def test_soonest_first_with_what_opens_later_among_it(cast):
    now = timezone.now()
    publish(cast, "第三", starts_at=now + 3 * DAY)
    publish(cast, "第一", starts_at=now + DAY)
    publish(cast, "第二", starts_at=now + 2 * DAY, opens_at=now + timedelta(hours=1), status="SCHEDULED")
    page = screen(browser_of(cast.member).get(reverse("task_list")))
    assert page.index("第一") < page.index("第二") < page.index("第三")
    assert page.count("data-opens-in=") == 1


def test_each_row_says_how_it_stands_and_has_its_button(cast):
    now = timezone.now()
    free, mine, full, sought, waited = (
        publish(cast, title, starts_at=now + (2 + i) * DAY, capacity=capacity)
        for i, (title, capacity) in enumerate([("有空位", 4), ("我的", 1), ("满了", 1), ("找替班", 1), ("候补", 1)])
    )
    claim_shift(mine, by=cast.member)
    neighbours = [member_actor(member) for member in MemberFactory.create_batch(2, community=cast.community)]
    for shift in (full, sought, waited):
        claim_shift(shift, by=neighbours[0])
    seek_stand_in(Claim.objects.get(shift=sought), by=neighbours[0])
    for shift in (full, waited):
        join_waiting_list(shift, by=neighbours[1])
    join_waiting_list(waited, by=cast.member)
    page = screen(browser_of(cast.member).get(reverse("task_list")))
    rows = {shift: page.split("<article")[i] for i, shift in enumerate([free, mine, full, sought, waited], start=1)}
    assert ngettext("%(n)s place free", "%(n)s places free", 4) % {"n": 4} in rows[free]
    assert {shift for shift, row in rows.items() if reverse("shift_claim", args=[shift.pk]) in row} == {free, sought}
    assert {shift for shift, row in rows.items() if reverse("shift_wait", args=[shift.pk]) in row} == {full}
    assert Claim.objects.get(shift=mine).page in rows[mine]
    assert ngettext("%(n)s waiting", "%(n)s waiting", 1) % {"n": 1} in rows[full]
    assert gettext("1 place: somebody looks for a stand-in") in rows[sought]
    assert waited.page in rows[waited]
    assert gettext("You wait: number %(n)s") % {"n": 2} in rows[waited]


def test_above_stand_the_own_duty_and_the_own_next_shifts(cast):
    award(cast, cast.member.member, timezone.localdate(), value=3)
    for day in (3, 2, 4):
        shift = publish(cast, "别处的" * day, starts_at=timezone.now() + day * DAY, publisher=cast.other_community)
        ClaimFactory(shift=shift, member=cast.member.member)
    page = screen(browser_of(cast.member).get(reverse("task_list")))
    above = page.split("<main")[1].split("<search")[0]
    duty = gettext("%(lit)s of %(needed)s flags in %(year)s")
    assert duty % {"lit": 3, "needed": 5, "year": timezone.localdate().year} in above
    assert above.index("别处的" * 2) < above.index("别处的" * 3)
    assert "别处的" * 4 not in above


def test_the_list_costs_the_same_for_one_and_for_thirty_whatever_stands_in_it(cast):
    client, url = browser_of(cast.member), f"{reverse('task_list')}?when=&flags=&by=community"

    def one_of_each(i: int) -> None:
        starts_at = timezone.now() + timedelta(days=i)
        for capacity, status in ((7, None), (1, "HELD"), (1, "WAITING")):
            shift = publish(cast, f"第{i}", starts_at=starts_at, capacity=capacity)
            if status:
                ClaimFactory(shift=shift, member=cast.member.member, status=status)

    one_of_each(1)
    one = queries_of(client, url)
    for i in range(2, 11):
        one_of_each(i)
    assert queries_of(client, url) == one


# --- what fits ------------------------------------------------------------------------------


def says_what_fits(cast, likes: int = 1) -> None:
    """A member who likes community activities, and says nothing about times."""
    Member.objects.filter(pk=cast.member.member.pk).update(interests=likes)


def test_only_what_fits_stands_there_with_its_reason_and_is_searched_further(cast):
    says_what_fits(cast)
    publish(cast, "做灯笼", flag_value=2)
    publish(cast, "守小门", category="OTHER")
    publish(cast, "做月饼", flag_value=1)
    assert found(cast, "fits=on", "做灯笼", "守小门", "做月饼") == {"做灯笼", "做月饼"}
    assert found(cast, "fits=on&flags=2", "做灯笼", "守小门", "做月饼") == {"做灯笼"}
    page = screen(browser_of(cast.member).get(f"{reverse('task_list')}?fits=on"))
    assert page.count(gettext("Fits you:")) == 2
    assert str(Category.COMMUNITY_ACTIVITY.label) in page.split(gettext("Fits you:"))[1].split("</div>")[0]
    assert "checked" in page.split('name="fits"')[1].split(">")[0]


def test_who_has_said_nothing_yet_is_shown_where_to_say_it(cast):
    publish(cast, "做灯笼")
    page = screen(browser_of(cast.member).get(f"{reverse('task_list')}?fits=on"))
    assert reverse("my_help") in page.split("</search>")[1]


def test_what_fits_costs_the_same_for_one_and_for_thirty(cast):
    says_what_fits(cast)
    client, url = browser_of(cast.member), f"{reverse('task_list')}?fits=on"
    publish(cast, "做灯笼")
    one = queries_of(client, url)
    for i in range(30):
        publish(cast, f"第{i}")
    assert queries_of(client, url) == one


# --- what was looked for the last time -------------------------------------------------------


def titles_at(client, query: str) -> set[str]:
    page = screen(client.get(f"{reverse('task_list')}{query}")).split("</search>")[1]
    return {title for title in ("做灯笼", "守小门") if f">{title}<" in page}


@pytest.fixture
def client(cast):
    publish(cast, "做灯笼")
    publish(cast, "守小门", category="MICRO_WISH", flag_value=3)
    return browser_of(cast.member)


def test_filters_are_remembered_until_they_are_cleared(client):
    assert titles_at(client, "?q=&flags=3&when=") == {"守小门"}
    assert titles_at(client, "") == {"守小门"}
    page = screen(client.get(reverse("task_list")))
    assert '<option value="3" selected' in page
    assert gettext("Filtered as the last time.") in page
    assert f'href="{reverse("task_list")}?q="' in page
    assert titles_at(client, "?page=1") == {"守小门"}
    assert titles_at(client, "?q=") == {"做灯笼", "守小门"}
    assert titles_at(client, "") == {"做灯笼", "守小门"}


def test_a_link_with_filters_wins_and_is_only_followed(client):
    titles_at(client, "?q=&flags=3")
    assert titles_at(client, "?category=COMMUNITY_ACTIVITY") == {"做灯笼"}
    assert titles_at(client, "") == {"守小门"}


def test_words_and_days_are_not_remembered_nor_is_what_cannot_be(client):
    day = f"{timezone.localdate() + 2 * DAY:%Y-%m-%d}"
    titles_at(client, f"?q=灯笼&day={day}&category=PARADE&flags=many")
    assert titles_at(client, "") == {"做灯笼", "守小门"}
    assert "looked_for" not in client.session


def test_they_are_one_persons_own(cast, client):
    titles_at(client, "?q=&flags=3")
    neighbour = member_actor(MemberFactory(community=cast.community))
    assert titles_at(browser_of(neighbour), "") == {"做灯笼", "守小门"}


def test_the_way_to_everything_from_the_home_page_shows_everything_and_forgets_nothing(cast, client):
    titles_at(client, "?q=&flags=3")
    assert f'href="{reverse("task_list")}?when="' in screen(client.get(reverse("home")))
    assert titles_at(client, "?when=") == {"做灯笼", "守小门"}
    assert titles_at(client, "") == {"守小门"}
