"""The city's pages of its tree: found, added, renamed, closed."""

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import CheckIn, Organization
from accounts.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import AppointmentFactory, CommunityFactory, CompoundFactory, StreetFactory, UnitFactory

pytestmark = pytest.mark.django_db
LIST, NEW = reverse("organizations"), reverse("organization_new")
Kind = Organization.Kind


def page_of(organization, name="organization"):
    return reverse(name, args=[organization.pk])


def shown(response):
    return [row.name for row in response.context["page"]]


def test_the_tree_goes_from_the_city_to_streets_and_their_communities(cast):
    second = StreetFactory(parent=cast.city, name="竹汀街道")
    CommunityFactory(parent=second, name="长亭社区")
    CommunityFactory(parent=cast.street, name="听松社区")
    response = browser_of(cast.city_officer).get(LIST)
    in_order = ["青澜市", "望澜街道", "荷风社区", "枕溪社区", "听松社区", "竹汀街道", "长亭社区"]
    assert shown(response) == in_order
    assert "荷风雅苑一期" in screen(response)


def test_each_says_how_many_act_for_it_today(cast):
    AppointmentFactory(organization=cast.community, ends_on="2020-12-31")
    rows = {row.name: row for row in browser_of(cast.city_officer).get(LIST).context["page"]}
    assert (rows["荷风社区"].staff, rows["枕溪社区"].staff) == (2, 1)
    assert [compound.staff for compound in rows["荷风社区"].compounds] == [1]


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({"show": "units"}, ["青澜市教育局", "青澜市财政局"]),
        ({"show": "units", "q": "财政"}, ["青澜市财政局"]),
        ({"show": "units", "category": "STATE_ENTERPRISE"}, []),
        ({"q": "雅苑"}, ["荷风雅苑一期"]),
        ({"q": "330002"}, ["枕溪社区"]),
        ({"q": "%"}, []),
        ({"closed": "1"}, ["旧社区"]),
        ({"closed": "1", "show": "units"}, ["旧局"]),
    ],
)
def test_what_is_asked_for_is_found(cast, query, names):
    CommunityFactory(parent=cast.street, name="旧社区", closed_on="2026-01-01")
    UnitFactory(parent=cast.city, name="旧局", closed_on="2026-01-01")
    assert sorted(shown(browser_of(cast.city_officer).get(LIST, query))) == names


def test_another_city_is_not_in_the_list(cast):
    CommunityFactory(name="外市社区")
    UnitFactory(name="外市局")
    for query in ({}, {"show": "units"}, {"q": "外市"}):
        assert "外市社区" not in (page := screen(browser_of(cast.city_officer).get(LIST, query)))
        assert "外市局" not in page


@pytest.mark.parametrize("query", ["", "?show=units", "?q=1"])
def test_a_list_costs_the_same_for_one_and_for_thirty(cast, query):
    client, url = browser_of(cast.city_officer), LIST + query
    CompoundFactory(parent=cast.community, name="第1苑")
    one = queries_of(client, url)
    for n in range(29):
        AppointmentFactory(organization=CommunityFactory(parent=cast.street, name=f"第1{n}社区"))
        CompoundFactory(parent=cast.other_community, name=f"第1{n}苑")
        UnitFactory(parent=cast.city)
    assert queries_of(client, url) == one


def test_a_page_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.city_officer), page_of(cast.community)
    one = queries_of(client, url)
    for _ in range(29):
        CompoundFactory(parent=cast.community)
        AppointmentFactory(organization=cast.community)
    assert queries_of(client, url) == one


# --- adding ---------------------------------------------------------------------------------


def typed(parent, **changed):
    return {"parent": parent.pk, "name": "听松社区", "code": "330088", "phone": "", "address": "", **changed}


def test_a_community_is_added_with_a_free_code_that_is_proposed(cast):
    client = browser_of(cast.city_officer)
    form = client.get(NEW, {"kind": "COMMUNITY", "parent": cast.street.pk}).context["form"]
    code = form["code"].value()
    assert len(code) == 6
    assert code.isdecimal()
    response = client.post(f"{NEW}?kind=COMMUNITY", typed(cast.street, code=code))
    added = Organization.objects.get(code=code)
    assert response.headers["Location"] == page_of(added)
    assert added.path == f"{cast.street.path}{added.pk}/"


@pytest.mark.parametrize(
    ("kind", "place", "more"),
    [
        ("STREET", "city", {}),
        ("SUBCOMMUNITY", "community", {"name": "龘䶮𠮷苑"}),
        ("WORK_UNIT", "city", {"category": "CITY_ORGAN"}),
    ],
)
def test_each_kind_is_added_below_what_it_belongs_to(cast, kind, place, more):
    parent = getattr(cast, place)
    asked = typed(parent, code="NEU-1", **more)
    assert browser_of(cast.city_officer).post(f"{NEW}?kind={kind}", asked).status_code == 302
    added = Organization.objects.get(code="NEU-1")
    assert (added.kind, added.parent, added.name) == (kind, parent, asked["name"])


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"code": "12345"}, "code"),
        ({"code": "１２３４５６"}, "code"),
        ({"code": "330001\n"}, None),
        ({"code": ""}, "code"),
        ({"name": "  "}, "name"),
        ({"name": "长" * 61}, "name"),
        ({"address": "长" * 121}, "address"),
        ({"parent": ""}, "parent"),
        ({"parent": "0"}, "parent"),
    ],
)
def test_what_cannot_be_is_said_and_nothing_is_lost(cast, changed, field):
    page = browser_of(cast.city_officer).post(f"{NEW}?kind=COMMUNITY", typed(cast.street) | changed)
    assert set(page.context["form"].errors) == {field or "__all__"}
    assert screen(page)
    assert not Organization.objects.filter(name="听松社区").exists()


def test_a_taken_code_is_refused_with_a_sentence(cast):
    page = browser_of(cast.city_officer).post(f"{NEW}?kind=COMMUNITY", typed(cast.street, code="330001"))
    assert sentence(Reason.CODE_TAKEN, code="330001") in screen(page)
    assert 'value="听松社区"' in screen(page)


def test_neither_a_city_nor_below_another_city_nor_below_what_is_closed(cast):
    client = browser_of(cast.city_officer)
    assert client.get(NEW, {"kind": "CITY"}).context["kind"] != Kind.CITY
    closed = StreetFactory(parent=cast.city, closed_on="2026-01-01")
    for parent in (StreetFactory(), closed):
        page = client.post(f"{NEW}?kind=COMMUNITY", typed(parent))
        assert set(page.context["form"].errors) == {"parent"}


def test_below_an_organization_only_what_belongs_there_is_offered(cast):
    response = browser_of(cast.city_officer).get(NEW, {"parent": cast.community.pk, "kind": "STREET"})
    assert response.context["kind"] == Kind.SUBCOMMUNITY
    assert [value for value, _ in response.context["kinds"]] == [Kind.SUBCOMMUNITY]


# --- one organization -----------------------------------------------------------------------


def test_a_name_is_changed_on_its_page(cast):
    client = browser_of(cast.city_officer)
    response = client.post(page_of(cast.community), {"name": " 荷风  里社区 ", "phone": "000-1", "address": "一号"})
    assert response.status_code == 302
    cast.community.refresh_from_db()
    assert (cast.community.name, cast.community.phone) == ("荷风 里社区", "000-1")
    assert cast.community.code == "330001"


@pytest.mark.parametrize("place", ["city", "street", "community", "compound", "unit"])
def test_every_kind_has_its_page(cast, place):
    organization = getattr(cast, place)
    page = screen(browser_of(cast.city_officer).get(page_of(organization)))
    assert (page_of(organization, "organization_close") in page) == (place != "city")
    assert (page_of(organization, "community_merge") in page) == (place == "community")
    assert ('name="category"' in page) == (place == "unit")


def test_what_is_closed_can_be_read_only(cast):
    closed = CommunityFactory(parent=cast.street, closed_on="2026-01-01", name="旧社区")
    client = browser_of(cast.city_officer)
    page = screen(client.get(page_of(closed)))
    assert 'name="name"' not in page
    assert reverse("appointment_new") not in page
    refused = client.post(page_of(closed), {"name": "新名", "phone": "", "address": ""})
    assert refused.context["form"].non_field_errors() == [sentence(Reason.CLOSED_ALREADY, organization="旧社区")]


# --- closing --------------------------------------------------------------------------------


def test_what_stands_in_the_way_is_read_before_anything_is_tapped(cast):
    client, url = browser_of(cast.city_officer), page_of(cast.compound, "organization_close")
    page = screen(client.get(url))
    assert sentence(Reason.MEMBERS_LIVE_HERE, n=1) in page
    assert 'method="post" action' not in page.split("<main")[1].split("</main>")[0]
    refused = client.post(url, follow=True)
    assert sentence(Reason.MEMBERS_LIVE_HERE, n=1) in screen(refused)
    assert Organization.objects.get(pk=cast.compound.pk).closed_on is None


def test_a_compound_without_members_is_closed_with_one_tap(cast):
    cast.member.member.check_ins.update(status=CheckIn.Status.ENDED)
    cast.member.member.home = None
    cast.member.member.save()
    client, url = browser_of(cast.city_officer), page_of(cast.compound, "organization_close")
    assert screen(client.get(url))
    assert client.post(url).status_code == 302
    assert Organization.objects.get(pk=cast.compound.pk).closed_on == timezone.localdate()


def test_the_citys_page_leads_to_both_and_only_the_officers(cast):
    page = screen(browser_of(cast.city_officer).get(reverse("city_figures")))
    assert page.count(f'href="{LIST}"') == page.count(f'href="{reverse("appointments")}"') == 1
    for role in ("inspector", "street_officer"):
        assert f'href="{LIST}"' not in screen(browser_of(getattr(cast, role)).get(reverse("city_figures")))
