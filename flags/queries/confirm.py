from collections.abc import Container, Iterable
from datetime import datetime

from django.db.models import Case, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.models import Organization
from accounts.queries.appointment import is_the_only_secretary
from flags.queries.deadline import is_city_of, past_years_open, served_in_closed_years
from tasks.models import Claim, Shift, Wish
from tasks.queries.day import attendance_of

MARKS = (Claim.Status.ATTENDED, Claim.Status.ABSENT, Claim.Status.EXCUSED)


def claims_to_settle(actor: Actor, shift: Shift) -> QuerySet[Claim]:
    """The claims of a shift that this actor may mark and confirm: never one's own.

    The publisher's own staff settles; a branch its compound's. Where the only secretary of the publishing
    community is the member concerned, the city does (domain.md, one hat at a time), and what is left of a year that is
    closed (domain rule 7).
    """
    publisher = shift.task.publisher
    own = Q(member__user=actor.user) | Q(member__merged_into__user=actor.user)
    claims = Claim.objects.filter(shift=shift).exclude(own)
    if actor.can(Ability.CONFIRM, publisher) or actor.can(Ability.PROPOSE, publisher):
        return claims
    if is_city_of(actor, publisher.city_path):
        return claims.filter(_left_to_the_city(publisher.city_path))
    return claims.none()


def states_left_to(actor: Actor) -> tuple[str, ...]:
    """The states of claims that this actor has still to do something about; for a branch a proposal is the end."""
    if actor.can(Ability.PROPOSE):
        return tuple(state for state in Claim.TO_SETTLE if state != Claim.Status.PROPOSED)
    return Claim.TO_SETTLE


def shifts_to_settle(actor: Actor, now: datetime) -> QuerySet[Shift]:
    """The shifts that are over or reported fulfilled and wait for this actor, oldest first.

    Not those with only the own service left.
    """
    ready = Claim.objects.filter(shift=OuterRef("pk")).ready_to_settle(now)
    left = ready.filter(status__in=states_left_to(actor)).exclude(member__user=actor.user)
    waiting = Shift.objects.awaiting_confirmation(now).filter(Exists(left))
    waiting = waiting.select_related("task__publisher").order_by("ends_at", "pk")
    own = actor.organization
    if own is None:
        return waiting.none()
    if own.kind != Organization.Kind.CITY:
        return waiting.published_within((own.path,))
    left_to_the_city = ready.filter(_left_to_the_city(own.path))
    return waiting.published_within((own.path,)).filter(Q(task__publisher=own) | Exists(left_to_the_city))


def marks_for(
    claim: Claim, left: Container[str], now: datetime, *, closed: Container[int] = ()
) -> tuple[Claim.Status, ...]:
    """With what a claim of those in `left` may be marked now: nothing before it is over or reported fulfilled.

    By agreement nobody attended who has not reported it; of those in `closed` the flags are the city's to light.
    """
    if claim.status not in left or not (claim.reported_at or claim.shift.ends_at <= now):
        return ()
    return MARKS[1:] if claim.awaits_report or claim.pk in closed else MARKS


def may_be_put_right(claim: Claim, now: datetime, *, closed: Container[int] = ()) -> tuple[Claim.Status, ...]:
    """What a claim that is marked absent or excused may become.

    By agreement nobody attended who has not reported it; what is confirmed is final.
    """
    if claim.status not in Claim.NOT_THERE or claim.shift.ends_at > now and claim.reported_at is None:
        return ()
    unreported = claim.pk in closed or (claim.shift.by_agreement and claim.reported_at is None)
    return tuple(mark for mark in MARKS if mark != claim.status and not (unreported and mark == MARKS[0]))


def preset_of(claim: Claim, marks: Container[str], *, ticked: bool) -> str:
    """With which of `marks` the page begins: what was marked or proposed; else what the day says.

    Where it says something of others only, with none.

    Where nobody ticked anything, everybody came.
    """
    says = attendance_of(claim).says
    if claim.status in (Claim.Status.ATTENDED, Claim.Status.PROPOSED) and MARKS[0] in marks:
        return str(MARKS[0])
    if says in marks:
        return says
    if MARKS[0] not in marks:
        return ""
    return "" if ticked or claim.awaits_report else str(Claim.Status.ATTENDED)


def not_done(shift: Shift, actor: Actor) -> QuerySet[Wish, str]:
    """What the resident says of each wish of the task that was not done; no words for who may not read the wish."""
    readable = Wish.objects.visible_to(actor).filter(pk=OuterRef("pk"))
    words = Case(When(Exists(readable), then=F("resident_words")), default=Value(""))
    wishes = shift.task.wishes.filter(status=Wish.Status.REOPENED)
    return wishes.annotate(words=words).values_list("words", flat=True)


def claims_of_closed_years(claims: Iterable[Claim], city_path: str) -> set[int]:
    """The keys of those whose flags only the city can still light, with a reason; no query in the running year."""
    ends = {claim.pk: timezone.localtime(claim.ends_at or claim.shift.ends_at).year for claim in claims}
    past = {pk: year for pk, year in ends.items() if year < timezone.localdate().year}
    open_years = past_years_open(city_path) if past else []
    return {pk for pk, year in past.items() if year not in open_years}


def _left_to_the_city(city_path: str) -> Q:
    return _of_the_only_secretary() | served_in_closed_years(city_path)


def _of_the_only_secretary() -> Q:
    """Claims whose member is the one secretary who looks after the publisher today."""
    return is_the_only_secretary("member__user", "shift__task__publisher")
