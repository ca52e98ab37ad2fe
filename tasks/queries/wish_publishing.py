"""Which wishes can become a task, and what of them everybody may read."""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.access import Actor
from accounts.models import Organization
from tasks.models import Wish, WishContact
from tasks.queries.wish import CAME_TO_NOTHING, is_stranded

READY = (Wish.Status.NEW, Wish.Status.ACCEPTED, Wish.Status.REOPENED)


def can_be_published(wish: Wish) -> bool:
    """Whether it waits for the community, asked back aside; one that is new is accepted by publishing it."""
    return wish.status in READY or is_stranded(wish)


def publishable(actor: Actor, keys: Iterable[int]) -> QuerySet[Wish]:
    """Those of the actor's wishes that can be published, in the order of their locks."""
    stranded = Q(status=Wish.Status.PUBLISHED, task__status__in=CAME_TO_NOTHING)
    ready = Wish.objects.visible_to(actor).filter(Q(status__in=READY) | stranded, pk__in=list(keys))
    return ready.select_related("community__merged_into", "compound", "contact", "task").order_by("pk")


def words_of_contact(wish: Wish) -> list[str]:
    """Who asked, whom it is for and how to reach them, as written down; nothing once that is erased."""
    contact: WishContact | None = getattr(wish, "contact", None)
    if contact is None:
        return []
    words = (contact.name, contact.phone, contact.for_name, contact.for_phone, contact.other_way)
    return [text for text in (said.strip() for said in words) if text]


def home_of(wish: Wish) -> Organization:
    """The place that may be told of a wish: the compound, else the community that looks after it; no building."""
    return wish.compound or wish.community.community
