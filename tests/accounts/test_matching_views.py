"""The lists of three clear on the screen and as downloads: who sees which, and how much of it."""

import csv
import io

import pytest
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook

from accounts.models import CheckIn, UnitMembership
from tests.browsing import browser_of, queries_of, screen
from tests.factories import CommunityFactory, MemberFactory, OrganizationFactory, StreetFactory, UnitFactory
from tests.rosters import list_member, list_stranger

pytestmark = pytest.mark.django_db
ROSTER, MEMBERS, COVERAGE = reverse("roster"), reverse("members"), reverse("coverage")
LISTED_PHONE, LISTED_ADDRESS = "10077777777", "7幢707"


def names(response) -> list[str]:
    return [line.name for line in response.context["page"]]


@pytest.fixture
def differing(cast):
    """张小明 stands on the roster with another phone and address than they checked in with."""
    list_member(cast.unit, cast.member.member, phone=LISTED_PHONE, address=LISTED_ADDRESS, address_key="7-707")
    CheckIn.objects.filter(member=cast.member.member).update(address_key="1-101")
    return cast


# --- pages --------------------------------------------------------------------------------


def test_a_unit_sees_both_sides_of_what_differs(differing):
    page = screen(browser_of(differing.unit_officer).get(ROSTER))
    for words in ("张小明", LISTED_PHONE, differing.member.user.phone, LISTED_ADDRESS, "荷风雅苑一期 1-101"):
        assert words in page


def test_a_community_sees_both_sides_of_what_differs(differing):
    page = screen(browser_of(differing.secretary).get(MEMBERS))
    for words in ("张小明", "青澜市财政局", LISTED_PHONE, differing.member.user.phone, LISTED_ADDRESS, "1-101"):
        assert words in page


@pytest.mark.parametrize("url", [MEMBERS, reverse("unit_roster", args=["CZJ"])])
def test_the_city_sees_that_something_differs_without_phones_and_addresses(differing, url):
    page = screen(browser_of(differing.city_officer).get(url))
    assert "张小明" in page
    assert f"100****{LISTED_PHONE[-4:]}" in page
    for secret in (LISTED_PHONE, differing.member.user.phone, LISTED_ADDRESS, "1-101"):
        assert secret not in page


def test_figures_and_filters_say_how_many(cast):
    list_stranger(cast.unit, "赵六")
    response = browser_of(cast.unit_officer).get(ROSTER, {"q": "赵"})
    whole, states = response.context["whole"], {choice: n for choice, _words, n in response.context["states"]}
    assert (whole.lines, whole.checked_in) == (2, 1)
    assert states == {"": 1, "CHECKED_IN": 0, "NOT_CHECKED_IN": 1, "DIFFERS": 0, "NOT_ON_ROSTER": 0, "AGREES": 0}
    assert "50 %" in screen(response)


@pytest.mark.parametrize(
    "query", [{"page": "999"}, {"page": "-1"}, {"page": "x"}, {"sort": "'"}, {"show": "x"}, {"detail": "x"}]
)
def test_what_makes_no_sense_shows_the_nearest_page(cast, query):
    for who, url in ((cast.unit_officer, ROSTER), (cast.secretary, MEMBERS)):
        assert names(browser_of(who).get(url, query)) == ["张小明"]


def test_pages_are_thirty_long_and_keep_the_filter(cast):
    for n in range(31):
        list_stranger(cast.unit, f"赵{n:02d}")
    response = browser_of(cast.unit_officer).get(ROSTER, {"show": "NOT_CHECKED_IN", "page": 2})
    assert names(response) == ["赵30"]
    assert "show=NOT_CHECKED_IN&page=1" in screen(response).replace("&amp;", "&")


def test_an_empty_list_says_what_to_do(cast):
    response = browser_of(cast.unit_officer).get(ROSTER, {"q": "没有这个人"})
    assert 'class="empty"' in screen(response)


@pytest.mark.parametrize(("who", "url"), [("unit_officer", ROSTER), ("secretary", MEMBERS), ("city_officer", MEMBERS)])
def test_as_many_queries_for_one_as_for_thirty(cast, who, url):
    client = browser_of(getattr(cast, who))
    one = queries_of(client, url)
    for n in range(29):
        member = MemberFactory(unit=cast.unit, community=cast.community)
        list_member(cast.unit, member, phone=f"100777777{n:02d}")
    assert queries_of(client, url) == one


# --- who sees what ------------------------------------------------------------------------


def test_a_unit_sees_no_other_unit_and_no_community(cast):
    client = browser_of(cast.other_unit_officer)
    assert names(client.get(ROSTER)) == ["王芳"]
    for name in ("unit_roster", "unit_roster_csv", "unit_roster_xlsx"):
        assert client.get(reverse(name, args=["CZJ"])).status_code == 404
        assert client.get(reverse(name, args=["JYJ"])).status_code == 200
    for name in ("members", "members_csv", "members_xlsx", "coverage"):
        assert client.get(reverse(name)).status_code == 403


def test_a_community_sees_no_other_community_and_no_unit(cast):
    client = browser_of(cast.secretary)
    assert names(client.get(MEMBERS)) == names(client.get(MEMBERS, {"at": "330001"})) == ["张小明"]
    for name in ("members", "members_csv", "members_xlsx"):
        for code in ("330002", "nonsense", "CZJ"):
            assert client.get(reverse(name), {"at": code}).status_code == 404
    for name in ("unit_roster", "unit_roster_csv", "unit_roster_xlsx"):
        assert client.get(reverse(name, args=["CZJ"])).status_code == 403


def test_the_city_opens_each_of_its_communities_and_units_and_no_other_citys(cast):
    elsewhere = OrganizationFactory()
    abroad, unit = CommunityFactory(parent=StreetFactory(parent=elsewhere)), UnitFactory(parent=elsewhere)
    MemberFactory(user__name="外地人", unit=unit, community=abroad)
    client = browser_of(cast.city_officer)
    assert names(client.get(MEMBERS)) == ["张小明", "王芳"]
    assert names(client.get(MEMBERS, {"at": "330002"})) == ["王芳"]
    assert client.get(MEMBERS, {"at": abroad.code}).status_code == 404
    assert client.get(reverse("unit_roster", args=[unit.code])).status_code == 404


@pytest.mark.parametrize("who", ["branch", "street_officer", "inspector", "member"])
def test_other_hats_see_no_lines(cast, who):
    client = browser_of(getattr(cast, who))
    for url in (ROSTER, MEMBERS, reverse("members_csv"), reverse("unit_roster", args=["CZJ"])):
        assert client.get(url).status_code == 403


# --- coverage -----------------------------------------------------------------------------


def test_coverage_names_nobody_and_links_for_the_city_alone(cast):
    list_stranger(cast.unit, "赵六", community=cast.community)
    for who, links in (("city_officer", True), ("inspector", False), ("street_officer", False)):
        page = screen(browser_of(getattr(cast, who)).get(COVERAGE))
        assert "张小明" not in page
        assert "赵六" not in page
        assert ("/members/?at=330001&show=NOT_CHECKED_IN" in page) is links
        assert ("/units/CZJ/roster/?show=CHECKED_IN" in page) is links
        assert ("青澜市财政局" in page) is (who != "street_officer")


def test_each_linked_figure_is_the_length_of_its_list(cast):
    list_stranger(cast.unit, "赵六", community=cast.community)
    client = browser_of(cast.city_officer)
    context = client.get(COVERAGE).context
    shown = {
        "": "lines",
        "CHECKED_IN": "checked_in",
        "NOT_CHECKED_IN": "not_checked_in",
        "NOT_ON_ROSTER": "not_on_roster",
    }
    for groups, url in ((context["streets"], "members"), (context["categories"], "unit_roster")):
        for part in (part for group in groups for part in group.parts):
            args, query = ([], {"at": part.code}) if url == "members" else ([part.code], {})
            for show, figure in shown.items():
                response = client.get(reverse(url, args=args), {**query, "show": show})
                assert response.context["page"].paginator.count == getattr(part, figure)


def test_a_street_without_communities_says_so(cast):
    cast.street_officer.appointment.organization = StreetFactory(parent=cast.city)
    cast.street_officer.appointment.save()
    assert 'class="empty"' in screen(browser_of(cast.street_officer).get(COVERAGE))


def test_coverage_costs_the_same_for_one_and_for_thirty_places(cast):
    client = browser_of(cast.city_officer)
    one = queries_of(client, COVERAGE)
    for _ in range(29):
        MemberFactory(unit=UnitFactory(parent=cast.city), community=CommunityFactory(parent=cast.street))
    assert queries_of(client, COVERAGE) == one


def test_the_units_dashboard_says_the_same(cast):
    list_stranger(cast.unit, "赵六")
    list_member(cast.unit, cast.other_member.member)
    MemberFactory(unit=cast.unit, user__name="钱多")
    client = browser_of(cast.unit_officer)
    whole = client.get(ROSTER).context["whole"]
    dashboard = client.get(reverse("unit_dashboard"), {"only": "away"})
    figures = dashboard.context["figures"]
    assert (figures.checked_in, figures.people) == (whole.checked_in, whole.lines) == (2, 4)
    away = {person.name for person in dashboard.context["page"]}
    assert away == set(names(client.get(ROSTER, {"show": "NOT_CHECKED_IN"}))) == {"赵六", "钱多"}


# --- downloads ----------------------------------------------------------------------------


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(response.content.decode("utf-8-sig"), newline="")))


def test_a_download_has_the_same_lines_with_both_sides(differing):
    list_stranger(differing.unit, "赵六", phone="10055555555")
    client = browser_of(differing.unit_officer)
    url = reverse("unit_roster_csv", args=["CZJ"])
    heading, *rows = rows_of(client.get(url))
    assert [row[0] for row in rows] == ["张小明", "赵六"]
    [row] = rows_of(client.get(url, {"show": "DIFFERS", "q": "小明"}))[1:]
    own = differing.member.user.phone
    assert row[:6] == ["张小明", "0000000001", LISTED_PHONE, "青澜市财政局", "荷风社区", "荷风雅苑一期"]
    assert row[8:] == ["", "", LISTED_PHONE, own, "", "", "", "", LISTED_ADDRESS, "荷风雅苑一期 1-101"]
    assert len(heading) == len(row)
    assert rows_of(client.get(url, {"q": "没有"}))[1:] == []


def test_the_workbook_says_the_same(differing):
    response = browser_of(differing.secretary).get(reverse("members_xlsx"))
    sheet = load_workbook(io.BytesIO(response.content)).active
    assert [cell.value for cell in sheet[2]][:3] == ["张小明", "0000000001", differing.member.user.phone]
    name = f"members-330001-{timezone.localdate():%Y%m%d}.xlsx"
    assert response.headers["Content-Disposition"] == f'attachment; filename="{name}"'


@pytest.mark.parametrize("url", [reverse("members_csv"), reverse("unit_roster_csv", args=["CZJ"])])
def test_the_citys_download_is_masked_as_its_page_is(differing, url):
    body = browser_of(differing.city_officer).get(url).content.decode()
    for secret in (LISTED_PHONE, differing.member.user.phone, LISTED_ADDRESS, "1-101"):
        assert secret not in body


def test_a_name_that_is_a_formula_is_disarmed(cast):
    list_stranger(cast.unit, '=HYPERLINK("http://x")')
    client = browser_of(cast.unit_officer)
    text = rows_of(client.get(reverse("unit_roster_csv", args=["CZJ"])))[1][0]
    book = load_workbook(io.BytesIO(client.get(reverse("unit_roster_xlsx", args=["CZJ"])).content))
    assert text == book.active["A2"].value == '\'=HYPERLINK("http://x")'
    assert book.active["A2"].data_type == "s"


def test_what_people_wrote_is_shown_as_text(cast):
    list_stranger(cast.unit, "<script>alert(1)</script>")
    assert b"<script>alert" not in browser_of(cast.unit_officer).get(ROSTER).content


def test_who_has_left_is_no_longer_shown_to_the_former_unit(differing):
    UnitMembership.objects.filter(member=differing.member.member).update(unit=differing.other_unit)
    client = browser_of(differing.unit_officer)
    for url in (ROSTER, reverse("unit_roster_csv", args=["CZJ"])):
        body = client.get(url).content.decode()
        assert LISTED_PHONE in body
        for secret in (differing.member.user.phone, "1-101", "荷风社区"):
            assert secret not in body
