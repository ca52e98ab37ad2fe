"""What fits a member, and why: the skill asked for, what they like, when they are free, and where they live.

A shift fits who could take a place in it now and has a reason to: its skill, its kind or its hours. Where they live is
a reason more, never the only one. Who has said when they are free is at other hours not fitted; who has said nothing
about times has no reason by them, and none against. Hours agreed on later are neither.
"""

from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db.models import (
    BigIntegerField,
    BooleanField,
    Case,
    CharField,
    Count,
    Exists,
    F,
    Func,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Least

from accounts.models import Member, Organization
from accounts.models.interest import INTEREST_BITS
from tasks.models import Claim, Shift, Wish
from tasks.models.task import FIRST_MINUTES_AT_MOST, Category, paths_down_to
from tasks.queries.shift import SEEN_WITH
from tasks.queries.wish import own_wishes
from vanguard.lib.bits import chosen_in
from vanguard.lib.week import QUARTER, QUARTERS, seconds_before_monday

Kind = Organization.Kind

# What each reason weighs: one that weighs more comes before all that weigh less together.
SKILL, INTEREST, TIME, PLACE = 8, 4, 2, 1


class Quarter(Func):
    """`vanguard.lib.week.quarter_at` of a moment in the database, or of so many seconds before it."""

    output_field = BigIntegerField()
    postgresql = "FLOOR((EXTRACT(EPOCH FROM %(expressions)s) - %(origin)s) / %(quarter)s)::bigint"
    sqlite = "((CAST(strftime('%%%%s', %(expressions)s) AS INTEGER) - %(origin)s) / %(quarter)s)"

    def __init__(self, moment: str, *, before: int = 0) -> None:
        super().__init__(moment)
        self.before = before

    def as_postgresql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        return self._filled(compiler, connection, self.postgresql)

    def as_sqlite(self, compiler: Any, connection: Any, **_extra: Any) -> Any:
        return self._filled(compiler, connection, self.sqlite)

    def _filled(self, compiler: Any, connection: Any, template: str) -> Any:
        origin = seconds_before_monday() + self.before
        return self.as_sql(compiler, connection, template=template, origin=origin, quarter=QUARTER)


class IsFree(Func):
    """Whether all quarters of a shift are among those of `free_at`; of `first` counts its place in the week."""

    output_field = BooleanField()

    def __init__(self, free_at: int, first: Any, length: Any) -> None:
        super().__init__(first, length)
        self.free_at = free_at

    def as_sql(self, compiler: Any, connection: Any, **_extra: Any) -> Any:  # type: ignore[override]
        (first, of_first), (length, of_length) = (compiler.compile(part) for part in self.get_source_expressions())
        return is_free(str(self.free_at), first, length), [*of_first, *of_length]


def is_free(free_at: str, first: str, length: str) -> str:
    """The same as a condition of SQL: the week stands there twice, so that a shift may last over its end."""
    week = f"CAST({free_at} AS bigint)"
    asked = f"(CAST(1 AS bigint) << CAST({length} AS integer)) - 1"
    return f"((~(({week} | ({week} << {QUARTERS})) >> CAST({first} AS integer))) & ({asked})) = 0"


def with_quarters(shifts: QuerySet[Any]) -> QuerySet[Any]:
    """With `first`, the place in the week of the quarter in which they begin, and `length`, how many they reach into."""
    quarters = Quarter("ends_at", before=1) - Quarter("starts_at") + 1
    return shifts.annotate(first=Quarter("starts_at") % QUARTERS, length=Least(quarters, Value(QUARTERS)))


def open_now(now: datetime) -> QuerySet[Any]:
    """Shifts with a free place that everybody of their audience may take now."""
    first_minutes_over = Q(task__opens_at__lte=now - timedelta(minutes=FIRST_MINUTES_AT_MOST))
    return Shift.objects.claimable(now).with_free_places().filter(Q(task__first_minutes=0) | first_minutes_over)


def shifts_that_fit(member: Member, now: datetime) -> QuerySet[Any]:
    """What fits this member and they could take now, what fits best first, with the reasons; one query.

    `liked` is the interest that it meets or empty, `at_free_time` whether its hours are the member's, `near` whose it is,
    a level of `accounts.models.Organization.Kind` or empty, and `score` what the reasons weigh together.
    """
    if member.home is None:
        return Shift.objects.none()
    shifts = _free_for(member, open_now(now).filter(task__audience__path__in=paths_down_to(member.home)), now)
    at_free_time: Any = Value(False, BooleanField())
    if member.free_at:
        shifts = with_quarters(shifts).filter(Q(by_agreement=True) | Q(IsFree(member.free_at, F("first"), F("length"))))
        at_free_time = Case(When(by_agreement=True, then=False), default=True)  # what is left is at no other hours
    near = Case(
        When(task__publisher=member.home_id, then=Value(member.home.kind)),
        When(task__publisher=member.home.parent_id, then=Value(Kind.COMMUNITY)),
        default=Value(""),
        output_field=CharField(),
    )
    return (
        shifts.annotate(liked=_liked(member), at_free_time=at_free_time, near=near)
        .filter(Q(at_free_time=True) | Q(skill__isnull=False) | Q(liked__gt=""))
        .annotate(
            score=_weighs(SKILL, skill__isnull=False)
            + _weighs(INTEREST, liked__gt="")
            + _weighs(TIME, at_free_time=True)
            + _weighs(PLACE, near__gt="")
        )
        .select_related(*SEEN_WITH)
        .order_by("-score", Case(When(by_agreement=True, then=F("ends_at")), default=F("starts_at")), "pk")
    )


def _weighs(weight: int, **condition: Any) -> Case:
    return Case(When(**condition, then=Value(weight)), default=Value(0))


def _free_for(member: Member, shifts: QuerySet[Any], now: datetime) -> QuerySet[Any]:
    """Without what the member could not take: no such skill, a place there or at that time, an own wish, no more places."""
    own = Claim.objects.filter(member=member)
    overlap = own.occupying().filter(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    to_come = own.occupying().to_come(now).order_by().values("member").annotate(n=Count("pk")).values("n")
    theirs = own_wishes(member)
    return shifts.alias(open_claims=Coalesce(Subquery(to_come), 0)).filter(
        Q(skill=None) | Q(skill__in=Member.skills.through.objects.filter(member=member).values("skill")),
        ~Exists(own.living().filter(shift=OuterRef("pk"))),
        Q(by_agreement=True) | ~Exists(overlap),
        ~Exists(theirs.filter(task=OuterRef("task"))),
        ~Exists(theirs.filter(merged_into__task=OuterRef("task"))),
        open_claims__lt=settings.OPEN_CLAIMS_AT_MOST,
    )


def _liked(member: Member) -> Any:
    """The interest that a shift's task meets: its category, or of residents' wishes what they ask for."""
    liked = chosen_in(member.interests, INTEREST_BITS)
    if not liked:
        return Value("", CharField())
    wished = Wish.objects.filter(task=OuterRef("task"), category__in=liked).order_by("pk").values("category")
    return Case(
        When(task__category__in=liked, then=F("task__category")),
        When(task__category=Category.MICRO_WISH, then=Coalesce(Subquery(wished[:1]), Value(""))),
        default=Value(""),
        output_field=CharField(),
    )
