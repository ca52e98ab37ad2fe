"""A steward post handed over: somebody is named to follow, is asked and says yes."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.access import Ability, Actor
from accounts.actions.move import move, record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.place import hold_members
from tasks.actions.steward_application import tell_applied
from tasks.actions.steward_term import begin_term, hold_post, require_living_there, require_own_term, require_term
from tasks.models import StewardApplication, StewardPost
from tasks.queries.steward_post import keepers_of, lives_within
from tasks.refusals import Reason
from vanguard.lib.masking import mask_name
from vanguard.lib.refused import Refused

Status = StewardApplication.Status


@transaction.atomic
def name_successor(post: StewardPost, member: Member, *, by: Actor) -> StewardApplication:
    """Ask a member to follow the one who holds the post: the holder asks, or the community; the present holder too.

    They are told and say yes or no. Named again, they stay it. Refused: oneself, who lives elsewhere, a post that nobody
    holds, and a second one while the first is asked or under review.
    """
    member = hold_members([member.pk])[member.pk]
    post = hold_post(post)
    require_naming(post, by)
    term = require_term(post)
    if by.is_person(member):
        raise Refused(AccountsReason.ONESELF)
    if not lives_within(member, post.compound):
        name = mask_name(str(member)) if by.is_member else str(member)
        raise Refused(Reason.NOT_OF_THE_COMMUNITY, name=name, community=post.compound)
    named = StewardApplication.objects.pending().filter(succeeds=term).first()
    if named and named.member_id == member.pk and named.status == Status.ASKED:
        return named
    if named:
        raise Refused(Reason.ASKED_ALREADY)
    application = StewardApplication.objects.create(
        post=post, member=member, succeeds=term, status=Status.ASKED, asked_by_community=not by.is_member
    )
    record(application, "asked", by=by, new=Status.ASKED)
    notify([member.user], Notice.Kind.STEWARD_ASKED, link=post.page, post=post)
    return application


@transaction.atomic
def answer_succession(application: StewardApplication, *, agree: bool, by: Actor) -> StewardApplication:
    """Say yes or no to taking a post on. Asked by the community, a yes begins the term; by the holder, it is an application.

    Whoever asked is told of a no, and the staff of an application. Refused: what is not asked of one, or no more, who
    lives elsewhere by now, and a post that somebody else holds by now.
    """
    by.require(Ability.CLAIM)
    if application.member != by.member:
        raise PermissionDenied
    hold_members([application.member_id])
    post = hold_post(application.post)
    application = StewardApplication.objects.select_related("post__compound", "member__user__member").get(
        pk=application.pk
    )
    if application.status != Status.ASKED:
        raise Refused(Reason.NOT_ASKED)
    if not agree:
        move(application, Status.DECLINED, by=by)
        _tell_asked_in_vain(application, post)
    elif application.asked_by_community:
        begin_term(application, by=by)
    else:
        require_living_there(application.member, post)
        move(application, Status.APPLIED, by=by)
        tell_applied(application)
    return application


def _tell_asked_in_vain(application: StewardApplication, post: StewardPost) -> None:
    term = application.succeeds
    by_holder = term is not None and not application.asked_by_community
    people = [term.member.user] if term and by_holder else keepers_of(post.compound)
    name = mask_name(str(application.member)) if by_holder else str(application.member)
    notify(people, Notice.Kind.STEWARD_ASKED_IN_VAIN, but=application.member.user, link=post.page, name=name, post=post)


@transaction.atomic
def unname_successor(post: StewardPost, *, by: Actor) -> None:
    """Ask no more who has not answered yet: whoever could have asked. Refused where nobody is asked."""
    post = hold_post(post)
    require_naming(post, by)
    asked = StewardApplication.objects.filter(post=post, status=Status.ASKED).first()
    if asked is None:
        raise Refused(Reason.NOBODY_ASKED)
    move(asked, Status.WITHDRAWN, by=by)


def require_naming(post: StewardPost, by: Actor) -> None:
    """Who holds the post names who follows, and who keeps it."""
    if by.is_member:
        by.require(Ability.CLAIM)
        require_own_term(post, by)
    else:
        by.require(Ability.KEEP_POSTS, post.compound)
