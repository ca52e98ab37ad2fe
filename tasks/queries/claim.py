from datetime import datetime
from typing import NamedTuple

from django.db.models import Case, Min, Q, QuerySet, TextChoices, Value, When
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from tasks.models import Claim, GroupClaim, Shift, Wish
from tasks.queries.waiting import with_position
from tasks.queries.wish import wishes_in_hand

OFFERS_FIRST = Case(When(status=Claim.Status.OFFERED, then=Value(0)), default=Value(1))


class Step(TextChoices):
    """What comes next in a place whose time is by agreement; the label is how the claimer reads it."""

    CALL = "CALL", _("Call the resident")
    AGREE = "AGREE", _("Agree on a time")
    GO = "GO", _("Be there at the agreed time")
    REPORT = "REPORT", _("Say that it is done")
    CONFIRM = "CONFIRM", _("The community confirms it")


def next_step(claim: Claim, now: datetime) -> Step | None:
    """Nothing where the hours are fixed, or the place is settled or given back."""
    if not claim.shift.by_agreement or claim.status not in Claim.TO_SETTLE:
        return None
    if claim.reported_at or claim.status != Claim.Status.HELD:
        return Step.CONFIRM
    if claim.starts_at:
        return Step.GO if claim.starts_at > now else Step.REPORT
    if claim.shift.ends_at <= now:
        return Step.REPORT  # too late to agree: it was done, or it is handed back
    return Step.AGREE if claim.contacted_at else Step.CALL


class Stage(NamedTuple):
    """One step on the way of a place by agreement: when it was taken, or for what time, and whether it is next."""

    step: Step
    done_at: datetime | None
    is_next: bool


def steps_of_place(claim: Claim, now: datetime) -> list[Stage]:
    """The way from taking a wish on to its confirmation; being there at the agreed time is shown with reporting it."""
    following = next_step(claim, now)
    if following is None:
        return []
    upcoming = Step.REPORT if following == Step.GO else following
    taken = {Step.CALL: claim.contacted_at, Step.AGREE: claim.starts_at, Step.REPORT: claim.reported_at}
    return [Stage(step, taken.get(step), step == upcoming) for step in Step if step != Step.GO]


def when_it_begins() -> Coalesce:
    """The claim's own hours; without any those of its shift, or by agreement the last day."""
    return Coalesce(
        "starts_at", Case(When(shift__by_agreement=True, then="shift__ends_at"), default="shift__starts_at")
    )


def when_it_ended() -> Coalesce:
    """The claim's own hours; without any those of its shift, or by agreement the day of claiming."""
    return Coalesce("ends_at", Case(When(shift__by_agreement=True, then="claimed_at"), default="shift__ends_at"))


def is_gone(now: datetime) -> Q:
    """What nobody can wait for or accept any more, though the clock may not have noticed it."""
    return Q(status=Claim.Status.WAITING, shift__starts_at__lte=now) | Q(offer_until__lte=now)


def claims_to_come(member: Member, now: datetime) -> QuerySet[Claim]:
    """The member's places in what is not over, and what they wait for with the `position` in the waiting list.

    Offers first, for they do not wait; then soonest first, by the time agreed or else by the last day. What nobody
    can wait for or accept any more is left out, though the clock may not have noticed it.
    """
    coming = Claim.objects.filter(member=member, status__in=Claim.TO_SERVE).exclude(is_gone(now)).to_come(now)
    return with_position(coming.select_related("shift__task__publisher")).order_by(OFFERS_FIRST, when_it_begins(), "pk")


def own_claim(shift: Shift, member: Member) -> Claim | None:
    """The member's living claim of this shift: there is never more than one."""
    return Claim.objects.living().filter(shift=shift, member=member).first()


def offers_to(member: Member, now: datetime) -> QuerySet[Claim]:
    """The places that the member has still time to accept, the most urgent first; a group's are its leader's to take."""
    offers = Claim.objects.filter(member=member, status=Claim.Status.OFFERED, offer_until__gt=now, group_claim=None)
    return offers.select_related("shift__task").order_by("offer_until", "pk")


def group_offers_to(leader: Member, now: datetime) -> QuerySet[GroupClaim]:
    """The places together that the leader has still time to accept for a group, each with `offer_until`, most urgent first."""
    offers = GroupClaim.objects.filter(group__leader=leader, status=GroupClaim.Status.OFFERED)
    until = Min("claims__offer_until", filter=Q(claims__status=Claim.Status.OFFERED))
    return (
        offers.annotate(offer_until=until)
        .filter(offer_until__gt=now)
        .select_related("group", "shift__task")
        .order_by("offer_until", "pk")
    )


def claims_past(member: Member, now: datetime) -> QuerySet[Claim]:
    """The member's services and what became of them, newest first; without a time, by the day of claiming."""
    return (
        Claim.objects.filter(member=member)
        .over(now)
        .select_related("shift__task__publisher")
        .order_by(when_it_ended().desc(), "-pk")
    )


def clash_of(member: Member, starts_at: datetime, ends_at: datetime, *, but: Claim | None = None) -> Claim | None:
    """Another place of the member that takes up some of that time."""
    clashes = Claim.objects.filter(member=member, starts_at__lt=ends_at, ends_at__gt=starts_at).occupying()
    if but:
        clashes = clashes.exclude(pk=but.pk)
    return clashes.select_related("shift__task").first()


def mates_of(claim: Claim) -> QuerySet[Claim]:
    """Who else has a place in the same shift, those first who have agreed on a time; for who has one there."""
    without = (*Claim.LAPSED, Claim.Status.WAITING, Claim.Status.OFFERED)
    if claim.status in without:
        return Claim.objects.none()
    mates = Claim.objects.filter(shift=claim.shift_id).exclude(pk=claim.pk).exclude(status__in=without)
    return mates.select_related("member__user", "shift").order_by(Coalesce("starts_at", "shift__ends_at"), "pk")


def wish_in_hand(claim: Claim) -> Wish | None:
    """The wish whose resident this claimer may reach now, if there is one (domain rule 10)."""
    if claim.status not in Claim.TO_SETTLE:
        return None
    wishes = wishes_in_hand(claim.member).filter(task=claim.shift.task_id, contact__isnull=False)
    return wishes.select_related("contact", "community", "compound").first()


def wishes_to_show(claim: Claim) -> QuerySet[Wish]:
    """The wishes that the place serves; a photo of what was done goes with the first."""
    return Wish.objects.filter(task=claim.shift.task_id).order_by("pk")


def may_be_photographed(claim: Claim) -> bool:
    """Whether a photo of what was done can be kept: of a wish, but of no minor's (domain rule 10)."""
    wish = wishes_to_show(claim).first()
    return wish is not None and not wish.for_minor
