"""Which wishes of the same community may ask for the same."""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import DateTimeField, DurationField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Greatest

from tasks.models import Wish, WishContact
from vanguard.lib.likeness import LIKELY, MOST_OFFERED, gist, likeness_of

LOOKED_AT = 400  # the nearest in time; a community's busiest two months have fewer
COMPARED = 160  # characters: whoever writes a page has said by then what it is about
SAME_PHONE = 0.25  # speaks so much for it, on the scale of likeness


@dataclass(frozen=True)
class Alike:
    """A wish that may ask for the same, and how much speaks for it."""

    wish: Wish
    score: float
    same_phone: bool
    is_earlier: bool


def likely_duplicates(wish: Wish) -> list[Alike]:
    """The few that most probably ask for the same, the likeliest first; none that is declined or merged already."""
    told, phone = gist(wish.text[:COMPARED]), _phone_of(wish)
    found = []
    for other in _nearest(wish):
        same_phone = bool(phone) and _phone_of(other) == phone
        score = likeness_of(told, gist(other.text[:COMPARED])) + SAME_PHONE * same_phone
        if score >= LIKELY:
            found.append(Alike(other, score, same_phone, is_earlier=other.came_before(wish)))
    return sorted(found, key=lambda alike: -alike.score)[:MOST_OFFERED]


def _phone_of(wish: Wish) -> str:
    """Nothing once the contact is erased."""
    contact: WishContact | None = getattr(wish, "contact", None)
    return contact.phone if contact else ""


def _nearest(wish: Wish) -> QuerySet[Wish]:
    """Those sent shortly before or after it, the nearest in time first."""
    moment = Value(wish.created_at, output_field=DateTimeField())
    before = ExpressionWrapper(moment - F("created_at"), output_field=DurationField())
    after = ExpressionWrapper(F("created_at") - moment, output_field=DurationField())
    within = (wish.created_at - settings.WISH_ALIKE_WITHIN, wish.created_at + settings.WISH_ALIKE_WITHIN)
    return (
        Wish.objects.filter(community=wish.community_id, created_at__range=within)
        .exclude(pk=wish.pk)
        .exclude(status__in=Wish.LEADS_NOWHERE)
        .select_related("contact")
        .order_by(Greatest(before, after), "pk")[:LOOKED_AT]
    )
