from collections.abc import Iterable, Iterator, Mapping
from datetime import date

from django.db import transaction
from django.db.models import Exists, Q, QuerySet
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import move_all
from accounts.actions.notice import notice_to, notify, write_notices
from accounts.models import Notice, User
from flags.actions.award import REASON_AT_MOST
from flags.actions.year import require_year_open
from flags.models import AwardReason, FlagAward
from flags.queries.belonging import communities_on, units_on
from flags.queries.confirm import MARKS, claims_to_settle
from flags.queries.late_entry import entries_at_the_time_of_a_claim
from flags.refusals import Reason
from tasks.actions.shift import end_if_served, reopen_if_somebody_is_left, settle_if_nobody_is_left
from tasks.actions.wish import hand_back_wishes
from tasks.actions.wish_step import take_up_wishes
from tasks.models import Claim, Shift
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words, moment_words


@transaction.atomic
def settle_shift(
    shift: Shift,
    marks: Mapping[int, str],
    *,
    by: Actor,
    put_right: Mapping[int, str] | None = None,
    why: str = "",
) -> int:
    """Mark claims of a shift that is over as attended, absent or excused, and confirm those who attended.

    `marks` gives a status for each claim's key; claims that are left out stay as they are. A branch only
    proposes. What is settled already, and the actor's own service, is left alone, so that the same tap twice,
    or two people at once, awards once. Back comes the number of services confirmed or proposed (domain rule 4).
    Absent and excused can be put right until the service is confirmed, in a settled shift too: `put_right` gives the
    state that was seen for each claim's key, so that a page from before overrules nothing.
    By agreement a claim may be settled once it is reported fulfilled, before the last day too (domain rule 3): once its
    member, or the community's staff for a member who told by telephone, has said what was done and when. Refused:
    a fixed shift before its end, by agreement attendance that nobody reported, absence before the last day is over, who has
    a service of that time entered afterwards, and flags of a year that is closed, but to the city that says `why` (domain rule 7).
    """
    return _settle(shift, claims_to_settle(by, shift), marks, put_right=put_right or {}, by=by, why=why)


@transaction.atomic
def settle_by_decision(claim: Claim, *, by: Actor, why: str) -> int:
    """Confirm one service because the city has decided so on an appeal, whatever its community marked or left unmarked.

    The ordinary way in all else, with all that it refuses. That `by` may decide has been seen to.
    """
    marks, seen = {claim.pk: str(Claim.Status.ATTENDED)}, {claim.pk: claim.status}
    return _settle(claim.shift, Claim.objects.filter(pk=claim.pk), marks, put_right=seen, by=by, why=why)


def _settle(
    shift: Shift, mine: QuerySet[Claim], marks: Mapping[int, str], *, put_right: Mapping[int, str], by: Actor, why: str
) -> int:
    _refuse_before_the_end(shift)
    if not mine.exists():
        return 0  # Who has no say here does not end the shift either.
    _one_at_a_time(shift)
    mine_to_settle = mine.filter(Q(status__in=Claim.TO_SETTLE) | _seen_as(put_right))
    _refuse_unreported(shift, mine_to_settle, marks)
    _end(shift, by=by)
    for mark in MARKS:
        keys = [pk for pk, wanted in marks.items() if wanted == mark]
        marked = _mark(mine_to_settle.filter(pk__in=keys), mark, by=by)
        if mark == Claim.Status.ABSENT:
            _tell_absent(marked)
    attended = [pk for pk, wanted in marks.items() if wanted == Claim.Status.ATTENDED]
    if mine_to_settle.filter(pk__in=set(attended) & set(put_right)).exists():
        take_up_wishes(shift.task, by=by)  # somebody came after all
    _give_hours(mine_to_settle.filter(pk__in=attended), shift)
    _refuse_double(mine_to_settle.filter(pk__in=attended))
    settled = _propose_or_confirm(mine_to_settle.filter(pk__in=attended), shift, by=by, why=why)
    settle_if_nobody_is_left(shift, by=by)
    reopen_if_somebody_is_left(shift, by=by)
    hand_back_wishes(shift.task, by=by)
    return len(settled)


@transaction.atomic
def confirm_claim(claim: Claim, *, by: Actor, why: str = "") -> None:
    """Confirm one service that was attended. Refused for one's own, before the end, and a second time.

    In a year that is closed it is the city's, which says `why`.
    """
    if by.is_person(claim.member):
        raise Refused(Reason.ONESELF)
    if not settle_shift(claim.shift, {claim.pk: Claim.Status.ATTENDED}, by=by, why=why):
        claim.refresh_from_db(fields=["status"])
        if claim.status == Claim.Status.CONFIRMED:
            raise Refused(Reason.ALREADY_CONFIRMED)
        raise Refused(Reason.NOT_ATTENDED, name=claim.member, state=claim.get_status_display())


def _seen_as(put_right: Mapping[int, str]) -> Q:
    """Those that were not there, as they were seen."""
    seen = [Q(status=state, pk__in=[pk for pk, was in put_right.items() if was == state]) for state in Claim.NOT_THERE]
    return seen[0] | seen[1]


def _mark(claims: QuerySet[Claim], mark: str, *, by: Actor) -> list[int]:
    """A proposal needs no second mark to be confirmed; to overrule it the community first sends it back."""
    if mark != Claim.Status.ATTENDED and by.can(Ability.CONFIRM):
        move_all(claims.filter(status=Claim.Status.PROPOSED), Claim.Status.ATTENDED, by=by)
    return move_all(claims.exclude(status=Claim.Status.PROPOSED), mark, by=by)


def _give_hours(attended: QuerySet[Claim], shift: Shift) -> None:
    """Who came without having answered whether new hours suit has served in those of the shift."""
    if not shift.by_agreement:
        attended.filter(ends_at=None).update(starts_at=shift.starts_at, ends_at=shift.ends_at)


def _refuse_before_the_end(shift: Shift) -> None:
    if not shift.by_agreement and shift.ends_at > timezone.now():
        raise Refused(Reason.NOT_OVER, time=moment_words(shift.ends_at))


def _refuse_unreported(shift: Shift, claims: QuerySet[Claim], marks: Mapping[int, str]) -> None:
    """By agreement nobody attended who has not reported it, and nobody was absent before the last day is over."""
    if not shift.by_agreement:
        return
    over = shift.ends_at <= timezone.now()
    unreported = claims.filter(status__in=(Claim.Status.HELD, *Claim.NOT_THERE), reported_at=None, pk__in=marks)
    for claim in unreported.select_related("member__user"):
        if marks[claim.pk] == Claim.Status.ATTENDED:
            raise Refused(Reason.NOT_REPORTED, name=claim.member)
        if marks[claim.pk] in MARKS and not over:
            raise Refused(Reason.LAST_DAY_TO_COME, name=claim.member, day=day_words(shift.last_day))


def _refuse_double(attended: QuerySet[Claim]) -> None:
    """Nobody served here whose service at that time has been entered afterwards."""
    twice = attended.filter(Exists(entries_at_the_time_of_a_claim())).exclude(status=Claim.Status.CONFIRMED)
    claim = twice.select_related("member__user").first()
    if claim:
        raise Refused(Reason.SERVED_ELSEWHERE, name=claim.member)


def _end(shift: Shift, *, by: Actor) -> None:
    """By agreement a shift goes on before its last day is over, for whoever has not reported yet."""
    if shift.ends_at <= timezone.now():
        move_all(Shift.objects.filter(pk=shift.pk, status=Shift.Status.OPEN), Shift.Status.ENDED, by=by)
    else:
        end_if_served(shift, by=by)


def _one_at_a_time(shift: Shift) -> None:
    """Who settles the same shift waits here: with opposite marks two people would else wait for each other's claims."""
    Shift.objects.select_for_update(of=("self",), no_key=True).get(pk=shift.pk)


def _propose_or_confirm(claims: QuerySet[Claim], shift: Shift, *, by: Actor, why: str) -> list[int]:
    if by.can(Ability.PROPOSE):
        return move_all(claims.filter(status=Claim.Status.ATTENDED), Claim.Status.PROPOSED, by=by)
    confirmed = move_all(claims, Claim.Status.CONFIRMED, by=by)
    if confirmed:
        _award(confirmed, shift, by=by, why=why)
        _tell_confirmed(confirmed, shift)
    return confirmed


def _award(confirmed: Iterable[int], shift: Shift, *, by: Actor, why: str) -> None:
    """One award a claim, worth the task's flags, with unit and community of its own day of service."""
    days: dict[date, list[Claim]] = {}
    for claim in Claim.objects.filter(pk__in=confirmed):
        days.setdefault(_day_of_service(claim), []).append(claim)
    city_path = shift.task.publisher.city_path
    closed = {year for year in {day.year for day in days} if require_year_open(city_path, year, by=by, why=why)}
    awards = FlagAward.objects.bulk_create(
        FlagAward(
            member_id=claim.member_id,
            value=shift.task.flag_value,
            category=shift.task.category,
            served_on=day,
            year=day.year,
            unit_id=unit,
            community_id=community,
            claim=claim,
            by_user=by.user,
            by_appointment=by.appointment,
        )
        for day, claims in days.items()
        for claim, unit, community in _belonging(claims, day)
    )
    late = [award for award in awards if award.year in closed]
    if late:
        AwardReason.objects.bulk_create(AwardReason(award=award, text=why.strip()[:REASON_AT_MOST]) for award in late)


def _day_of_service(claim: Claim) -> date:
    assert claim.ends_at is not None, "what is confirmed was served at a time"
    return timezone.localtime(claim.ends_at).date()


def _belonging(claims: list[Claim], day: date) -> Iterator[tuple[Claim, int | None, int]]:
    """Each claim with its member's unit and community on that day."""
    members = [claim.member_id for claim in claims]
    units, homes = units_on(day, members), communities_on(day, members)
    for claim in claims:
        yield claim, units.get(claim.member_id), homes.get(claim.member_id, claim.community_id)


def _tell_absent(claims: list[int]) -> None:
    """Each is told of the own time, or the shift's; where none was agreed, of the last day."""
    write_notices(
        notice_to(
            (claim.member.merged_into or claim.member).user,
            Notice.Kind.CLAIM_ABSENT,
            link=reverse("claims"),
            task=claim.shift.task.title,
            time=claim.starts_at or (claim.shift.ends_at if claim.shift.by_agreement else claim.shift.starts_at),
        )
        for claim in Claim.objects.filter(pk__in=claims).select_related(
            "member__user", "member__merged_into__user", "shift__task"
        )
    )


def _tell_confirmed(claims: list[int], shift: Shift) -> None:
    members = Claim.objects.filter(pk__in=claims).values(person=Coalesce("member__merged_into", "member"))
    people = User.objects.filter(member__in=members)
    link, task = reverse("flag_wall"), shift.task
    notify(people, Notice.Kind.CLAIM_CONFIRMED, link=link, task=task.title, flags=task.flag_value)
