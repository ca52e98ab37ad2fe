"""Red steward posts (红管家): opened, changed and closed by who keeps them."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from accounts.access import Ability, Actor
from accounts.actions.move import move, move_all, record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.steward_term import end_current, hold_post
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.models.steward_post import MONTHS_AT_MOST
from tasks.queries.steward_post import current_term, post_seen
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Fields = Mapping[str, Any]
CHANGEABLE = ("kind", "subject", "duties", "term_months")


@transaction.atomic
def open_post(
    place: Organization,
    *,
    kind: str,
    subject: str,
    by: Actor,
    duties: str = "",
    term_months: int = 12,
    sent_once: UUID | None = None,
) -> StewardPost:
    """Open a post of a compound, or of the community itself; members who live there see it and may apply.

    Sent again with the same `sent_once`, it is the post that it was the first time. Refused: a place that is closed,
    no building or facility, one that has such a post already, and a term of no or of too many months.
    """
    by.require(Ability.KEEP_POSTS, place)
    (place,) = Organization.objects.for_change(place)
    sent = StewardPost.objects.filter(sent_once=sent_once, compound=place).first() if sent_once else None
    if sent:
        return sent
    if place.closed_on:
        raise Refused(AccountsReason.ORGANIZATION_CLOSED, organization=place)
    fields = _checked({"kind": kind, "subject": subject, "duties": duties, "term_months": term_months})
    try:
        with transaction.atomic():
            post = StewardPost.objects.create(compound=place, sent_once=sent_once, **fields)
    except IntegrityError:
        raise Refused(Reason.POST_THERE_ALREADY, subject=fields["subject"]) from None
    record(post, "added", by=by, new=post.status)
    return post


@transaction.atomic
def change_post(post: StewardPost, *, fields: Fields, by: Actor, reason: str = "", seen: str | None = None) -> bool:
    """Change what a post is for, what there is to do, or how long terms to come last; False where nothing is changed.

    Who holds it is told why. Refused: without a reason where somebody holds it, as `open_post` does, a closed post, and
    one that somebody else has changed since it was `seen`.
    """
    post = hold_post(post)
    by.require(Ability.KEEP_POSTS, post.compound)
    if post.status == StewardPost.Status.CLOSED:
        raise Refused(Reason.POST_CLOSED)
    if seen is not None and seen != post_seen(post):
        raise Refused(AccountsReason.STATE_CHANGED)
    checked = _checked(fields)
    if all(getattr(post, name) == value for name, value in checked.items()):
        return False
    term = current_term(post)
    if term and not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    try:
        with transaction.atomic():
            StewardPost.objects.filter(pk=post.pk).update(**checked)
    except IntegrityError:
        raise Refused(Reason.POST_THERE_ALREADY, subject=checked["subject"]) from None
    record(post, "changed", by=by, why=reason)
    if term:
        post.subject = checked["subject"]
        _tell([term.member.user], Notice.Kind.STEWARD_CHANGED, post, reason, by)
    return True


@transaction.atomic
def close_post(post: StewardPost, *, reason: str, by: Actor) -> None:
    """Close a post for good: its term ends, applications are declined; who holds it, asks for it or is asked is told why.

    Refused: without a reason, and a second time.
    """
    post = hold_post(post)
    by.require(Ability.KEEP_POSTS, post.compound)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    term = current_term(post)
    told = [term.member.user] if term else []
    move(post, StewardPost.Status.CLOSED, by=by, why=reason)
    if term:
        end_current(post, StewardTerm.Ending.CLOSED, by=by, why=reason)
    pending = StewardApplication.objects.pending().filter(post=post).select_related("member__user")
    told += [application.member.user for application in pending]
    move_all(pending.select_related(None), StewardApplication.Status.DECLINED, by=by, why=reason, reason=reason)
    _tell(told, Notice.Kind.STEWARD_CLOSED, post, reason, by)


def _checked(fields: Fields) -> dict[str, Any]:
    checked = {name: fields[name] for name in CHANGEABLE}
    checked["subject"] = " ".join(checked["subject"].split())
    if not checked["subject"]:
        raise Refused(Reason.POST_SUBJECT_MISSING)
    if not 1 <= checked["term_months"] <= MONTHS_AT_MOST:
        raise Refused(Reason.POST_TERM_MONTHS, most=MONTHS_AT_MOST)
    return checked


def _tell(users: list[User], kind: Notice.Kind, post: StewardPost, reason: str, by: Actor) -> None:
    notify(users, kind, but=by.user, link=post.page, post=post, reason=reason)
