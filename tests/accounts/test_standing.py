"""Retirement and exemptions: recorded by the unit or the city, told to the member (domain rule 7)."""

from datetime import date, timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.standing import end_exemption, exempt, retire, return_to_work
from accounts.models import Exemption, Member, Notice, Record, Role, UnitMembership, UnitNews
from accounts.refusals import Reason
from flags.queries.compliance import compliance_rows
from tests.browsing import browser_of, screen, sentence
from tests.conftest import actor
from tests.factories import MemberFactory, UnitFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
TODAY = timezone.localdate


def illness(cast, *, by=None, **changed):
    asked = {"reason": Exemption.Reason.ILLNESS, "starts_on": date(2026, 3, 1), "ends_on": None, **changed}
    return exempt(cast.member.member, **asked, by=by or cast.unit_officer)


def refused(why, act, *args, **kwargs):
    before = Record.objects.count(), Notice.objects.count(), Exemption.objects.count()
    with pytest.raises(Refused) as caught:
        act(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Record.objects.count(), Notice.objects.count(), Exemption.objects.count()) == before


def unit_today(member):
    membership = UnitMembership.objects.on(TODAY()).filter(member=member).first()
    return membership and membership.unit


def test_retiring_frees_the_member_and_tells_them(cast):
    member = cast.member.member
    retire(member, on=date(2026, 6, 1), leaves_unit=False, by=cast.unit_officer)
    member.refresh_from_db()
    assert member.retired_on == date(2026, 6, 1)
    assert unit_today(member) == cast.unit, "the unit lists them as not applicable"
    assert member.user.notices.get().kind == Notice.Kind.STANDING_CHANGED
    assert not UnitNews.objects.exists(), "the unit knows, it was the unit that said so"


def test_who_leaves_the_unit_on_retiring_is_there_until_the_day_before(cast):
    member = cast.member.member
    retire(member, on=date(2026, 6, 1), leaves_unit=True, by=cast.unit_officer)
    assert UnitMembership.objects.on(date(2026, 5, 31)).filter(member=member).exists()
    assert not UnitMembership.objects.on(date(2026, 6, 1)).filter(member=member).exists()


def test_retiring_twice_and_retiring_tomorrow_are_refused(cast):
    member = cast.member.member
    tomorrow = TODAY() + timedelta(days=1)
    refused(Reason.DAY_TO_COME, retire, member, on=tomorrow, leaves_unit=False, by=cast.unit_officer)
    retire(member, on=TODAY(), leaves_unit=False, by=cast.unit_officer)
    refused(Reason.ALREADY_RETIRED, retire, member, on=TODAY(), leaves_unit=False, by=cast.unit_officer)


def test_the_first_minute_of_the_year_in_shanghai_is_its_first_day(cast):
    with time_machine.travel("2026-12-31T16:00:30+00:00", tick=False):
        retire(cast.member.member, on=date(2027, 1, 1), leaves_unit=False, by=cast.unit_officer)
    assert Member.objects.get(pk=cast.member.member.pk).retired_on == date(2027, 1, 1)


def test_the_city_may_record_it_and_the_unit_is_told(cast):
    retire(cast.member.member, on=TODAY(), leaves_unit=False, by=cast.city_officer)
    assert UnitNews.objects.get(unit=cast.unit).kind == UnitNews.Kind.RETIRED
    assert cast.unit_officer.user.notices.get().params["source"] == "青澜市"


def test_who_works_again_is_back_in_a_unit_from_today(cast):
    member = cast.member.member
    retire(member, on=date(2026, 6, 1), leaves_unit=True, by=cast.unit_officer)
    return_to_work(member, unit=cast.unit, by=cast.city_officer)
    member.refresh_from_db()
    assert (member.retired_on, unit_today(member)) == (None, cast.unit)
    refused(Reason.NOT_RETIRED, return_to_work, member, unit=cast.unit, by=cast.unit_officer)


def test_the_years_of_a_retirement_stay_as_they_were(cast):
    member, last = cast.member.member, TODAY().year - 1
    retire(member, on=date(last, 6, 1), leaves_unit=False, by=cast.unit_officer)
    return_to_work(member, unit=cast.unit, by=cast.unit_officer)
    states = {year: [row.state for row in compliance_rows(cast.unit.path, year)] for year in (last - 1, last, last + 1)}
    assert states == {last - 1: ["NOT_MET"], last: ["NOT_APPLICABLE"], last + 1: ["NOT_MET"]}


@pytest.mark.parametrize("on", [date(1926, 3, 1), date(2020, 1, 1)])
def test_nobody_leaves_a_unit_before_joining_it(cast, on):
    before = list(UnitMembership.objects.values())
    refused(Reason.BEFORE_JOINING, retire, cast.member.member, on=on, leaves_unit=True, by=cast.unit_officer)
    assert list(UnitMembership.objects.values()) == before


def test_an_exemption_with_a_last_day_can_end_earlier(cast):
    exemption = illness(cast, ends_on=TODAY() + timedelta(days=90))
    page = screen(browser_of(cast.unit_officer).get(url(cast)))
    assert f"end_{exemption.pk}_" in page
    end_exemption(exemption, last_day=TODAY(), by=cast.unit_officer)
    exemption.refresh_from_db()
    assert exemption.ends_on == TODAY()


def test_a_unit_takes_nobody_back_for_another_unit(cast):
    retire(cast.member.member, on=TODAY(), leaves_unit=False, by=cast.unit_officer)
    with pytest.raises(PermissionDenied):
        return_to_work(cast.member.member, unit=cast.other_unit, by=cast.unit_officer)


def test_an_exemption_has_a_reason_and_dates(cast):
    exemption = illness(cast, ends_on=date(2026, 3, 1))
    assert (exemption.starts_on, exemption.ends_on) == (date(2026, 3, 1), date(2026, 3, 1))
    assert cast.member.user.notices.get().kind == Notice.Kind.STANDING_CHANGED
    refused(Reason.ENDS_TOO_EARLY, illness, cast, ends_on=date(2026, 2, 28))


def test_an_exemption_ends_once_and_not_before_it_began(cast):
    exemption = illness(cast)
    ending = {"by": cast.unit_officer}
    refused(Reason.ENDS_TOO_EARLY, end_exemption, exemption, last_day=date(2026, 2, 28), **ending)
    end_exemption(exemption, last_day=date(2026, 5, 1), **ending)
    exemption.refresh_from_db()
    assert exemption.ends_on == date(2026, 5, 1)
    refused(Reason.EXEMPTION_OVER, end_exemption, exemption, last_day=date(2026, 6, 1), **ending)


@pytest.mark.parametrize("who", ["other_unit_officer", "secretary", "branch", "inspector", "street_officer", "member"])
def test_nobody_else_records_it(cast, who):
    by, member = getattr(cast, who), cast.member.member
    for act in (
        lambda: retire(member, on=TODAY(), leaves_unit=False, by=by),
        lambda: illness(cast, by=by),
        lambda: return_to_work(member, unit=cast.unit, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()


def test_nobody_exempts_oneself(cast):
    officer = cast.unit_officer
    member = MemberFactory(user=officer.user, unit=cast.unit)
    refused(Reason.ONESELF, exempt, member, reason="ILLNESS", starts_on=TODAY(), ends_on=None, by=officer)


def test_a_member_without_unit_and_home_is_the_citys(cast):
    member = MemberFactory()
    with pytest.raises(PermissionDenied):
        retire(member, on=TODAY(), leaves_unit=False, by=cast.unit_officer)
    retire(member, on=TODAY(), leaves_unit=False, by=cast.city_officer)


# --- the page --------------------------------------------------------------------------------


def url(cast, page="standing", *args):
    return reverse(page, args=[cast.member.member.number, *args])


def test_the_page_records_and_says_so(cast):
    client = browser_of(cast.unit_officer)
    sent = {"reason": "PARENTAL", "starts_on": "2026-03-01", "ends_on": ""}
    assert "2026-03-01" in screen(client.post(url(cast, "standing_exempt"), sent, follow=True))
    exemption = Exemption.objects.get()
    page = screen(client.post(url(cast, "exemption_end", exemption.pk), {"last_day": "2026-08-31"}, follow=True))
    assert "2026-08-31" in page
    page = screen(client.post(url(cast, "standing_retire"), {"on": "2026-09-01"}, follow=True))
    assert "2026-09-01" in page
    screen(client.post(url(cast, "standing_return"), {"unit": cast.unit.pk}, follow=True))
    assert Member.objects.get(pk=cast.member.member.pk).retired_on is None


@pytest.mark.parametrize(
    ("page", "sent", "kept"),
    [
        ("standing_exempt", {"reason": "ILLNESS", "starts_on": "2026-03-05", "ends_on": "2026-03-01"}, "2026-03-05"),
        ("standing_exempt", {"reason": "TIRED", "starts_on": "2026-03-05", "ends_on": ""}, "2026-03-05"),
        ("standing_retire", {"on": "2999-01-01"}, "2999-01-01"),
        ("standing_retire", {"on": "soon"}, "soon"),
    ],
)
def test_what_is_refused_is_said_and_kept(cast, page, sent, kept):
    said = screen(browser_of(cast.unit_officer).post(url(cast, page), sent))
    assert 'class="errorlist' in said
    assert f'value="{kept}"' in said
    assert not Exemption.objects.exists()


def test_ending_too_early_is_said_beside_that_exemption(cast):
    first, second = illness(cast), illness(cast, starts_on=date(2026, 5, 1))
    said = screen(browser_of(cast.unit_officer).post(url(cast, "exemption_end", second.pk), {"last_day": "2026-04-01"}))
    assert sentence(Reason.ENDS_TOO_EARLY) in said
    assert said.index(f"end_{second.pk}_") < said.index('value="2026-04-01"') < said.index(f"end_{first.pk}_")


def test_another_units_member_and_another_members_exemption_are_not_found(cast):
    client = browser_of(cast.other_unit_officer)
    assert client.get(url(cast)).status_code == 404
    exemption = illness(cast)
    other = reverse("exemption_end", args=[cast.other_member.member.number, exemption.pk])
    assert client.post(other, {"last_day": "2026-04-01"}).status_code == 404


def test_a_foreign_unit_is_no_choice(cast):
    retire(cast.member.member, on=TODAY(), leaves_unit=False, by=cast.unit_officer)
    page = screen(browser_of(cast.unit_officer).post(url(cast, "standing_return"), {"unit": cast.other_unit.pk}))
    assert 'class="errorlist' in page
    assert Member.objects.get(pk=cast.member.member.pk).retired_on is not None


def test_a_second_citys_officer_sees_no_member_here(cast):
    abroad = UnitFactory().parent
    stranger: Actor = actor(abroad, Role.CITY_OFFICER, "外市")
    assert browser_of(stranger).get(url(cast)).status_code == 404
