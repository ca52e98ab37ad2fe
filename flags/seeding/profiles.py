"""What members can do for others, and what their units were told of them."""

from datetime import date, timedelta
from random import Random

from accounts.models import Appointment, CheckIn, Member, Skill, UnitNews
from accounts.models.interest import INTEREST_BITS, Interest
from flags.seeding.people import BATCH, Resident
from flags.seeding.times import at
from vanguard.lib import week
from vanguard.lib.bits import bits_of

SKILLS = [
    "电工",
    "水管维修",
    "家电维修",
    "医护",
    "法律",
    "心理疏导",
    "辅导功课",
    "驾驶",
    "电脑手机",
    "摄影",
    "书法",
    "文艺",
    "理发",
    "外语",
]
NEWS_OF_A_UNIT = 6
WEEKDAYS, WEEKEND = list(week.DAYS)[:5], list(week.DAYS)[5:]
HABITS = [(days, part) for days in (WEEKDAYS, WEEKEND) for part in week.PARTS]
PROFILE = ["free_at", "interests", "told_what_fits"]


def add_skills() -> list[Skill]:
    return Skill.objects.bulk_create(Skill(name=name) for name in SKILLS)


def offer_help(residents: list[Resident], skills: list[Skill], rng: Random) -> None:
    """Six in ten say what they can do, like to do, and when; half of these want to be told of what fits."""
    willing = [resident.member for resident in residents if rng.random() < 0.6]
    has = Member.skills.through
    has.objects.bulk_create(
        [has(member=member, skill=skill) for member in willing for skill in rng.sample(skills, rng.randint(1, 3))],
        BATCH,
    )
    likes = Random(len(residents))
    for member in willing:
        habits = rng.sample(HABITS, rng.randint(1, 3))
        member.free_at = bits_of([f"{day}_{part}" for days, part in habits for day in days], week.BITS)
        member.interests = bits_of(likes.sample(list(INTEREST_BITS), likes.randint(1, 3)), INTEREST_BITS)
        member.told_what_fits = likes.random() < 0.5
    Member.objects.bulk_update(willing, PROFILE, BATCH)


def say_what_fits(member: Member, skills: list[Skill]) -> None:
    """The demonstration's member is an electrician with free weekends, who likes repairs and being with people."""
    member.skills.add(*(skill for skill in skills if skill.name == "电工"))
    member.free_at = bits_of([part for part in week.BITS if part.startswith(("SAT", "SUN"))], week.BITS)
    member.interests = bits_of([Interest.COMMUNITY_ACTIVITY, Interest.REPAIR], INTEREST_BITS)
    member.told_what_fits = True
    member.save(update_fields=PROFILE)


def tell_unit(officer: Appointment, today: date, rng: Random) -> None:
    """The unit's officer has read of some check-ins and not yet of the latest."""
    unit = officer.organization
    approved = list(CheckIn.objects.filter(unit=unit, status=CheckIn.Status.APPROVED).order_by("-pk")[:NEWS_OF_A_UNIT])
    kinds = [UnitNews.Kind.CHECKED_IN, UnitNews.Kind.MOVED, UnitNews.Kind.CHANGED]
    news = UnitNews.objects.bulk_create(
        UnitNews(
            unit=unit,
            member_id=check_in.member_id,
            check_in=check_in,
            kind=rng.choice(kinds),
            told_at=at(today - timedelta(days=1 + n), 9),
        )
        for n, check_in in enumerate(approved)
    )
    for row in news:
        if row.kind == UnitNews.Kind.CHANGED:
            row.changed = [rng.choice([UnitNews.Detail.ADDRESS, UnitNews.Detail.PHONE])]
    UnitNews.objects.bulk_update(news, ["changed"])
    read = [row.pk for row in news[NEWS_OF_A_UNIT // 2 :]]
    UnitNews.objects.filter(pk__in=read).update(
        read_at=at(today - timedelta(days=2), 10), read_by=officer.user, read_as=officer
    )
