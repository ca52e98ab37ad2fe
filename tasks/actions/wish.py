from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from tasks.actions.wish_step import step, step_all
from tasks.models import Claim, Task, Wish, WishContact
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

NOT_SERVED = (Claim.Status.ABSENT, Claim.Status.EXCUSED)


def send_wish(
    community: Organization,
    *,
    category: str,
    text: str,
    name: str,
    phone: str,
    by: Actor,
    place: str = "",
    wanted_when: str = "",
    sent_once: UUID | None = None,
) -> Wish:
    """Write down what a resident asks for; no account is needed.

    `sent_once` identifies the form: the same words sent again from it give back the wish that they made the first
    time; other words, written after going back, are another wish. A closed community takes none.
    """
    if community.closed_on:
        raise Refused(Reason.COMMUNITY_CLOSED)
    said = "\n".join([str(community.pk), category, text, place, wanted_when, name, phone])
    once = uuid5(sent_once, said) if sent_once else None
    try:
        with transaction.atomic():
            wish = Wish.objects.create(
                community=community,
                category=category,
                text=text,
                place=place,
                wanted_when=wanted_when,
                sender=by.user,
                sent_once=once,
            )
            WishContact.objects.create(wish=wish, name=name, phone=phone, consent_version=settings.PRIVACY_VERSION)
            record(wish, "sent", by=by, new=Wish.Status.NEW)
    except IntegrityError:
        if once is None:
            raise
        return Wish.objects.get(sent_once=once)
    return wish


@transaction.atomic
def hand_back_wishes(task: Task, *, by: Actor) -> None:
    """The claimed wishes of a task are open again once nobody has a place in it, and nobody came."""
    if not Claim.objects.filter(shift__task=task).exclude(status__in=[*Claim.LAPSED, *NOT_SERVED]).exists():
        step_all(task.wishes.filter(status=Wish.Status.CLAIMED), Wish.Status.PUBLISHED, by=by)


@transaction.atomic
def answer_whether_done(wish: Wish, *, done: bool, words: str, by: Actor, rating: str = "") -> None:
    """The resident's word on a fulfilled wish: it is done, or it goes back to the community (the flag stays)."""
    to = Wish.Status.DONE if done else Wish.Status.REOPENED
    step(wish, to, by=by, why=words, resident_words=words, rating=rating)


@transaction.atomic
def reveal_contact(wish: Wish, *, by: Actor) -> WishContact:
    """The resident's name and phone for the community's staff; that they were looked at is recorded (rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    record(wish, "revealed", by=by)
    return wish.contact
