"""What members and residents have suggested to one community: some waiting, one too long, and some answered in each way."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.conf import settings

from accounts.models import Organization
from flags.seeding.people import Resident
from flags.seeding.times import at
from tasks.models import Suggestion, SuggestionContact

S, About = Suggestion.Status, Suggestion.Category


@dataclass(frozen=True)
class Proposal:
    """Sent `days_ago`; answered, decided and told what came of it some days after each other."""

    category: Suggestion.Category
    text: str
    days_ago: int
    status: Suggestion.Status = S.NEW
    answer: str = ""
    reason: str = ""
    outcome: str = ""


OF_MEMBER = (
    Proposal(
        About.FACILITIES,
        "雅苑一期东门的路灯晚上八点以后就不亮了，接送孩子的家长多，建议换成感应灯，顺便把破损的地砖补上。",
        1,
    ),
    Proposal(
        About.ACTIVITIES,
        "文化家园周末人多、工作日晚上空着，建议工作日晚上也开放一间，给中学生自习。",
        70,
        S.ADOPTED,
        answer="谢谢建议，我们先统计一下想来自习的学生有多少。",
        reason="采纳。从下月起周一至周四 18:30–20:30 开放二楼活动室，由志愿者轮值。",
        outcome="已开放五周，平均每晚有 14 名学生来自习。",
    ),
)
OF_OTHERS = (
    Proposal(About.SAFETY, "三号楼楼道里电动车充电线拉得到处都是，建议在北侧空地加装一排充电桩。", 36),
    Proposal(
        About.ENVIRONMENT,
        "垃圾分类亭下午常常满出来，建议周末多清运一次，并在亭边装一个洗手池。",
        40,
        S.PARTLY_ADOPTED,
        reason="周末已增加一次清运；洗手池要动供水管线，列入明年改造一并考虑。",
    ),
    Proposal(
        About.SERVICES,
        "建议社区服务大厅周日也全天上班，方便上班族办事。",
        28,
        S.NOT_ADOPTED,
        reason="大厅人手不足，周日暂不能全天开放；可预约周六上午，或在网上办理后到门岗取件。",
    ),
    Proposal(
        About.OTHER,
        "建议建一个小区失物招领的群，捡到钥匙、卡包有地方问。",
        12,
        S.ANSWERED,
        answer="想法很好，正在和三个小区的支部商量由谁来管，定了就告诉您。",
    ),
)
OF_A_RESIDENT = Proposal(About.FACILITIES, "公交站到社区门口没有遮雨的地方，下雨天老人等车很不方便，建议装个雨棚。", 3)
RESIDENT, PHONE = "沈奶奶", "10099990010"


def add_suggestions(community: Organization, member: Resident, neighbours: list[Resident], today: date) -> None:
    """The demo member's, those of neighbours without a demo account, and a resident's without any."""
    for proposal in OF_MEMBER:
        _add(community, proposal, today, author=member)
    for proposal, author in zip(OF_OTHERS, reversed(neighbours), strict=False):
        _add(community, proposal, today, author=author)
    suggestion = _add(community, OF_A_RESIDENT, today)
    SuggestionContact.objects.create(
        suggestion=suggestion, name=RESIDENT, phone=PHONE, consent_version=settings.PRIVACY_VERSION
    )


def _add(community: Organization, proposal: Proposal, today: date, *, author: Resident | None = None) -> Suggestion:
    sent_at = at(today - timedelta(days=proposal.days_ago), 19, 20)
    answered_at = _days_later(sent_at, 6) if proposal.status != S.NEW else None
    decided_at = answered_at if not proposal.answer else _days_later(sent_at, 15)
    decided_at = decided_at if proposal.status in Suggestion.DECIDED else None
    return Suggestion.objects.create(
        community=community,
        author=author.member if author else None,
        category=proposal.category,
        text=proposal.text,
        status=proposal.status,
        answer=proposal.answer,
        reason=proposal.reason,
        outcome=proposal.outcome,
        created_at=sent_at,
        since=decided_at or answered_at or sent_at,
        answered_at=answered_at,
        decided_at=decided_at,
        outcome_at=_days_later(sent_at, 55) if proposal.outcome else None,
    )


def _days_later(moment: datetime, days: int) -> datetime:
    return moment.replace(hour=10) + timedelta(days=days)
