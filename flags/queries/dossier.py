"""A member's year as it stands on paper: from the ledger and what goes with it, in figures and lines and, apart, in words."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from hashlib import sha256
from typing import Any

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Coalesce
from django.utils import timezone, translation

from accounts.access import Ability, Actor
from accounts.models import CheckIn, Member, Organization, Record
from accounts.models.organization import at_or_below
from accounts.queries.member import unit_on
from flags.models import Dossier, DossierOpinion, FlagAward
from flags.models.award import FlagAwardQuerySet
from flags.queries.compliance import deciding_day, standing_of
from flags.queries.service import companions_brought
from flags.queries.unit import members_seen
from tasks.models import Claim, GroupMembership, HelperGroup, StewardTerm, Suggestion, Wish
from tasks.models.task import Category
from vanguard.lib.quarters import EVERY, quarter_of

FORM = 1  # of the content; a later form is read beside this one
AGREED = GroupMembership.Status.AGREED


@dataclass(frozen=True)
class Paper:
    """What a dossier says of a year: `content` stays for good, `words` can be erased."""

    content: dict[str, Any]
    words: dict[str, Any]

    @property
    def digest(self) -> str:
        return digest_of(self.content)


def canonical(value: Any) -> str:
    """One way to write it down, whichever database it comes from."""
    return json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


def digest_of(value: Any) -> str:
    return sha256(canonical(value).encode()).hexdigest()


def words_sealed(dossier: Dossier) -> dict[str, Any]:
    """Name and words as they were sealed; none once they are erased, nor of any that were written there since."""
    beside = getattr(dossier, "words", None)
    return beside.words if beside and digest_of(beside.words) == dossier.content["words"] else {}


def members_in_dossiers(actor: Actor, year: int) -> QuerySet[Member]:
    """Whose dossier of `year` a hat may open: one's own; who lives there; whom the unit answers for in that year.

    Who was merged into another has none of their own: what was earned there stands in the other's.
    """
    if actor.member:
        return Member.objects.filter(pk=actor.member.pk, merged_into=None)
    if not actor.can(Ability.SEE_DOSSIERS):
        return Member.objects.none()
    lives_there = at_or_below("home__path", actor.home_paths)
    seen = lives_there | Q(pk__in=members_seen(actor, year).values("pk"))
    return Member.objects.filter(seen, merged_into=None)


def years_on_paper(member: Member) -> list[int]:
    """The years since the member checked in or earned the first flag, the running one too; newest first."""
    this_year = timezone.localdate().year
    earned = set(FlagAward.objects.of(member).order_by().values_list("year", flat=True).distinct())
    since = _checked_in_since(member)
    first = min({this_year, *earned, since.year if since else this_year})
    return sorted(earned | set(range(first, this_year + 1)), reverse=True)


def current_dossier(member: Member, year: int) -> Dossier | None:
    """The newest sealed version of that person and year."""
    return Dossier.objects.of(member).filter(year=year).select_related("words", "member").first()


def corrected_since_sealed() -> list[Dossier]:
    """The current dossiers whose flags or services the ledger no longer says: it was corrected after they were sealed."""
    person, years = Coalesce("member__merged_into", "member"), Dossier.objects.order_by().values("year")
    ledger = FlagAward.objects.filter(year__in=years).order_by().values("year", person=person)
    said = {
        (row["person"], row["year"]): (row["flags"], row["services"])
        for row in ledger.annotate(flags=Sum("value"), services=_services())
    }
    current: dict[tuple[int, int], Dossier] = {}
    sealed = Dossier.objects.filter(words__isnull=False).select_related("member").defer("content")
    for dossier in sealed.order_by("sealed_at", "pk"):
        current[dossier.member.merged_into_id or dossier.member_id, dossier.year] = dossier
    return [dossier for key, dossier in current.items() if said.get(key, (0, 0)) != (dossier.flags, dossier.services)]


def paper_of(member: Member, year: int, *, salt: str = "") -> Paper:
    """The year of one person, with both accounts of who had two. A fixed number of queries, however long the year.

    What is written down is Chinese, whatever language the page is read in: the same year has one digest.
    """
    with translation.override("zh-hans"):
        return _paper_of(member, year, salt)


def _paper_of(member: Member, year: int, salt: str) -> Paper:
    lines, line_words = _lines(member, year)
    opinions, opinion_words = _opinions(member, year)
    words = {"salt": salt, "name": member.user.name, "lines": line_words, "opinions": opinion_words}
    standing = standing_of(member, year)
    day = deciding_day(year)
    unit, since = unit_on(member, day), _checked_in_since(member)
    content = {
        "form": FORM,
        "number": member.number,
        "year": year,
        "city": _city_of(member, unit),
        "unit": str(unit or ""),
        "communities": _communities(member, year),
        "checked_in_since": since.isoformat() if since else "",
        "flags": sum(line["flags"] for line in lines),
        "services": sum(_sign(line) for line in lines),
        "minutes": sum(line["minutes"] * _sign(line) for line in lines),
        "companions": sum(line["companions"] for line in lines),
        "quarters": [sum(line["flags"] for line in lines if _quarter(line) == quarter) for quarter in EVERY],
        "categories": {c: sum(line["flags"] for line in lines if line["category"] == c) for c in Category.values},
        "required": standing.required if standing else None,
        "state": standing.state if standing else "",
        "lines": lines,
        "groups": _groups(member, year),
        "posts": _posts(member, year),
        "suggestions": _suggestions(member, year),
        "opinions": opinions,
        "words": digest_of(words),
    }
    return Paper(content, words)


def _sign(line: dict[str, Any]) -> int:
    return 1 if line["flags"] > 0 else -1


def _quarter(line: dict[str, Any]) -> int:
    return quarter_of(date.fromisoformat(line["day"])).number


def ledger_lines(member: Member, year: int) -> QuerySet[Any]:
    """Every line of the ledger for a person and year, the oldest first, with how many companions each brought."""
    awards = FlagAward.objects.of(member).in_year(year).annotate(brought=companions_brought())
    return with_sources(awards).order_by("served_on", "pk")


def with_sources(awards: FlagAwardQuerySet) -> FlagAwardQuerySet:
    """With what a line on paper says, in a fixed number of queries."""
    return awards.with_sources().select_related(
        "member", "community", "reason", "by_user", "claim__shift__task__publisher"
    )


def hours_served(award: FlagAward) -> tuple[datetime, datetime] | None:
    """From when to when, by the claim's own hours or as it was entered afterwards; none of what is no service."""
    served = award.claim or award.entry
    return (served.starts_at, served.ends_at) if served and served.starts_at and served.ends_at else None


def minutes_served(award: FlagAward) -> int:
    hours = hours_served(award)
    return int((hours[1] - hours[0]) / timedelta(minutes=1)) if hours else 0


def _lines(member: Member, year: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    awards = list(ledger_lines(member, year))
    ratings = ratings_of([award.claim.shift.task_id for award in awards if award.claim])
    return [_line(award, ratings) for award in awards], [_line_words(award) for award in awards]


def _line(award: Any, ratings: dict[int, str]) -> dict[str, Any]:
    task = award.claim.shift.task if award.claim else None
    return {
        "day": award.served_on.isoformat(),
        "category": award.category,
        "title": award.what,
        "place": task.place if task else "",
        "minutes": minutes_served(award),
        "companions": award.brought or 0,
        "flags": award.value,
        "takes_back": award.value < 0,
        "lit_again": award.value > 0 and award.reverses_id is not None,
        "community": str(award.community),
        "by": str(task.publisher) if task else str(award.community),
        "rating": ratings.get(task.pk, "") if task and award.value > 0 else "",
    }


def _line_words(award: FlagAward) -> dict[str, Any]:
    reason = getattr(award, "reason", None)
    return {
        "contact": award.claim.shift.task.contact_name if award.claim else "",
        "confirmed_by": str(award.by_user or ""),
        "reason": reason.text if reason else "",
    }


def ratings_of(tasks: Iterable[int]) -> dict[int, str]:
    """By task: what the resident answered at the end, "DONE" or how good it was, never the words.

    Where several wishes stand behind one task, only once all of them are done.
    """
    found: dict[int, str] = {}
    wishes = Wish.objects.filter(task__in=set(tasks)).order_by("-pk").values_list("task", "status", "rating")
    undone = {task for task, status, _rating in wishes if status != Wish.Status.DONE}
    for task, _status, rating in wishes:
        if task not in undone:
            found[task] = rating or found.get(task) or Wish.Status.DONE.value
    return found


def _opinions(member: Member, year: int) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Those that the member has had time to answer."""
    shared = DossierOpinion.objects.of(member).filter(year=year, status=DossierOpinion.Status.SHARED)
    opinions = list(shared.select_related("organization", "by_user").order_by("kind", "written_at", "pk"))
    lines = [
        {"kind": o.kind, "by": str(o.organization), "day": timezone.localdate(o.written_at).isoformat()}
        for o in opinions
    ]
    return lines, [{"author": str(o.by_user or ""), "text": o.text, "answer": o.answer} for o in opinions]


def _accounts(member: Member) -> Q:
    return Q(member=member) | Q(member__merged_into=member)


def _check_ins(member: Member) -> QuerySet[CheckIn]:
    return CheckIn.objects.filter(_accounts(member), approved_on__isnull=False)


def _checked_in_since(member: Member) -> date | None:
    day: date | None = _check_ins(member).order_by("approved_on").values_list("approved_on", flat=True).first()
    return day


def _communities(member: Member, year: int) -> list[str]:
    """Where the member was checked in on any day of the year, in that order."""
    there = _check_ins(member).filter(approved_on__year__lte=year)
    there = there.filter(Q(ended_on=None) | Q(ended_on__gte=date(year, 1, 1)))
    names = there.select_related("community").order_by("approved_on", "pk")
    return list(dict.fromkeys(str(check_in.community) for check_in in names))


def _city_of(member: Member, unit: Organization | None) -> str:
    place = member.home or unit
    return Organization.objects.get(path=place.city_path).name if place else ""


def _groups(member: Member, year: int) -> list[str]:
    """The helper groups with which the member served in the year, and those belonged to by its end."""
    served = HelperGroup.objects.filter(
        claims__claims__in=Claim.objects.filter(_accounts(member), status=Claim.Status.CONFIRMED).of_year(year)
    )
    agreed = GroupMembership.objects.filter(_accounts(member), status=AGREED, group__created_at__year__lte=year)
    later = Record.objects.filter(
        subject_type=ContentType.objects.get_for_model(GroupMembership),
        subject_id__in=agreed.values("pk"),
        new_status=AGREED,
        at__year__gt=year,
    )
    belonged = agreed.exclude(pk__in=later.values("subject_id"))
    groups = HelperGroup.objects.filter(Q(pk__in=served.values("pk")) | Q(pk__in=belonged.values("group")))
    return list(groups.order_by("name", "pk").values_list("name", flat=True))


def _posts(member: Member, year: int) -> list[dict[str, str]]:
    """The steward posts held on a day of the year, with what of it lies in the year."""
    first, last = date(year, 1, 1), deciding_day(year)
    terms = StewardTerm.objects.filter(_accounts(member), began_on__lte=last)
    terms = terms.filter(Q(ended_on=None) | Q(ended_on__gte=first)).select_related("post__compound")
    return [
        {
            "kind": term.post.kind,
            "subject": term.post.subject,
            "where": str(term.post.compound),
            "from": max(term.began_on, first).isoformat(),
            "to": min(term.ended_on or last, last).isoformat(),
        }
        for term in terms.order_by("began_on", "pk")
    ]


def _suggestions(member: Member, year: int) -> list[dict[str, str]]:
    """What was adopted, whole or in part, in the year; what it was about, not its text."""
    adopted = [Suggestion.Status.ADOPTED, Suggestion.Status.PARTLY_ADOPTED]
    theirs = Suggestion.objects.filter(Q(author=member) | Q(author__merged_into=member), status__in=adopted)
    decided = theirs.filter(decided_at__year=year).select_related("community").order_by("decided_at", "pk")
    return [
        {
            "day": timezone.localdate(suggestion.decided_at).isoformat(),
            "category": suggestion.category,
            "community": str(suggestion.community),
            "status": suggestion.status,
        }
        for suggestion in decided
    ]


def _services() -> Any:
    """Services of a sum of lines: one for each award, one less for each that takes back."""
    return Sum(Case(When(value__gt=0, then=Value(1)), default=Value(-1)))
