"""A steward's log of a quarter: written by who held the post, confirmed or returned by the community."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, record, require_step
from accounts.actions.notice import notify
from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.earning import log_confirmed
from tasks.actions.place import hold_members
from tasks.models import StewardLog, StewardPost
from tasks.queries.steward_log import confirmers_of, confirms, held_in
from tasks.refusals import Reason
from vanguard.lib.quarters import Quarter
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

Status = StewardLog.Status


@transaction.atomic
def save_log(
    post: StewardPost, quarter: Quarter, *, seen: str, done: str, by: Actor, submit: bool = False
) -> StewardLog:
    """Keep what a steward saw and did in a quarter as a draft, or send it to the community, which is told.

    One log a post, member and quarter; what is sent twice is sent once. Refused: a quarter to come, one in which the
    member did not hold the post, a log that waits for the community or is confirmed, and sending one that says nothing.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    member = hold_members([by.member.pk])[by.member.pk]  # two taps of one member, one after the other
    require_quarter(post, quarter, by)
    seen, done = seen.strip(), done.strip()
    own = {"post": post, "member": member, "year": quarter.year, "quarter": quarter.number}
    log = StewardLog.objects.filter(**own).select_for_update(of=("self",), no_key=True).first()
    if log and log.status == Status.SUBMITTED and (log.seen, log.done) == (seen, done) and submit:
        return log
    if log and log.status not in StewardLog.WRITABLE:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=log.get_status_display())
    if not (seen and done) and (submit or log and log.status == Status.RETURNED):
        raise Refused(Reason.LOG_EMPTY)
    if log is None:
        log = StewardLog.objects.create(**own, seen=seen, done=done)
        record(log, "written", by=by, new=log.status)
    else:
        log.seen, log.done = seen, done
        log.save(update_fields=["seen", "done"])
    if submit:
        move(log, Status.SUBMITTED, by=by, submitted_at=timezone.now())
        _tell_confirmers(log)
    return log


def require_quarter(post: StewardPost, quarter: Quarter, by: Actor) -> None:
    """Refuse a quarter that has not begun, and one in which the member did not hold the post."""
    assert by.member is not None
    if quarter.first_day > timezone.localdate():
        raise Refused(Reason.QUARTER_TO_COME, day=day_words(quarter.first_day))
    if not held_in(post, quarter, by.member.pk):
        raise Refused(Reason.NOT_HELD_THEN)


def _tell_confirmers(log: StewardLog) -> None:
    people = confirmers_of(log.post.compound, log.member.user)
    told: dict[str, Any] = {"name": log.member, "post": log.post, "year": log.year, "number": log.quarter}
    notify(people, Notice.Kind.STEWARD_LOG_SENT, link=log.page, **told)


@transaction.atomic
def confirm_log(log: StewardLog, *, by: Actor, why: str = "") -> None:
    """Confirm what a steward wrote, which lights a flag; they are told.

    Refused: one's own, what has not been sent, a second time, and after the year's deadline, but to the city that says
    `why`.
    """
    _require_say(log, by)
    confirm_log_by_decision(log, by=by, why=why)


@transaction.atomic
def confirm_log_by_decision(log: StewardLog, *, by: Actor, why: str) -> None:
    """Confirm it because the city has decided so on an appeal; that `by` may has been seen to."""
    move(log, Status.CONFIRMED, by=by, why=why)
    log_confirmed(log, by, why)
    told: dict[str, Any] = {"post": log.post, "year": log.year, "number": log.quarter}
    notify([log.member.user], Notice.Kind.STEWARD_LOG_CONFIRMED, link=log.form, **told)


@transaction.atomic
def return_log(log: StewardLog, *, reason: str, by: Actor) -> None:
    """Give a log back, saying what is missing: its writer mends it and sends it again.

    Refused: one's own, without a reason, and what does not wait for the community.
    """
    _require_say(log, by)
    require_step(log, Status.RETURNED)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    move(log, Status.RETURNED, by=by, why=reason, return_reason=reason)
    told: dict[str, Any] = {"post": log.post, "year": log.year, "number": log.quarter, "reason": reason}
    notify([log.member.user], Notice.Kind.STEWARD_LOG_RETURNED, link=log.form, **told)


def _require_say(log: StewardLog, by: Actor) -> None:
    by.require(Ability.CONFIRM)
    if by.is_person(log.member):
        raise Refused(AccountsReason.ONESELF)
    if not confirms(by, log):
        raise PermissionDenied
