from django.db import transaction
from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Notice, User
from accounts.refusals import Reason as AccountsReason
from tasks.models import Claim, Wish
from tasks.queries.wish_publishing import words_of_contact
from tasks.refusals import Reason
from vanguard.lib.redacting import personal_data_in
from vanguard.lib.refused import Refused

C = Claim.Status
CAME = (C.ATTENDED, C.PROPOSED, C.CONFIRMED)


@transaction.atomic
def pass_on_thanks(wish: Wish, *, words: str, by: Actor) -> None:
    """Tell those who fulfilled a wish what the resident says of it, once.

    Refused before it is done, without words, with words that say who asked (a notice outlives the right to know
    it), and where nobody is left to thank.
    """
    by.require(Ability.HANDLE_WISHES, wish.community)
    if wish.status != Wish.Status.DONE or wish.task is None:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display())
    if not words.strip():
        raise Refused(Reason.THANKS_MISSING)
    if named := personal_data_in(words, names=words_of_contact(wish)):
        raise Refused(Reason.NAMES_RESIDENT, words=named[0])
    helpers = list(_helpers(wish))
    if not helpers:
        raise Refused(Reason.NOBODY_TO_THANK)
    _once(wish)
    record(wish, "thanks passed on", by=by, why=words)
    notify(helpers, Notice.Kind.WISH_THANKS, link=reverse("claims"), task=wish.task.title, words=words.strip())


def _helpers(wish: Wish) -> QuerySet[User]:
    """Who came, or says so where that is not confirmed yet; a place that is only held is no help."""
    came = Q(status__in=CAME) | Q(status=C.HELD, reported_at__isnull=False)
    claims = Claim.objects.filter(came, shift__task=wish.task)
    return User.objects.filter(member__claims__in=claims).distinct()


def _once(wish: Wish) -> None:
    now = timezone.now()
    unthanked = Wish.objects.filter(pk=wish.pk, status=Wish.Status.DONE, thanks_passed_at=None)
    if not unthanked.update(thanks_passed_at=now):
        raise Refused(Reason.THANKED_ALREADY)
    wish.thanks_passed_at = now
