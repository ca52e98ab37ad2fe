"""What is kept of a year, as people read it: the same for the page and for paper, for the draft and for what is sealed."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Organization
from flags.models import Dossier
from flags.models.report import State
from flags.queries.dossier import Paper, words_sealed
from tasks.models import StewardPost, Suggestion, Wish
from tasks.models.task import Category


@dataclass(frozen=True)
class SheetLine:
    day: date
    title: str
    place: str
    category: str
    hours: float
    companions: int
    flags: int
    takes_back: bool
    lit_again: bool
    community: str
    by: str
    contact: str
    confirmed_by: str
    reason: str
    rating: str


@dataclass(frozen=True)
class Post:
    words: str
    first: date
    last: date


@dataclass(frozen=True)
class Opinion:
    whose: str
    by: str
    day: date
    author: str
    text: str
    answer: str


@dataclass(frozen=True)
class Sheet:
    """One year of one member. `name` and what people wrote are empty where they were erased."""

    content: dict[str, Any]
    name: str
    since: date | None
    hours: float
    state: str
    categories: list[tuple[str, int]]
    lines: list[SheetLine]
    posts: list[Post]
    suggestions: list[tuple[date, str, str, str]]
    opinions: list[Opinion]


def sheet_of(paper: Paper) -> Sheet:
    content, words = paper.content, paper.words
    said = words.get("lines") or [{}] * len(content["lines"])
    opinions = words.get("opinions") or [{}] * len(content["opinions"])
    since = content["checked_in_since"]
    return Sheet(
        content=content,
        name=words.get("name", ""),
        since=date.fromisoformat(since) if since else None,
        hours=hours_of(content["minutes"]),
        state=str(State(content["state"]).label) if content["state"] else "",
        categories=[(str(c.label), content["categories"][c.value]) for c in Category],
        lines=[_line(line, by) for line, by in zip(content["lines"], said, strict=True)],
        posts=[_post(post) for post in content["posts"]],
        suggestions=[_suggestion(suggestion) for suggestion in content["suggestions"]],
        opinions=[_opinion(line, by) for line, by in zip(content["opinions"], opinions, strict=True)],
    )


def sealed_paper(dossier: Dossier) -> Paper:
    """What a sealed version says; without the words where they were erased."""
    return Paper(dossier.content, words_sealed(dossier))


def hours_of(minutes: int) -> float:
    return round(minutes / 60, 1)


def rating_words(rating: str) -> str:
    """The resident's answer at the end as people say it."""
    if rating == Wish.Status.DONE:
        return _("Done, says the resident")
    return str(Wish.Rating(rating).label) if rating in Wish.Rating.values else ""


def _line(line: dict[str, Any], said: dict[str, str]) -> SheetLine:
    return SheetLine(
        day=date.fromisoformat(line["day"]),
        title=line["title"],
        place=line["place"],
        category=str(Category(line["category"]).label),
        hours=hours_of(line["minutes"]),
        companions=line["companions"],
        flags=line["flags"],
        takes_back=line["takes_back"],
        lit_again=line["lit_again"],
        community=line["community"],
        by=line["by"],
        contact=said.get("contact", ""),
        confirmed_by=said.get("confirmed_by", ""),
        reason=said.get("reason", ""),
        rating=rating_words(line["rating"]),
    )


def _post(post: dict[str, str]) -> Post:
    words = f"{StewardPost.Kind(post['kind']).label} · {post['where']} {post['subject']}"
    return Post(words, date.fromisoformat(post["from"]), date.fromisoformat(post["to"]))


def _suggestion(suggestion: dict[str, str]) -> tuple[date, str, str, str]:
    return (
        date.fromisoformat(suggestion["day"]),
        str(Suggestion.Category(suggestion["category"]).label),
        suggestion["community"],
        str(Suggestion.Status(suggestion["status"]).label),
    )


def _opinion(line: dict[str, str], said: dict[str, str]) -> Opinion:
    return Opinion(
        whose=str(Organization.Kind(line["kind"]).label),
        by=line["by"],
        day=date.fromisoformat(line["day"]),
        author=said.get("author", ""),
        text=said.get("text", ""),
        answer=said.get("answer", ""),
    )
