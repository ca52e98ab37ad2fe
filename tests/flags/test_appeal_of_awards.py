"""Appeals for flags of steward's logs, suggestions and services off the system: what lights them, and what stands in the way."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import timezone

from flags.actions.appeal import appeal_log, appeal_service, appeal_suggestion
from flags.actions.appeal_remedy import Remedy
from flags.models import FlagAward, LateEntry
from flags.queries.appeal_subject import logs_without_a_flag, suggestions_without_a_flag
from flags.refusals import Reason
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion
from tests.factories import StewardLogFactory, StewardPostFactory, SuggestionFactory
from tests.flags.test_appeal import WORDS, answered, refused, uphold

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")


@pytest.fixture
def log(cast):
    post = StewardPostFactory(compound=cast.compound, holder=cast.member.member)
    return StewardLogFactory(post=post, member=cast.member.member)


def adopted(cast):
    return SuggestionFactory(community=cast.community, author=cast.member.member, status="ADOPTED")


@pytest.mark.parametrize("status", ["SUBMITTED", "CONFIRMED"])
def test_a_log_without_a_flag_lights_it_when_upheld(cast, log, status):
    type(log).objects.filter(pk=log.pk).update(status=status)
    log.refresh_from_db()
    assert [*logs_without_a_flag(cast.member.member, log.year)] == [log]
    appeal = appeal_log(log, words=WORDS, by=cast.member)
    assert (appeal.kind, appeal.organization, appeal.year) == ("MISSING", cast.community, log.year)
    uphold(answered(appeal, cast.secretary), by=cast.city_officer)
    log.refresh_from_db()
    assert (log.status, appeal.lit.log, appeal.lit.value) == ("CONFIRMED", log, 1)
    assert not logs_without_a_flag(cast.member.member, log.year).exists()


def test_a_log_with_a_flag_or_not_sent_is_nothing_to_appeal_for(cast, log):
    confirm_log(log, by=cast.secretary)
    draft = StewardLogFactory(
        post=StewardPostFactory(compound=cast.compound), member=cast.member.member, status="DRAFT"
    )
    for one in (log, draft):
        refused(Reason.NOTHING_TO_APPEAL, appeal_log, one, words=WORDS, by=cast.member)


def test_an_adopted_suggestion_without_a_flag_lights_it_for_the_year_of_its_adoption(cast):
    with time_machine.travel(datetime(2026, 12, 30, 12, tzinfo=SHANGHAI), tick=False):
        suggestion = adopted(cast)
    with time_machine.travel(datetime(2027, 1, 20, 12, tzinfo=SHANGHAI), tick=False):
        assert [*suggestions_without_a_flag(cast.member.member, 2026)] == [suggestion]
        appeal = answered(appeal_suggestion(suggestion, words=WORDS, by=cast.member), cast.secretary)
    with time_machine.travel(datetime(2027, 2, 20, 12, tzinfo=SHANGHAI), tick=False):
        uphold(appeal, by=cast.city_officer)
    assert (appeal.lit.year, appeal.lit.suggestion) == (2026, suggestion)
    assert appeal.lit.reason.text == "照片可以证明。", "after the deadline the city says why"


def test_a_third_suggestion_of_a_year_stays_without_a_flag(cast):
    for _ in range(2):
        suggestion = SuggestionFactory(community=cast.community, author=cast.member.member)
        decide_suggestion(suggestion, "ADOPTED", reason="好", by=cast.secretary)
    appeal = answered(appeal_suggestion(adopted(cast), words=WORDS, by=cast.member), cast.secretary)
    refused(Reason.SUGGESTIONS_GIVEN_TWICE, uphold, appeal, by=cast.city_officer)
    assert FlagAward.objects.count() == 2


def test_one_that_was_adopted_in_part_or_has_its_flag_is_nothing_to_appeal_for(cast):
    lit = SuggestionFactory(community=cast.community, author=cast.member.member)
    decide_suggestion(lit, "ADOPTED", reason="好", by=cast.secretary)
    part = SuggestionFactory(community=cast.community, author=cast.member.member, status="PARTLY")
    for suggestion in (lit, part):
        refused(Reason.NOTHING_TO_APPEAL, appeal_suggestion, suggestion, words=WORDS, by=cast.member)
    assert not suggestions_without_a_flag(cast.member.member, timezone.localdate().year).exists()


# --- a service that is written nowhere --------------------------------------------------------

ASKED = Remedy(category="COMMUNITY_ACTIVITY", value=2)
EVENING = datetime(2026, 3, 1, 20, tzinfo=SHANGHAI)


def swept_snow(cast, ends_at: datetime = EVENING, by=None):
    hours = {"starts_at": ends_at - timedelta(hours=2), "ends_at": ends_at}
    return answered(appeal_service(**hours, what="扫雪", words=WORDS, by=by or cast.member), cast.secretary)


def test_upheld_it_is_entered_afterwards_by_its_member_with_the_city_as_the_second_person(cast):
    with time_machine.travel(datetime(2026, 3, 5, 12, tzinfo=SHANGHAI), tick=False):
        appeal = swept_snow(cast)
        refused(Reason.REMEDY_MISSING, uphold, appeal, by=cast.city_officer)
        uphold(appeal, by=cast.city_officer, remedy=ASKED)
    entry = LateEntry.objects.get()
    assert (entry.entered_by, entry.entered_as, entry.decided_by) == (cast.member.user, None, cast.city_officer.user)
    assert (entry.status, appeal.lit.entry, appeal.lit.value) == ("APPROVED", entry, 2)
    assert (appeal.lit.served_on.isoformat(), appeal.lit.community) == ("2026-03-01", cast.community)


def test_at_the_time_of_another_service_it_is_not_decided(cast):
    with time_machine.travel(datetime(2026, 3, 5, 12, tzinfo=SHANGHAI), tick=False):
        first, second = swept_snow(cast), swept_snow(cast, EVENING + timedelta(hours=1))
        uphold(first, by=cast.city_officer, remedy=ASKED)
        refused(Reason.SERVED_ELSEWHERE, uphold, second, by=cast.city_officer, remedy=ASKED)
        refused(
            Reason.VALUE_OUTSIDE,
            uphold,
            swept_snow(cast, EVENING - timedelta(hours=9)),
            by=cast.city_officer,
            remedy=Remedy(category="OTHER", value=9),
        )


def test_over_new_year_it_counts_for_the_year_in_which_it_ended_and_after_the_deadline_the_city_says_why(cast):
    with time_machine.travel(datetime(2027, 1, 2, 12, tzinfo=SHANGHAI), tick=False):
        before = swept_snow(cast, datetime(2026, 12, 31, 23, 59, tzinfo=SHANGHAI))
        after = swept_snow(cast, datetime(2027, 1, 1, 2, tzinfo=SHANGHAI))
    assert (before.year, after.year) == (2026, 2027)
    with time_machine.travel(datetime(2027, 2, 20, 12, tzinfo=SHANGHAI), tick=False):
        uphold(before, by=cast.city_officer, remedy=ASKED)
    assert (before.lit.year, before.lit.reason.text) == (2026, "照片可以证明。")
