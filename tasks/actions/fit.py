"""Whether a member may take a place in a shift: every rule of claiming but the places themselves (domain rule 3)."""

from datetime import datetime

from django.conf import settings
from django.db.models import Q
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Member, Organization
from tasks.models import Claim, Shift, Task
from tasks.queries.claim import clash_of
from tasks.queries.fair_share import still_lacks_flags
from tasks.queries.wish import own_wishes
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words


def require_fit(shift: Shift, member: Member, now: datetime) -> Organization:
    """The home of a member who may take a place in `shift` now; both are held by who asks.

    Refused: no approved check-in, not in the audience, not open, an own wish, a skill not had, the first minutes that
    are for others, another place at that time and the limit of open places.
    """
    home = require_open_to(shift, member, now)
    _refuse_first_minutes(shift.task, member, now)
    _refuse_overlap_with(shift, member)
    refuse_too_many(member, now)
    return home


def require_open_to(shift: Shift, member: Member, now: datetime) -> Organization:
    """The home of a member who belongs to those the shift is for, whatever else they have to do."""
    task = shift.task
    if member.home is None:
        raise Refused(Reason.NOT_CHECKED_IN)
    if not member.home.lies_within(task.audience.path):
        raise Refused(Reason.NOT_IN_AUDIENCE, audience=task.audience)
    if task.status not in Task.ANNOUNCED:
        raise Refused(Reason.NOT_OPEN)
    if task.opens_at > now:
        raise Refused(Reason.NOT_OPEN_YET, time=moment_words(task.opens_at))
    refuse_own_wish(task, member)
    if shift.skill and not member.skills.filter(pk=shift.skill.pk).exists():
        raise Refused(Reason.NEEDS_SKILL, skill=shift.skill)
    return member.home


def _refuse_first_minutes(task: Task, member: Member, now: datetime) -> None:
    if now < task.first_until and not still_lacks_flags(member, timezone.localdate(now).year):
        raise Refused(Reason.FIRST_FOR_OTHERS, time=moment_words(task.first_until))


def refuse_own_wish(task: Task, member: Member) -> None:
    """Sent by them or naming their phone; so is one that theirs was merged into."""
    if own_wishes(member).filter(Q(task=task) | Q(merged_into__task=task)).exists():
        raise Refused(Reason.OWN_WISH)


def refuse_companions(task: Task, companions: int) -> None:
    """As many as the task allows each member to bring."""
    most = task.companions_at_most
    if companions and not most:
        raise Refused(Reason.NO_COMPANIONS)
    if not 0 <= companions <= most:
        raise Refused(Reason.TOO_MANY_COMPANIONS, most=most)


def _refuse_overlap_with(shift: Shift, member: Member) -> None:
    """By agreement there is no time yet that could overlap."""
    if not shift.by_agreement:
        refuse_overlap(member, shift.starts_at, shift.ends_at)


def refuse_overlap(
    member: Member, starts_at: datetime, ends_at: datetime, *, but: Claim | None = None, by: Actor | None = None
) -> None:
    """Never two places at a time: refused by the name of the other one.

    `but` is the claim whose time it is to be; `by` who acts, where that may be somebody else.
    """
    clash = clash_of(member, starts_at, ends_at, but=but)
    if clash is None or clash.starts_at is None:
        return
    told = {"task": clash.shift.task.title, "time": moment_words(clash.starts_at)}
    if by and not by.is_person(member):
        raise Refused(Reason.ELSEWHERE, name=member, **told)
    raise Refused(Reason.OVERLAP, **told)


def refuse_too_many(member: Member, now: datetime) -> None:
    """At most OPEN_CLAIMS_AT_MOST places to come; what is waited for does not count."""
    count = Claim.objects.filter(member=member).occupying().to_come(now).count()
    if count >= settings.OPEN_CLAIMS_AT_MOST:
        raise Refused(Reason.TOO_MANY, n=count)
