from collections.abc import Iterable, Mapping
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move_all
from accounts.actions.notice import notify
from accounts.models import CheckIn, Notice, UnitMembership, User
from flags.models import FlagAward
from flags.queries.confirm import claims_to_settle
from flags.refusals import Reason
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import step_all
from tasks.models import Claim, Shift, Wish
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

MARKS = (Claim.Status.ATTENDED, Claim.Status.ABSENT, Claim.Status.EXCUSED)


@transaction.atomic
def settle_shift(shift: Shift, marks: Mapping[int, str], *, by: Actor) -> int:
    """Mark claims of a shift that is over as attended, absent or excused, and confirm those who attended.

    `marks` gives a status for each claim's key; claims that are left out stay as they are. A branch only
    proposes. What is settled already, and the actor's own service, is left alone, so that the same tap twice,
    or two people at once, awards once. Back comes the number of services confirmed or proposed (domain rule 4).
    """
    _refuse_before_the_end(shift)
    mine = claims_to_settle(by, shift)
    if not mine.exists():
        return 0  # Who has no say here does not end the shift either.
    _one_at_a_time(shift)
    move_all(Shift.objects.filter(pk=shift.pk), Shift.Status.ENDED, by=by)
    mine_to_settle = mine.filter(status__in=Claim.TO_SETTLE)
    for mark in MARKS:
        keys = [pk for pk, wanted in marks.items() if wanted == mark]
        marked = _mark(mine_to_settle.filter(pk__in=keys), mark, by=by)
        if mark == Claim.Status.ABSENT:
            _tell(marked, Notice.Kind.CLAIM_ABSENT, shift, time=shift.starts_at)
    attended = [pk for pk, wanted in marks.items() if wanted == Claim.Status.ATTENDED]
    settled = _propose_or_confirm(mine_to_settle.filter(pk__in=attended), shift, by=by)
    _close_if_settled(shift, by=by)
    hand_back_wishes(shift.task, by=by)
    return len(settled)


@transaction.atomic
def confirm_claim(claim: Claim, *, by: Actor) -> None:
    """Confirm one service that was attended. Refused for one's own, before the end, and a second time."""
    if by.is_person(claim.member):
        raise Refused(Reason.ONESELF)
    if not settle_shift(claim.shift, {claim.pk: Claim.Status.ATTENDED}, by=by):
        claim.refresh_from_db(fields=["status"])
        if claim.status == Claim.Status.CONFIRMED:
            raise Refused(Reason.ALREADY_CONFIRMED)
        raise Refused(Reason.NOT_ATTENDED, name=claim.member, state=claim.get_status_display())


def _mark(claims: QuerySet[Claim], mark: str, *, by: Actor) -> list[int]:
    """A proposal needs no second mark to be confirmed; to overrule it the community first sends it back."""
    if mark != Claim.Status.ATTENDED and by.can(Ability.CONFIRM):
        move_all(claims.filter(status=Claim.Status.PROPOSED), Claim.Status.ATTENDED, by=by)
    return move_all(claims.exclude(status=Claim.Status.PROPOSED), mark, by=by)


def _refuse_before_the_end(shift: Shift) -> None:
    if shift.ends_at > timezone.now():
        raise Refused(Reason.NOT_OVER, time=moment_words(shift.ends_at))


def _one_at_a_time(shift: Shift) -> None:
    """Who settles the same shift waits here: with opposite marks two people would else wait for each other's claims."""
    Shift.objects.select_for_update(of=("self",), no_key=True).get(pk=shift.pk)


def _propose_or_confirm(claims: QuerySet[Claim], shift: Shift, *, by: Actor) -> list[int]:
    if by.can(Ability.PROPOSE):
        return move_all(claims.filter(status=Claim.Status.ATTENDED), Claim.Status.PROPOSED, by=by)
    confirmed = move_all(claims, Claim.Status.CONFIRMED, by=by)
    if confirmed:
        _award(confirmed, shift, by=by)
        step_all(shift.task.wishes.filter(status=Wish.Status.CLAIMED), Wish.Status.FULFILLED, by=by)
        _tell(confirmed, Notice.Kind.CLAIM_CONFIRMED, shift, flags=shift.task.flag_value)
    return confirmed


def _award(confirmed: Iterable[int], shift: Shift, *, by: Actor) -> None:
    """One award a claim, worth the task's flags, with unit and community of the day of service."""
    claims = list(Claim.objects.filter(pk__in=confirmed))
    members = [claim.member_id for claim in claims]
    day = timezone.localtime(shift.ends_at).date()
    units = dict(UnitMembership.objects.on(day).filter(member__in=members).values_list("member", "unit"))
    homes = dict(
        CheckIn.objects.filter(Q(ended_on=None) | Q(ended_on__gt=day), member__in=members, approved_on__lte=day)
        .order_by("approved_on")
        .values_list("member", "community")
    )
    FlagAward.objects.bulk_create(
        FlagAward(
            member_id=claim.member_id,
            value=shift.task.flag_value,
            category=shift.task.category,
            served_on=day,
            year=day.year,
            unit_id=units.get(claim.member_id),
            community_id=homes.get(claim.member_id, claim.community_id),
            claim=claim,
            by_user=by.user,
            by_appointment=by.appointment,
        )
        for claim in claims
    )


def _close_if_settled(shift: Shift, *, by: Actor) -> None:
    unsettled = Claim.objects.filter(shift=OuterRef("pk")).unsettled()
    move_all(Shift.objects.filter(~Exists(unsettled), pk=shift.pk), Shift.Status.SETTLED, by=by)


def _tell(claims: list[int], kind: Notice.Kind, shift: Shift, **params: Any) -> None:
    people = User.objects.filter(member__claims__in=claims).distinct()
    link = reverse("flag_wall") if kind == Notice.Kind.CLAIM_CONFIRMED else reverse("claims")
    notify(people, kind, link=link, task=shift.task.title, **params)
