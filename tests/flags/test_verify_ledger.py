"""`manage.py verify_ledger`: a ledger that is right passes; each thing that is broken behind its back is named."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from io import StringIO
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from accounts.models import Member
from flags.actions.confirm import settle_shift
from flags.actions.late_entry import Served, approve_entry, enter_late
from flags.actions.matter_award import award_for_matter
from flags.actions.member_merge import merge_members
from flags.actions.report import build_reports, request_report
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import ComplianceRow, FlagAward, LateEntry
from flags.queries.verify import verify_ledger
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion
from tasks.models import Claim, StewardLog, Suggestion
from tests.conftest import kept_until_the_end, the_cast
from tests.factories import (
    AwardMatterFactory,
    ClaimFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
)
from vanguard.lib import guards

pytestmark = pytest.mark.django_db
NOW = "2026-11-24T12:00:00+08:00"


@pytest.fixture(autouse=True)
def november():
    with time_machine.travel(NOW, tick=False):
        yield


@pytest.fixture(scope="module")
def world(django_db_setup, django_db_blocker) -> Iterator[SimpleNamespace]:
    """Written once: each test goes back to it."""
    with time_machine.travel(NOW, tick=False), django_db_blocker.unblock(), kept_until_the_end(a_year) as written:
        yield written


def a_year() -> SimpleNamespace:
    """A member with one line of every kind, one taken back, and one lit again."""
    cast = the_cast()
    member = cast.member.member
    task = TaskFactory(publisher=cast.community, flag_value=2)
    for hours in (3, 9):
        shift = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(hours=hours))
        claim = ClaimFactory(shift=shift, member=member)
        settle_shift(shift, {claim.pk: "ATTENDED"}, by=cast.secretary)
    post = StewardPostFactory(compound=cast.compound, holder=member)
    log = StewardLogFactory(post=post, member=member, quarter=3)
    confirm_log(log, by=cast.secretary)
    for _ in range(3):
        suggestion = SuggestionFactory(author=member, community=cast.community)
        decide_suggestion(suggestion, Suggestion.Status.ADOPTED, reason="采纳", by=cast.secretary)
    matter = AwardMatterFactory(city=cast.city)
    for _ in range(2):
        given = award_for_matter(member, matter=matter, day=date(2026, 5, 4), reason="尽责", by=cast.secretary)
    starts_at = timezone.now() - timedelta(days=3)
    served = Served(starts_at, starts_at + timedelta(hours=2), "COMMUNITY_ACTIVITY", 3, "值守", "停电")
    entry = enter_late(member, served, by=cast.secretary)
    approve_entry(entry, by=cast.second_secretary)
    reversal = revoke_award(given, reason="记错了", by=cast.secretary)
    again = reinstate_award(reversal, reason="没错", by=cast.city_officer)
    settle = FlagAward.objects.filter(claim__isnull=False, reverses=None).order_by("pk")
    return SimpleNamespace(
        cast=cast,
        line=settle[0],
        log=FlagAward.objects.get(log=log),
        suggestion=FlagAward.objects.filter(suggestion__isnull=False).first(),
        matter=given,
        entry=FlagAward.objects.get(entry=entry),
        reversal=reversal,
        again=again,
    )


def differences(year: int | None = None) -> list[str]:
    return verify_ledger(year).differences


def test_a_ledger_that_was_written_by_acts_alone_is_right(world):
    found = verify_ledger()
    assert (found.differences, found.notes) == ([], [])
    assert found.lines == FlagAward.objects.count() == 10
    assert differences(2026) == differences(2025) == []
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert "10" in out.getvalue()


def test_it_holds_for_a_person_with_two_accounts(world):
    kept = MemberFactory(unit=world.cast.unit)
    member = Member.objects.filter(pk=world.cast.member.member.pk)
    member.update(home=None, merged_into=kept)
    StewardLog.objects.update(member=kept)
    Suggestion.objects.update(author=kept)
    assert differences() == []


def edit(**fields: Any) -> Callable[[FlagAward], None]:
    return lambda line: FlagAward.objects.filter(pk=line.pk).update(**fields)


def delete(line: FlagAward) -> None:
    with connection.cursor() as cursor:
        cursor.execute("DELETE FROM flags_awardreason WHERE award_id = %s", [line.pk])
        cursor.execute("DELETE FROM flags_flagaward WHERE id = %s", [line.pk])


def source(model: type, **fields: Any) -> Callable[[FlagAward], None]:
    name = {Claim: "claim", StewardLog: "log", Suggestion: "suggestion", LateEntry: "entry"}[model]
    return lambda line: model.objects.filter(pk=getattr(line, f"{name}_id")).update(**fields)  # type: ignore[attr-defined]


BROKEN = {
    "flags of a claim": ("line", edit(value=5)),
    "category of a claim": ("line", edit(category="OTHER")),
    "day of a claim": ("line", edit(served_on=date(2026, 2, 1))),
    "member of a claim": ("line", lambda line: edit(member=MemberFactory())(line)),
    "line of a claim gone": ("line", delete),
    "claim not confirmed": ("line", source(Claim, status="ATTENDED")),
    "line of a log gone": ("log", delete),
    "log not confirmed": ("log", source(StewardLog, status="RETURNED")),
    "quarter of a log": ("log", edit(served_on=date(2026, 2, 1))),
    "category of a log": ("log", edit(category="OTHER")),
    "line of a suggestion gone": ("suggestion", delete),
    "suggestion not adopted": ("suggestion", source(Suggestion, status="NOT_ADOPTED")),
    "day of a suggestion": ("suggestion", edit(served_on=date(2026, 2, 1))),
    "line of an entry gone": ("entry", delete),
    "flags of an entry": ("entry", edit(value=1)),
    "entry not approved": ("entry", source(LateEntry, status="DECLINED", decline_reason="不")),
    "a reversal's day": ("reversal", edit(served_on=date(2026, 2, 1))),
    "a reversal's community": ("reversal", lambda line: edit(community=line.unit)(line)),
    "a reversal's unit": ("reversal", edit(unit=None)),
    "a reversal's source": ("reversal", edit(matter=None)),
    "a reinstatement's category": ("again", edit(category="MICRO_WISH")),
    "a reinstatement gone": ("again", delete),
}


@pytest.mark.parametrize("what", BROKEN)
def test_what_is_changed_behind_its_back_is_named(world, what):
    name, break_it = BROKEN[what]
    line = getattr(world, name)
    with guards.lifted():
        break_it(line)
    said = differences()
    assert said, what
    source_of = next((key for key in line.sources.values() if key), 0)
    assert any(str(line.pk) in sentence or str(source_of) in sentence for sentence in said)
    with pytest.raises(CommandError):
        call_command("verify_ledger", stdout=StringIO())


def test_a_line_for_nothing_is_named(world):
    FlagAward.objects.create(
        member=world.cast.member.member,
        value=1,
        category="OTHER",
        served_on=date(2025, 5, 4),
        year=2025,
        community=world.cast.community,
    )
    assert len(differences(2025)) == 1
    assert differences(2026) == []


def test_a_line_for_a_matter_that_no_act_wrote_is_named(world):
    line = FlagAward.objects.create(
        member=world.cast.other_member.member,
        value=1,
        category="OTHER",
        served_on=date(2026, 5, 4),
        year=2026,
        community=world.cast.community,
        matter=world.matter.matter,
    )
    [said] = differences()
    assert str(line.pk) in said


def test_a_recorded_line_that_is_missing_is_named(world):
    other = award_for_matter(
        world.cast.member.member,
        matter=AwardMatterFactory(city=world.cast.city),
        day=date(2026, 5, 4),
        reason="尽责",
        by=world.cast.secretary,
    )
    with guards.lifted():
        delete(other)
    [said] = differences()
    assert str(other.pk) in said


@pytest.mark.skipif(connection.vendor != "postgresql", reason="the limit's guard is PostgreSQL's")
def test_a_third_for_one_matter_is_named_where_the_guard_was_off(world):
    with guards.lifted():
        line = FlagAward.objects.get(pk=world.matter.pk)
        line.pk = None
        line.save(force_insert=True)
    assert any(str(world.matter.matter) in said for said in differences())


def test_a_draft_that_differs_is_told_from_one_that_is_older(world):
    run = request_report(world.cast.unit, 2026, by=world.cast.unit_officer)
    build_reports(run.pk)
    row = ComplianceRow.objects.get(member=world.cast.member.member)
    assert verify_ledger().notes == differences() == []
    with time_machine.travel("2026-11-25T12:00:00+08:00", tick=False):
        revoke_award(world.line, reason="记错了", by=world.cast.secretary)
        found = verify_ledger()
        assert found.differences == []
        assert len(found.notes) == 1
        assert "CZJ" in found.notes[0]
    with transaction.atomic():
        ComplianceRow.objects.filter(pk=row.pk).update(flags=row.flags + 1, q1=row.q1 + 1, other=row.other + 1)
        with guards.lifted():
            FlagAward.objects.update(awarded_at=timezone.now() - timedelta(days=2))
        assert len(differences()) == 1


def test_a_draft_from_before_two_accounts_were_merged_is_older_too(world):
    cast = world.cast
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit, community=cast.community)
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(hours=30))
    settle_shift(shift, {ClaimFactory(shift=shift, member=twin).pk: "ATTENDED"}, by=cast.secretary)
    build_reports(request_report(cast.unit, 2026, by=cast.unit_officer).pk)
    with time_machine.travel("2026-11-25T12:00:00+08:00", tick=False):
        merge_members(cast.member.member, twin, by=cast.city_officer)
        found = verify_ledger()
    assert found.differences == []
    assert len(found.notes) == 2


def test_sums_that_a_wrong_statement_gives_are_named(world, monkeypatch):
    from flags.queries import compliance

    wrong = compliance.STANDING.replace("SUM(award.value) AS flags", "SUM(award.value) + 1 AS flags")
    monkeypatch.setattr(compliance, "STANDING", wrong)
    said = differences()
    assert any("flags" in sentence for sentence in said)
    assert any("CZJ" in sentence for sentence in said)


def test_a_hundred_lines_are_verified_in_some_statements(world, django_assert_max_num_queries):
    cast = world.cast
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(hours=3), capacity=40
    )
    for member in MemberFactory.create_batch(10, unit=cast.unit, community=cast.community):
        ClaimFactory(shift=shift, member=member)
    settle_shift(shift, dict.fromkeys(shift.claims.values_list("pk", flat=True), "ATTENDED"), by=cast.secretary)
    with django_assert_max_num_queries(50):
        assert differences() == []
