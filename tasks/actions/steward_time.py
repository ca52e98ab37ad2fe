"""What happens to steward posts because time passes: terms end, and people are reminded of terms and logs."""

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

from django.db import transaction
from django.db.models import Exists, F, OuterRef
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK
from accounts.actions.move import move_all, record_all
from accounts.actions.notice import notice_to, write_notices
from accounts.models import Notice
from tasks.actions.time import once_a_day
from tasks.models import StewardLog, StewardPost, StewardTerm
from tasks.models.steward_post import StewardTermQuerySet
from tasks.queries.steward_post import keepers_by_place
from vanguard.lib.quarters import Quarter, quarter_of

Kind = Notice.Kind
REMIND_BEFORE = timedelta(days=14)


@transaction.atomic
def end_terms_that_are_over() -> list[int]:
    """On the day after the last one the post is open again; who held it and who keeps it are told.

    Posts before terms: what somebody renews in this very moment is not ended.
    """
    over = StewardTerm.objects.current().filter(until__lt=timezone.localdate())
    posts = StewardPost.objects.filter(pk__in=list(over.values_list("post", flat=True)))
    list(posts.order_by("pk").select_for_update(of=("self",), no_key=True).values_list("pk"))
    terms = list(over.filter(post__in=posts).select_related("post__compound__parent", "member__user").order_by("pk"))
    keys = [term.pk for term in terms]
    ended = StewardTerm.objects.filter(pk__in=keys)
    ended.update(ended_on=F("until"), ending=StewardTerm.Ending.RUN_OUT)
    record_all(StewardTerm, keys, "ended", by=CLOCK)
    move_all(posts.filter(pk__in=[term.post_id for term in terms]), StewardPost.Status.OPEN, by=CLOCK)
    write_notices(_to_holder_and_keepers(terms, Kind.STEWARD_OVER))
    return keys


def remind_stewards() -> None:
    """Once a day, from the morning on: of a term that ends soon, of a log that is due, of one that is missing; each once."""
    once_a_day("remind_stewards", _remind)


def _remind() -> None:
    today = timezone.localdate()
    write_notices([*_of_terms(today), *_of_logs_due(today), *_of_logs_missing(today)])


def _of_terms(today: date) -> Iterator[Notice]:
    soon = StewardTerm.objects.current().filter(until__gte=today, until__lte=today + REMIND_BEFORE)
    return _to_holder_and_keepers(soon.select_related("post__compound__parent", "member__user"), Kind.STEWARD_ENDS_SOON)


def _of_logs_due(today: date) -> Iterator[Notice]:
    """Of who holds the post when the quarter ends."""
    quarter = quarter_of(today)
    if quarter.last_day - today < REMIND_BEFORE:
        yield from _of_logs(StewardTerm.objects.current(), quarter, Kind.STEWARD_LOG_DUE)


def _of_logs_missing(today: date) -> Iterator[Notice]:
    """Of everybody who held a post in the quarter before."""
    yield from _of_logs(StewardTerm.objects.all(), quarter_of(today).before, Kind.STEWARD_LOG_MISSING)


def _of_logs(terms: StewardTermQuerySet, quarter: Quarter, kind: Notice.Kind) -> Iterator[Notice]:
    sent = StewardLog.objects.of_quarter(quarter).exclude(status__in=StewardLog.WRITABLE)
    sent = sent.filter(post=OuterRef("post"), member=OuterRef("member"))
    missing = terms.within(quarter).filter(~Exists(sent)).select_related("post__compound", "member__user")
    for term in missing.order_by("pk"):
        yield notice_to(
            term.member.user,
            kind,
            link=reverse("post_log", args=[term.post_id, quarter.year, quarter.number]),
            once=f"{kind}:{term.post_id}:{quarter.year}-{quarter.number}",
            post=term.post,
            year=quarter.year,
            number=quarter.number,
        )


def _to_holder_and_keepers(terms: Iterable[StewardTerm], kind: Notice.Kind) -> Iterator[Notice]:
    terms = list(terms)
    keepers = keepers_by_place(term.post.compound for term in terms)
    for term in terms:
        people = {user.pk: user for user in (term.member.user, *keepers[term.post.compound_id])}
        for user in people.values():
            once, post = f"{kind}:{term.pk}", term.post
            yield notice_to(user, kind, link=post.page, once=once, post=post, day=term.until)
