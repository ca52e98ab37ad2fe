"""The secretary's annual report: the figures of dashboard and report, on exactly two pages."""

import sys
from datetime import date, timedelta

import pytest
import time_machine
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from weasyprint import HTML

from flags.queries.annual_report import PLACES_SHOWN, unit_year
from flags.queries.annual_report_community import community_year
from flags.queries.compliance import compliance_summary
from flags.queries.service import services_by_community
from flags.queries.unit import earned_together, unit_figures, unit_members
from flags.templatetags.bars import lying, upright
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ClaimFactory, CommunityFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.flags.ledger import award
from tests.flags.served import last_year, served, taken_back
from tests.paper import pages_of

pytestmark = pytest.mark.django_db
UNIT = (
    *("members", "checked_in", "met", "short", "exempt", "retired"),
    *("flags", "services", "hours", "companions", "retired_flags"),
)


def address(cast, name="unit_annual_report"):
    return f"{reverse(name, args=[cast.unit.code])}?year={last_year()}"


def of(report):
    """Numbers by where they stand, whatever they are called in the language of the page."""
    return dict(zip(UNIT, report.figures, strict=True))


def test_its_numbers_are_those_of_dashboard_and_report(cast):
    year = last_year()
    served(cast, date(year, 2, 14), hours=2.5, companions=2, task={"flag_value": 3})
    served(cast, date(year, 3, 1), task={"category": "MICRO_WISH", "flag_value": 2})
    taken_back(served(cast, date(year, 12, 31)))
    retired = MemberFactory(unit=cast.unit, community=cast.community, retired_on=date(year, 1, 1))
    served(cast, date(year, 5, 1), member=retired)
    served(cast, date(year - 1, 5, 1))
    report, people = unit_year(cast.unit, year), unit_members(cast.unit, year)
    figures, (standing,) = unit_figures(people), compliance_summary(cast.unit.path, year)
    said = of(report)
    assert (said["flags"].now, said["services"].now) == (figures.flags, figures.services) == (5, 2)
    assert (said["met"].now, said["short"].now, said["retired"].now) == (figures.met, figures.short, 1) == (1, 0, 1)
    assert (said["flags"].before, said["flags"].change) == (1, "+4")
    assert (said["hours"].now, said["hours"].before) == (4.5, 2.0)
    assert (said["companions"].now, said["retired_flags"].now) == (2, 1)
    assert report.months == earned_together(people, year).months
    assert [flags for _name, flags in report.categories][:2] == [standing.community_activity, standing.micro_wish]
    assert [(place.name, place.services, place.flags) for place in report.places] == [("荷风社区", 2, 5)]


def test_a_unit_whose_path_begins_alike_is_another(cast):
    served(cast, date(last_year(), 2, 14))
    assert of(unit_year(cast.other_unit, last_year()))["flags"].now == 0


def test_what_waits_is_said(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(days=2))
    ClaimFactory(shift=shift, member=cast.member.member)
    year = shift.ends_at.astimezone(timezone.get_default_timezone()).year
    assert unit_year(cast.unit, year).waits[0][1] == 1


def test_a_unit_without_members_says_so_instead_of_failing(cast):
    cast.unit.unit_memberships.all().delete()
    report = unit_year(cast.unit, last_year())
    assert len(report.words) == 1
    assert report.others is None


def test_many_communities_are_the_busiest_and_the_rest_in_one_line(cast):
    for n in range(PLACES_SHOWN + 20):
        award(cast, cast.member.member, date(last_year(), 3, 1), community=CommunityFactory(parent=cast.street))
        assert n >= 0
    report = unit_year(cast.unit, last_year())
    assert len(report.places) == PLACES_SHOWN
    assert (report.others.services, report.others.flags) == (20, 20)


@pytest.mark.parametrize("communities", [0, 30])
def test_it_fits_two_pages_exactly_however_long_the_names(cast, communities):
    cast.unit.name = "很长的单位名称" * 8
    cast.unit.save()
    for n in range(communities):
        place = CommunityFactory(parent=cast.street, name=f"{n}{'很长的社区名' * 9}")
        award(cast, cast.member.member, date(last_year(), n % 12 + 1, 1), community=place, value=5)
    report = unit_year(cast.unit, last_year())
    page = render_to_string("flags/annual_report/paper.html", {"report": report, "printed_on": date(2026, 1, 2)})
    assert len(HTML(string=page).render().pages) == 2


@pytest.mark.paper
def test_the_pdf_reads_in_chinese(cast):
    served(cast, date(last_year(), 2, 14), hours=2.5)
    response = browser_of(cast.unit_officer).get(address(cast, "unit_annual_report_pdf"))
    assert response.headers["Content-Type"] == "application/pdf"
    first, second = pages_of(response.content)
    assert "青澜市财政局" in first
    assert "2.5" in first
    assert "1/2" in first
    assert "荷风社区" in second


def test_the_page_costs_the_same_for_one_member_and_for_thirty(cast):
    served(cast, date(last_year(), 2, 14))
    client = browser_of(cast.unit_officer)
    one = queries_of(client, address(cast))
    for _ in range(29):
        served(cast, date(last_year(), 2, 14), member=MemberFactory(unit=cast.unit, community=cast.community))
    assert queries_of(client, address(cast)) == one


def test_who_opens_it_reads_sentences_and_tables(cast):
    served(cast, date(last_year(), 2, 14))
    for who in ("unit_officer", "city_officer"):
        said = screen(browser_of(getattr(cast, who)).get(address(cast)))
        assert "荷风社区" in said
        assert "<svg" in said
        assert "style=" not in said


def test_without_what_pdf_needs_the_page_is_offered_instead(cast, monkeypatch):
    monkeypatch.setitem(sys.modules, "weasyprint", None)
    response = browser_of(cast.unit_officer).get(address(cast, "unit_annual_report_pdf"), follow=True)
    assert response.redirect_chain == [(address(cast), 302)]


def test_bars_begin_at_zero_and_none_goes_below():
    assert [bar.size for bar in upright([0, 5, 10, -3] + [0] * 8)][:4] == [0, 45, 90, 0]
    assert [bar.size for bar in lying([("甲", 0), ("乙", 0)])] == [0, 0]


# --- a community's own -----------------------------------------------------------------------


def test_a_community_tells_what_it_held_took_in_and_lit(cast):
    year = last_year()
    served(cast, date(year, 2, 14), hours=2.5)
    retired = MemberFactory(unit=cast.unit, community=cast.community, retired_on=date(year, 1, 1))
    served(cast, date(year, 5, 1), member=retired)
    with time_machine.travel(f"{year}-12-31T23:59:00+08:00", tick=False):
        wish = WishFactory(community=cast.community)
    with time_machine.travel(f"{year + 1}-01-01T00:00:00+08:00", tick=False):
        WishFactory(community=cast.community)
    report = community_year(cast.community, year, actor=cast.secretary)
    served_here = services_by_community((cast.community.path,), year)[cast.community.pk]
    shifts, wishes, services, flags = (report.figures[n].now for n in (1, 2, 7, 8))
    assert (shifts, wishes) == (2, 1)
    assert (services, flags) == (served_here.services, served_here.flags) == (1, 1)
    assert sum(report.months) == sum(n for _name, n in report.categories) == flags
    assert report.figures[10].now == served_here.retired_services == 1
    assert [(place.name, place.services) for place in report.places] == [("青澜市财政局", 1)]
    assert wish.community == cast.community


def test_its_two_pages_are_two_also_for_a_community_where_nothing_happened(cast):
    cast.community.name = "很长的社区名" * 9
    report = community_year(cast.community, last_year(), actor=cast.secretary)
    page = render_to_string("flags/annual_report/paper.html", {"report": report, "printed_on": date(2026, 1, 2)})
    assert len(HTML(string=page).render().pages) == 2


def test_secretary_and_city_open_it(cast):
    served(cast, date(last_year(), 2, 14))
    for who in ("secretary", "city_officer"):
        client = browser_of(getattr(cast, who))
        page = reverse("community_annual_report", args=[cast.community.code])
        assert "青澜市财政局" in screen(client.get(page, {"year": last_year()}))
    pdf = client.get(reverse("community_annual_report_pdf", args=[cast.community.code]), {"year": last_year()})
    assert pdf.content.startswith(b"%PDF-")
