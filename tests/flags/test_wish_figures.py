"""How long residents wait, in numbers only: by category, by channel and by community."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.urls import reverse

from accounts.access import CLOCK, Actor
from accounts.actions.community import merge_community
from accounts.models import Organization
from flags.queries.wish_figures import wish_figures_of
from tasks.actions.wish_publishing import publish_wish
from tasks.actions.wish_reply import say_outcome
from tasks.actions.wish_step import step
from tasks.models import Wish
from tests.browsing import browser_of, queries_of, screen
from tests.factories import CommunityFactory, OrganizationFactory, StreetFactory, TaskFactory, WishFactory
from tests.tasks.test_wish_publishing import WORDS

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
URL = "wish_figures"
MONDAY = datetime(2026, 3, 2, 9, tzinfo=SHANGHAI)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


def sent(community: Organization, at: datetime = MONDAY, **changed) -> Wish:
    """Sent then; `answered=HOUR` and the like say after how long it first got so far."""
    stamps = {name: changed.pop(name) for name in ("answered", "claimed", "done") if name in changed}
    with time_machine.travel(at, tick=False):
        wish = WishFactory(community=community, **{"since": at, **changed})
    Wish.objects.filter(pk=wish.pk).update(**{f"{name}_at": at + after for name, after in stamps.items()})
    return wish


def figures(actor: Actor, year: int = 2026, at: datetime = MONDAY + 30 * DAY):
    with time_machine.travel(at, tick=False):
        return wish_figures_of(actor, year)


def test_times_are_averages_of_those_that_got_so_far(cast):
    accepted = {"status": "ACCEPTED"}
    task = TaskFactory(publisher=cast.community)
    sent(cast.community, answered=2 * HOUR, claimed=2 * DAY, done=5 * DAY, status="DONE", task=task)
    sent(cast.community, answered=4 * HOUR, claimed=4 * DAY, **accepted)
    sent(cast.community, answered=6 * HOUR, **accepted)
    sent(cast.community)
    found = figures(cast.city_officer).together
    assert (found.sent, found.answered, found.claimed, found.done, found.late) == (4, 3, 2, 1, 1)
    assert (found.to_answer, found.to_claim, found.to_done) == (4 * HOUR, 3 * DAY, 5 * DAY)


def test_they_are_parted_by_category_channel_and_community(cast):
    sent(cast.community, category="SCHOOL", channel="PHONE", answered=HOUR, status="ACCEPTED")
    sent(cast.community, category="REPAIR", channel="PHONE", answered=3 * HOUR, status="ACCEPTED")
    sent(cast.other_community, category="REPAIR")
    found = figures(cast.city_officer)
    told = {
        kind: [(row.name, row.sent, row.answered, row.late) for row in rows]
        for kind, rows in (
            ("category", found.categories),
            ("channel", found.channels),
            ("community", found.communities),
        )
    }
    assert told == {
        "category": [(str(Wish.Category.SCHOOL.label), 1, 1, 0), (str(Wish.Category.REPAIR.label), 2, 1, 1)],
        "channel": [(str(Wish.Channel.ONLINE.label), 1, 0, 1), (str(Wish.Channel.PHONE.label), 2, 2, 0)],
        "community": [("荷风社区", 2, 2, 0), ("枕溪社区", 1, 0, 1)],
    }
    assert found.channels[1].to_answer == 2 * HOUR


def test_what_was_opened_again_is_not_done_and_what_staff_wrote_down_makes_no_answer_quicker(cast):
    task = TaskFactory(publisher=cast.community)
    sent(cast.community, answered=4 * HOUR, done=DAY, status="REOPENED", task=task)
    sent(cast.community, answered=HOUR * 0, channel="PHONE", status="ACCEPTED")
    found = figures(cast.city_officer)
    assert (found.together.answered, found.together.done, found.together.to_done) == (2, 0, None)
    assert found.together.to_answer == 4 * HOUR
    assert [row.to_answer for row in found.channels] == [4 * HOUR, 0 * HOUR]


def test_a_whole_life_counts_the_reopening_and_keeps_the_first_times(cast):
    with time_machine.travel(MONDAY, tick=False) as clock:
        wish = WishFactory(community=cast.community)
        clock.shift(DAY)
        publish_wish(wish, by=cast.secretary, **WORDS)
        for status, days in (("CLAIMED", 1), ("FULFILLED", 1)):
            clock.shift(days * DAY)
            step(wish, status, by=CLOCK)
        say_outcome(wish, done=False, words="还是不亮", by=Actor())
        clock.shift(DAY)
        publish_wish(wish, by=cast.secretary, **WORDS)
        for status in ("CLAIMED", "FULFILLED", "DONE"):
            clock.shift(DAY)
            step(wish, status, by=CLOCK)
    found = figures(cast.city_officer).together
    assert (found.sent, found.reopened, found.done) == (1, 1, 1)
    assert (found.to_answer, found.to_claim, found.to_done) == (DAY, 2 * DAY, 7 * DAY)


def test_the_year_is_that_of_sending_in_local_time(cast):
    sent(cast.community, datetime(2026, 1, 1, 0, 0, tzinfo=SHANGHAI))
    sent(cast.community, datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI))
    sent(cast.community, datetime(2027, 1, 1, 0, 0, tzinfo=SHANGHAI))
    later = datetime(2027, 6, 1, tzinfo=SHANGHAI)
    assert [figures(cast.city_officer, year, later).together.sent for year in (2025, 2026, 2027)] == [0, 2, 1]


def test_a_street_sees_its_own_and_no_other_citys_are_seen(cast):
    sent(cast.community)
    sent(CommunityFactory(parent=StreetFactory(parent=cast.city)))
    sent(CommunityFactory(parent=StreetFactory(parent=OrganizationFactory())))
    assert figures(cast.street_officer).together.sent == 1
    assert figures(cast.city_officer).together.sent == figures(cast.inspector).together.sent == 2


def test_what_a_merged_community_left_counts_with_the_one_it_became(cast):
    sent(cast.community, status="DONE", task=TaskFactory(publisher=cast.community))
    sent(cast.other_community)
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    [row] = figures(cast.city_officer).communities
    assert (row.name, row.code, row.sent) == ("枕溪社区", "330002", 2)


def test_the_page_shows_numbers_and_nothing_of_any_wish(cast):
    sent(cast.community, text="我家漏水", place="3幢301", answered=50 * HOUR, status="ACCEPTED")
    with time_machine.travel(MONDAY + 30 * DAY, tick=False):
        page = screen(browser_of(cast.street_officer).get(reverse(URL)))
        assert reverse(URL) in screen(browser_of(cast.street_officer).get(reverse("city_figures")))
    assert "荷风社区" in page
    for hidden in ("漏水", "301", "李奶奶", "8888"):
        assert hidden not in page


@pytest.mark.parametrize("asked", [{}, {"year": "2025"}, {"year": "9999"}, {"year": "x"}, {"year": "²"}])
def test_a_year_without_wishes_and_one_that_is_none_are_answers(cast, asked):
    assert 'class="empty"' in screen(browser_of(cast.inspector).get(reverse(URL), asked))


def test_the_page_costs_the_same_for_one_wish_and_for_thirty(cast):
    now = datetime.now(SHANGHAI)
    client = browser_of(cast.city_officer)
    sent(cast.community, now - HOUR)
    one = queries_of(client, reverse(URL))
    for channel in Wish.Channel:
        for category in Wish.Category:
            sent(CommunityFactory(parent=cast.street), now - HOUR, channel=channel, category=category)
    assert queries_of(client, reverse(URL)) == one
