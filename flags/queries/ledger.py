"""The ledger as its keepers read it: where it was earned, newest line first."""

from django.db.models import Q, QuerySet

from accounts.access import Ability, Actor
from accounts.models import CheckIn, Member
from accounts.models.organization import at_or_below
from flags.models import FlagAward
from flags.models.award import FlagAwardQuerySet

# What a line is for, as a reader chooses; and two more that cut across.
KINDS: dict[str, Q] = {
    "claim": Q(claim__isnull=False),
    "log": Q(log__isnull=False),
    "suggestion": Q(suggestion__isnull=False),
    "matter": Q(matter__isnull=False),
    "entry": Q(entry__isnull=False),
    "taken_back": Q(value__lt=0),
    "lit_again": Q(value__gt=0, reverses__isnull=False),
}


def ledger_of(
    actor: Actor, *, search: str = "", year: int | None = None, category: str = "", kind: str = ""
) -> QuerySet[FlagAward]:
    """The lines earned in the communities whose ledger this hat keeps, in the order in which they were written, newest first.

    `search` finds a part of the member's name and a whole number, also that of the account into which theirs was merged.
    """
    lines = lines_kept_by(actor)
    if search:
        lines = lines.filter(
            Q(member__user__name__icontains=search) | Q(member__number=search) | Q(member__merged_into__number=search)
        )
    if year:
        lines = lines.in_year(year)
    if category:
        lines = lines.filter(category=category)
    lines = lines.filter(KINDS.get(kind, Q()))
    return lines.with_sources().select_related("member__user", "community", "reversal").order_by("-pk")


def lines_kept_by(actor: Actor) -> FlagAwardQuerySet:
    """Those earned in the communities whose ledger this hat keeps."""
    paths = actor.home_paths if actor.can(Ability.KEEP_LEDGER) else ()
    return FlagAward.objects.filter(at_or_below("community__path", paths))


def members_known_by(actor: Actor, words: str) -> QuerySet[Member]:
    """Who is meant by a name, a member number or a mobile phone in full, of those who live or have lived there."""
    paths = actor.home_paths if actor.can(Ability.KEEP_LEDGER) else ()
    stays = CheckIn.objects.filter(at_or_below("community__path", paths), approved_on__isnull=False)
    meant = Q(number=words) | Q(user__name=words) | Q(user__phone=words)
    lived_there = Q(pk__in=stays.values("member")) | Q(merged__in=stays.values("member"))
    members = Member.objects.filter(meant, lived_there, merged_into=None).distinct()
    return members.select_related("user").order_by("number")
