"""What a unit is told of its members, and the receipt that it was read."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actions.unit_news import read_news
from accounts.models import CheckIn, UnitNews
from tests.browsing import browser_of, queries_of, screen
from tests.factories import MemberFactory

pytestmark = pytest.mark.django_db


def news(cast, unit=None, community=None, **changed):
    member = MemberFactory()
    check_in = CheckIn.objects.create(
        member=member,
        community=community or cast.community,
        unit=cast.unit,
        address="9-909",
        phone="10055555555",
        status=CheckIn.Status.APPROVED,
        approved_on=timezone.localdate(),
    )
    fields = {"unit": unit or cast.unit, "member": member, "check_in": check_in, "kind": UnitNews.Kind.CHECKED_IN}
    return UnitNews.objects.create(**{**fields, **changed})


def read_on_page(actor, *rows):
    return browser_of(actor).post(reverse("unit_news_read"), {"news": [row.pk for row in rows]})


def test_the_officer_sees_what_changed_and_marks_it_read_once(cast):
    row = news(cast, kind=UnitNews.Kind.CHANGED, changed=[UnitNews.Detail.PHONE])
    page = screen(browser_of(cast.unit_officer).get(reverse("unit_news")))
    assert str(row.member) in page
    assert "10055555555" in page
    assert str(UnitNews.Detail.PHONE.label) in page
    read_on_page(cast.unit_officer, row)
    row.refresh_from_db()
    assert (row.read_by, row.read_as) == (cast.unit_officer.user, cast.unit_officer.appointment)
    first = row.read_at
    assert read_news(UnitNews.objects.filter(pk=row.pk), by=cast.unit_officer) == 0
    row.refresh_from_db()
    assert row.read_at == first


def test_the_news_of_another_unit_is_neither_seen_nor_read(cast):
    row = news(cast, unit=cast.other_unit)
    assert str(row.member) not in screen(browser_of(cast.unit_officer).get(reverse("unit_news")))
    read_on_page(cast.unit_officer, row)
    row.refresh_from_db()
    assert row.read_at is None


def test_the_unit_that_is_left_learns_that_and_no_more(cast):
    row = news(cast, kind=UnitNews.Kind.LEFT)
    page = screen(browser_of(cast.unit_officer).get(reverse("unit_news")))
    assert str(row.member) in page
    for detail in ("10055555555", "9-909"):
        assert detail not in page


@pytest.mark.parametrize("who", ["secretary", "city_officer", "inspector", "member"])
def test_only_the_units_officer_reads(cast, who):
    row = news(cast)
    assert browser_of(getattr(cast, who)).get(reverse("unit_news")).status_code == 403
    assert read_on_page(getattr(cast, who), row).status_code == 403
    with pytest.raises(PermissionDenied):
        read_news(UnitNews.objects.all(), by=getattr(cast, who))


def test_the_community_sees_who_has_read_and_who_has_not(cast):
    unread, read = news(cast), news(cast)
    read_on_page(cast.unit_officer, read)
    page = screen(browser_of(cast.secretary).get(reverse("check_ins_reviewed")))
    assert str(unread.member) in page
    assert page.count(str(cast.unit_officer.user)) == 1
    elsewhere = screen(browser_of(cast.other_secretary).get(reverse("check_ins_reviewed")))
    assert str(unread.member) not in elsewhere


def test_the_member_sees_it_too(cast):
    row = news(cast)
    row.member.home = cast.community
    row.member.save()
    from tests.conftest import member_actor

    page = screen(browser_of(member_actor(row.member)).get(reverse("check_in")))
    assert cast.unit.name in page
    read_on_page(cast.unit_officer, row)
    assert str(cast.unit_officer.user) in screen(browser_of(member_actor(row.member)).get(reverse("check_in")))


@pytest.mark.parametrize("keys", [[], ["abc"], ["9" * 40], ["-1"], ["１２"]])
def test_what_names_no_news_reads_none(cast, keys):
    row = news(cast)
    assert browser_of(cast.unit_officer).post(reverse("unit_news_read"), {"news": keys}).status_code == 302
    row.refresh_from_db()
    assert row.read_at is None


@pytest.mark.parametrize(("who", "page"), [("unit_officer", "unit_news"), ("secretary", "check_ins_reviewed")])
def test_the_lists_cost_the_same_for_one_and_for_thirty(cast, who, page):
    news(cast)
    client, url = browser_of(getattr(cast, who)), reverse(page)
    one = queries_of(client, url)
    for _ in range(29):
        news(cast)
    assert queries_of(client, url) == one
