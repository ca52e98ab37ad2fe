"""Who is told that what somebody sent is left unanswered: whoever should answer it first, then the street."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from django.urls import reverse
from django.utils import timezone

from accounts.actions.notice import notice_to
from accounts.models import Notice, Organization, User
from tasks.models import Suggestion, Wish
from tasks.queries.lateness import days_waited

People = dict[int, list[User]]
Row = TypeVar("Row", Wish, Suggestion)


@dataclass(frozen=True)
class Chase(Generic[Row]):
    """How late it gets, in working days, for whom, and where each is led; the street reads no words and no number."""

    within: int
    street_after: int
    kind: Notice.Kind
    street_kind: Notice.Kind
    page: str
    handlers: Callable[[Row], Iterable[User]]
    street_link: Callable[[Organization], str]

    @property
    def first_after(self) -> int:
        return min(self.within, self.street_after)

    def notices(self, rows: Iterable[Row], streets: People) -> Iterator[Notice]:
        """Each person once for each waiting; when it comes back another day, it is another waiting."""
        for row in rows:
            community, days = row.community.community, days_waited(row.since)
            waiting = f"{row.pk}:{timezone.localdate(row.since)}"
            if days >= self.within:
                kind, link = self.kind, reverse(self.page, args=[row.pk])
                for user in self.handlers(row):
                    yield notice_to(user, kind, link=link, once=f"{kind}:{waiting}", number=row.number, days=days)
            if days >= self.street_after:
                kind, link = self.street_kind, self.street_link(community)
                for user in streets.get(community.parent_id or 0, []):
                    yield notice_to(user, kind, link=link, once=f"{kind}:{waiting}", community=community, days=days)
