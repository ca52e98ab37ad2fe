"""What a city has before anybody serves: the year's rule and the boundary list."""

from accounts.models import Organization
from tasks.models import BoundaryLine, YearRule

BOUNDARY_LINES = {
    "chores": "行政杂务（跑腿、打印、搬运公文）",
    "quotas": "指标摊派（下任务数、比完成率）",
    "head-counts": "人头统计、摸排登记",
    "recruiting": "招募拉人头（扫码、关注、注册）",
    "paperwork": "台账填报、留痕拍照",
    "seat-filling": "会议凑数、充当观众",
}


def add_rules(city: Organization, years: list[int]) -> None:
    """The default rule for each of `years`, as rows that the city can change."""
    YearRule.objects.bulk_create(YearRule(city=city, year=year) for year in years)


def add_boundary_lines() -> dict[str, BoundaryLine]:
    """The list of work that needs a justification; lines that are there already stay as they are."""
    return {
        code: BoundaryLine.objects.get_or_create(code=code, defaults={"name": name})[0]
        for code, name in BOUNDARY_LINES.items()
    }
