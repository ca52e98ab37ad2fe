"""What a member can appeal against, who answers it, and until when: known before a word is written (domain rules 6, 7)."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Model, Q, QuerySet
from django.utils import timezone

from accounts.models import Exemption, Member, Organization, Record, User
from accounts.queries.member import unit_on
from flags.models import Appeal, FlagAward
from flags.models.appeal import AppealQuerySet
from flags.queries.belonging import home_on
from flags.queries.wall import city_path_of
from tasks.models import Claim, StewardLog, Suggestion, YearRule
from tasks.models.claim import ClaimQuerySet

Kind = Appeal.Kind
YEARS_BACK = 2  # what a year lacks is appealed for until January 31 of the next, unless its rule says otherwise


@dataclass(frozen=True)
class Subject:
    """What an appeal is about. `told_on` is the day on which the member learned of it, `last_day` the last for appealing."""

    kind: Appeal.Kind
    year: int
    organization: Organization
    last_day: date
    fields: dict[str, Any]
    told_on: date | None = None
    against: User | None = None

    @property
    def is_late(self) -> bool:
        return timezone.localdate() > self.last_day

    @property
    def claim(self) -> Claim | None:
        return self.fields.get("claim")

    @property
    def award(self) -> FlagAward | None:
        return self.fields.get("award")

    @property
    def owners(self) -> list[Member]:
        """Whose what it is about is."""
        rows: list[Any] = [row for row in self.fields.values() if isinstance(row, Model)]
        return [row.author if hasattr(row, "author") else row.member for row in rows]

    def former(self, member: Member) -> Appeal | None:
        """The latest appeal of that person against the same, decided or not."""
        return self.all_of(member).order_by("-pk").first()

    def all_of(self, member: Member) -> AppealQuerySet:
        same = {name: value for name, value in self.fields.items() if name in Appeal.SAME_BY}
        return Appeal.objects.of(member).filter(kind=self.kind, **same)


def own_claims(member: Member) -> ClaimQuerySet:
    """A person's places, under an account that was merged into theirs too."""
    claims = Claim.objects.filter(_of(member))
    return claims.select_related("shift__task__publisher__parent", "shift__task__publisher__merged_into", "member")


def own_reversals(member: Member) -> QuerySet[FlagAward]:
    """What was taken back from a person's flags."""
    lines = FlagAward.objects.of(member).filter(value__lt=0)
    return lines.select_related("community__merged_into", "by_appointment__organization__parent", "by_user")


def own_logs(member: Member) -> QuerySet[StewardLog]:
    return StewardLog.objects.filter(_of(member)).select_related(
        "post__compound__parent", "post__compound__merged_into"
    )


def own_suggestions(member: Member) -> QuerySet[Suggestion]:
    return Suggestion.objects.filter(Q(author=member) | Q(author__merged_into=member)).select_related(
        "community__merged_into"
    )


def _of(member: Member) -> Q:
    return Q(member=member) | Q(member__merged_into=member)


def subject_of_claim(claim: Claim) -> Subject | None:
    """A place marked absent or excused, or one that is over and not confirmed; nothing for any other."""
    answers, year = claim.shift.task.publisher.community, _year_of(claim)
    if claim.status in Claim.NOT_THERE:
        marked = _marked(claim)
        told_on = timezone.localdate(marked.at if marked else claim.ends_at or claim.shift.ends_at)
        return Subject(
            Kind.ABSENCE,
            year,
            answers,
            told_on + settings.APPEAL_WITHIN,
            {"claim": claim},
            told_on,
            marked.user if marked else None,
        )
    if Claim.objects.filter(pk=claim.pk).unsettled().over(timezone.now()).exists():
        return Subject(Kind.MISSING, year, answers, _confirm_by(answers, year), {"claim": claim})
    return None


def subject_of_reversal(reversal: FlagAward) -> Subject | None:
    """A flag that was taken back and has not been lit again since. Who took it back answers, be it the city."""
    if reversal.value > 0 or FlagAward.objects.filter(reverses=reversal).exists():
        return None
    told_on = timezone.localdate(reversal.awarded_at)
    hat = reversal.by_appointment
    answers = hat.organization.community if hat else reversal.community.community
    last_day = told_on + settings.APPEAL_WITHIN
    return Subject(
        Kind.REVOKED, reversal.year, answers, last_day, {"award": reversal}, told_on, against=reversal.by_user
    )


def subject_of_log(log: StewardLog) -> Subject | None:
    """A log that was sent, or even confirmed, without a flag."""
    waits = log.status in (StewardLog.Status.SUBMITTED, StewardLog.Status.CONFIRMED)
    if not waits or FlagAward.objects.filter(log=log).exists():
        return None
    answers = log.post.compound.community
    return Subject(Kind.MISSING, log.year, answers, _confirm_by(answers, log.year), {"log": log})


def subject_of_suggestion(suggestion: Suggestion) -> Subject | None:
    """A suggestion adopted as a whole that lit no flag; its year is that of the adoption (domain rule 5)."""
    if suggestion.status != Suggestion.Status.ADOPTED or FlagAward.objects.filter(suggestion=suggestion).exists():
        return None
    assert suggestion.decided_at is not None
    year, answers = timezone.localdate(suggestion.decided_at).year, suggestion.community.community
    return Subject(Kind.MISSING, year, answers, _confirm_by(answers, year), {"suggestion": suggestion})


def subject_of_service(member: Member, starts_at: datetime, ends_at: datetime, what: str) -> Subject | None:
    """A service that is written nowhere; the community of its day answers. Nothing for who was checked in nowhere then."""
    day = timezone.localdate(ends_at)
    home = home_on(member, day)
    if home is None:
        return None
    answers = home.community  # a community that was merged is where it is now
    fields = {"starts_at": starts_at, "ends_at": ends_at, "what": what}
    return Subject(Kind.MISSING, day.year, answers, _confirm_by(answers, day.year), fields)


def subject_of_exemption(member: Member, year: int, exemption: Exemption | None = None) -> Subject | None:
    """Exemption or retirement of a year: unit and city keep these, so the unit answers; without one the city decides."""
    answers = unit_on(member, timezone.localdate()) or city_of(member)
    if answers is None or year > timezone.localdate().year:
        return None
    return Subject(Kind.EXEMPTION, year, answers, _confirm_by(answers, year), {"exemption": exemption})


def city_of(member: Member) -> Organization | None:
    path = city_path_of(member)
    return Organization.objects.filter(path=path).first() if path else None


def logs_without_a_flag(member: Member, year: int) -> QuerySet[StewardLog]:
    """What red stewards have sent of a year and see no flag for."""
    sent = own_logs(member).filter(year=year, status__in=[StewardLog.Status.SUBMITTED, StewardLog.Status.CONFIRMED])
    return sent.exclude(pk__in=FlagAward.objects.of(member).filter(log__isnull=False).values("log"))


def suggestions_without_a_flag(member: Member, year: int) -> QuerySet[Suggestion]:
    """What was adopted in a year and lit nothing."""
    adopted = own_suggestions(member).filter(status=Suggestion.Status.ADOPTED, decided_at__year=year)
    return adopted.exclude(pk__in=FlagAward.objects.of(member).filter(suggestion__isnull=False).values("suggestion"))


def claims_to_appeal(member: Member, year: int) -> QuerySet[Claim]:
    """Places of a year that are over and not confirmed, or marked as not there; the newest first."""
    over = own_claims(member).of_year(year).over(timezone.now())
    return over.filter(status__in=[*Claim.TO_SETTLE, *Claim.NOT_THERE]).order_by("-ends_at", "-pk")


def _year_of(claim: Claim) -> int:
    return timezone.localdate(claim.ends_at or claim.shift.ends_at).year


def _confirm_by(answers: Organization, year: int) -> date:
    """The last day of asking for a flag of a year is that of confirming it (domain rule 7)."""
    return YearRule.of(answers.city_path, year).confirm_by


def _marked(claim: Claim) -> Record | None:
    """When, and by whom, a claim was marked as it stands now."""
    moved = Record.objects.filter(
        subject_type=ContentType.objects.get_for_model(Claim), subject_id=claim.pk, new_status=claim.status
    )
    return moved.select_related("user").order_by("-pk").first()
