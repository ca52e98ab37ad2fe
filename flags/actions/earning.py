"""What a steward's confirmed log and an adopted suggestion light: the ledger's part, in the transaction of the act itself."""

from datetime import date

from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.actions.notice import notify
from accounts.models import Notice
from flags.actions.award import write_award
from flags.actions.year import require_year_open
from flags.queries.limits import is_full_for_suggestions, person_of
from tasks.actions.place import hold_members
from tasks.models import StewardLog, StewardTerm, Suggestion
from tasks.models.task import Category


def award_for_log(log: StewardLog, by: Actor, why: str) -> None:
    """One flag for the log of a quarter, in the year of the quarter (domain rule 5).

    Its day is the last one of the quarter on which the member held the post, and never one to come. Refused in a year
    that is closed, but to the city that says why.
    """
    day, at = last_day_held(log), log.post.compound.community
    closed = require_year_open(at.city_path, day.year, by=by, why=why)
    reason = why if closed else ""
    write_award(log.member, day=day, category=Category.RED_STEWARD, at=at, by=by, reason=reason, log=log)


def last_day_held(log: StewardLog) -> date:
    """The last day of the log's quarter on which its member held the post, today at the latest."""
    quarter, today = log.of, timezone.localdate()
    terms = StewardTerm.objects.within(quarter).filter(post=log.post, member=log.member)
    last = max((term.ended_on or today for term in terms), default=today)
    return max(quarter.first_day, min(quarter.last_day, last, today))


def award_for_suggestion(suggestion: Suggestion, by: Actor, why: str = "") -> None:
    """One flag for an adopted suggestion of a member, on the day of adoption; a year gives two (domain rule 5).

    Lit afterwards, by the decision on an appeal, it may be in a year that is closed: the city's then, which says `why`.

    A third one is adopted all the same, and its author is told why it lights nothing. Who is no member earns nothing.
    """
    author = suggestion.author
    if author is None:
        return
    hold_members([author.pk, person_of(author)])
    adopted_on = timezone.localdate(suggestion.decided_at)
    if is_full_for_suggestions(author, adopted_on.year):
        day = timezone.localdate(suggestion.created_at)
        notify([author.user], Notice.Kind.SUGGESTION_BEYOND_TWO, link=suggestion.page, day=day)
        return
    at = suggestion.community.community
    closed = require_year_open(at.city_path, adopted_on.year, by=by, why=why)
    reason, category = why if closed else "", Category.SUGGESTION
    award = write_award(author, day=adopted_on, category=category, at=at, by=by, reason=reason, suggestion=suggestion)
    notify([author.user], Notice.Kind.FLAG_AWARDED, link=reverse("flag_wall"), what=award.what, flags=award.value)
