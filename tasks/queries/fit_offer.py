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

# What the statement is told of each shift, in whole numbers; no skill is 0.
NEED = (
    "shift_id",
    "audience_id",
    "publisher_id",
    "skill_id",
    "begins",
    "by_agreement",
    "missing",
    "kinds",
    "first",
    "length",
)

# `need` are the shifts, as values, so that the database knows how many they are; `ready` the members who come into
# question at all; `above` leads from a home to every audience that it belongs to; `busy` is what takes up members' time;
# `asked` are the wishes that are served. `never` are the pairs that cannot be: who has a place there or waits, has another
# one at that time, or has wished for it. A stronger reason weighs more than all weaker ones together.
FIT = f"""
    WITH need ({", ".join(NEED)}) AS (VALUES %(need)s),
    booked (member_id) AS (%(booked)s),
    ready AS MATERIALIZED (
        SELECT member.id AS member_id, member.home_id, home.parent_id, member.interests, member.free_at
        FROM accounts_member member
        JOIN accounts_organization home ON home.id = member.home_id
        JOIN accounts_user person ON person.id = member.user_id AND person.is_active
        WHERE %(who)s AND member.id NOT IN (SELECT member_id FROM booked)
    ),
    above AS MATERIALIZED (
        SELECT home.id AS home_id, audience.id AS audience_id
        FROM accounts_organization home
        JOIN accounts_organization audience ON home.path LIKE audience.path || '%%'
        WHERE home.id IN (SELECT home_id FROM ready)
    ),
    busy AS MATERIALIZED (
        SELECT claim.member_id, claim.starts_at, claim.ends_at FROM tasks_claim claim
        WHERE claim.status IN ('OFFERED', 'HELD')
            AND claim.ends_at > (SELECT MIN(shift.starts_at) FROM tasks_shift shift JOIN need ON need.shift_id = shift.id)
    ),
    asked AS MATERIALIZED (
        SELECT shift.id AS shift_id, wish.id AS wish_id, wish.sender_id
        FROM need JOIN tasks_shift shift ON shift.id = need.shift_id JOIN tasks_wish wish ON wish.task_id = shift.task_id
        UNION
        SELECT shift.id, merged.id, merged.sender_id
        FROM need JOIN tasks_shift shift ON shift.id = need.shift_id JOIN tasks_wish wish ON wish.task_id = shift.task_id
        JOIN tasks_wish merged ON merged.merged_into_id = wish.id
    ),
    never AS MATERIALIZED (
        SELECT claim.shift_id, claim.member_id FROM need JOIN tasks_claim claim ON claim.shift_id = need.shift_id
        WHERE claim.status NOT IN ('WITHDRAWN', 'DECLINED', 'EXPIRED', 'CANCELLED')
        UNION
        SELECT need.shift_id, busy.member_id FROM need JOIN tasks_shift shift ON shift.id = need.shift_id
        JOIN busy ON busy.starts_at < shift.ends_at AND busy.ends_at > shift.starts_at
        WHERE need.by_agreement = 0
        UNION
        SELECT asked.shift_id, member.id FROM asked JOIN accounts_member member ON member.user_id = asked.sender_id
        UNION
        SELECT asked.shift_id, member.id
        FROM asked JOIN tasks_wishcontact contact ON contact.wish_id = asked.wish_id
        JOIN accounts_user person ON person.phone IN (contact.phone, contact.for_phone)
        JOIN accounts_member member ON member.user_id = person.id
        %(told)s
    ),
    fit AS MATERIALIZED (
        SELECT need.shift_id, need.begins, need.missing, ready.member_id,
            CASE WHEN need.skill_id = 0 THEN 0 ELSE {SKILL} END
            + CASE WHEN (ready.interests & need.kinds) = 0 THEN 0 ELSE {INTEREST} END
            + CASE WHEN ready.free_at = 0 OR need.by_agreement = 1 THEN 0 ELSE {TIME} END
            + CASE WHEN need.publisher_id IN (ready.home_id, ready.parent_id) THEN {PLACE} ELSE 0 END AS score
        FROM need
        JOIN above ON above.audience_id = need.audience_id
        JOIN ready ON ready.home_id = above.home_id
        LEFT JOIN never ON never.member_id = ready.member_id AND never.shift_id = need.shift_id
        WHERE never.member_id IS NULL
            AND (need.skill_id = 0 OR EXISTS (
                SELECT 1 FROM accounts_member_skills skill
                WHERE skill.member_id = ready.member_id AND skill.skill_id = need.skill_id))
            AND (ready.free_at = 0 OR need.by_agreement = 1 OR {is_free("ready.free_at", "need.first", "need.length")})
            AND (need.skill_id <> 0 OR (ready.interests & need.kinds) <> 0
                 OR ready.free_at <> 0 AND need.by_agreement = 0)
    )
"""

# Of equals neither the oldest members come first nor always the same ones.
OFFERS = f"""
    , for_shift AS (
        SELECT fit.*, ROW_NUMBER() OVER (
            PARTITION BY shift_id
            ORDER BY score DESC, (member_id * 7919 + CAST(shift_id AS bigint) * 104729) %% 10007, member_id
        ) AS turn FROM fit
    ), for_member AS (
        SELECT member_id, shift_id, ROW_NUMBER() OVER (
            PARTITION BY member_id ORDER BY score DESC, begins, shift_id
        ) AS turn FROM for_shift WHERE turn <= missing * {ASKED_A_PLACE}
    )
    SELECT member_id, shift_id FROM for_member WHERE turn <= {SHIFTS_A_DAY} ORDER BY member_id, turn
"""
COUNTS = "SELECT shift_id, COUNT(*) FROM fit GROUP BY shift_id"
# Who wants to be told of what fits, and was not told of it before.
WANTS_TO_BE_TOLD = "member.told_what_fits"
TOLD = "UNION SELECT told.shift_id, told.member_id FROM tasks_fitoffer told JOIN need ON need.shift_id = told.shift_id"


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
    for member, shift in _asked(lacking_people(now), now, OFFERS, who=WANTS_TO_BE_TOLD, told=TOLD):
        offers.setdefault(member, []).append(shift)
    return offers


def how_many_it_fits(task: Task) -> dict[int, int]:
    """How many members of its audience each shift of a task would fit, by its key; none of them is named."""
    shifts = task.shifts.all()
    found = dict(_asked(shifts, timezone.now(), COUNTS))
    return {shift.pk: found.get(shift.pk, 0) for shift in shifts}


def _asked(
    shifts: QuerySet[Any], now: datetime, select: str, *, who: str = "1 = 1", told: str = ""
) -> list[tuple[int, int]]:
    """What is selected of `fit` for these shifts; two queries."""
    need = ", ".join(f"({', '.join(map(str, row))})" for row in _needed(shifts))
    if not need:
        return []
    places = Claim.objects.occupying().to_come(now).order_by().values("member").annotate(n=Count("pk"))
    full = places.filter(n__gte=settings.OPEN_CLAIMS_AT_MOST).values_list("member")
    booked, parameters = full.query.sql_with_params()
    statement = FIT + select
    for name, part in {"need": need, "booked": booked, "who": who, "told": told}.items():
        statement = statement.replace(f"%({name})s", part)
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()


def _needed(shifts: QuerySet[Any]) -> Iterator[list[int]]:
    """NEED of each shift."""
    rows = with_quarters(shifts).annotate(missing=F("capacity") - F("taken"), kinds=_kinds()).order_by("pk")
    columns = ("pk", "task__audience", "task__publisher", "skill", "starts_at", "by_agreement", "missing", "kinds")
    for pk, audience, publisher, skill, starts_at, *numbers in rows.values_list(*columns, "first", "length"):
        yield [pk, audience, publisher, skill or 0, int(starts_at.timestamp()), *map(int, numbers)]


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
