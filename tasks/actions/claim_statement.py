"""The place of one tap in one statement of PostgreSQL: every rule, the claim, its record and its notice.

Places go within seconds, and what a claim costs decides how many wait and for how long. A function in the database
needs one way there and back and is planned once a connection; called in autocommit, it holds the shift's row for as
long as it takes to write, and never while Python thinks. It says yes or "full" only where the slow way (`_claim`)
would; where it says nothing, that one decides and gives the reason. `tests/tasks/test_claim_statement.py` holds both
against each other.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db import DataError, IntegrityError, connection, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Notice
from tasks.models import Claim
from tasks.refusals import Reason
from vanguard.lib import guards
from vanguard.lib.refused import Refused

# As `Claim.objects.occupying().to_come(at)` has it.
PLACES_TO_COME = """(
        SELECT count(*) FROM tasks_claim c JOIN tasks_shift s ON s.id = c.shift_id
        WHERE c.member_id = the_member AND c.status IN ('OFFERED', 'HELD')
            AND CASE WHEN s.by_agreement THEN c.reported_at IS NULL ELSE coalesce(c.ends_at, s.ends_at) > at END
    )"""

# First a look that holds nothing, which is all that a refusal costs. Then the rows that decide, the shift's before the
# member's, each looked at again once it is held; what has changed since the look is an error that takes the place back.
# What it cannot tell is guarded by the unique and the exclusion constraint. Each statement of a function sees what has
# been committed before it.
#
# Everything is found by a key, so one plan does for all and planning is done once a connection. It is kept, also when it
# was made while there was hardly a place to come: an overlap is asked for in the very words of the constraint, and
# shifts by their key alone, so that no other index ever seems to be the shorter way.
FUNCTION = f"""
CREATE OR REPLACE FUNCTION vanguard_claim(
    the_shift bigint, the_member bigint, at timestamptz, most integer, kind text, link text, claims integer,
    OUT claim bigint, OUT is_new boolean, OUT is_full boolean,
    OUT community bigint, OUT starts timestamptz, OUT ends timestamptz
) LANGUAGE plpgsql SET plan_cache_mode = force_generic_plan AS $$
DECLARE
    seen record;
    is_open boolean;
BEGIN
    SELECT m.home_id, m.user_id, u.is_active, t.title,
        NOT u.app_off ? vanguard_claim.kind AS is_told, u.email <> '' AND NOT u.mail_off ? vanguard_claim.kind AS is_mailed,
        s.taken >= s.capacity AS is_full,
        CASE home.kind WHEN 'SUBCOMMUNITY' THEN home.parent_id ELSE home.id END AS community,
        (
            SELECT c.id FROM tasks_claim c WHERE c.shift_id = s.id AND c.member_id = m.id
                AND c.status NOT IN ('WITHDRAWN', 'DECLINED', 'EXPIRED', 'CANCELLED')
        ) AS own,
        starts_with(home.path, audience.path)
            AND t.status IN ('OPEN', 'SCHEDULED') AND t.opens_at + make_interval(mins => t.first_minutes) <= at
            AND s.status = 'OPEN' AND s.starts_at > at AND NOT s.by_agreement AND s.skill_id IS NULL
            AND NOT EXISTS (SELECT FROM tasks_wish w WHERE w.task_id = t.id)
            AND NOT EXISTS (
                SELECT FROM tasks_claim c WHERE c.status IN ('OFFERED', 'HELD') AND c.starts_at IS NOT NULL
                    AND int8range(c.member_id, c.member_id, '[]') && int8range(m.id, m.id, '[]')
                    AND tstzrange(c.starts_at, c.ends_at) && tstzrange(s.starts_at, s.ends_at)
            )
            AND {PLACES_TO_COME} < most AS fits
    INTO seen
    FROM tasks_shift s
        JOIN tasks_task t ON t.id = s.task_id
        JOIN accounts_organization audience ON audience.id = t.audience_id,
        accounts_member m
        JOIN accounts_user u ON u.id = m.user_id
        JOIN accounts_organization home ON home.id = m.home_id
    WHERE s.id = the_shift AND m.id = the_member;

    IF seen.own IS NOT NULL THEN
        SELECT c.id, false INTO claim, is_new FROM tasks_claim c
        WHERE c.id = seen.own AND c.status NOT IN ('WAITING', 'OFFERED');
        RETURN;
    END IF;
    IF seen.fits IS NOT TRUE THEN
        RETURN;
    END IF;
    IF seen.is_full THEN
        is_full := NOT EXISTS (
            SELECT FROM tasks_claim c
            WHERE c.shift_id = the_shift AND c.status = 'HELD' AND c.stand_in_since IS NOT NULL
        );
        RETURN;
    END IF;

    UPDATE tasks_shift s SET taken = s.taken + 1 WHERE s.id = the_shift AND s.taken < s.capacity
    RETURNING s.starts_at, s.ends_at, s.status = 'OPEN' AND s.skill_id IS NULL INTO starts, ends, is_open;
    IF NOT FOUND THEN
        RETURN;
    END IF;
    PERFORM FROM accounts_member m WHERE m.id = the_member AND m.home_id = seen.home_id FOR NO KEY UPDATE;
    IF NOT FOUND OR NOT is_open OR starts <= at OR {PLACES_TO_COME} >= most THEN
        RAISE EXCEPTION 'not as it was seen a moment before' USING ERRCODE = 'check_violation';
    END IF;

    INSERT INTO tasks_claim (
        shift_id, member_id, community_id, starts_at, ends_at, status, claimed_at, companions, withdraw_reason, report
    ) VALUES (the_shift, the_member, seen.community, starts, ends, 'HELD', at, 0, '', '')
    RETURNING id, community_id, true INTO claim, community, is_new;
    INSERT INTO accounts_record (subject_type_id, subject_id, verb, old_status, new_status, user_id, at)
    VALUES (claims, claim, 'claimed', '', 'HELD', seen.user_id, at);
    IF seen.is_active AND (seen.is_told OR seen.is_mailed) THEN
        INSERT INTO accounts_notice (user_id, kind, params, link, created_at, read_at, mail, mail_tries, mail_due_at)
        VALUES (
            seen.user_id, kind, jsonb_build_object('task', seen.title, 'time', starts),
            replace(link, '/0/', '/' || claim || '/'), at,
            CASE WHEN seen.is_told THEN NULL ELSE at END,
            CASE WHEN seen.is_mailed THEN 'WAITING' ELSE 'NONE' END, 0, CASE WHEN seen.is_mailed THEN at END
        );
    END IF;
END $$
"""
guards.function("vanguard_claim", table="tasks_claim", create=FUNCTION)

ASKED = """
SELECT claim, is_new, is_full, community, starts, ends
FROM vanguard_claim(%s::bigint, %s, %s, %s, %s, %s, %s)
"""


def claim_in_one_statement(shift_id: int, *, by: Actor) -> Claim | None:
    """The member's place, just taken or taken before; None where the slow way has to decide, as it does on SQLite.

    Refused when all places are taken, with nobody looking for a stand-in and nothing of the member's own there. Mail of
    its notice goes with the relay's next round.
    """
    if connection.vendor != "postgresql":
        return None
    assert by.member is not None
    now = timezone.now()
    subject_type = ContentType.objects.get_for_model(Claim).pk
    limit, kind, link = settings.OPEN_CLAIMS_AT_MOST, Notice.Kind.CLAIM_MADE.value, reverse("claim", args=[0])
    try:
        with _undone_alone(), connection.cursor() as cursor:
            cursor.execute(ASKED, [shift_id, by.member.pk, now, limit, kind, link, subject_type])
            key, is_new, is_full, community_id, starts_at, ends_at = cursor.fetchone()
    except (IntegrityError, DataError):  # or a key that no shift can have
        return None
    if is_full:
        raise Refused(Reason.FULL)
    if not is_new:
        return Claim.objects.get(pk=key) if key else None
    return Claim(
        pk=key,
        shift_id=shift_id,
        member=by.member,
        community_id=community_id,
        starts_at=starts_at,
        ends_at=ends_at,
        claimed_at=now,
    )


@contextmanager
def _undone_alone() -> Iterator[None]:
    """In autocommit a statement that fails has done nothing; within a transaction it takes a savepoint for that."""
    if not connection.in_atomic_block:
        yield
        return
    with transaction.atomic():
        yield
