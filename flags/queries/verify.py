"""What proves the ledger: every line against what it is for, and back; every total against the lines one by one.

Keys prove nothing: a transaction that is undone leaves a gap in them. What must be there is known otherwise. A confirmed
claim, a confirmed log, an adopted suggestion and an approved entry each ask for their line; lines that follow from none
of these, for matters and what reverses another, are named by a record, which is append-only like the ledger itself.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple

from django.contrib.contenttypes.models import ContentType
from django.db.models import Case, Count, Exists, F, IntegerField, Model, OuterRef, Q, QuerySet, Sum, Value, When
from django.db.models.functions import Cast, Coalesce, ExtractYear, TruncDate
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member, Organization, Record
from flags.models import AwardMatter, ComplianceReport, ComplianceRow, FlagAward, LateEntry
from flags.models.award import SOURCES
from flags.models.limits import FOR_ONE_MATTER, FOR_SUGGESTIONS
from flags.queries.compliance import compliance_rows, compliance_summary
from tasks.models import Claim, StewardLog, Suggestion
from tasks.models.task import Category
from vanguard.lib.quarters import quarter_of

BATCH = 5_000
WRITES = ("awarded", "taken back", "lit again")
MERGERS = ("merged", "merged away")
PERSON = Coalesce("member__merged_into", "member")
COUNTED = ("flags", "services", "q1", "q2", "q3", "q4", *(category.lower() for category in Category.values))


@dataclass
class Verified:
    """How many lines were looked at; what differs, a sentence each; what is only older than the ledger."""

    lines: int = 0
    differences: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)


class Kind(NamedTuple):
    """A kind of source: which of its rows ask for a line, and what a line for it has to say."""

    name: str
    model: type[Model]
    asks: Q
    year: Any  # of the service, of one row of the model
    day: Any  # the same as a day, of a line; None where the day is chosen within what the year holds
    person: Any
    value: Any
    category: Any


def _local_day(of: str) -> TruncDate:
    return TruncDate(of, tzinfo=timezone.get_default_timezone())


def _local_year(of: str) -> ExtractYear:
    return ExtractYear(of, tzinfo=timezone.get_default_timezone())


KINDS = [
    Kind(
        "claim",
        Claim,
        Q(status=Claim.Status.CONFIRMED),
        _local_year("ends_at"),
        _local_day("claim__ends_at"),
        Coalesce("claim__member__merged_into", "claim__member"),
        F("claim__shift__task__flag_value"),
        F("claim__shift__task__category"),
    ),
    Kind(
        "log",
        StewardLog,
        Q(status=StewardLog.Status.CONFIRMED),
        F("year"),
        None,
        Coalesce("log__member__merged_into", "log__member"),
        Value(1),
        Value(Category.RED_STEWARD.value),
    ),
    Kind(
        "suggestion",
        Suggestion,
        Q(status=Suggestion.Status.ADOPTED, author__isnull=False),
        _local_year("decided_at"),
        _local_day("suggestion__decided_at"),
        Coalesce("suggestion__author__merged_into", "suggestion__author"),
        Value(1),
        Value(Category.SUGGESTION.value),
    ),
    Kind(
        "entry",
        LateEntry,
        Q(status=LateEntry.Status.APPROVED),
        _local_year("ends_at"),
        _local_day("entry__ends_at"),
        Coalesce("entry__member__merged_into", "entry__member"),
        F("entry__value"),
        F("entry__category"),
    ),
]


def verify_ledger(year: int | None = None) -> Verified:
    """Everything that is wrong with the ledger, of one year or of all: in set-based statements and one pass over the lines."""
    found = Verified(lines=_lines(year).count())
    for kind in KINDS:
        found.differences += _sources_without_a_line(kind, year)
        found.differences += _sources_with_two(kind, year)
        found.differences += _lines_unlike_their_source(kind, year)
    found.differences += _lines_of_nothing(year)
    found.differences += _lines_in_another_year(year)
    found.differences += _beyond_limits(year)
    found.differences += _reversals_unlike(year)
    found.differences += _lines_and_records(year)
    for each in _years(year):
        counted = _count_one_by_one(each)
        found.differences += _sums_in_sql(each, counted)
        found.differences += _standings(each, counted)
        for older, sentence in _drafts(each, counted):
            (found.notes if older else found.differences).append(sentence)
    return found


def _lines(year: int | None) -> QuerySet[FlagAward]:
    return FlagAward.objects.all() if year is None else FlagAward.objects.in_year(year)


def _originals(kind: Kind, year: int | None) -> QuerySet[FlagAward]:
    return _lines(year).filter(reverses=None, **{f"{kind.name}__isnull": False})


def _years(year: int | None) -> list[int]:
    return [year] if year else sorted(FlagAward.objects.values_list("year", flat=True).distinct().order_by())


# --- against what they are for -----------------------------------------------------------------


def _sources_without_a_line(kind: Kind, year: int | None) -> Iterator[str]:
    manager: Any = kind.model._default_manager
    lit = FlagAward.objects.filter(reverses=None, **{kind.name: OuterRef("pk")})
    rows = manager.filter(kind.asks).annotate(of_year=kind.year).filter(~Exists(lit))
    if year:
        rows = rows.filter(of_year=year)
    if kind.model is Suggestion:
        rows = rows.exclude(pk__in=_adopted_beyond_two(rows))
    for key, of_year in rows.order_by("pk").values_list("pk", "of_year").iterator(BATCH):
        yield _("%(source)s %(key)s of %(year)s has no line.") % {"source": _name(kind), "key": key, "year": of_year}


def _adopted_beyond_two(rows: QuerySet[Any]) -> list[int]:
    """Adopted suggestions that rightly light nothing: their author had two lines of that year already."""
    lit = FlagAward.objects.filter(reverses=None, suggestion__isnull=False).order_by()
    given = {(person, year): n for person, year, n in lit.values_list(PERSON, "year").annotate(Count("pk"))}
    author = Coalesce("author__merged_into", "author")
    adopted = rows.values_list("pk", author, "of_year")
    return [key for key, person, year in adopted if given.get((person, year), 0) >= FOR_SUGGESTIONS]


def _sources_with_two(kind: Kind, year: int | None) -> Iterator[str]:
    twice = _originals(kind, year).order_by().values_list(kind.name).annotate(n=Count("pk")).filter(n__gt=1)
    for key, n in twice:
        yield _("%(source)s %(key)s has %(n)s lines.") % {"source": _name(kind), "key": key, "n": n}


def _lines_unlike_their_source(kind: Kind, year: int | None) -> Iterator[str]:
    stands = kind.model._default_manager.filter(kind.asks, pk=OuterRef(kind.name))
    lines = _originals(kind, year).annotate(
        asked_for=Exists(stands),
        person=PERSON,
        its_person=kind.person,
        its_value=Cast(kind.value, IntegerField()),
        its_category=kind.category,
        its_day=kind.day or F("served_on"),
    )
    wrong = (
        Q(asked_for=False)
        | ~Q(person=F("its_person"))
        | ~Q(value=F("its_value"))
        | ~Q(category=F("its_category"))
        | ~Q(served_on=F("its_day"))
    )
    if kind.name == "log":
        wrong |= ~Q(year=F("log__year")) | ~Q(log__quarter=_quarter())
    for line in lines.filter(wrong).order_by("pk"):
        said = {"line": line.pk, "source": _name(kind), "key": getattr(line, f"{kind.name}_id")}
        for what in _unlike(line, kind):
            yield _("Line %(line)s and %(source)s %(key)s differ in: %(what)s.") % {**said, "what": what}


def _quarter() -> Case:
    months = ((3, 1), (6, 2), (9, 3), (12, 4))
    return Case(*(When(served_on__month__lte=last, then=Value(number)) for last, number in months))


def _unlike(line: Any, kind: Kind) -> Iterator[str]:
    if not line.asked_for:
        yield _("confirmed or not")
    if line.person != line.its_person:
        yield _("the member")
    if line.value != line.its_value:
        yield _("the flags")
    if line.category != line.its_category:
        yield _("the category")
    if line.served_on != line.its_day:
        yield _("the day")
    if kind.name == "log" and quarter_of(line.served_on) != line.log.of:
        yield _("the quarter")


def _lines_of_nothing(year: int | None) -> Iterator[str]:
    for key in _lines(year).filter(reverses=None, **dict.fromkeys(SOURCES)).order_by("pk").values_list("pk", flat=True):
        yield _("Line %(line)s is for nothing: no claim, log, suggestion, matter or entry.") % {"line": key}
    taken = _lines(year).filter(reverses=None, value__lt=1).order_by("pk").values_list("pk", flat=True)
    for key in taken:
        yield _("Line %(line)s takes flags back, and from no line.") % {"line": key}


def _lines_in_another_year(year: int | None) -> Iterator[str]:
    for key in _lines(year).exclude(served_on__year=F("year")).order_by("pk").values_list("pk", flat=True):
        yield _("Line %(line)s stands in another year than its day.") % {"line": key}


def _beyond_limits(year: int | None) -> Iterator[str]:
    for_matters = _lines(year).filter(matter__isnull=False).order_by().values_list(PERSON, "year", "matter")
    names = dict(AwardMatter.objects.values_list("pk", "name"))
    for person, of_year, matter, given in for_matters.annotate(given=Sum("value")).filter(given__gt=FOR_ONE_MATTER):
        said = {"member": person, "given": given, "matter": names[matter], "year": of_year}
        yield _("Member %(member)s has %(given)s flags for “%(matter)s” in %(year)s.") % said
    adopted = _lines(year).filter(suggestion__isnull=False).order_by().values_list(PERSON, "year")
    for person, of_year, given in adopted.annotate(given=Sum("value")).filter(given__gt=FOR_SUGGESTIONS):
        said = {"member": person, "given": given, "year": of_year}
        yield _("Member %(member)s has %(given)s flags for adopted suggestions in %(year)s.") % said


# --- reversals, and what records name -----------------------------------------------------------

CARRIED = ("member_id", "year", "served_on", "category", "unit_id", "community_id", *(f"{name}_id" for name in SOURCES))


def _reversals_unlike(year: int | None) -> Iterator[str]:
    """Whichever of the two stands in the year asked about."""
    of_year = Q() if year is None else Q(year=year) | Q(reverses__year=year)
    lines = FlagAward.objects.filter(of_year, reverses__isnull=False).select_related("reverses").order_by("pk")
    for line in lines.iterator(BATCH):
        other = line.reverses
        assert other is not None
        unlike = [name for name in CARRIED if getattr(line, name) != getattr(other, name)]
        unlike += [] if line.value == -other.value else ["value"]
        if unlike:
            said = {"line": line.pk, "other": other.pk, "what": ", ".join(name.removesuffix("_id") for name in unlike)}
            yield _("Line %(line)s reverses line %(other)s and differs in: %(what)s.") % said


def _lines_and_records(year: int | None) -> Iterator[str]:
    """Lines for matters and reversals, each with its record; and recorded lines, each with its line."""
    of_lines = Record.objects.filter(subject_type=ContentType.objects.get_for_model(FlagAward), verb__in=WRITES)
    recorded = Q(matter__isnull=False) | Q(reverses__isnull=False)
    silent = _lines(year).filter(recorded).filter(~Exists(of_lines.filter(subject_id=OuterRef("pk")))).order_by("pk")
    for key in silent.values_list("pk", flat=True):
        yield _("Line %(line)s was written by no act: no record names it.") % {"line": key}
    if year is None or year == timezone.localdate().year:
        missing = of_lines.filter(~Exists(FlagAward.objects.filter(pk=OuterRef("subject_id")))).order_by("subject_id")
        for key, at in missing.values_list("subject_id", "at"):
            yield _("Line %(line)s is missing: it was written on %(day)s.") % {
                "line": key,
                "day": timezone.localtime(at).date(),
            }


# --- totals --------------------------------------------------------------------------------------

Counted = dict[int, dict[str, int]]


def _count_one_by_one(year: int) -> Counted:
    """The flags and services of each person, added up line by line, here and not in the database."""
    counted: Counted = defaultdict(lambda: dict.fromkeys(COUNTED, 0))
    lines = FlagAward.objects.in_year(year).order_by().values_list(PERSON, "value", "served_on", "category")
    for person, value, day, category in lines.iterator(BATCH):
        sums = counted[person]
        sums["flags"] += value
        sums["services"] += 1 if value > 0 else -1
        sums[f"q{(day.month + 2) // 3}"] += value
        sums[category.lower()] += value
    return counted


def _sums_in_sql(year: int, counted: Counted) -> Iterator[str]:
    sums = FlagAward.objects.in_year(year).order_by().values_list(PERSON).annotate(Sum("value"))
    for person, flags in sums:
        yield from _differs(_("the database's sum"), person, year, flags, counted[person]["flags"])


def _standings(year: int, counted: Counted) -> Iterator[str]:
    """Each member and unit of the year, as dashboards and reports ask, against the lines."""
    by_unit: dict[str, int] = defaultdict(int)
    for city in Organization.objects.filter(kind=Organization.Kind.CITY).order_by("pk"):
        for row in compliance_rows(city.path, year):
            own = counted.get(row.member_id) or dict.fromkeys(COUNTED, 0)
            by_unit[row.unit_code] += own["flags"]
            for name in COUNTED:
                yield from _differs(name, row.member_id, year, getattr(row, name), own[name])
        for unit in compliance_summary(city.path, year):
            flags, lines = unit.flags + unit.flags_apart, by_unit[unit.unit_code]
            if flags != lines:
                said = {"unit": unit.unit_code, "year": year, "flags": flags, "lines": lines}
                yield _("Unit %(unit)s in %(year)s: %(flags)s flags in sum, %(lines)s by the lines.") % said


def _differs(what: str, member: int, year: int, given: int, lines: int) -> Iterator[str]:
    if given != lines:
        said = {"member": member, "year": year, "what": what, "given": given, "lines": lines}
        yield _("Member %(member)s in %(year)s, %(what)s: %(given)s, by the lines %(lines)s.") % said


def _changed_since(earliest: datetime, year: int) -> dict[int, datetime]:
    """When the lines of each person changed last: by a line, or because two accounts were merged."""
    merged = Record.objects.filter(subject_type=ContentType.objects.get_for_model(Member), verb__in=MERGERS)
    lately = dict(merged.filter(at__gte=earliest).order_by("at").values_list("subject_id", "at"))
    written = FlagAward.objects.in_year(year).filter(awarded_at__gte=earliest).order_by("awarded_at")
    for person, at in written.values_list(PERSON, "awarded_at"):
        lately[person] = max(at, lately.get(person, at))
    return lately


def _drafts(year: int, counted: Counted) -> Iterator[tuple[bool, str]]:
    """Stored drafts against the lines, and whether a draft is only older than what has changed since."""
    built: dict[int, tuple[str, datetime]] = {}
    drafts = ComplianceReport.objects.filter(year=year, status=ComplianceReport.Status.DRAFT).select_related("unit")
    for report in drafts:
        built[report.pk] = (report.unit.code, report.built_at)
    if not built:
        return
    lately = _changed_since(min(at for _code, at in built.values()), year)
    for row in ComplianceRow.objects.filter(report__in=built).order_by("pk").iterator(BATCH):
        own = counted.get(row.member_id) or dict.fromkeys(COUNTED, 0)
        if all(getattr(row, name) == own[name] for name in COUNTED):
            continue
        code, built_at = built[row.report_id]
        older = row.member_id in lately and lately[row.member_id] > built_at
        said = {"unit": code, "year": year, "member": row.member_id, "flags": row.flags, "lines": own["flags"]}
        if older:
            yield True, _("The draft of unit %(unit)s for %(year)s is older than a line of member %(member)s.") % said
        else:
            yield (
                False,
                _("The draft of unit %(unit)s for %(year)s: member %(member)s has %(flags)s, by the lines %(lines)s.")
                % said,
            )


def _name(kind: Kind) -> str:
    return str(kind.model._meta.verbose_name)
