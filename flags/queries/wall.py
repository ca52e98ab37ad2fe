from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum
from django.utils import timezone

from accounts.models import Member, Organization
from accounts.queries.retirement import was_retired_by
from flags.models import Appeal, FlagAward
from flags.queries.compliance import deciding_day, standing_of
from tasks.models import Claim, YearRule
from tasks.queries.claim import when_it_ended

LIT = Sum("value", default=0)


class Progress(NamedTuple):
    """A member's year so far, in flags; `waiting` counts flags of services that await confirmation."""

    year: int
    lit: int
    needed: int
    services: int
    waiting: int

    @property
    def missing(self) -> int:
        return max(0, self.needed - self.lit)


def progress_of(member: Member, year: int) -> Progress:
    """Flags lit in `year` against what the year's rule asks of this member, as the report counts it (rule 7)."""
    sums = (
        FlagAward.objects.of(member)
        .in_year(year)
        .aggregate(
            lit=LIT,
            services=Count("pk", filter=Q(value__gt=0)) - Count("pk", filter=Q(value__lt=0)),
        )
    )
    waiting = (
        Claim.objects.filter(member=member)
        .of_year(year)
        .over(timezone.now())
        .unsettled()
        .aggregate(flags=Sum("shift__task__flag_value", default=0))
    )
    return Progress(
        year=year,
        lit=sums["lit"],
        needed=_required_of(member, year),
        services=sums["services"],
        waiting=waiting["flags"],
    )


def lacks_flags(member: Member, year: int) -> bool:
    """Whether fewer are lit than the rule asks of this member; who owes nothing lacks nothing (rule 7).

    What awaits confirmation is not lit yet.
    """
    lit: int = FlagAward.objects.of(member).in_year(year).aggregate(lit=LIT)["lit"]
    return lit < _required_of(member, year)


def _required_of(member: Member, year: int) -> int:
    """None for the retired and the exempt; who has no unit on the deciding day owes the city's minimum."""
    standing = standing_of(member, year)
    if standing is not None:
        return standing.required
    return 0 if was_retired_by(member, deciding_day(year)) else YearRule.of(city_path_of(member), year).minimum


def city_path_of(member: Member) -> str:
    if member.home:
        return member.home.city_path
    unit = Organization.objects.filter(unit_memberships__member=member).order_by("-unit_memberships__starts_on").first()
    return unit.city_path if unit else ""


def wall_of(member: Member, year: int) -> QuerySet[FlagAward]:
    """Every line of the ledger for a member and year, newest first, with what, where and who confirmed."""
    return (
        FlagAward.objects.of(member)
        .in_year(year)
        .with_sources()
        .select_related("community", "by_user", "by_appointment__organization", "reason")
        .order_by("-served_on", "-pk")
    )


@dataclass(frozen=True)
class Flag:
    """One award as its member sees it, with the lines that took it back and lit it again, in their order."""

    award: FlagAward
    steps: list[FlagAward]
    appeal: Appeal | None = None

    @property
    def is_lit(self) -> bool:
        return not self.steps or self.steps[-1].value > 0

    @property
    def to_appeal(self) -> FlagAward | None:
        """The line that took it back, while its member may still appeal and has not."""
        if self.is_lit or self.appeal:
            return None
        last_day = timezone.localdate(self.steps[-1].awarded_at) + settings.APPEAL_WITHIN
        return self.steps[-1] if timezone.localdate() <= last_day else None


def flags_of(member: Member, year: int, *, appeals: Iterable[Appeal] = ()) -> list[Flag]:
    """What a member was awarded for a year, newest first, each with what followed and with the appeal against that.

    Nobody has so many in a year that they would not fit into one query.
    """
    lines = list(wall_of(member, year))
    after = {line.reverses_id: line for line in lines if line.reverses_id}
    about = {appeal.award_id: appeal for appeal in appeals if appeal.award_id}
    return [_flag(line, after, about) for line in lines if not line.reverses_id]


def _flag(award: FlagAward, after: dict[int, FlagAward], about: dict[int, Appeal]) -> Flag:
    steps, last = [], award
    while last.pk in after:
        last = after[last.pk]
        steps.append(last)
    return Flag(award, steps, about.get(last.pk))


def years_of(member: Member) -> list[int]:
    """The years in which the member has flags, and this one, newest first; the last one also for who was here already.

    Of the last year may still be asked why it is not enough, and what is missing in it: most of all where nothing is lit.
    """
    years = set(FlagAward.objects.of(member).order_by().values_list("year", flat=True).distinct())
    this_year, came_in = timezone.localdate().year, timezone.localdate(member.user.date_joined).year
    return sorted(years | {this_year, max(this_year - 1, came_in)}, reverse=True)


def awaiting_confirmation(member: Member) -> QuerySet[Claim]:
    """Services that are over and not yet confirmed, oldest first; by agreement, once they are reported."""
    return (
        Claim.objects.filter(member=member)
        .over(timezone.now())
        .unsettled()
        .select_related(
            "shift__task__publisher__parent__parent__parent", "shift__task__publisher__merged_into", "community"
        )
        .order_by(when_it_ended())
    )
