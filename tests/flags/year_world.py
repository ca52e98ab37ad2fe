"""What can happen to the flags of a year, as verbs of one small city: each does one thing through its ordinary action."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from random import Random
from types import SimpleNamespace
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from django.utils import timezone

from accounts.access import Actor
from accounts.actions.standing import exempt, retire
from accounts.actions.unit_membership import join_units, leave_units
from accounts.models import Exemption, Member
from flags.actions.appeal import appeal_claim, appeal_reversal
from flags.actions.appeal_answer import answer_appeal, decide_appeal
from flags.actions.confirm import settle_shift
from flags.actions.correction import correct_reports
from flags.actions.late_entry import Served, approve_entry, enter_late
from flags.actions.lock import lock_year
from flags.actions.matter_award import award_for_matter
from flags.actions.member_merge import merge_members
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import Appeal, AwardMatter, FlagAward
from tasks.actions.steward_log import confirm_log
from tasks.actions.suggestion_answer import decide_suggestion
from tasks.models import Claim, StewardLog, Suggestion
from tests.conftest import member_actor
from tests.factories import (
    ClaimFactory,
    MemberFactory,
    ShiftFactory,
    StewardLogFactory,
    StewardPostFactory,
    SuggestionFactory,
    TaskFactory,
)
from vanguard.lib.quarters import quarter_of

SHANGHAI = ZoneInfo("Asia/Shanghai")
START = datetime(2026, 12, 27, 9, tzinfo=SHANGHAI)
EDGES = [datetime(2026, 12, 31, 23, 59), datetime(2027, 1, 1), datetime(2026, 2, 28, 23, 59), datetime(2026, 3, 31, 12)]
WORDS = "当天我在场，邻居可以作证。"


class Lit(NamedTuple):
    """What a verb says it has done to somebody's flags."""

    member: int
    year: int
    flags: int


NOTHING: list[Lit] = []


class YearWorld:
    """Two people of one unit who share a name, and whoever decides over their flags."""

    def __init__(self, cast: SimpleNamespace) -> None:
        self.cast = cast
        twin = MemberFactory(user__name="张小明", unit=cast.unit, community=cast.compound, number="0000000003")
        self.people: list[Member] = [cast.member.member, twin]
        self.matters = [
            AwardMatter.objects.create(city=cast.city, name=name) for name in ("大党委兼职委员", "业委会成员")
        ]
        self.post = StewardPostFactory(compound=cast.compound, holder=twin, held_from=date(2026, 1, 1))

    def person(self, n: int) -> Member:
        return Member.objects.select_related("user", "home", "merged_into").get(pk=self.people[n % 2].pk)

    def staff(self, random: Random) -> Actor:
        return random.choice([self.cast.secretary, self.cast.second_secretary, self.cast.city_officer])


def some_end(random: Random) -> datetime:
    """When a service ended: on an edge of the year or within the last weeks, never to come."""
    now = timezone.localtime()
    edges = [edge.replace(tzinfo=SHANGHAI) for edge in EDGES]
    recent = now - timedelta(hours=random.randint(1, 600))
    return random.choice([*(edge for edge in edges if edge <= now), recent, recent])


def a_claim(world: YearWorld, n: int, random: Random) -> Claim:
    ends_at = some_end(random)
    task = TaskFactory(publisher=world.cast.community, flag_value=random.randint(1, 3))
    shift = ShiftFactory(task=task, starts_at=ends_at - timedelta(minutes=2), ends_at=ends_at)
    return ClaimFactory(shift=shift, member=world.person(n))


def serve(world: YearWorld, n: int, random: Random) -> list[Lit]:
    """Confirmed at once, by whom the year still lets; tapped twice."""
    claim, by = a_claim(world, n, random), world.staff(random)
    marks = {claim.pk: Claim.Status.ATTENDED}
    if not settle_shift(claim.shift, marks, by=by, why="补录"):
        return NOTHING
    assert settle_shift(claim.shift, marks, by=world.cast.secretary, why="补录") == 0
    return _lit_by(claim)


def stay_away(world: YearWorld, n: int, random: Random) -> list[Lit]:
    claim = a_claim(world, n, random)
    mark = random.choice([Claim.Status.ABSENT, Claim.Status.EXCUSED])
    settle_shift(claim.shift, {claim.pk: mark}, by=world.cast.secretary, why="补录")
    return NOTHING


def put_right(world: YearWorld, n: int, random: Random) -> list[Lit]:
    """Somebody who was marked as not there had come after all."""
    claim = _any(Claim.objects.filter(status__in=Claim.NOT_THERE), random)
    if claim is None:
        return NOTHING
    attended, seen = {claim.pk: Claim.Status.ATTENDED}, {claim.pk: claim.status}
    done = settle_shift(claim.shift, attended, by=world.staff(random), put_right=seen, why="补录")
    return _lit_by(claim) if done else NOTHING


def earn_by_log(world: YearWorld, n: int, random: Random) -> list[Lit]:
    quarter = quarter_of(timezone.localdate() - timedelta(days=random.choice([0, 100, 200])))
    own = {"post": world.post, "member": world.people[1], "year": quarter.year, "quarter": quarter.number}
    if quarter.year < 2026 or StewardLog.objects.filter(**own).exists():
        return NOTHING
    log = StewardLogFactory(**own)
    confirm_log(log, by=world.cast.secretary)
    return _lines(FlagAward.objects.filter(log=log))  # of who was merged, another log of the quarter may have lit one


def earn_by_suggestion(world: YearWorld, n: int, random: Random) -> list[Lit]:
    suggestion = SuggestionFactory(author=world.person(n), community=world.cast.community)
    to = random.choice([Suggestion.Status.ADOPTED, Suggestion.Status.NOT_ADOPTED])
    decide_suggestion(suggestion, to, reason="采纳", by=world.cast.secretary)
    return _lines(FlagAward.objects.filter(suggestion=suggestion))


def earn_by_matter(world: YearWorld, n: int, random: Random) -> list[Lit]:
    award = award_for_matter(
        world.person(n),
        matter=random.choice(world.matters),
        day=some_end(random).date(),
        reason="参加联席会议",
        by=world.staff(random),
    )
    return _lines(FlagAward.objects.filter(pk=award.pk))


def enter_afterwards(world: YearWorld, n: int, random: Random) -> list[Lit]:
    """Written down by one, approved by another; of whoever wrote it, refused."""
    ends_at = some_end(random)
    served = Served(
        ends_at - timedelta(minutes=1), ends_at, "COMMUNITY_ACTIVITY", random.randint(1, 3), "义诊", "系统外"
    )
    entry = enter_late(world.person(n), served, by=world.cast.secretary, late_reason="补录")
    by = world.staff(random)
    return _lines(FlagAward.objects.filter(pk=approve_entry(entry, by=by).pk))


def take_back(world: YearWorld, n: int, random: Random) -> list[Lit]:
    award = _any(FlagAward.objects.all(), random)
    if award is None:
        return NOTHING
    line = revoke_award(award, reason="重复计算", by=world.staff(random))
    return _lines(FlagAward.objects.filter(pk=line.pk))


def light_again(world: YearWorld, n: int, random: Random) -> list[Lit]:
    award = _any(FlagAward.objects.filter(value__lt=0), random)
    if award is None:
        return NOTHING
    line = reinstate_award(award, reason="核实有误", by=world.staff(random))
    return _lines(FlagAward.objects.filter(pk=line.pk))


def appeal(world: YearWorld, n: int, random: Random) -> list[Lit]:
    """Against an absence or a reversal; answered by the community, unless it was the city's, and decided by the city."""
    member = world.person(n)
    by = member_actor(member)
    before = set(FlagAward.objects.values_list("pk", flat=True))
    claim = _any(Claim.objects.filter(status__in=Claim.NOT_THERE, member=member), random)
    reversal = _any(FlagAward.objects.filter(value__lt=0).of(member), random)
    if claim:
        sent = appeal_claim(claim, words=WORDS, by=by)
    elif reversal:
        sent = appeal_reversal(reversal, words=WORDS, by=by)
    else:
        return NOTHING
    if sent.organization == world.cast.community:
        answer_appeal(sent, words="我们再看看。", by=world.cast.second_secretary)
    upheld = random.random() < 0.7
    decide_appeal(Appeal.objects.get(pk=sent.pk), upheld=upheld, reasons="已核实。", by=world.cast.city_officer)
    return _lines(FlagAward.objects.exclude(pk__in=before))


def change_unit(world: YearWorld, n: int, random: Random) -> list[Lit]:
    member, today = world.person(n), timezone.localdate()
    unit = random.choice([world.cast.unit, world.cast.other_unit])
    leave_units([member.pk], today)
    join_units({member.pk: unit}, today)
    return NOTHING


def free_of_duty(world: YearWorld, n: int, random: Random) -> list[Lit]:
    member, today = world.person(n), timezone.localdate()
    if random.random() < 0.3:
        retire(member, on=today, leaves_unit=False, by=world.cast.city_officer)
    else:
        first = today - timedelta(days=random.randint(0, 250))
        exempt(member, reason=Exemption.Reason.values[0], starts_on=first, ends_on=today, by=world.cast.city_officer)
    return NOTHING


def merge(world: YearWorld, n: int, random: Random) -> list[Lit]:
    """One person with two accounts: nothing is lit by it, and nothing lost."""
    merge_members(world.person(n), world.person(n + 1), by=world.cast.city_officer)
    return NOTHING


def lock(world: YearWorld, n: int, random: Random) -> list[Lit]:
    lock_year(world.cast.city, 2026, by=world.cast.city_officer)
    return NOTHING


def correct(world: YearWorld, n: int, random: Random) -> list[Lit]:
    correct_reports(world.cast.city, 2026, reason="申诉成立", by=world.cast.city_officer)
    return NOTHING


VERBS: list[Callable[[YearWorld, int, Random], list[Lit]]] = [
    serve,
    serve,
    stay_away,
    put_right,
    earn_by_log,
    earn_by_suggestion,
    earn_by_matter,
    enter_afterwards,
    take_back,
    light_again,
    appeal,
    change_unit,
    free_of_duty,
    merge,
    correct,
]


def _any(rows: Any, random: Random) -> Any:
    keys = list(rows.order_by("pk").values_list("pk", flat=True))
    return rows.get(pk=random.choice(keys)) if keys else None


def _lit_by(claim: Claim) -> list[Lit]:
    return _lines(FlagAward.objects.filter(claim=claim))


def _lines(awards: Any) -> list[Lit]:
    return [Lit(*line) for line in awards.values_list("member", "year", "value")]
