from django.db.models import F

from accounts.access import Actor
from accounts.models import UnitNews
from accounts.models.unit_news import UnitNewsQuerySet


def news_of_units(actor: Actor) -> UnitNewsQuerySet:
    """What the actor's unit was told, unread first, then newest first."""
    return (
        UnitNews.objects.visible_to(actor)
        .select_related("member__user", "unit", "check_in__community", "check_in__compound", "read_by")
        .order_by(F("read_at").desc(nulls_first=True), "-pk")
    )
