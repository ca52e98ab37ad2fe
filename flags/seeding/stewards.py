"""Red stewards on the stage: posts held and open, a term that ends soon, applications and logs that wait."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import cycle
from random import Random

from accounts.models import Organization
from flags.seeding.people import Resident
from flags.seeding.times import at
from tasks.models import StewardApplication, StewardLog, StewardPost, StewardTerm
from vanguard.lib.quarters import quarter_of

SEED = 20220308  # draws of its own: what is drawn elsewhere stays as it is
Kind = StewardPost.Kind
BUILDINGS = range(1, 11)
DUTIES = {
    Kind.STAIRWELL_HEAD: "每周看一次楼道：堆物、灯、消防栓；邻里有事先搭把手，再告诉社区。",
    Kind.GRID_AIDE: "周末跟网格员走访一次，帮忙登记需求、送通知。",
    Kind.FACILITY_CARE: "看看设施有没有坏、有没有人占用，坏了拍照报给社区。",
}
FACILITIES = ("电动车棚", "儿童乐园", "健身角")
OF_THE_COMMUNITY = ("文化家园图书角", "中心广场")
LOGS = (
    ("三楼、五楼堆了纸箱和旧家具，二单元的灯忽明忽暗。", "和住户商量后清走了，灯报给物业，第二天换好。"),
    ("电动车推进楼里充电，说了两户。", "在群里发了提醒，帮忙把车棚的插座修好了。"),
    ("独居的王阿姨摔了一跤，邻居不知道。", "陪去了医院，和楼上两户约好轮流敲门。"),
)
WORDS = ("我住这栋楼六年了，平时下班都在家。", "我是电工，设施坏了能看一眼。")


@dataclass
class Stage:
    """Whom the posts of one compound are given to, one after the other."""

    compound: Organization
    people: Iterator[Resident]
    today: date

    def post(self, kind: str, subject: str, holder: Resident | None = None, *, days_held: int = 150) -> StewardPost:
        """A post, held for so long by `holder` for a year in all, or open."""
        began_on = self.today - timedelta(days=days_held)
        post = StewardPost.objects.create(
            compound=self.compound,
            kind=kind,
            subject=subject,
            duties=DUTIES[Kind(kind)],
            status=StewardPost.Status.HELD if holder else StewardPost.Status.OPEN,
            created_at=at(began_on - timedelta(days=10)),
        )
        if holder:
            until = began_on + timedelta(days=364)
            StewardTerm.objects.create(post=post, member=holder.member, began_on=began_on, until=until)
        return post


def add_stewards(place: Organization, member: Resident, residents: list[Resident], today: date) -> None:
    """In the member's compound: most stairwells have a head; the member is that of 3 幢, with a log to write."""
    others = [r for r in residents if r.compound == member.compound and r is not member]
    stage = Stage(member.compound, cycle(Random(SEED).sample(others, len(others))), today)
    held = _stairwells(stage, member)
    stage.post(Kind.GRID_AIDE, "第一网格", next(stage.people), days_held=355)  # ends within the fortnight
    stage.post(Kind.GRID_AIDE, "第二网格")
    for facility in FACILITIES[:2]:
        stage.post(Kind.FACILITY_CARE, facility, next(stage.people))
    stage.post(Kind.FACILITY_CARE, FACILITIES[2])
    around = Stage(place, stage.people, today)
    around.post(Kind.FACILITY_CARE, OF_THE_COMMUNITY[0], next(stage.people))
    around.post(Kind.FACILITY_CARE, OF_THE_COMMUNITY[1])
    _write_logs(held, today)


def _stairwells(stage: Stage, member: Resident) -> list[StewardPost]:
    """Those that are held; the others are open, and for two of them somebody has applied."""
    posts = []
    for number in BUILDINGS:
        holder = member if number == 3 else None if number % 4 == 1 else next(stage.people)
        posts.append(stage.post(Kind.STAIRWELL_HEAD, f"{number} 幢", holder))
    waiting = [post for post in posts if post.status == StewardPost.Status.OPEN]
    for words, post in zip(WORDS, waiting, strict=False):
        applicant, sent = next(stage.people).member, at(stage.today - timedelta(days=2), 20)
        StewardApplication.objects.create(post=post, member=applicant, words=words, created_at=sent)
    return [post for post in posts if post.status == StewardPost.Status.HELD]


def _write_logs(held: list[StewardPost], today: date) -> None:
    """Last quarter's logs: confirmed, and two that wait; the member's own is confirmed, this quarter's is to be written."""
    quarter = quarter_of(today).before
    Status, terms = StewardLog.Status, StewardTerm.objects.within(quarter).filter(post__in=held).order_by("pk")
    own = next((term for term in terms if term.post.subject.startswith("3 ")), None)
    waiting = [term.pk for term in terms if term != own][:2]
    for term, (seen, done) in zip(terms, cycle(LOGS), strict=False):
        StewardLog.objects.create(
            post=term.post,
            member=term.member,
            year=quarter.year,
            quarter=quarter.number,
            seen=seen,
            done=done,
            status=Status.SUBMITTED if term.pk in waiting else Status.CONFIRMED,
            submitted_at=at(quarter.last_day, 20),
        )
