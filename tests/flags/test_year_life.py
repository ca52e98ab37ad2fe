"""The whole life of two members' year: whatever happens, all who say how many flags there are say the same number."""

from collections import Counter
from datetime import date, datetime, time, timedelta
from random import Random

import pytest
import time_machine
from django.db import transaction
from django.test import TestCase
from django.utils import timezone
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.models import Member, Organization, UnitMembership
from flags.actions.report import build_drafts
from flags.models import ComplianceReport, ComplianceRow, FlagAward
from flags.queries.compliance import compliance_rows, deciding_day
from flags.queries.unit import unit_members, with_months
from flags.queries.wall import progress_of, wall_of
from flags.queries.year import is_locked
from tests.flags.year_world import SHANGHAI, START, VERBS, YearWorld, correct, lock
from tests.storm import LONG
from vanguard.lib.refused import Refused

YEARS = (2026, 2027)
LOOK_EVERY = 5  # so many steps all are asked, else the ledger alone
LOCKABLE = date(2027, 2, 1)
DONE: Counter[str] = Counter()


class YearMachine(RuleBasedStateMachine):
    """Each example in a transaction that is rolled back, from the last days of a year into the next."""

    world: YearWorld

    def __init__(self) -> None:
        super().__init__()
        self.travel = time_machine.travel(START, tick=False)
        self.now = self.travel.start()
        self.undone = transaction.atomic()
        self.undone.__enter__()
        self.steps = 0
        self.lit: Counter[tuple[int, int]] = Counter()
        self.locked: dict[tuple[int, int], int] = {}

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.undone.__exit__(None, None, None)
        self.travel.stop()

    @rule(verb=st.sampled_from(VERBS), who=st.integers(0, 1), seed=st.integers(0, 10_000))
    def happens(self, verb, who: int, seed: int) -> None:
        """A refusal has lit and taken back nothing."""
        before = FlagAward.objects.count()
        try:
            with TestCase.captureOnCommitCallbacks(execute=True), transaction.atomic():
                lines = verb(self.world, who, Random(seed))
        except Refused:
            assert FlagAward.objects.count() == before
            return
        DONE[verb.__name__] += 1
        for member, year, flags in lines:
            self.lit[member, year] += flags
        assert FlagAward.objects.count() == before + len(lines)
        if verb in (lock, correct):
            self.locked = {(m, 2026): n for (m, year), n in self._by_person().items() if year == 2026}

    @rule(days=st.sampled_from([1, 3, 6]))
    def time_passes(self, days: int) -> None:
        self.now.shift(timedelta(days=days))

    @rule(who=st.integers(0, 1))
    def the_year_is_locked(self, who: int) -> None:
        """Once its deadline has passed; what happens from then on stands in a correction."""
        if timezone.localdate() < LOCKABLE:
            self.now.move_to(datetime.combine(LOCKABLE, time(9), SHANGHAI))
        self.happens(lock, who, 0)

    @invariant()
    def all_say_the_same(self) -> None:
        self.steps += 1
        today = timezone.localdate()
        for year in YEARS[: 1 + (today.year > YEARS[0])]:
            expected = {person: flags for (person, of), flags in self._by_person().items() if of == year}
            self.the_ledger(year, expected)
            if not LONG and self.steps % LOOK_EVERY:
                continue
            self.the_wall(year, expected)
            self.the_dashboards(year, expected)
            self.the_reports(year, expected)

    def the_ledger(self, year: int, expected: dict[int, int]) -> None:
        """Line by line, in plain Python."""
        lines: Counter[int] = Counter()
        for award in FlagAward.objects.select_related("member"):
            if award.year == year:
                lines[award.member.merged_into_id or award.member_id] += award.value
        assert {person: lines[person] for person in expected} == expected

    def the_wall(self, year: int, expected: dict[int, int]) -> None:
        for person, flags in expected.items():
            member = Member.objects.select_related("home", "user").get(pk=person)
            assert progress_of(member, year).lit == flags
            assert sum(award.value for award in wall_of(member, year)) == flags

    def the_dashboards(self, year: int, expected: dict[int, int]) -> None:
        """Each is answered for by the unit of the deciding day, and by no other."""
        seen: dict[int, int] = {}
        for unit in (self.world.cast.unit, self.world.cast.other_unit):
            for person in with_months(unit_members(unit, year), year):
                if person.standing and person.standing.member_id in expected:
                    assert person.standing.member_id not in seen
                    seen[person.standing.member_id] = person.standing.flags
                    assert sum(person.months) == person.standing.flags
        assert seen == {person: flags for person, flags in expected.items() if self._belongs(person, year)}

    def the_reports(self, year: int, expected: dict[int, int]) -> None:
        """Drafts follow at once; what is locked says what it said, until it is corrected."""
        city = self.world.cast.city
        if not is_locked(city.path, year):
            units = list(Organization.objects.within(city.path).units().order_by("pk"))
            build_drafts(city.path, year, units)
        now = (ComplianceReport.Status.DRAFT, ComplianceReport.Status.LOCKED)
        rows = ComplianceRow.objects.filter(report__year=year, report__status__in=now)
        stored = {(row.member_id, year): row.flags for row in rows}
        locked = self.locked if is_locked(city.path, year) else None
        for person, flags in expected.items():
            if locked is not None:
                flags = locked.get((person, year), flags)
            if (person, year) in stored:
                assert stored[person, year] == flags
        if locked is None:
            standings = {(row.member_id, year): row.flags for row in compliance_rows(city.path, year)}
            assert stored == standings

    def _by_person(self) -> Counter[tuple[int, int]]:
        """What was lit, under the account that is left, with a nought for who has nothing."""
        root = {m.pk: m.merged_into_id or m.pk for m in Member.objects.filter(pk__in=[p.pk for p in self.world.people])}
        totals: Counter[tuple[int, int]] = Counter({(person, year): 0 for person in root.values() for year in YEARS})
        for (member, year), flags in self.lit.items():
            totals[root[member], year] += flags
        return totals

    def _belongs(self, person: int, year: int) -> bool:
        return UnitMembership.objects.on(deciding_day(year)).filter(member=person).exists()


BOUNDS = settings(
    max_examples=200 if LONG else 12,
    stateful_step_count=25 if LONG else 15,
    deadline=None,
    derandomize=not LONG,
    database=None,
    phases=[Phase.generate, Phase.shrink] if LONG else [Phase.generate],  # making a failure small takes minutes
    suppress_health_check=list(HealthCheck),
)


@pytest.mark.once
@pytest.mark.django_db
def test_ledger_wall_dashboard_and_report_are_always_the_same_number(cast):
    with time_machine.travel(START, tick=False):
        YearMachine.world = YearWorld(cast)
    run_state_machine_as_test(YearMachine, settings=BOUNDS)
    missing = LONG and {verb.__name__ for verb in VERBS} - set(DONE)
    assert not missing, f"never happened: {missing}"
