from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.db.models import Model
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Notice, Organization
from tasks.actions.wish_photo import store_with_kept, storing_photos
from tasks.actions.wish_step import step, step_all
from tasks.models import Claim, Task, Wish, WishContact
from tasks.queries.wish import handlers_of
from tasks.refusals import Reason
from vanguard.lib.refused import Refused

NOT_SERVED = (Claim.Status.ABSENT, Claim.Status.EXCUSED)


@dataclass(frozen=True)
class Asked:
    """What is asked for, by the resident's own hand or the community staff's."""

    category: str
    text: str
    name: str
    phone: str
    compound: Organization | None = None
    place: str = ""
    wanted_when: str = ""
    for_whom: str = Wish.ForWhom.SELF
    for_name: str = ""
    for_phone: str = ""
    for_consent: bool = False
    for_minor: bool = False
    channel: str = Wish.Channel.ONLINE
    other_way: str = ""
    hardship: bool = False

    @property
    def online(self) -> bool:
        return self.channel == Wish.Channel.ONLINE

    @property
    def for_other(self) -> bool:
        return self.for_whom == Wish.ForWhom.OTHER

    def once(self, community: Organization, form: UUID) -> UUID:
        """The same words from the same form are one wish; other words, written after going back, are another."""
        return uuid5(form, "\n".join(str(said) for said in (community.pk, *vars(self).values())))


def send_wish(
    community: Organization, *, by: Actor, photos: Sequence[bytes] = (), sent_once: UUID | None = None, **said: Any
) -> Wish:
    """Write down what a resident asks for; no account is needed. `said` are the fields of `Asked`, photos are JPEGs.

    `sent_once` identifies the form: the same words sent again from it give back the wish that they made the first
    time. By any other channel than online it is the community's staff who writes it down. Refused: a closed
    community, a compound that is not of it, somebody else without their consent, a photo for a minor; online also
    without a phone, or more often than `WISHES_A_DAY` with the same one.
    """
    asked = Asked(**said)
    if not asked.online:
        by.require(Ability.HANDLE_WISHES, community)
    _refuse_what_cannot_be(community, asked)
    once = asked.once(community, sent_once) if sent_once else None
    if once and Wish.objects.filter(sent_once=once).exists():
        return _sent_again(once, photos, form=sent_once)
    try:
        return _write(community, asked, photos, form=sent_once, once=once, by=by)
    except IntegrityError:
        if once is None:
            raise
        return _sent_again(once, photos, form=sent_once)


def _refuse_what_cannot_be(community: Organization, asked: Asked) -> None:
    if community.closed_on:
        raise Refused(Reason.COMMUNITY_CLOSED)
    if asked.online and not asked.phone:
        raise Refused(Reason.PHONE_MISSING)
    if asked.compound and (asked.compound.parent_id != community.pk or asked.compound.closed_on):
        raise Refused(Reason.FOREIGN_COMPOUND, community=community)
    if asked.for_other and not asked.for_consent:
        raise Refused(Reason.CONSENT_MISSING)


def _sent_again(once: UUID, photos: Sequence[bytes], *, form: UUID | None) -> Wish:
    """The wish that is there already; a photo that was added since comes to it."""
    with storing_photos() as store:
        wish = Wish.objects.select_for_update(of=("self",), no_key=True).get(sent_once=once)
        store_with_kept(wish, photos, form=form, store=store)
    return wish


def _write(
    community: Organization, asked: Asked, photos: Sequence[bytes], *, form: UUID | None, once: UUID | None, by: Actor
) -> Wish:
    if asked.online:
        _refuse_too_many(asked.phone)
    with storing_photos() as store:
        wish = Wish.objects.create(
            community=community,
            **_of(asked, Wish),
            sender=by.user if asked.online else None,
            sent_once=once,
        )
        other = {} if asked.for_other else {"for_name": "", "for_phone": "", "for_consent": False}
        contact = {**_of(asked, WishContact), **other}
        WishContact.objects.create(wish=wish, consent_version=settings.PRIVACY_VERSION, **contact)
        record(wish, "sent", by=by, new=Wish.Status.NEW)
        store_with_kept(wish, photos, form=form, store=store)
    return wish


def _of(asked: Asked, model: type[Model]) -> dict[str, Any]:
    """Those words that stand in a row of `model`."""
    names = {field.name for field in model._meta.get_fields()}
    return {name: value for name, value in vars(asked).items() if name in names}


def _refuse_too_many(phone: str) -> None:
    """What staff wrote down for this phone does not count: calling the community is the way on."""
    day = Wish.objects.filter(channel=Wish.Channel.ONLINE, created_at__gt=timezone.now() - timedelta(days=1))
    sent = day.filter(contact__phone=phone).count()
    if sent >= settings.WISHES_A_DAY:
        raise Refused(Reason.TOO_MANY_WISHES, n=sent)


@transaction.atomic
def hand_back_wishes(task: Task, *, by: Actor) -> None:
    """The claimed wishes of a task are open again once nobody has a place in it, and nobody came."""
    if not Claim.objects.filter(shift__task=task).exclude(status__in=[*Claim.LAPSED, *NOT_SERVED]).exists():
        step_all(task.wishes.filter(status=Wish.Status.CLAIMED), Wish.Status.PUBLISHED, by=by)


@transaction.atomic
def answer_whether_done(wish: Wish, *, done: bool, words: str, by: Actor, rating: str = "") -> None:
    """The resident's word on a fulfilled wish: it is done, or it goes back to the community (the flag stays).

    After "done", "not done after all" is still possible; the last word counts. The community's staff is told of a "no".
    """
    to = Wish.Status.DONE if done else Wish.Status.REOPENED
    step(wish, to, by=by, why=words, resident_words=words, rating=rating if done else "")
    if not done and wish.task:
        notify(
            handlers_of(wish),
            Notice.Kind.WISH_REOPENED,
            but=by.user,
            link=reverse("wish", args=[wish.pk]),
            task=wish.task.title,
        )


@transaction.atomic
def reply_to_question(wish: Wish, *, words: str, by: Actor) -> None:
    """The resident answers what the community has asked back; refused without words."""
    if not words.strip():
        raise Refused(Reason.ANSWER_MISSING)
    step(wish, Wish.Status.NEW, by=by, why=words)


@transaction.atomic
def keep_wish(wish: Wish, *, by: Actor) -> None:
    """Take a wish that was sent without an account, and was proved to be one's own, into the own account."""
    if by.user is None:
        raise PermissionDenied
    if Wish.objects.filter(pk=wish.pk, sender=None).update(sender=by.user):
        record(wish, "linked", by=by)
    elif not Wish.objects.filter(pk=wish.pk, sender=by.user).exists():
        raise Refused(Reason.KEPT_ELSEWHERE)


@transaction.atomic
def reveal_contact(wish: Wish, *, by: Actor) -> WishContact:
    """The resident's name and phone for the community's staff; that they were looked at is recorded (rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    record(wish, "revealed", by=by)
    return wish.contact
