"""A flag is taken back, and lit again, by lines of their own (domain rule 6)."""

from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from accounts.access import Actor
from accounts.models import Appointment, Notice, Record, Role
from accounts.refusals import Reason as AccountsReason
from flags.actions.reversal import last_day_to_appeal, reinstate_award, revoke_award
from flags.models import FlagAward
from flags.queries.compliance import standing_of
from flags.queries.service import services_by_community
from flags.queries.wall import progress_of
from flags.refusals import Reason
from tasks.models import Claim
from tasks.queries.flags_lit import flags_of
from tests.factories import (
    AwardMatterFactory,
    ClaimFactory,
    LateEntryFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    SuggestionFactory,
    TaskFactory,
)
from tests.flags.ledger import award
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
SHANGHAI = ZoneInfo("Asia/Shanghai")
DAY = date(2026, 5, 4)


@pytest.fixture(autouse=True)
def june(request: pytest.FixtureRequest):
    with time_machine.travel(datetime(2026, 6, 1, 12, tzinfo=SHANGHAI), tick=False):
        yield


def served(cast, value: int = 3) -> FlagAward:
    task = TaskFactory(publisher=cast.community, flag_value=value, title="灯笼制作")
    claim = ClaimFactory(shift=ShiftFactory(task=task), member=cast.member.member, status="CONFIRMED", companions=2)
    return award(cast, cast.member.member, DAY, value=value, claim=claim)


def figures(cast) -> tuple[Any, ...]:
    """Every place that counts, of the same year."""
    standing = standing_of(cast.member.member, 2026)
    progress = progress_of(cast.member.member, 2026)
    services = services_by_community((cast.city.path,), 2026)[cast.community.pk]
    assert standing
    assert (
        (standing.flags, standing.services) == (progress.lit, progress.services) == (services.flags, services.services)
    )
    return progress.lit, progress.services, services.companions, sum(flags_of(Claim.objects.all()).values())


def test_a_flag_is_taken_back_by_a_line_that_carries_all_of_the_first(cast):
    first = served(cast)
    line = revoke_award(first, reason="登记错了人。", by=cast.secretary)
    same = ("member", "category", "served_on", "year", "unit", "community", "claim")
    assert [getattr(line, name) for name in same] == [getattr(first, name) for name in same]
    assert (line.value, line.reverses, str(line.reason)) == (-3, first, "登记错了人。")
    assert (line.by_user, line.by_appointment) == (cast.secretary.user, cast.secretary.appointment)
    assert figures(cast) == (0, 0, 0, 0)
    assert not FlagAward.objects.in_force().exists()
    noted = Record.objects.get(verb="taken back")
    assert (noted.subject, noted.user, noted.appointment) == (line, cast.secretary.user, cast.secretary.appointment)


@pytest.mark.parametrize("source", ["log", "suggestion", "matter", "entry"])
def test_it_carries_the_source_whatever_it_is(cast, source):
    make = {
        "log": StewardLogFactory,
        "suggestion": SuggestionFactory,
        "matter": AwardMatterFactory,
        "entry": LateEntryFactory,
    }
    kept = make[source]()
    line = revoke_award(award(cast, cast.member.member, DAY, **{source: kept}), reason="错了", by=cast.secretary)
    assert getattr(line, source) == kept
    assert getattr(reinstate_award(line, reason="没错", by=cast.secretary), source) == kept


def test_lit_again_it_counts_everywhere_as_before(cast):
    first = served(cast)
    before = figures(cast)
    line = reinstate_award(revoke_award(first, reason="错了", by=cast.secretary), reason="没错", by=cast.city_officer)
    assert line.value == 3
    assert figures(cast) == before == (3, 1, 2, 3)
    assert list(FlagAward.objects.in_force()) == [line]
    again = revoke_award(line, reason="还是错了", by=cast.secretary)
    assert again.reverses == line
    assert figures(cast) == (0, 0, 0, 0)


def test_the_member_is_told_why_and_how_long_they_may_appeal(cast):
    line = revoke_award(served(cast), reason="当天没有来。", by=cast.secretary)
    told = Notice.objects.get(user=cast.member.user, kind=Notice.Kind.FLAG_REVOKED)
    assert told.params == {"what": "灯笼制作", "flags": "3", "reason": "当天没有来。", "day": "2026-06-16"}
    assert last_day_to_appeal(line) == date(2026, 6, 16)
    reinstate_award(line, reason="查到了签到。", by=cast.secretary)
    again = Notice.objects.get(user=cast.member.user, kind=Notice.Kind.FLAG_REINSTATED)
    assert "查到了签到。" in again.text
    assert "灯笼制作" in again.text


def test_who_had_two_accounts_is_told_in_the_one_that_is_left(cast):
    kept = MemberFactory()
    line = served(cast)
    member = line.member
    member.home, member.merged_into = None, kept
    member.save()
    revoke_award(line, reason="错了", by=cast.secretary)
    assert Notice.objects.get(kind=Notice.Kind.FLAG_REVOKED).user == kept.user


def test_twice_is_refused_both_ways(cast):
    first = served(cast)
    line = revoke_award(first, reason="错了", by=cast.secretary)
    refused(Reason.TAKEN_BACK_ALREADY, revoke_award, first, reason="错了", by=cast.second_secretary)
    refused(Reason.TAKEN_BACK_ALREADY, revoke_award, line, reason="错了", by=cast.secretary)
    refused(Reason.NOT_TAKEN_BACK, reinstate_award, first, reason="没错", by=cast.secretary)
    reinstate_award(line, reason="没错", by=cast.secretary)
    refused(Reason.LIT_AGAIN_ALREADY, reinstate_award, line, reason="没错", by=cast.secretary)
    assert FlagAward.objects.count() == 3


@pytest.mark.parametrize("reason", ["", "  \n"])
def test_it_needs_a_reason(cast, reason):
    first = served(cast)
    refused(AccountsReason.REASON_MISSING, revoke_award, first, reason=reason, by=cast.secretary)
    line = revoke_award(first, reason="错了", by=cast.secretary)
    refused(AccountsReason.REASON_MISSING, reinstate_award, line, reason=reason, by=cast.secretary)


def test_it_is_done_by_the_community_where_it_was_earned_and_by_the_city(cast):
    first = served(cast)
    for nobody in (
        "other_secretary",
        "branch",
        "street_officer",
        "inspector",
        "unit_officer",
        "member",
        "other_member",
    ):
        with pytest.raises(PermissionDenied):
            revoke_award(first, reason="错了", by=getattr(cast, nobody))
    line = revoke_award(first, reason="错了", by=cast.city_officer)
    for nobody in ("other_secretary", "branch", "member"):
        with pytest.raises(PermissionDenied):
            reinstate_award(line, reason="没错", by=getattr(cast, nobody))


def test_nobody_takes_back_or_lights_again_their_own(cast):
    first = served(cast)
    hat = Appointment.objects.create(
        user=cast.member.user, organization=cast.community, role=Role.SECRETARY, starts_on=date(2020, 1, 1)
    )
    own = Actor(user=cast.member.user, appointment=hat)
    refused(AccountsReason.ONESELF, revoke_award, first, reason="错了", by=own)
    line = revoke_award(first, reason="错了", by=cast.secretary)
    refused(AccountsReason.ONESELF, reinstate_award, line, reason="没错", by=own)


def test_what_was_given_otherwise_meanwhile_stays_the_limit(cast):
    matter, member = AwardMatterFactory(city=cast.city), cast.member.member
    first, _ = [award(cast, member, DAY, matter=matter) for _ in range(2)]
    line = revoke_award(first, reason="错了", by=cast.secretary)
    award(cast, member, DAY, matter=matter)
    said = refused(Reason.MATTER_GIVEN_TWICE, reinstate_award, line, reason="没错", by=cast.secretary)
    assert "张小明" in said.sentence
    adopted = [award(cast, member, DAY, suggestion=SuggestionFactory(author=member)) for _ in range(2)]
    line = revoke_award(adopted[0], reason="错了", by=cast.secretary)
    award(cast, member, DAY, suggestion=SuggestionFactory(author=member))
    refused(Reason.SUGGESTIONS_GIVEN_TWICE, reinstate_award, line, reason="没错", by=cast.secretary)


def test_a_reason_of_any_length_and_script_is_kept(cast):
    words = "👩‍👩‍👧 " + "长" * 400
    line = revoke_award(served(cast), reason=words, by=cast.secretary)
    assert str(line.reason) == words[:300]


@pytest.mark.parametrize(
    "fields", [{"value": 0}, {"value": 6}, {"value": -1}, {"value": 99}], ids=["none", "six", "minus", "ninety-nine"]
)
def test_the_ledger_takes_one_to_five_flags(cast, fields):
    with pytest.raises(IntegrityError), transaction.atomic():
        award(cast, cast.member.member, DAY, **fields)


def test_the_ledger_takes_one_source_a_line_and_one_line_a_source(cast):
    member, log, entry = cast.member.member, StewardLogFactory(), LateEntryFactory()
    with pytest.raises(IntegrityError), transaction.atomic():
        award(cast, member, DAY, log=log, entry=entry)
    with pytest.raises(IntegrityError), transaction.atomic():
        award(cast, member, DAY, log=log, value=2)
    for source in ({"log": log}, {"entry": entry}, {"suggestion": SuggestionFactory()}):
        award(cast, member, DAY, **source)
        with pytest.raises(IntegrityError), transaction.atomic():
            award(cast, member, DAY, **source)


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer: there the actions look")
def test_postgresql_itself_refuses_a_third(cast):
    matter, member, kept = AwardMatterFactory(city=cast.city), cast.member.member, cast.other_member.member
    award(cast, member, DAY, matter=matter)
    member.home, member.merged_into = None, kept
    member.save()
    award(cast, kept, DAY, matter=matter)
    for person in (member, kept):
        with pytest.raises(IntegrityError), transaction.atomic():
            award(cast, person, DAY, matter=matter)
    award(cast, kept, date(2025, 5, 4), matter=matter)
    for _ in range(2):
        award(cast, kept, DAY, suggestion=SuggestionFactory())
    with pytest.raises(IntegrityError), transaction.atomic():
        award(cast, member, DAY, suggestion=SuggestionFactory())
