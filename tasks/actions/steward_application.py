"""A member applies for a steward post; who keeps it approves or declines."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.urls import reverse

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.place import hold_members
from tasks.actions.steward_term import begin_term, hold_post
from tasks.models import StewardApplication, StewardPost, StewardTerm
from tasks.queries.steward_post import deciders_of, decides, lives_within
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

Status = StewardApplication.Status


@transaction.atomic
def apply_for_post(post: StewardPost, *, by: Actor, words: str = "") -> StewardApplication:
    """Apply for an open post where one lives, with a few words; who keeps it is told. Sent twice, it is one application.

    Several posts may be held by one member. Refused: who has not checked in or lives elsewhere, a post that somebody
    holds or that is closed, and other words while the first wait.
    """
    by.require(Ability.CLAIM)
    assert by.member is not None
    member = hold_members([by.member.pk])[by.member.pk]
    post, words = hold_post(post), words.strip()
    if member.home is None:
        raise Refused(Reason.NOT_CHECKED_IN)
    if not lives_within(member, post.compound):
        raise Refused(Reason.NOT_IN_AUDIENCE, audience=post.compound)
    pending = StewardApplication.objects.pending().filter(post=post, member=member).first()
    if pending and pending.status == Status.ASKED:
        raise Refused(Reason.ANSWER_FIRST)
    if pending and pending.words == words:
        return pending
    if pending:
        raise Refused(Reason.APPLIED_ALREADY)
    if post.status == StewardPost.Status.CLOSED:
        raise Refused(Reason.POST_CLOSED)
    if post.status == StewardPost.Status.HELD:
        raise Refused(Reason.POST_HELD)
    application = StewardApplication.objects.create(post=post, member=member, words=words)
    record(application, "applied", by=by, new=Status.APPLIED)
    tell_applied(application)
    return application


def tell_applied(application: StewardApplication) -> None:
    """Tell who decides on it."""
    post, member = application.post, application.member
    people = deciders_of(post.compound, member.user)
    notify(people, Notice.Kind.STEWARD_APPLIED, link=reverse("post_applications"), name=member, post=post)


@transaction.atomic
def withdraw_application(application: StewardApplication, *, by: Actor) -> None:
    """Take back an application that waits. Refused: one that has been decided on, and what one is only asked."""
    by.require(Ability.CLAIM)
    if application.member != by.member:
        raise PermissionDenied
    if application.status == Status.ASKED:
        raise Refused(Reason.ANSWER_FIRST)
    move(application, Status.WITHDRAWN, by=by)


@transaction.atomic
def approve_application(application: StewardApplication, *, by: Actor) -> StewardTerm:
    """Give the post to the applicant from today, for the post's term; the others who applied are told kindly.

    Refused: one's own, one that has been decided on, who lives elsewhere by now, and a post that is held or closed.
    """
    _require_say(application, by)
    return begin_term(application, by=by)


@transaction.atomic
def decline_application(application: StewardApplication, *, reason: str, by: Actor) -> None:
    """Say no, and why; the applicant is told. Refused: one's own, without a reason, and one that has been decided on."""
    _require_say(application, by)
    if not reason.strip():
        raise Refused(Reason.REASON_MISSING)
    move(application, Status.DECLINED, by=by, why=reason, reason=reason)
    post = application.post
    notify([application.member.user], Notice.Kind.STEWARD_DECLINED, link=post.page, post=post, reason=reason)


def _require_say(application: StewardApplication, by: Actor) -> None:
    """Only what is under review: who is asked answers for themselves."""
    if by.is_person(application.member):
        raise Refused(AccountsReason.ONESELF)
    if not decides(by, application):
        raise PermissionDenied
    if application.status == Status.ASKED:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=application.get_status_display())
