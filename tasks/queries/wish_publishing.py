"""Which wishes can become a task, and what of them everybody may read."""

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.text import Truncator
from django.utils.translation import gettext as _

from accounts.access import Actor
from accounts.models import Organization
from tasks.models import Wish, WishContact
from tasks.models.task import Category
from tasks.queries.wish import is_stranded, wishes_to_handle
from vanguard.lib.redacting import without_personal_data

TITLE_AT_MOST = 24
CONTENT_AT_MOST = 2000
WHOEVER = (
    "居民 业主 住户 邻居 群众 老人 家长 微信群里 小区群里 业主群里"  # written down for who gives no name or number
)


def can_be_published(wish: Wish) -> bool:
    """Whether it waits for the community, asked back aside; one that is new is accepted by publishing it."""
    return wish.status in Wish.WAITING or is_stranded(wish)


def publishable(actor: Actor, keys: Iterable[int]) -> QuerySet[Wish]:
    """Those of the actor's wishes that can be published, in the order of their locks."""
    return wishes_to_handle(actor).filter(pk__in=list(keys)).with_all().order_by("pk")


def words_of_contact(wish: Wish) -> list[str]:
    """Who asked, whom it is for and how to reach them, as written down; nothing once that is erased.

    What tells nobody, be it told to everybody, is left out: “a resident”, the community's own name, “in the group”.
    """
    contact: WishContact | None = getattr(wish, "contact", None)
    if contact is None:
        return []
    words = (contact.name, contact.phone, contact.for_name, contact.for_phone, contact.other_way)
    told = f"{_served(wish)} {wish.community.name} {home_of(wish).name} {WHOEVER}"
    return [text for text in (said.strip() for said in words) if text and text not in told]


def home_of(wish: Wish) -> Organization:
    """The place that may be told of a wish: the compound, else the community that looks after it; no building."""
    return wish.compound or wish.community.community


def wish_in_public(wish: Wish, *, by: Actor) -> dict[str, Any]:
    """What the task of one wish says unless somebody changes it: nothing of who asked or behind which door."""
    content = public_text(wish)
    return {
        "title": _title(wish, content),
        "content": content,
        "category": Category.MICRO_WISH,
        "place": home_of(wish).name,
        "served": _served(wish),
        "audience": by.organization,
    }


def wishes_in_public(wishes: Sequence[Wish], *, by: Actor) -> dict[str, Any]:
    """The same for an activity made of several."""
    homes = {home_of(wish) for wish in wishes}
    home = homes.pop() if len(homes) == 1 else by.organization
    room = CONTENT_AT_MOST // len(wishes) - len("20. \r\n")  # a browser sends each line's end as two
    texts = (Truncator(" ".join(public_text(wish).split())).chars(room) for wish in wishes)
    return {
        "title": _("%(n)s wishes of residents") % {"n": len(wishes)},
        "content": "\n".join(f"{n}. {text}" for n, text in enumerate(texts, start=1)),
        "category": Category.MICRO_WISH,
        "place": home.name if home else "",
        "served": _("the residents"),
    }


def public_text(wish: Wish) -> str:
    """What is asked for, without who asks, how to reach them or behind which door (domain rule 10)."""
    return without_personal_data(wish.current_text, names=words_of_contact(wish)).strip()


def _title(wish: Wish, text: str) -> str:
    """The category and the first words: in a list one wish is told from the next."""
    lines = text.splitlines()
    words = Truncator(lines[0].rstrip("。.！!；;，, ") if lines else "").chars(TITLE_AT_MOST)
    return _("%(category)s: %(words)s") % {"category": wish.get_category_display(), "words": words}


def _served(wish: Wish) -> str:
    if wish.for_whom == Wish.ForWhom.EVERYONE:
        return _("the residents")
    return _("a child of the community") if wish.for_minor else _("a resident of the community")
