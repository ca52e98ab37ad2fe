"""How the wishes of a year fare, for city, street and inspector: numbers only, never a word of any wish."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.contenttypes.models import ContentType
from django.db.models import Avg, Count, DurationField, Exists, ExpressionWrapper, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce

from accounts.access import Actor
from accounts.models import Record
from accounts.models.organization import at_or_below
from tasks.models import Wish
from tasks.queries.wish_time import unanswered_for
from vanguard.lib.days import beginning_of

ONLINE = Q(channel=Wish.Channel.ONLINE)


@dataclass(frozen=True)
class WishFigures:
    """What became of the wishes sent in a year, of one kind; times are from sending."""

    name: str = ""
    code: str = ""
    sent: int = 0
    answered: int = 0
    claimed: int = 0
    done: int = 0
    to_answer: timedelta | None = None
    to_claim: timedelta | None = None
    to_done: timedelta | None = None
    reopened: int = 0
    late: int = 0


@dataclass(frozen=True)
class FiguresOfYear:
    together: WishFigures
    categories: list[WishFigures] = field(default_factory=list)
    channels: list[WishFigures] = field(default_factory=list)
    communities: list[WishFigures] = field(default_factory=list)


def wish_figures_of(actor: Actor, year: int) -> FiguresOfYear:
    """The wishes sent in `year` to the communities of the actor's subtree; one query a table, however many there are.

    A community that was merged counts with the one it became part of.
    """
    wishes = _sent_in(year, actor.home_paths)
    return FiguresOfYear(
        together=WishFigures(**wishes.aggregate(**_measures())),
        categories=_by_choice(wishes, "category", Wish.Category),
        channels=_by_choice(wishes, "channel", Wish.Channel, answered=Q()),
        communities=_by_community(wishes),
    )


def _sent_in(year: int, paths: tuple[str, ...]) -> QuerySet[Wish]:
    begins, ends = beginning_of(date(year, 1, 1)), beginning_of(date(year + 1, 1, 1))
    of_wishes = ContentType.objects.get_for_model(Wish)
    reopened = Record.objects.filter(subject_type=of_wishes, subject_id=OuterRef("pk"), new_status=Wish.Status.REOPENED)
    wishes = Wish.objects.filter(at_or_below("community__path", paths), created_at__gte=begins, created_at__lt=ends)
    return wishes.annotate(was_reopened=Exists(reopened)).order_by()


def _measures(answered: Q = ONLINE) -> dict[str, Any]:
    """Done is what is done now: one that was opened again is not. What staff writes down is often answered in the same
    moment: it counts among the `answered`, whose time is taken, only beside its own channel."""
    done = Q(status=Wish.Status.DONE)
    return {
        "sent": Count("pk"),
        "answered": Count("answered_at"),
        "claimed": Count("claimed_at"),
        "done": Count("pk", filter=done),
        "to_answer": _average("answered_at", among=answered),
        "to_claim": _average("claimed_at"),
        "to_done": _average("done_at", among=done),
        "reopened": Count("pk", filter=Q(was_reopened=True)),
        "late": Count("pk", filter=unanswered_for(settings.WISH_STREET_AFTER)),
    }


def _average(stamp: str, among: Q | None = None) -> Avg:
    return Avg(ExpressionWrapper(F(stamp) - F("created_at"), DurationField()), filter=among)


def _by_choice(wishes: QuerySet[Wish], name: str, choices: Any, answered: Q = ONLINE) -> list[WishFigures]:
    counted: Any = wishes.values(name).annotate(**_measures(answered))
    rows: dict[str, dict[str, Any]] = {row.pop(name): row for row in counted}
    return [WishFigures(name=str(choice.label), **rows[choice.value]) for choice in choices if choice.value in rows]


def _by_community(wishes: QuerySet[Wish]) -> list[WishFigures]:
    now = {part: Coalesce(f"community__merged_into__{part}", f"community__{part}") for part in ("path", "name", "code")}
    rows = wishes.values(path_now=now["path"], name_now=now["name"], code_now=now["code"])
    counted: Any = rows.annotate(**_measures()).order_by("path_now")
    return [
        WishFigures(name=row["name_now"], code=row["code_now"], **{name: row[name] for name in _measures()})
        for row in counted
    ]
