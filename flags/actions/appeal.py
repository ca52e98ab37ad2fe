"""Appealing (申诉): a member says what is wrong with an absence, a missing or revoked flag, or an exemption."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.access import Ability, Actor, roles_with
from accounts.actions.move import record
from accounts.actions.notice import notify
from accounts.models import Exemption, Member, Notice, Organization, User
from accounts.queries.appointment import people_of
from flags.models import Appeal, FlagAward, LateEntry
from flags.queries.appeal_subject import (
    Subject,
    subject_of_claim,
    subject_of_exemption,
    subject_of_log,
    subject_of_reversal,
    subject_of_service,
    subject_of_suggestion,
)
from flags.refusals import Reason
from tasks.models import Claim, StewardLog, Suggestion
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words

Sent = UUID | None
Row = TypeVar("Row", Claim, StewardLog, Suggestion)


def appeal_claim(claim: Claim, *, words: str, by: Actor, sent_once: Sent = None) -> Appeal:
    """Against being marked absent or excused, or because a place that is over has not been confirmed.

    `sent_once` identifies the form: sent twice, it is one appeal. Refused, as all appeals: without words, after the last
    day (domain rule 6), while one about the same is not decided, once one has been, and where there is nothing to appeal
    against.
    """
    return _send(lambda: subject_of_claim(_as_it_stands(claim)), words, by, sent_once)


def appeal_reversal(reversal: FlagAward, *, words: str, by: Actor, sent_once: Sent = None) -> Appeal:
    """Against taking a flag back."""
    return _send(lambda: subject_of_reversal(reversal), words, by, sent_once)


def appeal_log(log: StewardLog, *, words: str, by: Actor, sent_once: Sent = None) -> Appeal:
    """Because a steward's log has lit no flag."""
    return _send(lambda: subject_of_log(_as_it_stands(log)), words, by, sent_once)


def appeal_suggestion(suggestion: Suggestion, *, words: str, by: Actor, sent_once: Sent = None) -> Appeal:
    """Because an adopted suggestion has lit no flag."""
    return _send(lambda: subject_of_suggestion(_as_it_stands(suggestion)), words, by, sent_once)


def appeal_service(
    *, starts_at: datetime, ends_at: datetime, what: str, words: str, by: Actor, sent_once: Sent = None
) -> Appeal:
    """Because a service is written nowhere.

    Refused besides: hours that are not over, end before they begin or last more than a day, and a day on which the
    member was checked in nowhere.
    """
    if not starts_at < ends_at <= starts_at + LateEntry.LASTS_AT_MOST:
        raise Refused(Reason.HOURS_WRONG)
    if ends_at > timezone.now():
        raise Refused(Reason.NOT_SERVED_YET)
    member = _member(by)
    if subject_of_service(member, starts_at, ends_at, what) is None:
        day = day_words(timezone.localdate(ends_at))
        raise Refused(Reason.NOT_CHECKED_IN_THEN, name=member, day=day)
    return _send(lambda: subject_of_service(member, starts_at, ends_at, what.strip()), words, by, sent_once)


def appeal_exemption(
    *, year: int, words: str, by: Actor, exemption: Exemption | None = None, sent_once: Sent = None
) -> Appeal:
    """Because an exemption or the retirement is missing or wrong for a year; `exemption` names which, if there is one."""
    return _send(lambda: subject_of_exemption(_member(by), year, exemption), words, by, sent_once)


def _as_it_stands(row: Row) -> Row:
    """Whoever marks or confirms it meanwhile was first."""
    row.refresh_from_db()
    return row


def _member(by: Actor) -> Member:
    by.require(Ability.CLAIM)
    assert by.member is not None
    return by.member


def _send(find: Callable[[], Subject | None], words: str, by: Actor, sent_once: Sent) -> Appeal:
    member = _member(by)
    if not words.strip():
        raise Refused(Reason.APPEAL_WORDS_MISSING)
    try:
        with transaction.atomic():
            Member.objects.select_for_update(of=("self",), no_key=True).get(pk=member.pk)  # one form after the other
            again = Appeal.objects.of(member).filter(sent_once=sent_once).first() if sent_once else None
            return again or _write(member, find(), words, by, sent_once)
    except IntegrityError:
        raise Refused(Reason.APPEAL_OPEN) from None


def _write(member: Member, subject: Subject | None, words: str, by: Actor, sent_once: Sent) -> Appeal:
    if subject is None:
        raise Refused(Reason.NOTHING_TO_APPEAL)
    if any(member.pk not in (owner.pk, owner.merged_into_id) for owner in subject.owners):
        raise PermissionDenied
    before = subject.all_of(member)
    if before.undecided().exists():
        raise Refused(Reason.APPEAL_OPEN)
    if subject.kind != Appeal.Kind.EXEMPTION and before.decided().exists():
        raise Refused(Reason.APPEAL_DECIDED)
    if subject.is_late:
        raise Refused(Reason.APPEAL_TOO_LATE, day=day_words(subject.last_day))
    appeal = Appeal.objects.create(
        member=member,
        kind=subject.kind,
        year=subject.year,
        organization=subject.organization,
        against_user=subject.against,
        words=words.strip(),
        sent_once=sent_once,
        **subject.fields,
    )
    record(appeal, "appealed", by=by, new=Appeal.Status.OPEN)
    _tell(appeal)
    return appeal


def _tell(appeal: Appeal) -> None:
    """Whoever may answer; where nobody may, or it is the city's own doing, whoever decides."""
    people = answerers_of(appeal)
    if people:
        notify(people, Notice.Kind.APPEAL_SENT, link=appeal.page, name=appeal.person)
    else:
        tell_deciders(appeal)


def answerers_of(appeal: Appeal) -> list[User]:
    """Who answers today for the organization asked; nobody answers an appeal of their own."""
    roles = roles_with(Ability.ANSWER_APPEALS)
    people = people_of([appeal.organization_id], roles=roles, day=timezone.localdate())
    return [user for user in people.get(appeal.organization_id, []) if user not in (appeal.person, appeal.member.user)]


def deciders_of(appeal: Appeal) -> list[User]:
    """The city's officers today, but for the member's own person."""
    city = city_key(appeal.organization)
    people = people_of([city], roles=roles_with(Ability.DECIDE_APPEALS), day=timezone.localdate())
    return [user for user in people.get(city, []) if user not in (appeal.person, appeal.member.user)]


def tell_deciders(appeal: Appeal) -> None:
    place = appeal.organization
    notify(deciders_of(appeal), Notice.Kind.APPEAL_TO_DECIDE, link=appeal.page, organization=place)


def city_key(place: Organization) -> int:
    """Of the city in which a place stands: paths are made of keys."""
    return int(place.city_path.rstrip("/"))
