"""Who holds a steward post, from when to when: begun with an approval, ended, given up, handed over.

Who changes a post's term holds the member concerned first, then the post: one after the other.
"""

from datetime import date, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record, require_step
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from tasks.actions.place import hold_members
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.queries.steward_post import current_term, keepers_of, lives_within
from tasks.refusals import Reason
from vanguard.lib.days import months_after
from vanguard.lib.refused import Refused

Ending = StewardTerm.Ending
Status = StewardApplication.Status


def hold_post(post: StewardPost) -> StewardPost:
    """The post as it is now, and as it stays until this is done: its term, too, is changed by who holds it."""
    rows = StewardPost.objects.select_related("compound__parent").select_for_update(of=("self",), no_key=True)
    return rows.get(pk=post.pk)


def last_day_of(began_on: date, months: int) -> date:
    """The last day of a term of so many months."""
    return months_after(began_on, months) - timedelta(days=1)


def require_living_there(member: Member, post: StewardPost) -> None:
    if not lives_within(member, post.compound):
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=member, community=post.compound)


def begin_term(application: StewardApplication, *, by: Actor) -> StewardTerm:
    """Give the post to who applied or was asked; a term that this one follows ends. Everybody concerned is told.

    Refused: who lives elsewhere by now, a closed post, and one that somebody else holds by now.
    """
    member = hold_members([application.member_id])[application.member_id]
    post = hold_post(application.post)
    application.refresh_from_db(fields=["status"])
    require_step(application, Status.APPROVED)
    require_living_there(member, post)
    former = current_term(post)
    if post.status == StewardPost.Status.CLOSED:
        raise Refused(Reason.POST_CLOSED)
    if former and former.pk != application.succeeds_id:
        raise Refused(Reason.POST_TAKEN)
    move(application, Status.APPROVED, by=by)
    if former:
        renewed = former.member_id == member.pk
        end_current(post, Ending.RENEWED if renewed else Ending.HANDED_OVER, by=by)
    else:
        move(post, StewardPost.Status.HELD, by=by)
    today = timezone.localdate()
    until = last_day_of(today, post.term_months)
    term = StewardTerm.objects.create(post=post, member=member, began_on=today, until=until)
    record(term, "began", by=by)
    _tell_begun(term, former, by)
    _decline_others(post, by=by)
    return term


def _tell_begun(term: StewardTerm, former: StewardTerm | None, by: Actor) -> None:
    post = term.post
    told: dict[str, Any] = {"link": post.page, "post": post}
    notify([term.member.user], Notice.Kind.STEWARD_APPROVED, day=term.until, **told)
    if former and former.member_id != term.member_id:
        people = [former.member.user, *keepers_of(post.compound)]
        notify(people, Notice.Kind.STEWARD_HANDED_OVER, but=by.user, **told)


def _decline_others(post: StewardPost, *, by: Actor) -> None:
    others = list(StewardApplication.objects.pending().filter(post=post).select_related("member__user"))
    move_all(StewardApplication.objects.filter(pk__in=[row.pk for row in others]), Status.DECLINED, by=by)
    people = [row.member.user for row in others]
    notify(people, Notice.Kind.STEWARD_TAKEN, link=post.page, post=post)


def end_current(post: StewardPost, ending: Ending, *, by: Actor, why: str = "") -> None:
    """End the current term of a post that is held by this, today."""
    term = StewardTerm.objects.current().get(post=post)
    StewardTerm.objects.filter(pk=term.pk).update(ended_on=timezone.localdate(), ending=ending, end_reason=why)
    record(term, "ended", by=by, why=why)


@transaction.atomic
def give_up_post(post: StewardPost, *, by: Actor, reason: str = "") -> None:
    """Lay a post down that one holds, today; it is open again, and who keeps it is told.

    Refused: who does not hold it.
    """
    by.require(Ability.CLAIM)
    post = hold_post(post)
    term = require_own_term(post, by)
    _open_again(post, Ending.GIVEN_UP, by=by, why=reason)
    told: dict[str, Any] = {"link": post.page, "name": term.member, "post": post}
    notify(keepers_of(post.compound), Notice.Kind.STEWARD_GIVEN_UP, but=by.user, **told)


@transaction.atomic
def end_term(post: StewardPost, *, reason: str, by: Actor) -> None:
    """End the term of who holds a post, today, saying why; it is open again, and they are told.

    Refused: without a reason, and where nobody holds it.
    """
    post = hold_post(post)
    by.require(Ability.KEEP_POSTS, post.compound)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    term = require_term(post)
    _open_again(post, Ending.ENDED, by=by, why=reason)
    notify([term.member.user], Notice.Kind.STEWARD_ENDED, but=by.user, link=post.page, post=post, reason=reason)


def require_term(post: StewardPost) -> StewardTerm:
    term = current_term(post)
    if term is None:
        raise Refused(Reason.POST_NOT_HELD)
    return term


def require_own_term(post: StewardPost, by: Actor) -> StewardTerm:
    term = current_term(post)
    if term is None or term.member != by.member:
        raise Refused(Reason.NOT_THE_HOLDER)
    return term


def _open_again(post: StewardPost, ending: Ending, *, by: Actor, why: str) -> None:
    """Who has been named to follow may still say yes, and applies then for the open post."""
    end_current(post, ending, by=by, why=why)
    move(post, StewardPost.Status.OPEN, by=by, why=why)
