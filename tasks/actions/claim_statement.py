"""The place of one tap in one statement of PostgreSQL: every rule, the claim, its record and its notice.

Places go within seconds, and what a claim costs decides how many wait and for how long. The statement runs in
autocommit, so that a shift's row is never held while Python thinks. It says yes only where `require_fit` and
`take_places` would; where it says nothing, those decide and give the reason. `tests/tasks/test_claim_statement.py`
holds both against each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice
from tasks.models import Claim
from tasks.refusals import Reason
from vanguard.lib import guards
from vanguard.lib.refused import Refused

# `facts` is what there is to know, as of the beginning; `place` waits for the shift's row and looks at it again; `me`
# waits for the member's, and the function counts what the member holds as of then. Who moved meanwhile is told by
# the slow way. The unique and the exclusion constraint stand behind.
STATEMENT = """
WITH facts AS MATERIALIZED (
    SELECT s.id AS shift, t.title, m.home_id, community.id AS community, u.email,
        s.taken >= s.capacity AS is_full,
        starts_with(home.path, audience.path) AND t.status IN ('OPEN', 'SCHEDULED') AND t.opens_at <= %(now)s
            AND s.status = 'OPEN' AND s.starts_at > %(now)s AND NOT s.by_agreement AS is_open,
        s.skill_id IS NULL
            AND t.opens_at + make_interval(mins => t.first_minutes) <= %(now)s
            AND NOT EXISTS (SELECT FROM tasks_wish w WHERE w.task_id = t.id)
            AND NOT EXISTS (
                SELECT FROM tasks_claim c WHERE c.member_id = m.id AND c.status IN ('OFFERED', 'HELD')
                    AND c.starts_at < s.ends_at AND c.ends_at > s.starts_at
            ) AS is_plain,
        (
            SELECT c.id FROM tasks_claim c WHERE c.shift_id = s.id AND c.member_id = m.id
                AND c.status NOT IN ('WITHDRAWN', 'DECLINED', 'EXPIRED', 'CANCELLED')
        ) AS own,
        EXISTS (
            SELECT FROM tasks_claim c WHERE c.shift_id = s.id AND c.status = 'HELD' AND c.stand_in_since IS NOT NULL
        ) AS is_sought
    FROM tasks_shift s
    JOIN tasks_task t ON t.id = s.task_id
    JOIN accounts_organization audience ON audience.id = t.audience_id
    JOIN accounts_member m ON m.id = %(member)s
    JOIN accounts_user u ON u.id = m.user_id
    JOIN accounts_organization home ON home.id = m.home_id
    JOIN accounts_organization community
        ON community.id = CASE home.kind WHEN 'SUBCOMMUNITY' THEN home.parent_id ELSE home.id END
    WHERE s.id = %(shift)s
), place AS (
    UPDATE tasks_shift s SET taken = s.taken + 1 FROM facts f
    WHERE s.id = f.shift AND f.is_open AND f.is_plain AND f.own IS NULL
        AND s.taken < s.capacity AND s.status = 'OPEN' AND s.starts_at > %(now)s
    RETURNING s.id, s.starts_at, s.ends_at
), me AS MATERIALIZED (
    SELECT m.id, m.user_id, m.home_id FROM accounts_member m, place WHERE m.id = %(member)s FOR NO KEY UPDATE OF m
), claim AS (
    INSERT INTO tasks_claim (
        shift_id, member_id, community_id, starts_at, ends_at, status, claimed_at, companions, withdraw_reason, report
    )
    SELECT place.id, me.id, facts.community, place.starts_at, place.ends_at, 'HELD', %(now)s, 0, '', ''
    FROM place, me, facts
    WHERE vanguard_may_hold_another(me.id, %(limit)s, %(now)s, me.home_id = facts.home_id)
    RETURNING id, community_id, starts_at, ends_at
), recorded AS (
    INSERT INTO accounts_record (subject_type_id, subject_id, verb, old_status, new_status, user_id, at)
    SELECT %(claims)s, claim.id, 'claimed', '', 'HELD', %(user)s, %(now)s FROM claim
), told AS (
    INSERT INTO accounts_notice (user_id, kind, params, link, created_at, mail, mail_tries, mail_due_at)
    SELECT %(user)s, %(kind)s, jsonb_build_object('task', facts.title, 'time', place.starts_at),
        replace(%(link)s, '/0/', '/' || claim.id || '/'), %(now)s, CASE facts.email WHEN '' THEN 'NONE' ELSE 'WAITING' END, 0,
        CASE facts.email WHEN '' THEN NULL ELSE %(now)s END
    FROM claim, facts, place
)
SELECT claim.id, claim.community_id, claim.starts_at, claim.ends_at, facts.own,
    facts.is_full AND facts.is_open AND facts.is_plain AND NOT facts.is_sought
FROM facts LEFT JOIN claim ON true
"""

# Raises as a constraint does, which takes the place back: in a function the member's places are counted as they are
# after the wait for the member's row, in the statement itself as they were before.
MAY_HOLD_ANOTHER = """
CREATE OR REPLACE FUNCTION vanguard_may_hold_another(who bigint, most integer, at timestamptz, stayed boolean)
RETURNS boolean LANGUAGE plpgsql VOLATILE AS $$
BEGIN
    IF NOT stayed OR most <= (
        SELECT count(*) FROM tasks_claim c JOIN tasks_shift s ON s.id = c.shift_id
        WHERE c.member_id = who AND c.status IN ('OFFERED', 'HELD')
            AND CASE WHEN s.by_agreement THEN c.reported_at IS NULL ELSE coalesce(c.ends_at, s.ends_at) > at END
    ) THEN
        RAISE EXCEPTION 'member % may not hold another place', who USING ERRCODE = 'check_violation';
    END IF;
    RETURN true;
END $$
"""
guards.function("vanguard_may_hold_another", table="tasks_claim", create=MAY_HOLD_ANOTHER)


def claim_in_one_statement(shift_id: int, *, by: Actor) -> Claim | None:
    """The member's place, just taken or taken before; None where the slow way has to decide, as it does on SQLite.

    Refused when all places are taken, with nobody looking for a stand-in and nothing of the member's own there.
    """
    if connection.vendor != "postgresql":
        return None
    assert by.member is not None
    assert by.user is not None
    now = timezone.now()
    values = {
        "shift": shift_id,
        "member": by.member.pk,
        "user": by.user.pk,
        "now": now,
        "limit": settings.OPEN_CLAIMS_AT_MOST,
        "claims": ContentType.objects.get_for_model(Claim).pk,
        "kind": Notice.Kind.CLAIM_MADE.value,
        "link": reverse("claim", args=[0]),
    }
    try:
        with _undone_alone(), connection.cursor() as cursor:
            cursor.execute(STATEMENT, values)
            row = cursor.fetchone()
    except IntegrityError:
        return None
    if row is None:
        return None
    claim_id, community_id, starts_at, ends_at, own, is_full = row
    if claim_id:
        return Claim(
            pk=claim_id,
            shift_id=shift_id,
            member=by.member,
            community_id=community_id,
            starts_at=starts_at,
            ends_at=ends_at,
            claimed_at=now,
        )
    if own is None and is_full:
        raise Refused(Reason.FULL)
    return None


@contextmanager
def _undone_alone() -> Iterator[None]:
    """In autocommit a statement that fails has done nothing; within a transaction it takes a savepoint for that."""
    if not connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield
