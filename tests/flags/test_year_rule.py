"""The rule of a city's year: who sets it, what it refuses, and what another one would do."""

import re
from collections.abc import Iterator
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import translation

from accounts.models import Exemption, Member, Record
from accounts.refusals import Reason as AccountsReason
from flags.actions.lock import lock_year
from flags.actions.year_rule import set_rule
from flags.models import ComplianceReport
from flags.queries.year_rule import preview, rule_seen, years_with_rules
from flags.refusals import Reason
from tasks.models import YearRule
from tests.administration import address
from tests.browsing import in_english, queries_of, screen, sentence
from tests.factories import MemberFactory, OrganizationFactory
from tests.flags.ledger import award
from tests.storm import at_once, reasons
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 6, 30, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
TYPED = {"minimum": 6, "community_value_at_most": 3, "city_value_at_most": 5, "deadline": ""}
PAGE = "/year-rule/2026/"


@pytest.fixture(autouse=True)
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


def set_for(cast, year=2026, **asked) -> YearRule:
    return set_rule(cast.city, year, by=cast.city_officer, **asked)


def test_what_is_not_asked_for_stays_as_it_was(cast):
    set_for(cast, minimum=6)
    rule = set_for(cast, deadline=date(2027, 2, 15))
    assert (rule.minimum, rule.pro_rating, rule.confirm_by) == (6, False, date(2027, 2, 15))
    assert YearRule.objects.get() == rule


def test_every_change_is_recorded_with_old_and_new_values(cast):
    set_for(cast)
    with translation.override("en"):
        rule = set_for(cast, minimum=6, pro_rating=True, deadline=date(2027, 2, 15))
    set_for(cast, minimum=6)
    record = Record.objects.filter(subject_id=rule.pk, verb="rule set").first()
    assert record.user == cast.city_officer.user
    assert "5 → 6" in record.reason.text
    assert "no → yes" in record.reason.text
    assert "– → 2027-02-15" in record.reason.text
    assert Record.objects.filter(verb="rule set").count() == 2


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        ({"minimum": 0}, Reason.MINIMUM_BELOW_ONE),
        ({"minimum": -1}, Reason.MINIMUM_BELOW_ONE),
        ({"community_value_at_most": 0}, Reason.LIMITS_OUT_OF_ORDER),
        ({"community_value_at_most": 4, "city_value_at_most": 3}, Reason.LIMITS_OUT_OF_ORDER),
        ({"city_value_at_most": 99}, Reason.LIMITS_OUT_OF_ORDER),
        ({"deadline": date(2026, 12, 31)}, Reason.DEADLINE_WITHIN_YEAR),
    ],
)
def test_it_refuses_what_no_year_can_have(cast, asked, reason):
    with pytest.raises(Refused) as refused:
        set_for(cast, **asked)
    assert refused.value.reason == reason
    assert not YearRule.objects.exists()


def test_a_deadline_in_the_past_is_refused_when_it_is_set_and_stays_once_it_has_passed(cast, clock):
    with pytest.raises(Refused) as refused:
        set_for(cast, 2025, deadline=date(2026, 6, 29))
    assert refused.value.reason == Reason.DEADLINE_PAST
    set_for(cast, 2025, deadline=date(2026, 6, 30))
    clock.move_to(datetime(2026, 7, 1, tzinfo=NOON.tzinfo))
    assert set_for(cast, 2025, minimum=4, deadline=date(2026, 6, 30)).minimum == 4


@pytest.mark.parametrize("year", [1999, 2028])
def test_for_the_years_of_the_page_only(cast, year):
    with pytest.raises(Refused) as refused:
        set_for(cast, year)
    assert refused.value.reason == Reason.RULE_TOO_EARLY
    assert years_with_rules(cast.city) == [2027, 2026, 2025, 2024, 2023]


def test_only_the_citys_officer_and_only_for_their_own_city(cast):
    for actor in (cast.unit_officer, cast.inspector, cast.street_officer, cast.secretary, cast.member):
        with pytest.raises(PermissionDenied):
            set_rule(cast.city, 2026, by=actor, minimum=6)
    with pytest.raises(PermissionDenied):
        set_rule(OrganizationFactory(), 2026, by=cast.city_officer, minimum=6)


def test_a_locked_years_rule_stays(cast, admin_client):
    rule = set_for(cast, 2025)
    lock_year(cast.city, 2025, by=cast.city_officer)
    with pytest.raises(Refused) as refused:
        set_for(cast, 2025, minimum=6)
    assert refused.value.reason == Reason.YEAR_LOCKED
    page = screen(in_english(cast.city_officer).get("/year-rule/2025/"))
    assert 'name="minimum"' not in page
    assert "2025 is locked" in page
    for typed in ({"preview": 1}, {"save": 1}):
        assert "is locked" in screen(in_english(cast.city_officer).post("/year-rule/2025/", TYPED | typed))
    assert admin_client.post(address(YearRule, "change", rule.pk), TYPED).status_code == 403
    assert admin_client.post(address(YearRule, "delete", rule.pk), {"post": "yes"}).status_code == 403
    assert YearRule.objects.get(year=2025).minimum == 5


def test_the_administrator_is_refused_with_the_same_sentences(cast, admin_client):
    typed = TYPED | {"city": cast.city.pk, "year": 2026}
    page = screen(
        admin_client.post(address(YearRule, "add"), typed | {"deadline": "2027-01-01", "city_value_at_most": 9})
    )
    assert str(Reason.LIMITS_OUT_OF_ORDER.label) in page
    lock_year(cast.city, 2025, by=cast.city_officer)
    locked = sentence(Reason.YEAR_LOCKED, year=2025)
    assert locked in screen(admin_client.post(address(YearRule, "add"), typed | {"year": 2025}))
    assert not YearRule.objects.exists()
    assert admin_client.post(address(YearRule, "add"), typed).status_code == 302
    assert YearRule.objects.get().minimum == 6


# --- two at once ----------------------------------------------------------------------------


def test_who_saves_second_is_told_and_may_send_it_again(cast):
    browser = in_english(cast.city_officer)
    seen = rule_seen(YearRule(year=2026))
    set_for(cast, minimum=7)
    page = screen(browser.post(PAGE, TYPED | {"seen": seen, "save": 1}))
    assert "what you typed still stands below" in page
    assert 'value="6"' in page, "what was typed stays"
    assert YearRule.objects.get().minimum == 7
    again = rule_seen(YearRule.objects.get())
    assert again in page
    assert browser.post(PAGE, TYPED | {"seen": again, "save": 1}).status_code == 302
    assert YearRule.objects.get().minimum == 6


@pytest.mark.django_db(transaction=True)
def test_of_two_at_the_same_moment_one_is_told(cast):
    seen = rule_seen(YearRule(year=2026))
    outcomes = at_once(*(lambda n=n: set_for(cast, minimum=n, seen=seen) for n in (6, 7)))
    assert reasons(outcomes) == [AccountsReason.STATE_CHANGED]
    assert YearRule.objects.count() == 1


# --- what it would do -----------------------------------------------------------------------


def test_the_preview_counts_by_the_reports_statement_and_writes_nothing(cast):
    award(cast, cast.member.member, date(2026, 3, 1), value=5)
    ill, retired = MemberFactory(unit=cast.unit), MemberFactory(unit=cast.unit, retired_on=date(2026, 1, 1))
    Exemption.objects.create(member=ill, reason="ILLNESS", starts_on=date(2026, 1, 1), ends_on=date(2026, 7, 1))
    found = preview(cast.city, 2026, YearRule(year=2026, minimum=6))
    assert (found.now.members, found.now.owing, found.now.met, found.now.exempt) == (4, 2, 1, 1)
    assert (found.then.owing, found.then.met, found.then.not_applicable) == (2, 0, 1)
    rated = preview(cast.city, 2026, YearRule(year=2026, minimum=6, pro_rating=True))
    assert (rated.then.owing, rated.then.exempt) == (3, 0)
    assert not YearRule.objects.exists()
    assert not ComplianceReport.objects.exists()
    assert retired in Member.objects.all()


def test_the_page_says_it_in_words(cast):
    award(cast, cast.member.member, date(2026, 3, 1), value=5)
    page = screen(in_english(cast.city_officer).post(PAGE, TYPED | {"preview": 1}))
    assert "Now 1 of 2 members who owe flags meet it." in page
    assert "With this rule 0 of 2 would." in page
    assert 'value="6"' in page
    next_year = screen(in_english(cast.city_officer).post("/year-rule/2027/", TYPED | {"preview": 1}))
    assert "Measured by the flags of 2026 so far." in next_year
    assert not YearRule.objects.exists()


def test_the_page_shows_who_changed_what(cast):
    browser = in_english(cast.city_officer)
    assert browser.post(PAGE, TYPED | {"save": 1, "seen": rule_seen(YearRule(year=2026))}).status_code == 302
    page = screen(browser.get(PAGE))
    assert "5 → 6" in page
    assert "周部长" in page


def test_a_form_that_is_sent_after_new_years_midnight_is_for_the_year_on_which_it_was_opened(cast, clock):
    clock.move_to(datetime(2026, 12, 31, 23, 59, tzinfo=NOON.tzinfo))
    browser = in_english(cast.city_officer)
    page = browser.get("/year-rule/")
    clock.move_to(datetime(2027, 1, 1, tzinfo=NOON.tzinfo))
    *_others, form = screen(page).partition('name="minimum"')[0].split("<form")
    [address] = re.findall(r'action="([^"]*)"', form) or ["/year-rule/"]
    browser.post(address, TYPED | {"save": 1, "seen": rule_seen(YearRule(year=2026))})
    assert list(YearRule.objects.values_list("year", "minimum")) == [(2026, 6)]


@pytest.mark.parametrize("minimum", ["0", "-3", "1000000", "五面", "", "5.5"])
def test_a_bad_form_keeps_what_was_typed(cast, minimum):
    page = screen(in_english(cast.city_officer).post(PAGE, TYPED | {"minimum": minimum, "save": 1}))
    assert f'value="{minimum}"' in page or not minimum
    assert not YearRule.objects.exists()


def test_there_is_a_page_for_the_years_that_can_have_a_rule(cast):
    browser = in_english(cast.city_officer)
    assert [browser.get(f"/year-rule/{year}/").status_code for year in (2027, 2025, 2028, 1999)] == [200, 200, 404, 404]
    assert queries_of(browser, PAGE) <= 15
