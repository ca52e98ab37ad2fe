"""Which earlier wishes are offered while a new one is read."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from accounts.models import Record
from tasks.models import Wish
from tasks.queries.wish_duplicate import likely_duplicates
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import TaskFactory, WishFactory
from vanguard.lib.likeness import MOST_OFFERED

pytestmark = pytest.mark.django_db
LAMP, AGAIN = "厨房的灯不亮了，想请人帮忙看看。", "我家厨房的灯不亮了，能不能请人来看看？"
WHEELCHAIR = "想借一辆轮椅，家里老人出院后用两个月。"


def sent(community, text=LAMP, *, days=0.0, phone="10077777777", **fields):
    """A wish sent so many days before (or, below zero, after) now."""
    wish = WishFactory(community=community, text=text, contact__phone=phone, **fields)
    wish.created_at -= timedelta(days=days)
    wish.save(update_fields=["created_at"])
    return wish


def offered(wish):
    return [alike.wish for alike in likely_duplicates(wish)]


def test_the_same_said_otherwise_is_offered_and_something_else_is_not(cast):
    earlier = sent(cast.community, days=3)
    sent(cast.community, WHEELCHAIR, days=2)
    assert offered(sent(cast.community, AGAIN)) == [earlier]


@pytest.mark.parametrize("status", Wish.Status.values)
def test_what_is_declined_or_merged_is_not_offered(cast, status):
    earlier = sent(cast.community, status=status, task=TaskFactory(publisher=cast.community), days=1)
    found = offered(sent(cast.community, AGAIN))
    assert (earlier in found) == (status not in ("DECLINED", "MERGED"))


def test_the_neighbours_are_not_offered(cast):
    sent(cast.other_community)
    assert offered(sent(cast.community, AGAIN)) == []


@pytest.mark.parametrize("side", [1, -1])
def test_sixty_days_before_and_after(cast, side):
    limit = settings.WISH_ALIKE_WITHIN / timedelta(days=1)
    wish = sent(cast.community, AGAIN)
    near, _far = (sent(cast.community, days=side * days) for days in (limit - 0.01, limit + 0.01))
    assert offered(wish) == [near]


def test_which_came_before_and_which_has_the_same_phone(cast):
    before = sent(cast.community, days=1)
    after = sent(cast.community, days=-1, phone="10066666666")
    found = {alike.wish: alike for alike in likely_duplicates(sent(cast.community, AGAIN))}
    assert (found[before].is_earlier, found[before].same_phone) == (True, True)
    assert (found[after].is_earlier, found[after].same_phone) == (False, False)


def test_no_phone_is_no_mans_phone(cast):
    sent(cast.community, phone="", days=1)
    assert not any(alike.same_phone for alike in likely_duplicates(sent(cast.community, AGAIN, phone="")))


def test_an_erased_contact_is_nobodys_phone_and_the_page_stands(cast):
    earlier, wish = sent(cast.community, days=1), sent(cast.community, AGAIN)
    for erased in (earlier, wish):
        erased.contact.delete()
        found = likely_duplicates(Wish.objects.get(pk=wish.pk))
        assert [(alike.wish, alike.same_phone) for alike in found] == [(earlier, False)]
    assert earlier.text in screen(browser_of(cast.secretary).get(reverse("wish", args=[wish.pk])))
    assert not Record.objects.filter(verb="revealed").exists(), "there was nothing to look at"


def test_the_same_phone_with_another_wish_is_no_double(cast):
    sent(cast.community, WHEELCHAIR, days=1)
    assert offered(sent(cast.community, AGAIN)) == []


def test_the_five_likeliest_in_one_query_however_many_there_are(cast):
    same = [sent(cast.community, AGAIN, days=n) for n in range(1, 8)]
    wish = sent(cast.community, AGAIN)
    with CaptureQueriesContext(
        connection,
    ) as queries:
        found = offered(wish)
    assert found == same[:5], "where the words are the same, the nearest in time go first"
    assert len(queries) == 1


def test_the_nearest_are_offered_first_and_another_building_is_not(cast):
    texts = {"want": "想借一辆轮椅", "tap": "厨房水龙头滴水", "same": "3号楼门口路灯坏了，晚上黑漆漆的"}
    others = {name: sent(cast.community, text, days=1) for name, text in texts.items()}
    more = [sent(cast.community, "路灯坏了", days=2) for _ in range(6)]
    elsewhere = sent(cast.community, "7号楼的路灯坏了", days=1)
    found = offered(sent(cast.community, "3号楼门口的路灯坏了", phone="10066666666"))
    assert found[0] == others["same"]
    assert len(found) == MOST_OFFERED
    assert set(found) <= {others["same"], *more}
    assert elsewhere not in found
    assert offered(sent(cast.community, "求一台旧收音机", phone="10066666666")) == []


# --- the pages ------------------------------------------------------------------------------


def test_the_page_offers_it_and_both_stand_side_by_side_before_they_are_merged(cast):
    earlier, later = sent(cast.community, days=3), sent(cast.community, days=-1)
    wish, client = sent(cast.community, AGAIN), browser_of(cast.secretary)
    page = screen(client.get(reverse("wish", args=[wish.pk])))
    merge = reverse("wish_merge", args=[wish.pk, earlier.pk])
    assert merge in page
    assert reverse("wish", args=[later.pk]) in page
    assert reverse("wish_merge", args=[wish.pk, later.pk]) not in page
    both = screen(client.get(merge))
    assert LAMP in both
    assert AGAIN in both
    assert wish.contact.phone not in both
    assert not Wish.objects.filter(status="MERGED").exists()
    assert earlier.text in screen(client.post(merge, follow=True))
    wish.refresh_from_db()
    assert wish.merged_into == earlier


def test_a_refused_merger_is_said_on_the_page(cast):
    wish, later = sent(cast.community, days=1), sent(cast.community)
    page = screen(browser_of(cast.secretary).post(reverse("wish_merge", args=[wish.pk, later.pk]), follow=True))
    assert sentence(Reason.MERGED_INTO_A_LATER) in page


def test_into_itself_is_no_page(cast):
    wish = sent(cast.community)
    client = browser_of(cast.secretary)
    assert client.get(reverse("wish_merge", args=[wish.pk, wish.pk])).status_code == 404


def test_an_accepted_wish_is_not_compared(cast):
    earlier = sent(cast.community, days=1)
    wish = sent(cast.community, AGAIN, status="ACCEPTED")
    page = screen(browser_of(cast.secretary).get(reverse("wish", args=[wish.pk])))
    assert reverse("wish_merge", args=[wish.pk, earlier.pk]) not in page


def test_looking_at_both_side_by_side_reveals_no_contact(cast):
    earlier, wish = sent(cast.community, days=1), sent(cast.community)
    browser_of(cast.secretary).get(reverse("wish_merge", args=[wish.pk, earlier.pk]))
    assert not Record.objects.filter(verb="revealed").exists()
