"""Services entered afterwards: what waits for a second person, and what they would come in the way of."""

from datetime import date, datetime

from django.db.models import Exists, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.models import Appointment, Member, Role
from flags.models import FlagAward, LateEntry
from flags.queries.deadline import past_years_open
from flags.queries.limits import person_of
from tasks.models import Claim, YearRule
from vanguard.lib.days import beginning_of


def value_at_most(city_path: str, year: int, actor: Actor) -> int:
    """The most flags that a service of that year may have, as a task of this hat's organization could have had."""
    rule = YearRule.of(city_path, year)
    return rule.city_value_at_most if actor.role == Role.CITY_OFFICER else rule.community_value_at_most


def serves_at_that_time(
    member: Member, starts_at: datetime, ends_at: datetime, *, but: LateEntry | None = None
) -> bool:
    """Whether there is another service of the person in those hours, under either account; none whose flags were taken back."""
    person = person_of(member)
    own = Q(member=person) | Q(member__merged_into=person)
    then = Q(starts_at__lt=ends_at, ends_at__gt=starts_at)
    claims = Claim.objects.filter(own, then, status__in=(*Claim.OCCUPYING, *Claim.HELPING))
    entries = LateEntry.objects.filter(own, then).exclude(status=LateEntry.Status.DECLINED)
    if but:
        entries = entries.exclude(pk=but.pk)
    claimed = claims.filter(_stands("claim", Claim.Status.CONFIRMED)).exists()
    return claimed or entries.filter(_stands("entry", LateEntry.Status.APPROVED)).exists()


def claims_entered_otherwise(claims: QuerySet[Claim]) -> QuerySet[Claim]:
    """Those in whose hours the person has a service entered afterwards, under either account, that is lit."""
    one = Q(member=OuterRef("member")) | Q(member__merged_into=OuterRef("member"))
    then = Q(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    lit = Exists(FlagAward.objects.in_force().filter(entry=OuterRef("pk")))
    entries = LateEntry.objects.filter(one | Q(member=OuterRef("member__merged_into")), then, lit)
    return claims.filter(Exists(entries)).select_related("member__user")


def _stands(source: str, lit: str) -> Q:
    """Of what has been lit, that it has not been taken back."""
    return ~Q(status=lit) | Q(Exists(FlagAward.objects.in_force().filter(**{source: OuterRef("pk")})))


def entries_to_approve(actor: Actor) -> QuerySet[LateEntry]:
    """What waits for this actor as the second person, oldest first; for the city what a community cannot.

    That is where nobody else is there, and what was done in a year that is closed.
    """
    waiting = LateEntry.objects.visible_to(actor).waiting().exclude(entered_by=actor.user)
    own = Q(member__user=actor.user) | Q(member__merged_into__user=actor.user)
    waiting = waiting.exclude(own)
    if actor.role == Role.CITY_OFFICER and actor.organization:
        closed = ~Q(ends_at__gte=beginning_of(date(timezone.localdate().year, 1, 1)))
        for year in past_years_open(actor.organization.path):
            closed &= ~Q(ends_at__year=year)
        waiting = waiting.filter(~Q(Exists(_another_there())) | closed)
    return waiting.select_related("member__user", "community", "entered_by").order_by("entered_at", "pk")


def _another_there() -> QuerySet[Appointment]:
    """Who keeps the ledger of the entry's community, or of the one it was merged into, besides who entered it and whose it is."""
    there = Q(organization=OuterRef("community")) | Q(organization=OuterRef("community__merged_into"))
    staff = Appointment.objects.in_force(timezone.localdate()).filter(there, role__in=roles_with(Ability.KEEP_LEDGER))
    whose = Q(user=OuterRef("member__user")) | Q(user=Coalesce(OuterRef("member__merged_into__user"), 0))
    return staff.exclude(user=OuterRef("entered_by")).exclude(whose)
