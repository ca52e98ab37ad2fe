"""What the stage's helper groups are and offer, who asks to join, what they are asked for, and one that is no more."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.conf import settings

from accounts.models import Organization, Skill
from flags.seeding.people import Resident
from flags.seeding.times import at
from flags.seeding.together import GROUP_NAMES
from tasks.models import GroupClaim, GroupMembership, GroupProject, GroupRequest, HelperGroup, Wish, WishContact

S, Kind, About = GroupRequest.Status, HelperGroup.Kind, Wish.Category


@dataclass(frozen=True)
class Offered:
    title: str
    what: str
    for_whom: str
    category: Wish.Category
    minutes: int
    people: int


REPAIRS = Offered(
    "上门修灯换插座", "小修小补：换灯泡、修开关插座、紧龙头，材料自备。", "独居和高龄老人", About.REPAIR, 60, 2
)
OF_THE_FIRST = (
    REPAIRS,
    Offered("陪老人去医院", "提前约好，陪着挂号、排队、取药，送到家。", "行动不便的老人", About.ELDERLY, 180, 1),
    Offered(
        "重物搬上楼", "没有电梯的楼，帮忙把米面、桶装水搬上楼。", "住高层的老人和孕妇", About.GETTING_AROUND, 30, 2
    ),
)
OF_THE_SECOND = (
    Offered("写春联、写请柬", "社里会书法的邻居来写，自带红纸。", "社区居民", About.PUBLIC, 90, 3),
    Offered("周末教孩子下棋", "象棋、围棋入门，每次一小时，不收费。", "小学生", About.SCHOOL, 60, 2),
)
INTRODUCTIONS = {
    GROUP_NAMES[0]: (Kind.REPAIR, "小区里的电工、水工和热心邻居，周末和平时晚上都能出门，先打电话约时间。"),
    GROUP_NAMES[1]: (Kind.CULTURE, "写字、唱歌、下棋，逢年过节给大家添热闹。"),
}
ENDED = "银龄理发队"
NAME, PHONE = "沈奶奶", "10099990010"


def add_groupwork(
    community: Organization, member: Resident, neighbours: list[Resident], skills: list[Skill], today: date
) -> None:
    """The demo member leads the first group; each state of a request can be seen at one of the two."""
    groups = {group.name: group for group in HelperGroup.objects.filter(community=community)}
    for name, (kind, introduction) in INTRODUCTIONS.items():
        groups[name].kind, groups[name].introduction = kind, introduction
        groups[name].save(update_fields=["kind", "introduction"])
    first, second = (groups[name] for name in GROUP_NAMES)
    first.skills.set([skill for skill in skills if skill.name in ("电工", "维修")])
    repairs, *others = [_offer(first, offered) for offered in OF_THE_FIRST]
    chess = [_offer(second, offered) for offered in OF_THE_SECOND][1]
    _ask_to_join(first, neighbours)
    _ask_for(repairs, others, chess, first, today)
    _ask_as_residents(repairs, others[0], member, community, today)
    _end(community, neighbours, today)


def _offer(group: HelperGroup, offered: Offered) -> GroupProject:
    return GroupProject.objects.create(group=group, **vars(offered))


def _ask_to_join(group: HelperGroup, neighbours: list[Resident]) -> None:
    known = set(group.memberships.values_list("member", flat=True))
    asker = next(resident for resident in reversed(neighbours) if resident.member.pk not in known)
    GroupMembership.objects.create(
        group=group,
        member=asker.member,
        status=GroupMembership.Status.ASKED,
        words="在供电公司上班，家里的线路都能看，周末有空。",
    )


def _ask_for(
    repairs: GroupProject, others: list[GroupProject], chess: GroupProject, group: HelperGroup, today: date
) -> None:
    """The community's own requests."""
    claim = GroupClaim.objects.filter(group=group).select_related("shift__task").get()
    served = {"starts_at": claim.shift.starts_at, "ends_at": claim.shift.ends_at}
    _write(
        repairs, today, 1, words="文化家园二楼活动室有三盏灯不亮，请帮忙换一换。", place="文化家园", wished_when="周末"
    )
    _write(chess, today, 9, words="寒假想给孩子们办三次象棋课，每周六下午。", place="文化家园")
    _write(others[0], today, 12, S.PUBLISHED, words="帮独居老人过年前打扫。", task=claim.shift.task, **served)
    _write(others[1], today, 15, S.DECLINED, words="把捐来的书搬到三楼。", answer="那天大家都上班，下周可以再约。")
    _write(others[1], today, 20, S.WITHDRAWN, words="搬桌椅。")


def _ask_as_residents(
    repairs: GroupProject, company: GroupProject, member: Resident, community: Organization, today: date
) -> None:
    """One that waits at the community, and one for which the group has said when it comes, and who."""
    new = _wish(community, About.ELDERLY, "下周三要去中医院复查，儿女都不在身边，想请人陪一趟。", today, 2)
    _write(company, today, 2, S.NEW, wish=new)
    lamp = _wish(
        community, About.REPAIR, "厨房的灯一闪一闪的，不敢自己动手，想请人看看。", today, 4, Wish.Status.ACCEPTED
    )
    starts_at = at(today + timedelta(days=6), 15)
    comes = _write(
        repairs,
        today,
        1,
        S.ACCEPTED,
        wish=lamp,
        words="厨房的灯一闪一闪的，请帮忙看看。",
        place="荷风雅苑一期",
        wished_when="周末下午",
        answer="带上梯子和新灯管，两个人来。",
        starts_at=starts_at,
        ends_at=starts_at + timedelta(hours=1),
    )
    comes.people.set([member.member, *[row.member for row in _others_of(repairs.group, member)[:1]]])


def _others_of(group: HelperGroup, member: Resident) -> list[GroupMembership]:
    agreed = group.memberships.agreed().exclude(member=member.member)
    return list(agreed.select_related("member").order_by("pk"))


def _wish(
    community: Organization,
    category: Wish.Category,
    text: str,
    today: date,
    days_ago: int,
    status: Wish.Status = Wish.Status.NEW,
) -> Wish:
    sent_at = at(today - timedelta(days=days_ago), 18, 30)
    answered_at = sent_at + timedelta(hours=15) if status == Wish.Status.ACCEPTED else None
    wish = Wish.objects.create(
        community=community,
        category=category,
        text=text,
        status=status,
        created_at=sent_at,
        since=answered_at or sent_at,
        answered_at=answered_at,
    )
    WishContact.objects.create(wish=wish, name=NAME, phone=PHONE, consent_version=settings.PRIVACY_VERSION)
    return wish


def _write(
    project: GroupProject, today: date, days_ago: int, status: GroupRequest.Status = S.ASKED, **fields: object
) -> GroupRequest:
    sent_at = at(today - timedelta(days=days_ago), 18, 30)
    return GroupRequest.objects.create(
        group=project.group, project=project, status=status, since=sent_at, created_at=sent_at, **fields
    )


def _end(community: Organization, neighbours: list[Resident], today: date) -> None:
    """A group that has been dissolved; its history stays."""
    founded, ended = at(today - timedelta(days=500)), at(today - timedelta(days=90), 10)
    people = [resident.member for resident in neighbours[-3:]]
    group = HelperGroup.objects.create(
        name=ENDED,
        kind=Kind.ELDERLY,
        community=community,
        leader=people[0],
        status=HelperGroup.Status.DISSOLVED,
        end_reason="两位理发师傅搬去和儿女同住，队里人手不够，感谢大家一年多来的服务。",
        created_at=founded,
        dissolved_at=ended,
    )
    left = GroupMembership.Status.LEFT
    GroupMembership.objects.bulk_create(GroupMembership(group=group, member=member, status=left) for member in people)
