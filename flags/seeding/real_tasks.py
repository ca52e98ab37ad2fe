"""The seven tasks that one community really published in January 2022, in the community of the demo accounts."""

from dataclasses import dataclass
from datetime import date, time

from flags.seeding.board import Board
from flags.seeding.offers import ACTIVITY, HELPERS, Offer
from flags.seeding.people import Registry, Resident
from flags.seeding.times import Slot, at, slot
from flags.seeding.year import claimed_after
from tasks.models import BoundaryLine

MORNING, AFTERNOON = (time(8, 30), time(11, 30)), (time(13, 30), time(16, 30))
PUBLISHED_AT = at(date(2022, 1, 4), 8, 30)


@dataclass(frozen=True)
class RealTask:
    offer: Offer
    people: int
    slots: tuple[Slot, ...]
    flag_value: int = 1
    boundary_line: str = ""
    justification: str = ""


REAL_TASKS = (
    RealTask(
        Offer(
            ACTIVITY,
            "认领“二胎免费孕前优生健康检查”",
            "联系准备生二胎的家庭，说明免费孕前优生健康检查怎么报名，帮忙登记。",
            "{community}",
            "准备生二胎的家庭",
        ),
        10,
        (slot(date(2022, 1, 8), *MORNING),),
        boundary_line="quotas",
        justification="检查免费且自愿，只为把政策讲给需要的家庭，不设报名人数指标。",
    ),
    RealTask(
        Offer(
            ACTIVITY,
            "摸排小区党员活动",
            "了解小区里党员的居住和服务意愿，方便组织邻里活动。",
            "荷风雅苑一期、二期",
            "小区里的党员",
        ),
        50,
        (slot(date(2022, 1, 9), *MORNING),),
        boundary_line="head-counts",
        justification="首次建立小区党员联系方式，一次完成，之后由报到系统代替。",
    ),
    RealTask(
        Offer(
            ACTIVITY,
            "社区楼道内志愿者招募入户宣传",
            "逐楼敲门，请愿意出力的邻居做楼道志愿者。",
            "{community}各小区",
            "各楼道的居民",
        ),
        60,
        (slot(date(2022, 1, 15), *AFTERNOON),),
        boundary_line="recruiting",
        justification="楼道志愿者直接服务本楼居民，自愿报名，不作数量要求。",
    ),
    RealTask(
        Offer(
            ACTIVITY,
            "元宵节家庭手工灯笼制作",
            "陪孩子和家长一起做灯笼，准备迎元宵。",
            "{community}",
            "社区里的孩子和家长",
        ),
        18,
        (slot(date(2022, 1, 29), *AFTERNOON),),
    ),
    RealTask(
        Offer(ACTIVITY, "反诈宣传", "给居民讲一堂防范电信诈骗的课，准备案例和资料。", "荷风花园", "小区里的居民"),
        1,
        (slot(date(2022, 1, 22), *AFTERNOON),),
        flag_value=3,
    ),
    RealTask(
        Offer(
            ACTIVITY,
            "社区疫情防控工作",
            "在社区办公室值守：接电话、登记返乡人员、为居家的居民送物资。每半天 7 人。",
            "{community}办公室",
            "社区全体居民",
            requirements="身体健康，全程戴口罩。",
            risk_note="做好个人防护，身体不适立即停止。",
        ),
        7,
        tuple(slot(date(2022, 1, day), *hours) for day in range(10, 15) for hours in (MORNING, AFTERNOON)),
    ),
    RealTask(
        Offer(
            HELPERS,
            "守护“小门”，党员来协助",
            "在各小区的小门协助值守，方便居民出入。",
            "{community}各小区",
            "出入小区的居民",
        ),
        25,
        (slot(date(2022, 1, 16), *MORNING),),
    ),
)


def add_real_tasks(board: Board, residents: list[Resident], lines: dict[str, BoundaryLine], registry: Registry) -> None:
    """Put them on the board, closed and confirmed, with as many people as live there to fill the places."""
    rng = registry.rng
    for real in REAL_TASKS:
        task = board.task(
            real.offer,
            board.publisher,
            opens_at=PUBLISHED_AT,
            flag_value=real.flag_value,
            boundary_line=lines.get(real.boundary_line),
            justification=real.justification,
        )
        for held in real.slots:
            shift = board.shift(task, held, real.people)
            for resident in rng.sample(residents, min(real.people, len(residents))):
                board.confirm(shift, resident, claimed_after(PUBLISHED_AT, rng))
