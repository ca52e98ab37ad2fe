from collections.abc import Iterable

from django.db.models import Sum

from accounts.models import Member
from flags.models import FlagAward


def flags_by_member(members: Iterable[Member], year: int) -> dict[int, int]:
    """The flags of `year` that stand under each account itself, by the member's key."""
    lit = FlagAward.objects.in_year(year).filter(member__in=list(members)).order_by()
    return dict(lit.values_list("member").annotate(Sum("value")))
