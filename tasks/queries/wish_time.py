"""How long wishes have waited, in working days: whole ones between the day it began and today."""

from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db.models import Count, Min, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Organization
from accounts.models.organization import at_or_below
from tasks.models import Wish
from tasks.queries.lateness import days_waited, has_waited
from tasks.queries.task import wider_audiences
from vanguard.lib.days import beginning_of

S = Wish.Status
UNANSWERED = (S.NEW, S.REOPENED)


def waited_since(wish: Wish) -> datetime:
    """Since when it stands where it stands; nobody can take one before its task opens."""
    task = wish.task if wish.status == S.PUBLISHED else None
    return max(wish.since, task.opens_at) if task else wish.since


def unanswered_for(days: int) -> Q:
    """New or reopened for so long, and no word to the resident."""
    return Q(status__in=UNANSWERED) & has_waited("since", days)


def unclaimed_for(days: int) -> Q:
    """Published for so long, and nobody has taken it; also where its task has come to nothing."""
    return Q(status=S.PUBLISHED) & has_waited("since", days) & has_waited("task__opens_at", days)


def late_wishes(actor: Actor) -> QuerySet[Wish]:
    """What the community should have answered by now."""
    return Wish.objects.visible_to(actor).filter(unanswered_for(settings.WISH_ANSWER_WITHIN))


def days_unclaimed(wish: Wish) -> int:
    """For how many working days nobody has taken a published wish; 0 until it is long enough to say so."""
    days = days_waited(waited_since(wish)) if wish.status == S.PUBLISHED else 0
    return days if days >= settings.WISH_WIDEN_AFTER else 0


def widening_of(wish: Wish) -> list[Organization]:
    """To whom a wish that nobody takes can be offered besides; nobody before its time."""
    return wider_audiences(wish.task) if wish.task and days_unclaimed(wish) else []


# --- what street, city and inspector see: how long, never what or whose ---------------------


@dataclass(frozen=True)
class LateWish:
    """One unanswered wish without a word of what it says, where it is for or who asks."""

    community: str
    code: str
    category: str
    status: str
    since: datetime

    @property
    def days(self) -> int:
        return days_waited(self.since)

    @property
    def category_words(self) -> str:
        return str(Wish.Category(self.category).label)

    @property
    def status_words(self) -> str:
        return str(Wish.Status(self.status).label)


def late_within(paths: tuple[str, ...]) -> QuerySet[Wish]:
    """The wishes of these subtrees that are so late that the street sees it."""
    late = unanswered_for(settings.WISH_STREET_AFTER)
    return Wish.objects.filter(at_or_below("community__path", paths)).filter(late)


def late_rows(actor: Actor, community: str = "") -> QuerySet:
    """The same as `LateWish` values, longest waiting first; of one community, where its code is given."""
    late = late_within(actor.home_paths).annotate(
        name_now=Coalesce("community__merged_into__name", "community__name"),
        code_now=Coalesce("community__merged_into__code", "community__code"),
    )
    if community:
        late = late.filter(code_now=community)
    return late.order_by("since", "pk").values_list("name_now", "code_now", "category", "status", "since")


# --- the community's own board ----------------------------------------------------------------


@dataclass(frozen=True)
class Column:
    """One state on the board: how many stand there, since when the first, and how many too long."""

    status: str
    count: int = 0
    looked_into: int = 0
    oldest: datetime | None = None
    late: int = 0

    @property
    def words(self) -> str:
        return str(Wish.Status(self.status).label)


ON_BOARD = (S.NEW, S.ASKED_BACK, S.ACCEPTED, S.PUBLISHED, S.CLAIMED, S.FULFILLED, S.REOPENED, S.DONE)


def board_of(actor: Actor) -> list[Column]:
    """Every state that a wish of the community can wait in, and what is done this year; one query."""
    new_year = beginning_of(date(timezone.localdate().year, 1, 1))
    late = unanswered_for(settings.WISH_ANSWER_WITHIN) | unclaimed_for(settings.WISH_WIDEN_AFTER)
    wishes = Wish.objects.visible_to(actor).filter(~Q(status=S.DONE) | Q(since__gte=new_year), status__in=ON_BOARD)
    counted = (
        wishes.order_by()
        .values("status")
        .annotate(
            count=Count("pk"),
            looked_into=Count("pk", filter=~Q(verified="")),
            oldest=Min("since"),
            late=Count("pk", filter=late),
        )
    )
    columns = {row["status"]: Column(**row) for row in counted}
    return [columns.get(status, Column(status)) for status in ON_BOARD]
