"""What stands in the ledger besides services: logs, a suggestion, matters, what was taken back, and an entry that waits."""

from collections.abc import Iterable
from datetime import date, timedelta

from django.contrib.contenttypes.models import ContentType
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Appointment, Member, Organization, Record
from flags.actions.late_entry import Served, enter_late
from flags.actions.matter_award import award_for_matter
from flags.actions.reversal import reinstate_award, revoke_award
from flags.models import AwardMatter, FlagAward
from flags.queries.belonging import communities_on, units_on
from flags.queries.deadline import is_open
from flags.seeding.times import at
from tasks.models import StewardLog, Suggestion
from tasks.models.task import Category
from vanguard.lib.quarters import quarter_of
from vanguard.lib.refused import Refused

MATTERS = ("大党委兼职委员", "业委会委员", "小区党支部委员")
DECIDED_AFTER = 15  # days after it was sent the demo member's suggestion was adopted
SENT_DAYS_AGO = 70


def lit_besides_services(today: date) -> list[int]:
    """The years in which the demo member's confirmed log and adopted suggestion light a flag each."""
    return [quarter_of(today).before.year, (today - timedelta(days=SENT_DAYS_AGO - DECIDED_AFTER)).year]


def light_logs_and_suggestions(staff: list[Appointment]) -> None:
    """A line for each log that is confirmed and each suggestion of a member that is adopted, as on that day."""
    now = timezone.now()
    awards = []
    for log in StewardLog.objects.filter(status=StewardLog.Status.CONFIRMED).select_related("post__compound__parent"):
        day = log.of.last_day
        by = _somebody_else(staff, log.member)
        line = _line(log.member, day, Category.RED_STEWARD, log.post.compound.community, by)
        line.log, line.awarded_at = log, min(at(day + timedelta(days=1), 10), now)
        awards.append(line)
    for adopted in Suggestion.objects.filter(status=Suggestion.Status.ADOPTED, author__isnull=False):
        assert adopted.author is not None
        assert adopted.decided_at is not None
        day = timezone.localtime(adopted.decided_at).date()
        by = _somebody_else(staff, adopted.author)
        line = _line(adopted.author, day, Category.SUGGESTION, adopted.community, by)
        line.suggestion, line.awarded_at = adopted, adopted.decided_at
        awards.append(line)
    FlagAward.objects.bulk_create(awards)
    _record(awards)


def _line(member: Member, day: date, category: str, at_home: Organization, by: Appointment) -> FlagAward:
    return FlagAward(
        member=member,
        value=1,
        category=category,
        served_on=day,
        year=day.year,
        unit_id=units_on(day, [member.pk]).get(member.pk),
        community_id=communities_on(day, [member.pk]).get(member.pk, at_home.pk),
        by_user=by.user,
        by_appointment=by,
    )


def _record(awards: Iterable[FlagAward]) -> None:
    of_lines = ContentType.objects.get_for_model(FlagAward)
    Record.objects.bulk_create(
        Record(
            subject_type=of_lines,
            subject_id=line.pk,
            verb="awarded",
            user=line.by_user,
            appointment=line.by_appointment,
            at=line.awarded_at,
        )
        for line in awards
    )


def add_matters(city: Organization) -> None:
    AwardMatter.objects.bulk_create(AwardMatter(city=city, name=name) for name in MATTERS)


def keep_the_ledger(stage: Organization, staff: list[Appointment], today: date) -> None:
    """On the stage: three awards for matters, one line taken back, one lit again, and an entry for the secretary to look at."""
    first, second = (Actor(user=hat.user, appointment=hat) for hat in staff[:2])
    quiet = Member.objects.filter(home__path__startswith=stage.path, user__appointments=None)
    neighbours = list(quiet.exclude(user__username="member").order_by("number")[:40])
    _award_for_matters(neighbours[:2], first, today)
    _take_back(neighbours[2:], first, second)
    _enter_one(neighbours[2:], second, today)


def _award_for_matters(neighbours: list[Member], by: Actor, today: date) -> None:
    joint, owners, _branch = AwardMatter.objects.order_by("pk")[:3]
    one, other = neighbours
    for member, matter, days_ago, why in (
        (one, joint, 20, "全程参加本季度大党委联席会，认领两件民生项目。"),
        (one, joint, 6, "牵头协调停车位改造，连续三个晚上入户听意见。"),
        (other, owners, 12, "主持业委会换届，核对全部业主名单。"),
    ):
        award_for_matter(member, matter=matter, day=today - timedelta(days=days_ago), reason=why, by=by)


def _take_back(neighbours: list[Member], one: Actor, other: Actor) -> None:
    """Where the past has lines of a year that stands open: in early January there may be none."""
    lines = FlagAward.objects.in_force().filter(member__in=neighbours, claim__isnull=False)
    for n, line in enumerate(lines.select_related("member__user", "community").order_by("-served_on", "pk")[:2]):
        if not is_open(line.community.city_path, line.year):
            continue
        reversal = revoke_award(line, reason="签到表上是同名的另一位邻居。", by=one)
        if n:
            reinstate_award(reversal, reason="门岗核对了照片，是本人到场。", by=other)


def _enter_one(neighbours: list[Member], by: Actor, today: date) -> None:
    """For the first who had no other service in that evening."""
    evening = at(today - timedelta(days=3), 19)
    what, why = "暴雨夜排查地下车库，搬沙袋", "当晚临时召集，来不及在平台上发布。"
    served = Served(evening, evening + timedelta(hours=2), Category.COMMUNITY_ACTIVITY, 1, what, why)
    for member in neighbours:
        try:
            enter_late(member, served, by=by)
        except Refused:
            continue
        return


def _somebody_else(staff: list[Appointment], member: Member) -> Appointment:
    return next(hat for hat in staff if hat.user_id != member.user_id)
