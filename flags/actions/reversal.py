"""Taking flags back, and lighting them again: lines of the ledger that reverse another (domain rule 6)."""

from datetime import date
from typing import Any

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Exists
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from flags.actions.award import keep_reason
from flags.actions.year import require_year_open
from flags.models import FlagAward
from flags.queries.late_entry import entries_at_the_time_of_a_claim, serves_at_that_time
from flags.queries.limits import is_full_for_matter, is_full_for_suggestions, person_of
from flags.refusals import Reason
from tasks.actions.place import hold_members
from tasks.models import Claim
from vanguard.lib.refused import Refused


@transaction.atomic
def revoke_award(award: FlagAward, *, reason: str, by: Actor) -> FlagAward:
    """Take back a line that is lit: the reversing line comes back, and the member is told how long they may appeal.

    It carries the original's source, year, day, category, unit and community. May do it: who keeps the ledger of the
    community in which it was earned, and the city. Refused: without a reason, one's own, what is not lit any more, and
    in a year that is closed, but to the city.
    """
    _require_say(award, reason, by)
    if award.value < 0 or FlagAward.objects.filter(reverses=award).exists():
        raise Refused(Reason.TAKEN_BACK_ALREADY)
    line = _reverse(award, "taken back", reason, by)
    last_day = timezone.localdate() + settings.APPEAL_WITHIN
    _tell(line, Notice.Kind.FLAG_REVOKED, reason, day=last_day)
    return line


@transaction.atomic
def reinstate_award(reversal: FlagAward, *, reason: str, by: Actor) -> FlagAward:
    """Light again what a line took back: the line that reverses it comes back, and the member is told.

    Whoever may take back may do this, too. Refused: without a reason, one's own, a line that takes nothing back, a
    second time, and what has been given otherwise since: for other services of the same hours, or where a year gives it
    only so often.
    """
    _require_say(reversal, reason, by)
    if reversal.value > 0:
        raise Refused(Reason.NOT_TAKEN_BACK)
    if FlagAward.objects.filter(reverses=reversal).exists():
        raise Refused(Reason.LIT_AGAIN_ALREADY)
    _refuse_served_elsewhere(reversal)
    _refuse_beyond_limits(reversal)
    line = _reverse(reversal, "lit again", reason, by)
    _tell(line, Notice.Kind.FLAG_REINSTATED, reason)
    return line


def last_day_to_appeal(reversal: FlagAward) -> date:
    """Until which day the member may appeal against a line that took flags back (domain rule 6)."""
    return timezone.localdate(reversal.awarded_at) + settings.APPEAL_WITHIN


def _require_say(award: FlagAward, reason: str, by: Actor) -> None:
    """The member's row is held: of two at once the second sees what the first has written."""
    if not by.can(Ability.KEEP_LEDGER, award.community):
        raise PermissionDenied
    if by.is_person(award.member):
        raise Refused(AccountsReason.ONESELF)
    if not reason.strip():
        raise Refused(AccountsReason.REASON_MISSING)
    require_year_open(award.community.city_path, award.year, by=by, why=reason)
    hold_members([award.member_id, person_of(award.member)])


def _refuse_served_elsewhere(reversal: FlagAward) -> None:
    """What was taken back is no service any more, so that another one may have been entered for its hours."""
    claim, entry, member = reversal.claim, reversal.entry, reversal.member
    if claim and Claim.objects.filter(Exists(entries_at_the_time_of_a_claim()), pk=claim.pk).exists():
        raise Refused(Reason.SERVED_ELSEWHERE, name=member)
    if entry and serves_at_that_time(member, entry.starts_at, entry.ends_at):
        raise Refused(Reason.SERVED_ELSEWHERE, name=member)


def _refuse_beyond_limits(reversal: FlagAward) -> None:
    member, year = reversal.member, reversal.year
    if reversal.matter and is_full_for_matter(member, reversal.matter, year):
        raise Refused(Reason.MATTER_GIVEN_TWICE, name=member, matter=reversal.matter, year=year)
    if reversal.suggestion_id and is_full_for_suggestions(member, year):
        raise Refused(Reason.SUGGESTIONS_GIVEN_TWICE, name=member, year=year)


def _reverse(award: FlagAward, verb: str, reason: str, by: Actor) -> FlagAward:
    line = FlagAward.objects.create(
        member=award.member,
        value=-award.value,
        category=award.category,
        served_on=award.served_on,
        year=award.year,
        unit_id=award.unit_id,
        community=award.community,
        reverses=award,
        by_user=by.user,
        by_appointment=by.appointment,
        **award.sources,
    )
    keep_reason(line, reason)
    record(line, verb, by=by)
    return line


def _tell(line: FlagAward, kind: Notice.Kind, reason: str, **params: Any) -> None:
    """Under the account that is left, where it was merged."""
    member = line.member.merged_into or line.member
    what, flags = line.what, abs(line.value)
    notify([member.user], kind, link=reverse("flag_wall"), what=what, flags=flags, reason=reason.strip(), **params)
