"""Why a member's year stands where it stands, in words: every number of it, and what comes next (domain rules 4, 6, 7)."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from django.db.models import Count, Q, Sum
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Exemption, Member, Organization
from accounts.queries.retirement import was_retired_by
from flags.models import Appeal, FlagAward
from flags.models.report import State
from flags.queries.compliance import EXEMPT_FROM_MONTHS, Standing, deciding_day, standing_of
from flags.queries.wall import Progress, awaiting_confirmation, city_path_of
from tasks.models import Claim, YearRule
from tasks.queries.turnout import companions_who_came
from vanguard.lib.saying import day_words

S = Claim.Status


class Why(NamedTuple):
    """One reason: whose `sentence` is said with `details`. `link` leads its member to what stands behind it."""

    code: str
    sentence: Any
    details: dict[str, Any]
    link: str = ""
    phone: str = ""

    def __str__(self) -> str:
        return str(self.sentence) % self.details


SENTENCES = {
    "MET": _("%(lit)s flags are lit, %(needed)s are asked for: nothing is missing."),
    "SHORT": _("%(lit)s of %(needed)s flags are lit: %(missing)s more to go."),
    "EXEMPT": _("Exempt in %(year)s, so no flags are owed. Exempt months: %(months)s."),
    "RETIRED": _("Retired, so no flags are owed. What is lit is shown apart."),
    "NO_UNIT": _("No work unit on the day that counts, so no report lists this year."),
    "RULE": _("The city asks for %(minimum)s flags in %(year)s."),
    "PRO_RATED": _("A whole year asks for %(minimum)s flags; for the months that count here it is %(needed)s."),
    "LIT": _("Confirmed services and other awards: %(services)s, with %(flags)s flags."),
    "MERGED": _("Of these from the other account, which was merged: flags %(flags)s."),
    "REVOKED": _("Taken back: %(n)s, with %(flags)s flags. The reasons stand at the flags."),
    "WAITING": _("Awaiting confirmation by %(community)s: services %(n)s, flags %(flags)s, the longest since %(day)s."),
    "ABSENT": _("Marked as absent: %(n)s. That lights no flag, and costs none."),
    "EXCUSED": _("Marked as excused: %(n)s. That lights no flag, and costs none."),
    "NEXT_YEAR": _("Begun in %(year)s and ended after New Year: %(n)s. Their flags count for %(next)s."),
    "YEAR_BEFORE": _("Begun in %(before)s and ended after New Year: %(n)s. Their flags count for %(year)s."),
    "WITHDRAWN": _("Places given back: %(n)s. They would have been worth %(flags)s flags."),
    "CANCELLED": _("Places called off: %(n)s. They would have been worth %(flags)s flags."),
    "COMPANIONS": _("Companions brought along: %(n)s. They light no flags, only the own service does."),
    "EXEMPTION": _("Exempt from %(starts)s to %(ends)s: %(reason)s."),
    "EXEMPT_MONTHS": _("Exempt months: %(months)s. From %(enough)s on, no flags would be owed."),
    "APPEALS": _("Appeals that are not decided yet: %(n)s."),
    "NEXT": _("What to do next: take a place in what fits you. A confirmed service lights the next flag."),
    "PAST": _("The year is over. What is missing can still be confirmed, or appealed for, until %(day)s."),
    "CLOSED": _("The year is over, and so is the time for confirming its services."),
}
# For the member alone.
OWN = {"ABSENT", "EXCUSED", "WITHDRAWN", "CANCELLED", "APPEALS", "NEXT"}


@dataclass(frozen=True)
class Explanation:
    """A member's year: how it stands, and the reasons in the order in which they are read."""

    standing: Standing | None
    progress: Progress
    state: str
    reasons: list[Why]
    awaiting: list[Claim]
    awaiting_of_year: list[Claim]
    appeals: list[Appeal]

    @property
    def is_short(self) -> bool:
        return self.state == State.NOT_MET


def explain(member: Member, year: int, *, own: bool = True) -> Explanation:
    """All that makes the year's number what it is, in a fixed number of queries, each by the keys of one person.

    For others than the member, with `own` false, without what is theirs alone: an absence is noted privately, and what
    was given back or appealed against is nobody's business.
    """
    facts = _facts_of(member, year, own=own)
    reasons = [*_verdict(facts), *_ledger(facts), *_claims(facts), *_standing(facts), *_ahead(facts)]
    reasons = [why for why in reasons if own or why.code not in OWN]
    return Explanation(
        facts.standing,
        facts.progress,
        facts.state,
        reasons,
        facts.awaiting,
        facts.awaiting_of_year,
        facts.appeals,
    )


@dataclass(frozen=True)
class _Facts:
    """What the database says of one person and year."""

    year: int
    rule: YearRule
    standing: Standing | None
    retired: bool
    ledger: dict[str, int]
    claims: dict[str, int]
    awaiting: list[Claim]
    exemptions: list[Exemption]
    appeals: list[Appeal]

    @property
    def state(self) -> str:
        """As the report has it; without a unit by the city's rule, as the member's own page always counts."""
        if self.standing is not None:
            return self.standing.state
        if self.retired:
            return State.NOT_APPLICABLE
        return State.MET if self.ledger["flags"] >= self.rule.minimum else State.NOT_MET

    @property
    def needed(self) -> int:
        if self.standing is not None:
            return self.standing.required
        return 0 if self.retired else self.rule.minimum

    @property
    def progress(self) -> Progress:
        flags = sum(claim.shift.task.flag_value for claim in self.awaiting_of_year)
        return Progress(self.year, self.ledger["flags"], self.needed, self.ledger["services"], flags)

    @property
    def awaiting_of_year(self) -> list[Claim]:
        return [claim for claim in self.awaiting if _year_of(claim) == self.year]


def _facts_of(member: Member, year: int, *, own: bool) -> _Facts:
    accounts = member.account_keys
    rule = YearRule.of(city_path_of(member), year)
    standing = standing_of(member, year, rule=rule)
    return _Facts(
        year=year,
        rule=rule,
        standing=standing,
        retired=standing is None and was_retired_by(member, deciding_day(year)),
        ledger=_sums_of(member, year),
        claims=_counts_of(Claim.objects.filter(member__in=accounts), year),
        awaiting=list(awaiting_confirmation(member)),
        exemptions=_exemptions_of(member, year),
        appeals=list(Appeal.objects.filter(member__in=accounts, year=year).order_by("pk")) if own else [],
    )


def _exemptions_of(member: Member, year: int) -> list[Exemption]:
    lasting = Exemption.objects.filter(member=member, starts_on__lte=date(year, 12, 31))
    return list(lasting.exclude(ends_on__lt=date(year, 1, 1)).order_by("starts_on", "pk"))


def _sums_of(member: Member, year: int) -> dict[str, int]:
    """Of the ledger: a reversal takes flags and service back, and what reverses it lights them again."""
    return (
        FlagAward.objects.of(member)
        .in_year(year)
        .aggregate(
            flags=Sum("value", default=0),
            services=Count("pk", filter=Q(value__gt=0)) - Count("pk", filter=Q(value__lt=0)),
            revoked=Count("pk", filter=Q(value__lt=0, reversal=None)),
            revoked_flags=-Sum("value", filter=Q(value__lt=0, reversal=None), default=0),
            merged=Sum("value", filter=~Q(member=member), default=0),
        )
    )


def _counts_of(claims: Any, year: int) -> dict[str, int]:
    """Of places: by what became of them; those given back or called off by the shift's hours, if they had none left."""
    value, ended = "shift__task__flag_value", Q(ends_at__year=year)
    lapsed = ended | Q(ends_at=None, shift__ends_at__year=year)
    crossed, from_before = (
        Q(starts_at__year=first, ends_at__year=first + 1, status__in=Claim.HELPING) for first in (year, year - 1)
    )
    withdrawn, cancelled = lapsed & Q(status=S.WITHDRAWN), lapsed & Q(status=S.CANCELLED)
    return claims.filter(lapsed | crossed).aggregate(
        absent=Count("pk", filter=lapsed & Q(status=S.ABSENT)),
        excused=Count("pk", filter=lapsed & Q(status=S.EXCUSED)),
        withdrawn=Count("pk", filter=withdrawn),
        withdrawn_flags=Sum(value, filter=withdrawn, default=0),
        cancelled=Count("pk", filter=cancelled),
        cancelled_flags=Sum(value, filter=cancelled, default=0),
        crossed=Count("pk", filter=crossed),
        from_before=Count("pk", filter=from_before),
        companions=Sum(
            companions_who_came(), filter=ended & Q(status__in=Claim.HELPING, ends_at__lte=timezone.now()), default=0
        ),
    )


def _year_of(claim: Claim) -> int | None:
    """The year of the service; by agreement nothing before there is a time."""
    ends_at = claim.ends_at or (None if claim.shift.by_agreement else claim.shift.ends_at)
    return timezone.localdate(ends_at).year if ends_at else None


def _waiting(facts: _Facts) -> Iterator[Why]:
    """By who confirms, the longest waiting first, with the telephone: the community, after the deadline the city."""
    closed = facts.year < timezone.localdate().year and timezone.localdate() > facts.rule.confirm_by
    by_community: dict[Organization, list[Claim]] = {}
    for claim in facts.awaiting_of_year:
        publisher = claim.shift.task.publisher
        by_community.setdefault(_city_of(publisher) if closed else publisher.community, []).append(claim)
    for community, claims in by_community.items():
        yield _why(
            "WAITING",
            community=community,
            n=len(claims),
            flags=sum(claim.shift.task.flag_value for claim in claims),
            day=day_words(timezone.localdate(claims[0].ends_at or claims[0].shift.ends_at)),
            link="#waiting",
            phone=community.phone,
        )


def _city_of(place: Organization) -> Organization:
    """Up the tree, which has been fetched with the services that wait."""
    return _city_of(place.parent) if place.parent else place


def _verdict(facts: _Facts) -> Iterator[Why]:
    year, needed, lit = facts.year, facts.needed, facts.ledger["flags"]
    if facts.state == State.NOT_APPLICABLE:
        yield _why("RETIRED")
    elif facts.state == State.EXEMPT:
        yield _why("EXEMPT", year=year, months=facts.standing.exempt_months if facts.standing else 0)
    elif facts.state == State.MET:
        yield _why("MET", lit=lit, needed=needed)
    else:
        yield _why("SHORT", lit=lit, needed=needed, missing=needed - lit)
    if facts.standing is None and not facts.retired:
        yield _why("NO_UNIT")
    if needed and needed != facts.rule.minimum:
        yield _why("PRO_RATED", minimum=facts.rule.minimum, needed=needed)
    elif needed:
        yield _why("RULE", minimum=needed, year=year)


def _ledger(facts: _Facts) -> Iterator[Why]:
    sums = facts.ledger
    if sums["services"]:
        yield _why("LIT", services=sums["services"], flags=sums["flags"], link="#lit")
    if sums["merged"]:
        yield _why("MERGED", flags=sums["merged"], link="#lit")
    if sums["revoked"]:
        yield _why("REVOKED", n=sums["revoked"], flags=sums["revoked_flags"], link="#lit")


def _claims(facts: _Facts) -> Iterator[Why]:
    counts, places, year = facts.claims, reverse("claims"), facts.year
    yield from _waiting(facts)
    for code in ("ABSENT", "EXCUSED"):
        if counts[code.lower()]:
            yield _why(code, n=counts[code.lower()], link=f"{reverse('appeal_new', args=['service', year])}")
    if counts["crossed"]:
        yield _why("NEXT_YEAR", n=counts["crossed"], year=year, next=year + 1, link=f"?year={year + 1}")
    if counts["from_before"]:
        yield _why("YEAR_BEFORE", n=counts["from_before"], year=year, before=year - 1, link="#lit")
    for code in ("WITHDRAWN", "CANCELLED"):
        n = counts[code.lower()]
        if n and facts.state == State.NOT_MET:
            yield _why(code, n=n, flags=counts[f"{code.lower()}_flags"], link=places)
    if counts["companions"]:
        yield _why("COMPANIONS", n=counts["companions"], link=places)


def _standing(facts: _Facts) -> Iterator[Why]:
    for exemption in facts.exemptions:
        ends = exemption.ends_on.isoformat() if exemption.ends_on else _("until further notice")
        starts = exemption.starts_on.isoformat()
        yield _why("EXEMPTION", reason=exemption.get_reason_display(), starts=starts, ends=ends)
    months = facts.standing.exempt_months if facts.standing else 0
    if months and facts.state in (State.MET, State.NOT_MET) and not facts.rule.pro_rating:
        yield _why("EXEMPT_MONTHS", months=months, enough=EXEMPT_FROM_MONTHS)
    undecided = sum(not appeal.is_decided for appeal in facts.appeals)
    if undecided:
        yield _why("APPEALS", n=undecided, link=reverse("my_appeals"))


def _ahead(facts: _Facts) -> Iterator[Why]:
    if facts.state != State.NOT_MET:
        return
    today = timezone.localdate()
    if facts.year >= today.year:
        yield _why("NEXT", link=f"{reverse('task_list')}?fits=on")
    elif today <= facts.rule.confirm_by:
        yield _why("PAST", day=day_words(facts.rule.confirm_by))
    else:
        yield _why("CLOSED")


def _why(code: str, *, link: str = "", phone: str = "", **details: Any) -> Why:
    return Why(code, SENTENCES[code], details, link, phone)
