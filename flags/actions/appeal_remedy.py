"""What an upheld appeal puts right, by the action that would have done it anyway, with all that it refuses."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import TextChoices
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.access import Actor
from accounts.actions.standing import end_exemption, exempt, retire, return_to_work
from accounts.models import Member, Organization
from accounts.queries.member import unit_on
from flags.actions.award import REASON_AT_MOST
from flags.actions.confirm import settle_by_decision
from flags.actions.earning import award_for_log, award_for_suggestion
from flags.actions.late_entry import Served, light_by_decision
from flags.actions.reversal import reinstate_award
from flags.models import Appeal, FlagAward
from flags.queries.limits import is_full_for_suggestions
from flags.refusals import Reason
from tasks.actions.steward_log import confirm_log_by_decision
from tasks.models import StewardLog, Suggestion
from vanguard.lib.refused import Refused


class How(TextChoices):
    """What the city has recorded of a member's duty."""

    EXEMPT = "EXEMPT", _("An exemption from the first to the last day")
    END = "END", _("The end of the exemption on the last day")
    RETIRED = "RETIRED", _("The retirement on the first day")
    BACK = "BACK", _("The return to work, from today")


@dataclass(frozen=True)
class Remedy:
    """What the city adds where the appeal alone does not say it: of an exemption, or of a service written nowhere."""

    how: str = ""
    reason: str = ""
    starts_on: date | None = None
    ends_on: date | None = None
    category: str = ""
    value: int = 0


def put_right(appeal: Appeal, remedy: Remedy | None, *, reason: str, by: Actor) -> FlagAward | None:
    """The line of the ledger that is lit by it; none for an exemption.

    What has been put right meanwhile is left as it is. Refused: what is neither lit nor can be by this any more, a
    remedy that is missing, and whatever the ordinary action refuses.
    """
    if appeal.kind == Appeal.Kind.EXEMPTION:
        _record_standing(appeal, remedy or Remedy(), by)
        return None
    lit = _lit(appeal) or _light(appeal, remedy or Remedy(), reason, by) or _lit(appeal)
    if lit is None:
        raise Refused(Reason.NOTHING_TO_APPEAL)
    return lit


def _lit(appeal: Appeal) -> FlagAward | None:
    """What is in force for that which the appeal is about."""
    if appeal.award:
        source: dict[str, Any] = {name: key for name, key in appeal.award.sources.items() if key is not None}
        same = source or {"reverses": appeal.award}
        return FlagAward.objects.in_force().filter(**same, member=appeal.award.member_id).first()
    about = {"claim": appeal.claim, "log": appeal.log, "suggestion": appeal.suggestion}
    there = {name: row for name, row in about.items() if row}
    return FlagAward.objects.in_force().filter(**there).first() if there else None


def _light(appeal: Appeal, remedy: Remedy, reason: str, by: Actor) -> FlagAward | None:
    """The line, where the ordinary action gives it back."""
    if appeal.claim:
        settle_by_decision(appeal.claim, by=by, why=reason)
    elif appeal.award:
        return reinstate_award(appeal.award, reason=reason, by=by)
    elif appeal.log:
        _light_log(appeal.log, reason, by)
    elif appeal.suggestion:
        _light_suggestion(appeal.suggestion, reason, by)
    else:
        return _light_service(appeal, remedy, reason, by)
    return None


def _light_service(appeal: Appeal, remedy: Remedy, reason: str, by: Actor) -> FlagAward:
    """The member has said what and when, the city says for what it counts."""
    if not (remedy.category and remedy.value):
        raise Refused(Reason.REMEDY_MISSING)
    assert appeal.starts_at is not None
    assert appeal.ends_at is not None
    served = Served(
        starts_at=appeal.starts_at,
        ends_at=appeal.ends_at,
        category=remedy.category,
        value=remedy.value,
        what=appeal.what or str(appeal),
        reason=reason[:REASON_AT_MOST],
    )
    return light_by_decision(appeal.member, served, by=by, why=reason[:REASON_AT_MOST])


def _light_log(log: StewardLog, reason: str, by: Actor) -> None:
    """One that was confirmed before logs lit flags, or one that nobody has confirmed."""
    if log.status == StewardLog.Status.CONFIRMED:
        award_for_log(log, by, reason)
    else:
        confirm_log_by_decision(log, by=by, why=reason)


def _light_suggestion(suggestion: Suggestion, reason: str, by: Actor) -> None:
    assert suggestion.author is not None
    year = timezone.localdate(suggestion.decided_at).year
    if is_full_for_suggestions(suggestion.author, year):
        raise Refused(Reason.SUGGESTIONS_GIVEN_TWICE, name=suggestion.author, year=year)
    award_for_suggestion(suggestion, by, reason)


def _record_standing(appeal: Appeal, remedy: Remedy, by: Actor) -> None:
    """By the day that it needs; an account that was merged is the one that was kept."""
    member = appeal.member.merged_into or appeal.member
    ways: dict[str, Callable[[], object]] = {}
    if remedy.starts_on and remedy.reason:
        starts_on, ends_on = remedy.starts_on, remedy.ends_on
        ways[How.EXEMPT] = lambda: exempt(member, reason=remedy.reason, starts_on=starts_on, ends_on=ends_on, by=by)
    if remedy.ends_on and appeal.exemption:
        exemption, last_day = appeal.exemption, remedy.ends_on
        ways[How.END] = lambda: end_exemption(exemption, last_day=last_day, by=by)
    if remedy.starts_on:
        on = remedy.starts_on
        ways[How.RETIRED] = lambda: retire(member, on=on, leaves_unit=False, by=by)
    unit = _unit_to_return_to(member)
    if unit:
        ways[How.BACK] = lambda: return_to_work(member, unit=unit, by=by)
    if remedy.how not in ways:
        raise Refused(Reason.REMEDY_MISSING)
    ways[How(remedy.how)]()


def _unit_to_return_to(member: Member) -> Organization | None:
    """The unit of today, or else the last one that is still in use."""
    last = Organization.objects.units().in_use().filter(unit_memberships__member=member)
    return unit_on(member, timezone.localdate()) or last.order_by("-unit_memberships__starts_on").first()
