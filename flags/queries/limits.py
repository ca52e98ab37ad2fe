"""What a person has already of what a year gives only so often: looked at before it is written (domain rule 5)."""

from django.db.models import Q, QuerySet, Sum

from accounts.models import Member
from flags.models import AwardMatter, FlagAward
from flags.models.limits import FOR_ONE_MATTER, FOR_SUGGESTIONS


def person_of(member: Member) -> int:
    """The key of the account that is left, of a person who had two."""
    return member.merged_into_id or member.pk


def is_full_for_matter(member: Member, matter: AwardMatter, year: int) -> bool:
    """Whether the person has all the flags that one matter gives in a year, what was taken back not counted."""
    return _given(_of(member, year).filter(matter=matter)) >= FOR_ONE_MATTER


def is_full_for_suggestions(member: Member, year: int) -> bool:
    """Whether the person has all the flags that adopted suggestions give in a year, what was taken back not counted."""
    return _given(_of(member, year).filter(suggestion__isnull=False)) >= FOR_SUGGESTIONS


def _of(member: Member, year: int) -> QuerySet[FlagAward]:
    person = person_of(member)
    return FlagAward.objects.in_year(year).filter(Q(member=person) | Q(member__merged_into=person))


def _given(awards: QuerySet[FlagAward]) -> int:
    given: int = awards.aggregate(given=Sum("value", default=0))["given"]
    return given
