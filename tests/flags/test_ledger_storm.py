"""Two people write into the ledger at once: what may be once is once, and of what may be twice there is no third."""

from datetime import timedelta
from functools import partial

import pytest
from django.db import connection
from django.utils import timezone

from flags.actions import earning, matter_award, member_merge
from flags.actions.late_entry import approve_entry
from flags.actions.matter_award import award_for_matter
from flags.actions.reversal import revoke_award
from flags.models import AwardReason, FlagAward, LateEntry
from flags.refusals import Reason
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion
from tasks.models import StewardLog, Suggestion
from tests.factories import (
    AwardMatterFactory,
    LateEntryFactory,
    MemberFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
)
from tests.flags.ledger import award
from tests.storm import ROUNDS, at_once, meet, reasons
from vanguard.lib import guards

pytestmark = pytest.mark.django_db(transaction=True)
on_postgresql = pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite has one writer at a time")


def give(cast, matter, by) -> FlagAward:
    return award_for_matter(cast.member.member, matter=matter, day=timezone.localdate(), reason="尽责", by=by)


def test_two_at_once_take_it_back_once(cast):
    for n in ROUNDS:
        first = award(cast, cast.member.member, timezone.localdate() - timedelta(days=n))
        acts = (partial(revoke_award, first, reason="错了", by=by) for by in (cast.secretary, cast.city_officer))
        assert reasons(at_once(*acts)) == [Reason.TAKEN_BACK_ALREADY]
        assert FlagAward.objects.filter(reverses=first).count() == 1


def test_of_six_awards_for_one_matter_at_once_two_are_lit(cast):
    for _ in ROUNDS:
        matter = AwardMatterFactory(city=cast.city)
        acts = (
            partial(give, cast, matter, by) for by in (cast.secretary, cast.second_secretary, cast.city_officer) * 2
        )
        assert reasons(at_once(*acts)) == [Reason.MATTER_GIVEN_TWICE] * 4
        assert FlagAward.objects.filter(matter=matter).count() == 2


@on_postgresql
def test_a_suggestion_is_adopted_while_its_author_is_merged(cast, monkeypatch):
    """Else the one would hold the suggestion and wait for its author, and the other the other way round."""
    hold, pass_on, meet_two = earning.hold_members, member_merge._pass_on, meet(2)
    monkeypatch.setattr(earning, "hold_members", lambda members: meet_two() or hold(members))
    monkeypatch.setattr(member_merge, "_pass_on", lambda *people: meet_two() or pass_on(*people))
    twin = MemberFactory(user__name=cast.member.user.name, unit=cast.unit)
    suggestion = SuggestionFactory(author=twin, community=cast.community)
    outcomes = at_once(
        partial(decide_suggestion, suggestion, Suggestion.Status.ADOPTED, reason="采纳", by=cast.secretary),
        partial(member_merge.merge_members, cast.member.member, twin, by=cast.city_officer),
    )
    assert outcomes == [None, None]
    assert FlagAward.objects.of(cast.member.member).get().suggestion == suggestion


@on_postgresql
def test_where_nobody_looks_the_database_counts_alone(cast, monkeypatch):
    """All three have seen one flag only, and none waits for the others: what is left is the trigger."""
    monkeypatch.setattr(matter_award, "hold_members", lambda members: None)
    monkeypatch.setattr(matter_award, "is_full_for_matter", lambda *_: meet_three() and False)
    meet_three = meet(3)
    matter = AwardMatterFactory(city=cast.city)
    award(cast, cast.member.member, timezone.localdate(), matter=matter)
    outcomes = at_once(*[partial(give, cast, matter, cast.secretary)] * 3)
    assert reasons(outcomes) == [Reason.MATTER_GIVEN_TWICE] * 2
    assert FlagAward.objects.filter(matter=matter).count() == 2


@on_postgresql
def test_control_without_the_trigger_there_is_a_third(cast, monkeypatch):
    monkeypatch.setattr(matter_award, "hold_members", lambda members: None)
    monkeypatch.setattr(matter_award, "is_full_for_matter", lambda *_: meet_three() and False)
    meet_three = meet(3)
    matter = AwardMatterFactory(city=cast.city)
    with guards.lifted():
        assert reasons(at_once(*[partial(give, cast, matter, cast.secretary)] * 3)) == []
        assert FlagAward.objects.filter(matter=matter).count() == 3


def test_two_at_once_approve_an_entry_once(cast):
    for _ in ROUNDS:
        entry = LateEntryFactory(member=cast.member.member, community=cast.community)
        outcomes = at_once(
            *(partial(approve_entry, fresh(entry), by=by) for by in (cast.second_secretary, cast.city_officer))
        )
        assert len(reasons(outcomes)) == 1
        assert FlagAward.objects.filter(entry=entry).count() == 1
        clear()


def test_two_at_once_confirm_a_log_once(cast):
    for _ in ROUNDS:
        post = StewardPostFactory(compound=cast.compound, holder=cast.member.member)
        log = StewardLogFactory(post=post, member=cast.member.member)
        acts = (partial(confirm_log, fresh(log), by=by) for by in (cast.secretary, cast.second_secretary))
        assert len(reasons(at_once(*acts))) == 1
        assert FlagAward.objects.get(log=log).value == 1
        assert StewardLog.objects.get(pk=log.pk).status == StewardLog.Status.CONFIRMED


def test_of_three_suggestions_adopted_at_once_two_are_lit_and_all_are_adopted(cast):
    for _ in ROUNDS:
        sent = [SuggestionFactory(author=cast.member.member, community=cast.community) for _ in range(3)]
        acts = (partial(decide_suggestion, one, "ADOPTED", reason="采纳", by=cast.secretary) for one in sent)
        assert reasons(at_once(*acts)) == []
        assert Suggestion.objects.filter(status="ADOPTED").count() == 3
        assert FlagAward.objects.filter(suggestion__in=sent).count() == 2
        clear()


def fresh(row):
    return type(row)._default_manager.get(pk=row.pk)


def clear() -> None:
    with guards.lifted():
        for model in (AwardReason, FlagAward, LateEntry, Suggestion):
            model._default_manager.all().delete()
