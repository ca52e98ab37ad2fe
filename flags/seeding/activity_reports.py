"""How the activities of the past went: told in every community, but for a few that are still to be told about."""

import io
from datetime import date, timedelta
from random import Random

from django.core.files.base import ContentFile
from django.db.models import F
from PIL import Image, ImageDraw

from accounts.models import Organization
from flags.seeding.people import BATCH
from flags.seeding.times import at
from tasks.models import ActivityPhoto, ActivityReport, Claim, Shift, Task
from tasks.queries.activity_report import activities_overdue

SEED = 20220214
EVERYTHING = timedelta(days=3650)
NOT_TOLD_EVERY = 9  # of so many communities one has an activity to tell about
WORDS = (
    "活动按计划完成，居民反响很好，有几位老人还约好下次再来。",
    "到场的党员分成三组，半天做完，现场已清理干净。",
    "当天下小雨，改在文化家园里进行，人没有少。感谢大家准时到场。",
    "准备的材料全部用完，下次多备一些。居民希望每月办一次。",
    "和物业一起做的，遗留的两处问题已经登记，下周跟进。",
)
# By a part of the title: of the newest such activity on the stage.
LANTERNS = "灯笼"
BY_HAND = {
    LANTERNS: "孩子们和家长一起动手，做好的灯笼挂满了文化家园的走廊。党员负责裁纸、穿线和看护热熔胶枪，没有人受伤。\n"
    "下次想请会书法的党员来写灯谜。",
    "大扫除": "清理楼道堆物十一处，居民自己也搬走了不少。电动车充电线的事转给物业，已排进下周的检修。",
    "反诈": "在小区门口设了点位，发放资料并当场演示怎样识别来电。两位老人带来了正在犹豫的“退款”短信，现场帮他们挡下了。",
    "邻里节": "两栋楼之间摆了二十桌，家家出一道菜。桌椅收拾好已归还文化家园，垃圾当天清完。",
}
SIZE, WALL, GLOW, STRING, FLOOR = (960, 720), "#efe3cf", "#c8102e", "#7d6a4f", "#b89b72"
SKY, HOUSE, TREE, GRASS = "#cfe3ef", "#e9e0d2", "#5f8a4a", "#a9bf86"


def add_activity_reports(city: Organization, stage: Organization, today: date) -> None:
    """Every activity that is over for long has its report; on the stage some say more, and one is still to come."""
    rng = Random(SEED)
    communities = Organization.objects.communities().within(city.path).order_by("path")
    for number, community in enumerate(communities):
        _bring_companions(community, rng)
        over = activities_overdue(at(today), asked_for=EVERYTHING).published_within((community.path,))
        tasks = list(over.order_by("-last_at", "-pk"))
        if community == stage or number % NOT_TOLD_EVERY == 0:
            tasks = tasks[1:]
        reports = [_report(task, rng.choice(WORDS)) for task in tasks]
        told = _tell_by_hand(reports) if community == stage else {}
        ActivityReport.objects.bulk_create(reports, BATCH)
        _show(told)


def _report(task: Task, words: str) -> ActivityReport:
    told_at = at(task.last_at.date() + timedelta(days=2), 10)  # type: ignore[attr-defined]
    return ActivityReport(
        task=task, words=words, status=ActivityReport.Status.PUBLISHED, created_at=told_at, published_at=told_at
    )


def _tell_by_hand(reports: list[ActivityReport]) -> dict[str, ActivityReport]:
    """The newest report of each kind gets words of its own; by the part of the title."""
    told: dict[str, ActivityReport] = {}
    for report in reports:
        part = next((part for part in BY_HAND if part in report.task.title and part not in told), None)
        if part:
            report.words, told[part] = BY_HAND[part], report
    return told


def _show(told: dict[str, ActivityReport]) -> None:
    for part, report in told.items():
        for n in (3, 5):
            picture = _lanterns(n) if part == LANTERNS else _courtyard(n)
            ActivityPhoto.objects.create(report=report, file=ContentFile(picture, "photo.jpg"))


def _bring_companions(community: Organization, rng: Random) -> None:
    """On some shifts with free places a member brought somebody of the family along."""
    shifts = Shift.objects.published_within((community.path,)).with_free_places()
    settled = shifts.filter(status=Shift.Status.SETTLED, by_agreement=False).order_by("pk")
    for shift in settled[:: max(1, settled.count() // 4)]:
        claim = Claim.objects.filter(shift=shift, status=Claim.Status.CONFIRMED).order_by("pk").first()
        if claim:
            brought = rng.randint(1, min(2, shift.free))
            Claim.objects.filter(pk=claim.pk).update(companions=brought)
            Shift.objects.filter(pk=shift.pk).update(taken=F("taken") + brought)
            Task.objects.filter(pk=shift.task_id).update(companions_at_most=2)


def _lanterns(how_many: int) -> bytes:
    picture = Image.new("RGB", SIZE, WALL)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((0, 620, 960, 720), fill=FLOOR)
    draw.line((0, 90, 960, 90), fill=STRING, width=6)
    for n in range(how_many):
        middle = (n + 1) * 960 // (how_many + 1)
        draw.line((middle, 90, middle, 200), fill=STRING, width=4)
        draw.ellipse((middle - 60, 200, middle + 60, 330), fill=GLOW)
        draw.line((middle, 330, middle, 400), fill=STRING, width=8)
    return _jpeg(picture)


def _courtyard(trees: int) -> bytes:
    picture = Image.new("RGB", SIZE, SKY)
    draw = ImageDraw.Draw(picture)
    draw.rectangle((120, 160, 840, 560), fill=HOUSE)
    draw.rectangle((0, 560, 960, 720), fill=GRASS)
    for n in range(trees):
        middle = (n + 1) * 960 // (trees + 1)
        draw.rectangle((middle - 8, 480, middle + 8, 600), fill=STRING)
        draw.ellipse((middle - 60, 360, middle + 60, 500), fill=TREE)
    return _jpeg(picture)


def _jpeg(picture: Image.Image) -> bytes:
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=80)
    return written.getvalue()
