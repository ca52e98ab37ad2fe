"""What a steward's log and an adopted suggestion light, in the transaction of the act itself (domain rule 5)."""

from datetime import date
from functools import partial

import pytest
import time_machine
from django.urls import reverse

from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from flags.models import FlagAward
from flags.refusals import Reason
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion
from tasks.models import StewardLog, Suggestion, YearRule
from tasks.models.task import Category
from tasks.queries.steward_log import logs_read_by, logs_to_confirm
from tests.browsing import browser_of, screen
from tests.factories import MemberFactory, StewardLogFactory, StewardPostFactory, SuggestionFactory
from tests.tasks.steward_world import refused

pytestmark = pytest.mark.django_db
S = Suggestion.Status


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel("2026-11-24T12:00:00+08:00", tick=False):
        yield


def log_of(cast, year: int = 2026, quarter: int = 3, **held) -> StewardLog:
    held = {"held_from": date(2025, 1, 1), "held_until": date(2027, 1, 1)} | held
    post = StewardPostFactory(compound=cast.compound, holder=cast.member.member, subject="3 幢", **held)
    return StewardLogFactory(post=post, member=cast.member.member, year=year, quarter=quarter)


def suggestion_of(cast, **fields) -> Suggestion:
    return SuggestionFactory(author=cast.member.member, community=cast.community, **fields)


def adopt(cast, suggestion, to=S.ADOPTED, by=None) -> None:
    decide_suggestion(suggestion, to, reason="列入本季度改造。", by=by or cast.secretary)


def told(person) -> list[str]:
    return list(person.user.notices.order_by("pk").values_list("kind", flat=True))


# --- a steward's log --------------------------------------------------------------------------


def test_a_confirmed_log_lights_one_flag_on_the_last_day_of_its_quarter(cast):
    log = log_of(cast)
    confirm_log(log, by=cast.secretary)
    award = FlagAward.objects.get()
    assert (award.log, award.member, award.value, award.category) == (log, log.member, 1, Category.RED_STEWARD)
    assert (award.served_on, award.year) == (date(2026, 9, 30), 2026)
    assert (award.unit, award.community) == (cast.unit, cast.community)
    assert (award.by_user, award.by_appointment) == (cast.secretary.user, cast.secretary.appointment)
    assert Record.objects.get(verb="awarded").subject == award
    assert told(cast.member) == ["STEWARD_LOG_CONFIRMED"]


def test_of_the_running_quarter_its_day_is_today(cast):
    confirm_log(log_of(cast, quarter=4), by=cast.secretary)
    assert FlagAward.objects.get().served_on == date(2026, 11, 24)


def test_of_a_term_that_ended_within_the_quarter_its_day_is_the_last_one_held(cast):
    log = log_of(cast)
    log.post.terms.update(ended_on=date(2026, 8, 20), ending="GIVEN_UP")
    confirm_log(log, by=cast.secretary)
    assert FlagAward.objects.get().served_on == date(2026, 8, 20)


def test_a_log_confirmed_twice_lights_one_flag(cast):
    log = log_of(cast)
    confirm_log(log, by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, confirm_log, log, by=cast.second_secretary)
    stale = StewardLog.objects.get(pk=log.pk)
    stale.status = StewardLog.Status.SUBMITTED
    refused(AccountsReason.STATE_CHANGED, confirm_log, stale, by=cast.second_secretary)
    assert FlagAward.objects.count() == 1


def test_the_last_quarters_log_counts_for_its_own_year_until_the_deadline(cast):
    log = log_of(cast, quarter=4)
    with time_machine.travel("2027-01-31T23:59:00+08:00", tick=False):
        confirm_log(log, by=cast.secretary)
    assert FlagAward.objects.get().served_on == date(2026, 12, 31)


def test_after_the_deadline_the_city_confirms_it_and_says_why(cast):
    log = log_of(cast, quarter=4)
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        said = refused(Reason.YEAR_OVER, confirm_log, log, by=cast.secretary)
        assert "青澜市" in said.sentence
        assert list(logs_to_confirm(cast.city_officer)) == [log]
        log.refresh_from_db()
        refused(Reason.YEAR_NEEDS_REASON, partial(confirm_log, why=" "), log, by=cast.city_officer)
        log.refresh_from_db()
        confirm_log(log, by=cast.city_officer, why="社区书记年底住院。")
        assert not logs_read_by(cast.city_officer).exists(), (
            "decided, it is between the steward and the community again"
        )
    award = FlagAward.objects.get()
    assert (award.year, str(award.reason)) == (2026, "社区书记年底住院。")


def test_the_pages_say_whom_to_ask_and_keep_the_citys_words(cast):
    log = log_of(cast, quarter=4)
    confirm = reverse("steward_log_confirm", args=[log.pk])
    with time_machine.travel("2027-02-01T00:00:00+08:00", tick=False):
        page = screen(browser_of(cast.secretary).get(log.page))
        assert confirm not in page
        assert "青澜市" in page
        city = browser_of(cast.city_officer)
        assert confirm in screen(city.get(log.page))
        again = screen(city.post(confirm, {"why": "  "}))
        assert str(Reason.YEAR_NEEDS_REASON.label) % {"year": 2026} in again
        assert not FlagAward.objects.exists()
        city.post(confirm, {"why": "社区书记年底住院。"})
    assert FlagAward.objects.count() == 1


def test_a_longer_deadline_of_the_rule_holds(cast):
    YearRule.objects.create(city=cast.city, year=2026, deadline=date(2027, 2, 28))
    log = log_of(cast, quarter=4)
    with time_machine.travel("2027-02-28T12:00:00+08:00", tick=False):
        assert list(logs_to_confirm(cast.city_officer)) == []
        confirm_log(log, by=cast.secretary)
    assert FlagAward.objects.get().year == 2026


# --- an adopted suggestion --------------------------------------------------------------------


def test_an_adopted_suggestion_lights_one_flag_on_the_day_of_adoption(cast):
    suggestion = suggestion_of(cast)
    adopt(cast, suggestion)
    award = FlagAward.objects.get()
    assert (award.suggestion, award.member, award.value) == (suggestion, cast.member.member, 1)
    assert (award.category, award.served_on) == (Category.SUGGESTION, date(2026, 11, 24))
    assert (award.unit, award.community) == (cast.unit, cast.community)
    assert told(cast.member) == ["SUGGESTION_DECIDED", "FLAG_AWARDED"]


@pytest.mark.parametrize("to", [S.PARTLY_ADOPTED, S.NOT_ADOPTED])
def test_one_adopted_in_part_or_not_lights_none(cast, to):
    adopt(cast, suggestion_of(cast), to)
    assert not FlagAward.objects.exists()


def test_a_residents_lights_none(cast):
    adopt(cast, SuggestionFactory(author=None, community=cast.community))
    assert not FlagAward.objects.exists()


def test_the_third_of_a_year_is_adopted_without_a_flag_and_both_are_told(cast):
    for _ in range(2):
        adopt(cast, suggestion_of(cast))
    third = suggestion_of(cast)
    assert "张小明" in screen(browser_of(cast.secretary).get(third.page))
    adopt(cast, third)
    third.refresh_from_db()
    assert third.status == S.ADOPTED
    assert FlagAward.objects.count() == 2
    assert told(cast.member)[-2:] == ["SUGGESTION_DECIDED", "SUGGESTION_BEYOND_TWO"]
    with time_machine.travel("2027-01-01T00:00:00+08:00", tick=False):
        adopt(cast, suggestion_of(cast))
    assert FlagAward.objects.filter(year=2027).count() == 1


def test_both_accounts_of_one_person_count_together(cast):
    gone = MemberFactory(merged_into=cast.member.member)
    for author in (gone, cast.member.member, cast.member.member):
        adopt(cast, SuggestionFactory(author=author, community=cast.community))
    assert FlagAward.objects.count() == 2


def test_adopted_twice_it_is_one_flag(cast):
    suggestion = suggestion_of(cast)
    stale = Suggestion.objects.get(pk=suggestion.pk)
    adopt(cast, suggestion)
    refused(AccountsReason.STATE_CHANGED, adopt, cast, stale)
    assert FlagAward.objects.count() == 1
    assert Notice.objects.filter(kind="FLAG_AWARDED").count() == 1
