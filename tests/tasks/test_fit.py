"""Whether a member may take a place, whatever the places: asked before claiming, waiting and passing on."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Skill
from tasks.actions.claim import claim_shift
from tasks.actions.fit import require_fit
from tasks.actions.waiting import join_waiting_list
from tasks.models import Claim, Shift, Task
from tasks.refusals import Reason
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory
from vanguard.lib.refused import Refused
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
S = Claim.Status


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community))


def refused(why, shift, member, **details) -> None:
    with pytest.raises(Refused) as caught:
        require_fit(shift, member, timezone.now())
    assert caught.value.reason == why
    if details:
        assert caught.value.details == details


def test_who_fits_is_told_as_living_where_they_live(cast, shift):
    assert require_fit(shift, cast.member.member, timezone.now()) == cast.compound


def test_full_or_not_makes_no_difference(cast, shift):
    Shift.objects.filter(pk=shift.pk).update(taken=7)
    shift.refresh_from_db()
    assert require_fit(shift, cast.member.member, timezone.now())


def test_the_audience_and_the_check_in_decide(cast, shift):
    refused(Reason.NOT_IN_AUDIENCE, shift, cast.other_member.member, audience=cast.community)
    refused(Reason.NOT_CHECKED_IN, shift, MemberFactory())


def test_the_opening_is_the_moment_itself_whether_the_clock_has_noticed_or_not(cast):
    now = timezone.now()
    for opens_at, fits in ((now - timedelta(seconds=1), True), (now + timedelta(minutes=1), False)):
        task = TaskFactory(publisher=cast.community, opens_at=opens_at, status=Task.Status.SCHEDULED)
        shift = ShiftFactory(task=task)
        if fits:
            assert require_fit(shift, cast.member.member, now)
        else:
            refused(Reason.NOT_OPEN_YET, shift, cast.member.member, time=moment_words(opens_at))


@pytest.mark.parametrize("status", ["DRAFT", "CLOSED", "CANCELLED"])
def test_what_is_not_announced_is_not_open(cast, status):
    refused(
        Reason.NOT_OPEN, ShiftFactory(task=TaskFactory(publisher=cast.community, status=status)), cast.member.member
    )


def test_places_for_a_skill_are_for_who_has_it(cast):
    hair = Skill.objects.create(name="理发")
    task = TaskFactory(publisher=cast.community)
    cutting, sweeping = ShiftFactory(task=task, skill=hair), ShiftFactory(task=task)
    refused(Reason.NEEDS_SKILL, cutting, cast.member.member, skill=hair)
    assert require_fit(sweeping, cast.member.member, timezone.now())
    with pytest.raises(Refused):
        claim_shift(cutting, by=cast.member)
    cast.member.member.skills.add(hair)
    assert claim_shift(cutting, by=cast.member).status == S.HELD
    refused(Reason.OVERLAP, sweeping, cast.member.member)


def test_whoever_lacks_the_skill_cannot_wait_for_it_either(cast):
    task = TaskFactory(publisher=cast.community)
    cutting = ShiftFactory(task=task, skill=Skill.objects.create(name="理发"), capacity=1, taken=1)
    with pytest.raises(Refused) as caught:
        join_waiting_list(cutting, by=cast.member)
    assert caught.value.reason == Reason.NEEDS_SKILL


@pytest.mark.parametrize(
    ("status", "overlaps"),
    [(S.HELD, True), (S.OFFERED, True), (S.WAITING, False), (S.WITHDRAWN, False), (S.CONFIRMED, False)],
)
def test_what_is_held_or_offered_takes_up_the_time_and_what_is_waited_for_does_not(cast, shift, status, overlaps):
    other = ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), starts_at=shift.starts_at)
    ClaimFactory(shift=other, member=cast.member.member, status=status, offer_until=other.starts_at)
    if overlaps:
        refused(Reason.OVERLAP, shift, cast.member.member, task="反诈宣传", time=moment_words(other.starts_at))
    else:
        assert require_fit(shift, cast.member.member, timezone.now())


@pytest.mark.parametrize(("status", "counts"), [(S.HELD, True), (S.OFFERED, True), (S.WAITING, False)])
def test_the_limit_counts_what_is_held_or_offered_and_to_come(cast, shift, settings, status, counts):
    settings.OPEN_CLAIMS_AT_MOST = 1
    later = ShiftFactory(task=shift.task, starts_at=shift.starts_at + timedelta(days=1))
    ClaimFactory(shift=later, member=cast.member.member, status=status, offer_until=shift.starts_at)
    over = ShiftFactory(task=shift.task, starts_at=timezone.now() - timedelta(days=1))
    ClaimFactory(shift=over, member=cast.member.member)
    if counts:
        refused(Reason.TOO_MANY, shift, cast.member.member, n=1)
    else:
        assert require_fit(shift, cast.member.member, timezone.now())


def test_time_by_agreement_overlaps_with_nothing_yet(cast, shift):
    ClaimFactory(shift=shift, member=cast.member.member)
    wish = ShiftFactory(task=shift.task, by_agreement=True, starts_at=shift.starts_at)
    assert require_fit(wish, cast.member.member, timezone.now())
