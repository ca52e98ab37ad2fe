"""Time by agreement: from taking a wish on to reporting it fulfilled (domain rule 3)."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from accounts.access import Ability, Actor
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Member, Notice
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import who_sees_claims
from tasks.actions.fit import refuse_overlap
from tasks.actions.place import change_claim, require_own_claim
from tasks.actions.shift import end_if_served
from tasks.actions.wish import fulfil_wishes
from tasks.actions.wish_photo import storing_photos
from tasks.models import Claim, Shift, Wish
from tasks.queries.claim import wish_in_hand, wishes_to_show
from tasks.refusals import Reason
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words, moment_words

LONGEST = timedelta(hours=12)
PHOTOS_AT_MOST = 1
CHANGES = ["status", "starts_at", "ends_at", "contacted_at", "reported_at"]


@transaction.atomic
def reveal_to_claimer(claim: Claim, *, by: Actor) -> Wish:
    """The wish with its contact, from claim to closure; that it was looked at is recorded (domain rule 10)."""
    require_own_claim(claim, by)
    wish = wish_in_hand(claim)
    if wish is None:
        raise Refused(Reason.CONTACT_CLOSED)
    record(wish, "revealed", by=by)
    return wish


@transaction.atomic
def note_contact(claim: Claim, *, by: Actor) -> None:
    """That member and resident have talked; said again, it stays as it was."""
    require_own_claim(claim, by)
    _lock(claim)
    _refuse_unless_held(claim)
    if claim.contacted_at is None:
        change_claim(claim, contacted_at=timezone.now())
        record(claim, "contact made", by=by)


def agree_time(claim: Claim, *, starts_at: datetime, ends_at: datetime, by: Actor) -> None:
    """From now on the claim has a time, which takes up the member's; it can be agreed anew until it is reported.

    Refused: a time past or after the shift's last day, backwards or longer than twelve hours, and one that overlaps
    another place of the member. Who agrees has talked with the resident.
    """
    require_own_claim(claim, by)
    with _never_in_two_places(claim, starts_at, ends_at, by=by):
        _lock_member(claim)
        _lock(claim)
        _refuse_unless_held(claim)
        _refuse_length(starts_at, ends_at)
        now = timezone.now()
        if starts_at <= now:
            raise Refused(Reason.TIME_PAST, time=moment_words(starts_at))
        if ends_at > claim.shift.ends_at:
            raise Refused(Reason.AFTER_THE_LAST_DAY, day=day_words(claim.shift.last_day))
        refuse_overlap(claim.member, starts_at, ends_at, but=claim)
        change_claim(claim, starts_at=starts_at, ends_at=ends_at, contacted_at=claim.contacted_at or now)
        record(claim, "time agreed", by=by)


def report_fulfilled(
    claim: Claim,
    *,
    words: str,
    by: Actor,
    starts_at: datetime | None = None,
    ends_at: datetime | None = None,
    photos: Sequence[bytes] = (),
) -> None:
    """What the claimer says was done, or the community's staff writes down for them; the last report fulfils the wish.

    Without `starts_at` and `ends_at` it was done at the agreed time. An end still to come becomes now. Refused: no
    words, no time, a time to come, before the day of claiming or at another place of the member, more than one photo
    or any of a minor's wish, and a second report.
    """
    _require_reporter(claim, by)
    if not words.strip():
        raise Refused(Reason.WORDS_MISSING)
    said = starts_at or ends_at
    with _never_in_two_places(claim, starts_at, ends_at, by=by), storing_photos() as store:
        Shift.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.shift_id)
        _lock_member(claim)
        _lock(claim)
        _refuse_unless_held(claim)
        now = timezone.now()
        served = _time_served(claim, starts_at, ends_at, now) if said else _time_agreed(claim, now)
        refuse_overlap(claim.member, *served, but=claim, by=by)
        talked = claim.contacted_at or now
        change_claim(
            claim, starts_at=served[0], ends_at=served[1], contacted_at=talked, reported_at=now, report=words.strip()
        )
        record(claim, "reported", by=by)
        if photos:
            store(photos, claim=claim, wish=_wish_shown(claim, photos))
        fulfil_wishes(claim.shift.task, by=by)
        end_if_served(claim.shift, by=by)
        _tell_staff(claim, by=by)


def _require_reporter(claim: Claim, by: Actor) -> None:
    """The claimer; or who may confirm it, for a member who told by telephone."""
    if by.can(Ability.CLAIM):
        require_own_claim(claim, by)
        return
    by.require(Ability.CONFIRM, claim.shift.task.publisher)
    if by.is_person(claim.member):
        raise Refused(AccountsReason.ONESELF)


def _lock_member(claim: Claim) -> None:
    """One member's times are compared one after the other, as when claiming."""
    Member.objects.select_for_update(of=("self",), no_key=True).get(pk=claim.member_id)


def _lock(claim: Claim) -> None:
    """The claim as it is now, and as it stays until this is done."""
    held = Claim.objects.select_for_update(of=("self",), no_key=True)
    claim.refresh_from_db(fields=CHANGES, from_queryset=held)


@contextmanager
def _never_in_two_places(
    claim: Claim, starts_at: datetime | None, ends_at: datetime | None, *, by: Actor
) -> Iterator[None]:
    """One transaction; where the database's own exclusion is faster than our look, the sentence is the same."""
    try:
        with transaction.atomic():
            yield
    except IntegrityError:
        if starts_at and ends_at:
            refuse_overlap(claim.member, starts_at, ends_at, but=claim, by=by)
        raise Refused(AccountsReason.STATE_CHANGED) from None


def _refuse_unless_held(claim: Claim) -> None:
    if not claim.shift.by_agreement:
        raise Refused(Reason.HOURS_ARE_FIXED)
    if claim.reported_at:
        raise Refused(Reason.REPORTED_ALREADY)
    if claim.status != Claim.Status.HELD:
        raise Refused(AccountsReason.NOT_ALLOWED_NOW, state=claim.get_status_display())


def _refuse_length(starts_at: datetime, ends_at: datetime) -> None:
    if ends_at <= starts_at:
        raise Refused(Reason.TIME_BACKWARDS)
    if ends_at - starts_at > LONGEST:
        raise Refused(Reason.TIME_TOO_LONG, hours=LONGEST // timedelta(hours=1))


def _time_agreed(claim: Claim, now: datetime) -> tuple[datetime, datetime]:
    if claim.starts_at is None or claim.ends_at is None:
        raise Refused(Reason.WHEN_MISSING)
    if claim.starts_at >= now:
        raise Refused(Reason.TIME_TO_COME, time=moment_words(claim.starts_at))
    return claim.starts_at, min(claim.ends_at, now)


def _time_served(
    claim: Claim, starts_at: datetime | None, ends_at: datetime | None, now: datetime
) -> tuple[datetime, datetime]:
    if starts_at is None or ends_at is None:
        raise Refused(Reason.WHEN_MISSING)
    _refuse_length(starts_at, ends_at)
    if starts_at >= now:
        raise Refused(Reason.TIME_TO_COME, time=moment_words(starts_at))
    claimed_on = timezone.localdate(claim.claimed_at)
    if timezone.localdate(starts_at) < claimed_on:
        raise Refused(Reason.BEFORE_THE_CLAIM, day=day_words(claimed_on))
    return starts_at, min(ends_at, now)


def _wish_shown(claim: Claim, photos: Sequence[bytes]) -> Wish:
    """The wish that the photo shows fulfilled, held so that it does not turn out a minor's meanwhile (rule 10)."""
    wish = wishes_to_show(claim).select_for_update(of=("self",), no_key=True).first()
    if wish is None:
        raise Refused(Reason.NO_WISH_TO_SHOW)
    if len(photos) > PHOTOS_AT_MOST:
        raise Refused(Reason.PHOTO_NOT_TAKEN, most=PHOTOS_AT_MOST)
    if wish.for_minor:
        raise Refused(Reason.NO_PHOTOS_OF_MINORS)
    return wish


def _tell_staff(claim: Claim, *, by: Actor) -> None:
    """Who has to confirm it; not who has just written it down."""
    task = claim.shift.task
    notify(
        who_sees_claims(task.publisher),
        Notice.Kind.WISH_REPORTED,
        but=by.user,
        link=reverse("confirm_shift", args=[claim.shift_id]),
        name=claim.member,
        task=task.title,
    )
