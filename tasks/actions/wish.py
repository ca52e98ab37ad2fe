from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.models import Organization
from tasks.actions.group_asking import note_whom_it_asks, require_offered
from tasks.actions.wish_photo import store_with_kept, storing_photos
from tasks.actions.wish_step import hold_wishes, step_all
from tasks.models import Claim, GroupProject, Task, Wish, WishContact
from tasks.refusals import Reason
from vanguard.lib.refused import Refused


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
    community: Organization,
    *,
    by: Actor,
    photos: Sequence[bytes] = (),
    sent_once: UUID | None = None,
    project: GroupProject | None = None,
    **said: Any,
) -> Wish:
    """Write down what a resident asks for; no account is needed. `said` are the fields of `Asked`, photos are JPEGs.

    `sent_once` identifies the form: the same words sent again from it give back the wish that they made the first
    time. By any other channel than online it is the community's staff who writes it down. `project` is what it asks a
    helper group of the community for. Refused: a closed community, a project that is not offered there, a compound
    that is not of it, somebody else who is named but not chosen or has not agreed, a photo for a minor; online also
    without a phone, or more often than `WISHES_A_DAY` with the same one.
    """
    asked = Asked(**said)
    if not asked.online:
        by.require(Ability.HANDLE_WISHES, community)
    _refuse_what_cannot_be(community, asked)
    once = asked.once(community, sent_once) if sent_once else None
    if once and Wish.objects.filter(sent_once=once).exists():
        return _sent_again(once, photos, form=sent_once)
    if project:
        require_offered(project, community)
    try:
        return _write(community, asked, photos, form=sent_once, once=once, project=project, by=by)
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
    if (asked.for_name or asked.for_phone) and not asked.for_other:
        raise Refused(Reason.NAMED_ANOTHER)
    if asked.for_other and not asked.for_consent:
        raise Refused(Reason.CONSENT_MISSING)


def _sent_again(once: UUID, photos: Sequence[bytes], *, form: UUID | None) -> Wish:
    """The wish that is there already; a photo that was added since comes to it."""
    with storing_photos() as store:
        wish = Wish.objects.select_for_update(of=("self",), no_key=True).get(sent_once=once)
        store_with_kept(wish, photos, form=form, store=store)
    return wish


def _write(
    community: Organization,
    asked: Asked,
    photos: Sequence[bytes],
    *,
    form: UUID | None,
    once: UUID | None,
    project: GroupProject | None,
    by: Actor,
) -> Wish:
    if asked.online:
        _refuse_too_many(asked.phone)
    with storing_photos() as store:
        wish = Wish.objects.create(
            community=community,
            category=asked.category,
            text=asked.text,
            compound=asked.compound,
            place=asked.place,
            wanted_when=asked.wanted_when,
            for_whom=asked.for_whom,
            for_minor=asked.for_minor,
            channel=asked.channel,
            hardship=asked.hardship,
            sender=by.user if asked.online else None,
            sent_once=once,
        )
        _write_contact(wish, asked)
        record(wish, "sent", by=by, new=Wish.Status.NEW)
        if project:
            note_whom_it_asks(wish, project, by=by)
        store_with_kept(wish, photos, form=form, store=store)
    return wish


def _write_contact(wish: Wish, asked: Asked) -> None:
    WishContact.objects.create(
        wish=wish,
        name=asked.name,
        phone=asked.phone,
        other_way=asked.other_way,
        for_name=asked.for_name,
        for_phone=asked.for_phone,
        for_consent=asked.for_other and asked.for_consent,
        consent_version=settings.PRIVACY_VERSION,
    )


def _refuse_too_many(phone: str) -> None:
    """What staff wrote down for this phone does not count: calling the community is the way on.

    Two at once may both pass: this keeps off a flood, and one wish more is none.
    """
    day = Wish.objects.filter(channel=Wish.Channel.ONLINE, created_at__gt=timezone.now() - timedelta(days=1))
    sent = day.filter(contact__phone=phone).count()
    if sent >= settings.WISHES_A_DAY:
        raise Refused(Reason.TOO_MANY_WISHES, n=sent)


@transaction.atomic
def hand_back_wishes(task: Task, *, by: Actor) -> None:
    """What becomes of a task's wishes when a place in it was given back, called off or settled.

    Fulfilled, when that was the last report to wait for; open again once nobody has a place, and nobody came. One that
    was reported fulfilled, wrongly as the community finds, is back with the community.
    """
    fulfil_wishes(task, by=by)
    if (
        Claim.objects.filter(shift__task=task)
        .exclude(status__in=[*Claim.LAPSED, *Claim.NOT_THERE, Claim.Status.WAITING])
        .exists()
    ):
        return
    step_all(task.wishes.filter(status=Wish.Status.CLAIMED), Wish.Status.PUBLISHED, by=by)
    reported = task.wishes.filter(status=Wish.Status.FULFILLED)
    step_all(reported, Wish.Status.REOPENED, by=by, why=_("The community found that nobody came."), resident_words="")


@transaction.atomic
def fulfil_wishes(task: Task, *, by: Actor) -> None:
    """The claimed wishes of a task are fulfilled once somebody has served and nobody with a place is to report yet."""
    hold_wishes(task)
    claims = Claim.objects.filter(shift__task=task)
    served = claims.filter(Q(status=Claim.Status.CONFIRMED) | Q(status__in=Claim.TO_SETTLE, reported_at__isnull=False))
    serving = claims.occupying().filter(shift__by_agreement=True, reported_at=None)
    if served.exists() and not serving.exists():
        step_all(task.wishes.filter(status=Wish.Status.CLAIMED), Wish.Status.FULFILLED, by=by)


@transaction.atomic
def reveal_contact(wish: Wish, *, by: Actor) -> WishContact | None:
    """The resident's name and phone for the community's staff, until they are erased; every look is recorded (rule 10)."""
    by.require(Ability.HANDLE_WISHES, wish.community)
    contact: WishContact | None = getattr(wish, "contact", None)
    if contact:
        record(wish, "revealed", by=by)
    return contact
