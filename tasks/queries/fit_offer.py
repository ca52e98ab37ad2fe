"""Whom shifts fit, over all members in one statement: by the rules of `tasks.queries.fitting`, which ask for one."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import connection
from django.db.models import Case, Count, F, OuterRef, QuerySet, Subquery, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.models.interest import INTEREST_BITS
from tasks.models import Claim, Task, Wish
from tasks.models.task import Category
from tasks.queries.fitting import INTEREST, PLACE, SKILL, TIME, is_free, open_now, with_quarters

# What is offered: what begins so soon, not sooner, and has more places free than taken.
NOT_BEFORE, WITHIN = timedelta(hours=3), timedelta(hours=72)
SHIFTS_A_DAY = 3  # at most, for each member
ASKED_A_PLACE = 5  # members at most, for each place that is free: nobody comes for nothing

NEED = (
    "shift_id", "task_id", "audience_id", "publisher_id", "skill_id", "starts_at", "ends_at", "by_agreement", "missing",
    "kinds", "first", "length",
)  # fmt: skip

# `need` are the shifts, `own` who has wished for what they serve, `there` who has a place in them or waits, `busy` what
# takes up members' time, `booked` who has as many places as one may have. Of two reasons the stronger one weighs more than
# all weaker ones together. Whoever looks for a member looks in all of these by its key.
FIT = f"""
    WITH need ({", ".join(NEED)}) AS MATERIALIZED (%(need)s),
    asked AS (
        SELECT need.shift_id, wish.id AS wish_id, wish.sender_id
        FROM need JOIN tasks_wish wish ON wish.task_id = need.task_id
        UNION
        SELECT need.shift_id, merged.id, merged.sender_id
        FROM need JOIN tasks_wish wish ON wish.task_id = need.task_id JOIN tasks_wish merged ON merged.merged_into_id = wish.id
    ),
    own AS MATERIALIZED (
        SELECT asked.shift_id, member.id AS member_id
        FROM asked JOIN accounts_member member ON member.user_id = asked.sender_id
        UNION
        SELECT asked.shift_id, member.id
        FROM asked JOIN tasks_wishcontact contact ON contact.wish_id = asked.wish_id
        JOIN accounts_user person ON person.phone IN (contact.phone, contact.for_phone)
        JOIN accounts_member member ON member.user_id = person.id
    ),
    there AS MATERIALIZED (
        SELECT claim.shift_id, claim.member_id FROM need JOIN tasks_claim claim ON claim.shift_id = need.shift_id
        WHERE claim.status NOT IN ('WITHDRAWN', 'DECLINED', 'EXPIRED', 'CANCELLED')
    ),
    busy AS MATERIALIZED (
        SELECT claim.member_id, claim.starts_at, claim.ends_at FROM tasks_claim claim
        WHERE claim.status IN ('OFFERED', 'HELD') AND claim.ends_at > (SELECT MIN(starts_at) FROM need)
    ),
    booked (member_id) AS MATERIALIZED (%(booked)s),
    fit AS MATERIALIZED (
        SELECT need.shift_id, need.starts_at, need.missing, member.id AS member_id,
            CASE WHEN need.skill_id IS NULL THEN 0 ELSE {SKILL} END
            + CASE WHEN (member.interests & need.kinds) = 0 THEN 0 ELSE {INTEREST} END
            + CASE WHEN member.free_at = 0 OR need.by_agreement THEN 0 ELSE {TIME} END
            + CASE WHEN need.publisher_id IN (home.id, home.parent_id) THEN {PLACE} ELSE 0 END AS score
        FROM need
        JOIN accounts_organization audience ON audience.id = need.audience_id
        JOIN accounts_organization home ON home.path LIKE audience.path || '%%'
        JOIN accounts_member member ON member.home_id = home.id
        JOIN accounts_user person ON person.id = member.user_id AND person.is_active
        LEFT JOIN accounts_member_skills skill ON skill.member_id = member.id AND skill.skill_id = need.skill_id
        WHERE (need.skill_id IS NULL OR skill.id IS NOT NULL)
            AND (member.free_at = 0 OR need.by_agreement OR {is_free("member.free_at", "need.first", "need.length")})
            AND (need.skill_id IS NOT NULL OR (member.interests & need.kinds) <> 0
                 OR member.free_at <> 0 AND NOT need.by_agreement)
            AND NOT EXISTS (SELECT 1 FROM own WHERE own.member_id = member.id AND own.shift_id = need.shift_id)
            AND NOT EXISTS (SELECT 1 FROM there WHERE there.member_id = member.id AND there.shift_id = need.shift_id)
            AND NOT EXISTS (SELECT 1 FROM booked WHERE booked.member_id = member.id)
            AND (need.by_agreement OR NOT EXISTS (
                SELECT 1 FROM busy WHERE busy.member_id = member.id
                    AND busy.starts_at < need.ends_at AND busy.ends_at > need.starts_at))
            AND %(who)s
    )
"""

# Of equals neither the oldest members come first nor always the same ones.
OFFERS = f"""
    , for_shift AS (
        SELECT fit.*, ROW_NUMBER() OVER (
            PARTITION BY shift_id ORDER BY score DESC, (member_id * 7919 + shift_id * 104729) %% 10007, member_id
        ) AS turn FROM fit
    ), for_member AS (
        SELECT member_id, shift_id, ROW_NUMBER() OVER (
            PARTITION BY member_id ORDER BY score DESC, starts_at, shift_id
        ) AS turn FROM for_shift WHERE turn <= missing * {ASKED_A_PLACE}
    )
    SELECT member_id, shift_id FROM for_member WHERE turn <= {SHIFTS_A_DAY} ORDER BY member_id, turn
"""
WANTS_TO_BE_TOLD = """member.told_what_fits AND NOT EXISTS (
    SELECT 1 FROM tasks_fitoffer told WHERE told.member_id = member.id AND told.shift_id = need.shift_id)"""
COUNTS = "SELECT shift_id, COUNT(*) FROM fit GROUP BY shift_id"


def lacking_people(now: datetime) -> QuerySet[Any]:
    """Shifts at fixed hours that begin soon and have more places free than taken.

    By agreement it is a wish that nobody takes: the community is told of these, to offer them to more people.
    """
    soon = open_now(now).filter(by_agreement=False, starts_at__gt=now + NOT_BEFORE, starts_at__lte=now + WITHIN)
    return soon.filter(capacity__gt=2 * F("taken"))


def offers_due(now: datetime) -> dict[int, list[int]]:
    """For each member who wants to be told, the shifts lacking people that fit best and were not offered before.

    At most SHIFTS_A_DAY of them, and no more members for a shift than ASKED_A_PLACE for each place it has free.
    """
    offers: dict[int, list[int]] = {}
    for member, shift in _asked(lacking_people(now), now, WANTS_TO_BE_TOLD, OFFERS):
        offers.setdefault(member, []).append(shift)
    return offers


def how_many_it_fits(task: Task) -> dict[int, int]:
    """How many members of its audience each shift of a task would fit, by its key; none of them is named."""
    shifts = task.shifts.all()
    found = dict(_asked(shifts, timezone.now(), "1 = 1", COUNTS))
    return {shift.pk: found.get(shift.pk, 0) for shift in shifts}


def _asked(shifts: QuerySet[Any], now: datetime, who: str, select: str) -> Iterator[tuple[int, int]]:
    need, of_need = _rows_of(
        with_quarters(shifts).annotate(missing=F("capacity") - F("taken"), kinds=_kinds()),
        "pk", "task", "task__audience", "task__publisher", "skill", "starts_at", "ends_at", "by_agreement", "missing",
        "kinds", "first", "length",
    )  # fmt: skip
    places = Claim.objects.occupying().to_come(now).values("member").annotate(n=Count("pk"))
    booked, of_booked = _rows_of(places.filter(n__gte=settings.OPEN_CLAIMS_AT_MOST), "member")
    with connection.cursor() as cursor:
        cursor.execute(_filled(need, booked, who) + select, [*of_need, *of_booked])
        yield from cursor.fetchall()


def _filled(need: str, booked: str, who: str) -> str:
    """The statement with its parts; what is doubled in it stays doubled, for its parameters come after."""
    statement = FIT
    for name, part in (("need", need), ("booked", booked), ("who", who)):
        statement = statement.replace(f"%({name})s", part)
    return statement


def _rows_of(rows: QuerySet[Any], *columns: str) -> tuple[str, tuple[Any, ...]]:
    return rows.order_by().values_list(*columns).query.sql_with_params()


def _kinds() -> Any:
    """The bits of the interests that a task meets: of its category, or of residents' wishes of all that they ask for."""
    of_wish = Case(*(When(category=code, then=Value(bit)) for code, bit in INTEREST_BITS.items()), default=Value(0))
    wishes = Wish.objects.filter(task=OuterRef("task")).order_by().values("task")
    wished = wishes.annotate(bits=Sum(of_wish, distinct=True)).values("bits")
    return Case(
        When(task__category=Category.MICRO_WISH, then=Coalesce(Subquery(wished), Value(0))),
        *(When(task__category=code, then=Value(bit)) for code, bit in INTEREST_BITS.items()),
        default=Value(0),
    )
