"""Full shifts and who waits for them, stand-ins, skills, groups, a draft, and what the city passes down."""

from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from random import Random
from typing import Any

from django.db.models import Count

from accounts.models import Organization, Skill
from flags.seeding.ahead import AFTERNOON, CITY_HOURS, CLAIMS_A_HEAD, EVENING, MORNING, Neighbourhood
from flags.seeding.board import Board
from flags.seeding.offers import ACTIVITY, HELPERS, Offer
from flags.seeding.people import Resident
from flags.seeding.times import at, slot
from flags.seeding.year import claimed_after
from tasks.models import Claim, GroupClaim, GroupMembership, HelperGroup, Shift, Task

CALLIGRAPHY = Offer(
    ACTIVITY, "老年大学书法课助教", "给学书法的老人铺纸磨墨，课后一起收拾。", "{community}教室", "社区里的老人"
)
REPAIRS = Offer(
    HELPERS, "便民维修日", "在广场摆摊，给邻居修小家电、看线路，其他人登记排队。", "{community}广场", "社区全体居民"
)
NEW_YEAR_CLEANING = Offer(
    HELPERS, "独居老人家大扫除", "两三人一组，到独居老人家里擦窗、拖地、换灯泡。", "{community}", "独居的老人"
)
BLESSINGS = Offer(
    ACTIVITY, "新春写福字送祝福", "请会书法的邻居写福字，挨楼送给老人。", "{community}文化家园", "社区里的老人"
)
WARM_WINTER = Offer(
    ACTIVITY, "暖冬走访月", "看望独居老人和困难家庭，问冷暖、查隐患、记需求。", "{community}", "独居老人和困难家庭"
)
GROUP_NAMES = ("荷风帮帮团", "睦邻文艺社")
HOSTS = 9  # communities that host what the city passed down


def add_what_is_shared(here: Neighbourhood, member: Resident, skills: list[Skill]) -> None:
    """On the stage: a full shift with a waiting list, a stand-in, places for a skill, two groups and a draft."""
    _fill_one_and_let_some_wait(here, member)
    _ask_for_a_skill(here, skills)
    _claim_as_a_group(here, member)
    _leave_a_draft(here)


def _fill_one_and_let_some_wait(here: Neighbourhood, member: Resident) -> None:
    """The demo member is the second who waits; one of those who come looks for a stand-in in another shift."""
    held = here.take(slot(here.today + timedelta(days=5), *MORNING))
    task = _open(here, CALLIGRAPHY, companions_at_most=2)
    shift = here.board.shift(task, held, 4, Shift.Status.OPEN)
    *coming, first, third = here.takers(5)
    for n, resident in enumerate(coming):
        here.board.claim(shift, resident, claimed_after(task.opens_at, here.rng), companions=int(n == 0))
    for n, resident in enumerate([first, member, third]):
        here.board.claim(shift, resident, task.opens_at + timedelta(hours=20 + n), Claim.Status.WAITING)
    sought = here.board.shift(task, here.take(slot(here.today + timedelta(days=7), *MORNING)), 3, Shift.Status.OPEN)
    for n, resident in enumerate(here.takers(3)):
        since = at(here.today, 7) if n == 0 else None
        here.board.claim(sought, resident, claimed_after(task.opens_at, here.rng), stand_in_since=since)


def _ask_for_a_skill(here: Neighbourhood, skills: list[Skill]) -> None:
    """Two kinds of places at one time: for anyone, and for electricians."""
    held = here.take(slot(here.today + timedelta(days=9), *AFTERNOON))
    task = _open(here, REPAIRS, requirements="会修电器的自带工具。", risk_note="带电作业请断电操作。")
    anyone = here.board.shift(task, held, 6, Shift.Status.OPEN)
    electricians = here.board.shift(task, held, 2, Shift.Status.OPEN)
    electricians.skill = next(skill for skill in skills if skill.name == "电工")
    for resident in here.takers(3):
        here.board.claim(anyone, resident, claimed_after(task.opens_at, here.rng))


def _claim_as_a_group(here: Neighbourhood, member: Resident) -> None:
    """The demo member leads one group, which has places together, and is invited to another."""
    others = here.takers(5)
    own, other = (_group(here, name) for name in GROUP_NAMES)
    own.leader, other.leader = member.member, others[0].member
    HelperGroup.objects.bulk_create([own, other])
    agreed, invited = GroupMembership.Status.AGREED, GroupMembership.Status.INVITED
    GroupMembership.objects.bulk_create(
        [
            *(GroupMembership(group=own, member=r.member, status=agreed) for r in [member, *others[:4]]),
            GroupMembership(group=own, member=others[4].member, status=invited),
            GroupMembership(group=other, member=others[0].member, status=agreed),
            GroupMembership(group=other, member=member.member, status=invited),
        ]
    )
    task = _open(here, NEW_YEAR_CLEANING)
    held = here.take(slot(here.today + timedelta(days=10), *AFTERNOON))
    shift = here.board.shift(task, held, 8, Shift.Status.OPEN)
    claimed_at = claimed_after(task.opens_at, here.rng)
    together = GroupClaim(group=own, shift=shift, leader=member.member, claimed_at=claimed_at)
    here.board.group_claims.append(together)
    for resident in others[:3]:
        here.board.claim(shift, resident, claimed_at, group_claim=together)


def _group(here: Neighbourhood, name: str) -> HelperGroup:
    return HelperGroup(name=name, community=here.board.publisher, created_at=at(here.today - timedelta(days=200)))


def _leave_a_draft(here: Neighbourhood) -> None:
    """What the secretary has begun to write: shown to nobody else."""
    task = here.board.task(
        BLESSINGS, here.board.publisher, opens_at=at(here.today - timedelta(days=1)), status=Task.Status.DRAFT
    )
    here.board.shift(task, slot(here.today + timedelta(days=24), *EVENING), 12, Shift.Status.OPEN)


def _open(here: Neighbourhood, offer: Offer, **fields: Any) -> Task:
    opens_at = at(here.today - timedelta(days=3), 18)
    return here.board.task(offer, here.board.publisher, opens_at=opens_at, status=Task.Status.OPEN, **fields)


def pass_down(
    above: Board, below: Sequence[Board], neighbours: Mapping[Organization, list[Resident]], today: date, rng: Random
) -> None:
    """What the city asks its communities to host: some do, with places taken already; the others are still to answer."""
    opens_at = at(today - timedelta(days=6), 9)
    asked = above.task(
        WARM_WINTER,
        above.publisher,
        opens_at=opens_at,
        flag_value=2,
        status=Task.Status.OPEN,
        host_by=today + timedelta(days=24),
    )
    held = Claim.objects.occupying().filter(starts_at__gte=at(today)).values("member").annotate(n=Count("pk"))
    busy = set(held.filter(n__gte=CLAIMS_A_HEAD).values_list("member", flat=True))
    for board in below:
        answered_at = opens_at + timedelta(hours=rng.randint(3, 70))
        task = board.task(
            WARM_WINTER,
            board.publisher,
            opens_at=answered_at,
            flag_value=asked.flag_value,
            status=Task.Status.OPEN,
            parent=asked,
        )
        shift = board.shift(task, slot(today + timedelta(days=rng.randint(12, 15)), *CITY_HOURS), 10, Shift.Status.OPEN)
        idle = [resident for resident in neighbours[board.publisher] if resident.member.pk not in busy]
        for resident in rng.sample(idle, min(len(idle), rng.randint(2, 9))):
            board.claim(shift, resident, claimed_after(answered_at, rng))
