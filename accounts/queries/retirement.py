"""Who was retired on a day: their service counts apart (domain rule 7)."""

from datetime import date

from django.db.models import Exists, OuterRef, Q

from accounts.models import Member, PastRetirement


def retired_on(day: str, *, person: str = "person") -> Q:
    """The condition that the member whose key is in `person` was retired on the day in `day`; fields of the row asked.

    Who works again was retired until then. Few ever are, so these are looked for first: a city has many services.
    """
    ever = Member.objects.filter(Q(retired_on__isnull=False) | Q(pk__in=PastRetirement.objects.values("member")))
    still = Member.objects.filter(pk=OuterRef(person), retired_on__lte=OuterRef(day))
    once = PastRetirement.objects.filter(
        member=OuterRef(person), starts_on__lte=OuterRef(day), ends_on__gt=OuterRef(day)
    )
    return Q(**{f"{person}__in": ever.values("pk")}) & (Q(Exists(still)) | Q(Exists(once)))


def was_retired_by(member: Member, day: date) -> bool:
    """Whether this member was retired on `day`."""
    if member.retired_on and member.retired_on <= day:
        return True
    return member.past_retirements.filter(starts_on__lte=day, ends_on__gt=day).exists()
