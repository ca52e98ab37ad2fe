"""Writing a line into the ledger for what is no claim: each action says what, this gives it unit, community and year."""

from datetime import date
from typing import Any

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Member, Organization
from flags.models import AwardReason, FlagAward
from flags.queries.belonging import home_on, units_on
from flags.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

REASON_AT_MOST = 300


def home_kept_by(by: Actor, member: Member, day: date) -> Organization:
    """The community in which the member lived on `day`, if this hat keeps its ledger.

    Refused where the member lived nowhere then, and where they lived in another community.
    """
    by.require(Ability.KEEP_LEDGER)
    home = home_on(member, day)
    if home is None:
        raise Refused(Reason.NOT_CHECKED_IN_THEN, name=member, day=day_words(day))
    if not by.can(Ability.KEEP_LEDGER, home):
        raise Refused(Reason.LIVED_ELSEWHERE, name=member, day=day_words(day))
    return home


def write_award(
    member: Member,
    *,
    day: date,
    category: str,
    at: Organization,
    by: Actor,
    value: int = 1,
    reason: str = "",
    **source: Any,
) -> FlagAward:
    """One line of `value` flags for `day`, with the member's unit and community of that day, else the community `at`.

    `source` is what it is for. It is recorded, so that a line that has gone missing is missed.
    """
    award = FlagAward.objects.create(
        member=member,
        value=value,
        category=category,
        served_on=day,
        year=day.year,
        unit_id=units_on(day, [member.pk]).get(member.pk),
        community=home_on(member, day) or at,
        by_user=by.user,
        by_appointment=by.appointment,
        **source,
    )
    keep_reason(award, reason)
    record(award, "awarded", by=by)
    return award


def keep_reason(award: FlagAward, reason: str) -> None:
    """The words stand in a row of their own: they may be erased, the line stays."""
    if reason.strip():
        AwardReason.objects.create(award=award, text=reason.strip()[:REASON_AT_MOST])
