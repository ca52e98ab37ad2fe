"""Claiming: first come, first served, never two places at a time, every refusal with its reason (domain rule 3)."""

from datetime import timedelta

import pytest
import time_machine
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.access import Actor
from accounts.jobs import relay_notices
from accounts.models import Member, Notice, Record, User
from accounts.refusals import Reason as AccountsReason
from tasks.actions.claim import claim_shift, is_late, withdraw_claim
from tasks.models import Claim, Shift, Task, Wish
from tasks.refusals import Reason
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import taken
from tests.tasks.refusing import refused
from tests.tasks.unguarded import without_the_statement
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db


@pytest.fixture
def shift(cast) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community))


def another_shift(cast, **changed) -> Shift:
    return ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), **changed)


def test_it_takes_one_place_and_tells_the_member(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    assert (claim.status, claim.member) == (Claim.Status.HELD, cast.member.member)
    assert (claim.starts_at, claim.ends_at) == (shift.starts_at, shift.ends_at)
    assert claim.community == cast.community, "the community, where the home is a compound"
    assert taken(shift) == 1
    assert cast.member.user.notices.get().kind == Notice.Kind.CLAIM_MADE
    assert Record.objects.get(verb="claimed").subject_id == claim.pk


def test_asked_again_it_gives_back_the_same_claim(cast, shift):
    first = claim_shift(shift, by=cast.member)
    assert claim_shift(shift, by=cast.member) == first
    assert taken(shift) == 1
    assert cast.member.user.notices.count() == 1


def test_neither_a_broker_nor_a_mail_server_that_is_gone_turns_a_claim_into_an_error(
    cast, shift, settings, monkeypatch, django_capture_on_commit_callbacks
):
    def gone(*_args, **_kwargs):
        raise ConnectionRefusedError

    User.objects.update(email="zhang@example.org")
    cast.member.user.refresh_from_db()
    settings.REDIS_URL = "redis://127.0.0.1:1"
    monkeypatch.setattr(relay_notices, "delay", gone)
    monkeypatch.setattr("django.core.mail.message.EmailMessage.send", gone)
    without_the_statement(monkeypatch)
    with django_capture_on_commit_callbacks(execute=True) as woken:
        assert claim_shift(shift, by=cast.member).status == Claim.Status.HELD
    assert len(woken) == 1
    relay_notices()
    assert cast.member.user.notices.get().mail == Notice.Mail.WAITING, "to be tried again"


@pytest.mark.parametrize("who", ["secretary", "branch", "city_officer", "unit_officer", "street_officer", "inspector"])
def test_only_a_member_claims(cast, shift, who):
    with pytest.raises(PermissionDenied):
        claim_shift(shift, by=getattr(cast, who))


def test_the_last_place_is_taken_and_then_it_is_full(cast):
    shift = another_shift(cast, capacity=1)
    claim_shift(shift, by=cast.member)
    neighbour = MemberFactory(community=cast.community)
    refused(Reason.FULL, claim_shift, shift, by=Actor(user=neighbour.user, member=neighbour))


def test_it_can_be_claimed_until_it_starts_and_not_after(cast, shift):
    with time_machine.travel(shift.starts_at, tick=False):
        refused(Reason.BEGUN, claim_shift, shift, by=cast.member)
    with time_machine.travel(shift.starts_at - timedelta(seconds=1), tick=False):
        claim_shift(shift, by=cast.member)


def test_it_is_refused_before_it_opens(cast):
    opens_at = timezone.now() + timedelta(hours=1)
    task = TaskFactory(publisher=cast.community, opens_at=opens_at, status=Task.Status.SCHEDULED)
    shift = ShiftFactory(task=task)
    caught = refused(Reason.NOT_OPEN_YET, claim_shift, shift, by=cast.member)
    assert caught.details == {"time": moment_words(opens_at)}


@pytest.mark.parametrize("status", [Task.Status.CLOSED, Task.Status.CANCELLED, Task.Status.DRAFT])
def test_it_is_refused_when_the_task_is_not_open(cast, status):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community, status=status))
    refused(Reason.NOT_OPEN, claim_shift, shift, by=cast.member)


@pytest.mark.parametrize("status", [Shift.Status.ENDED, Shift.Status.SETTLED, Shift.Status.CANCELLED])
def test_it_is_refused_when_the_shift_is_not_open(cast, shift, status):
    Shift.objects.filter(pk=shift.pk).update(status=status)
    refused(Reason.NOT_OPEN, claim_shift, shift, by=cast.member)


def test_it_is_refused_before_a_check_in(shift):
    newcomer = MemberFactory()
    refused(Reason.NOT_CHECKED_IN, claim_shift, shift, by=Actor(user=newcomer.user, member=newcomer))


def test_it_is_refused_outside_the_audience(cast, shift):
    caught = refused(Reason.NOT_IN_AUDIENCE, claim_shift, shift, by=cast.other_member)
    assert caught.details == {"audience": cast.community}


@pytest.mark.parametrize(
    ("audience", "home", "open_"),
    [
        ("compound", "compound", True),
        ("compound", "community", False),
        ("community", "compound", True),
        ("street", "other_community", True),
        ("city", "other_community", True),
        ("other_community", "community", False),
    ],
)
def test_the_audience_reaches_down_the_tree(cast, audience, home, open_):
    task = TaskFactory(publisher=cast.community, audience=getattr(cast, audience))
    member = MemberFactory(community=getattr(cast, home))
    shift, actor = ShiftFactory(task=task), Actor(user=member.user, member=member)
    if open_:
        assert claim_shift(shift, by=actor)
    else:
        refused(Reason.NOT_IN_AUDIENCE, claim_shift, shift, by=actor)


def test_what_counts_is_where_the_member_lives_now_not_when_the_page_was_loaded(cast, shift):
    Member.objects.filter(pk=cast.member.member.pk).update(home=cast.other_community)
    refused(Reason.NOT_IN_AUDIENCE, claim_shift, shift, by=cast.member)


@pytest.mark.parametrize("hours", [-1, 0, 1])
def test_overlapping_ones_own_place_is_refused_by_name(cast, shift, hours):
    claim_shift(shift, by=cast.member)
    other = another_shift(cast, starts_at=shift.starts_at + timedelta(hours=hours))
    caught = refused(Reason.OVERLAP, claim_shift, other, by=cast.member)
    assert caught.details == {"task": shift.task.title, "time": moment_words(shift.starts_at)}


@pytest.mark.parametrize("hours", [-2, 2])
def test_one_shift_may_begin_when_the_other_ends(cast, shift, hours):
    claim_shift(shift, by=cast.member)
    assert claim_shift(another_shift(cast, starts_at=shift.starts_at + timedelta(hours=hours)), by=cast.member)


def test_a_place_given_back_is_in_nobodys_way(cast, shift):
    withdraw_claim(claim_shift(shift, by=cast.member), by=cast.member)
    assert claim_shift(another_shift(cast, starts_at=shift.starts_at), by=cast.member)


def test_one_more_than_the_limit_is_refused_until_one_is_done(cast, settings):
    settings.OPEN_CLAIMS_AT_MOST = 2
    begin = timezone.now() + timedelta(days=2)
    shifts = [another_shift(cast, starts_at=begin + timedelta(days=i)) for i in range(3)]
    for shift in shifts[:2]:
        claim_shift(shift, by=cast.member)
    caught = refused(Reason.TOO_MANY, claim_shift, shifts[2], by=cast.member)
    assert caught.details == {"n": 2}
    with time_machine.travel(shifts[0].ends_at, tick=False):
        assert claim_shift(shifts[2], by=cast.member)


@pytest.mark.parametrize("merged", [False, True])
@pytest.mark.parametrize("link", ["sender", "phone"])
def test_ones_own_wish_is_for_somebody_else_to_fulfil(cast, shift, link, merged):
    user = cast.member.user
    own = {"sender": user} if link == "sender" else {"contact__phone": user.phone}
    if merged:
        earlier = WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
        WishFactory(community=cast.community, status="MERGED", merged_into=earlier, **own)
    else:
        WishFactory(community=cast.community, status="PUBLISHED", task=shift.task, **own)
    refused(Reason.OWN_WISH, claim_shift, shift, by=cast.member)
    assert Wish.objects.get(task=shift.task).status == Wish.Status.PUBLISHED


def test_a_member_without_a_phone_owns_no_wish_by_it(cast, shift):
    WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
    nameless = MemberFactory(community=cast.community, user__phone=None)
    assert claim_shift(shift, by=Actor(user=nameless.user, member=nameless))


def test_a_wish_is_claimed_with_its_task_and_free_again_with_the_last_withdrawal(cast, shift):
    wish = WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
    neighbour = MemberFactory(community=cast.community)
    actors = [cast.member, Actor(user=neighbour.user, member=neighbour)]
    claims = [claim_shift(shift, by=actor) for actor in actors]
    for claim, actor, after in zip(claims, actors, ["CLAIMED", "PUBLISHED"], strict=True):
        withdraw_claim(claim, by=actor)
        wish.refresh_from_db()
        assert wish.status == after


def test_withdrawing_early_needs_no_reason_and_tells_nobody(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    withdraw_claim(claim, by=cast.member)
    assert claim.status == Claim.Status.WITHDRAWN
    assert taken(shift) == 0
    assert not cast.secretary.user.notices.exists()


def test_nobody_gives_back_somebody_elses_place(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    for who in (cast.other_member, cast.secretary):
        with pytest.raises(PermissionDenied):
            withdraw_claim(claim, by=who)
    claim.refresh_from_db()
    assert (claim.status, taken(shift)) == (Claim.Status.HELD, 1)


def test_withdrawing_twice_frees_one_place(cast, shift):
    ClaimFactory(shift=shift, member=cast.other_member.member)
    claim = claim_shift(shift, by=cast.member)
    stale = Claim.objects.get(pk=claim.pk)
    withdraw_claim(claim, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, withdraw_claim, claim, by=cast.member)
    refused(AccountsReason.NOT_ALLOWED_NOW, withdraw_claim, stale, by=cast.member)
    assert taken(shift) == 1


def test_after_withdrawing_one_may_claim_again(cast, shift):
    first = claim_shift(shift, by=cast.member)
    withdraw_claim(first, by=cast.member)
    again = claim_shift(shift, by=cast.member)
    assert again != first
    assert taken(shift) == 1


def test_withdrawing_late_needs_a_reason_and_the_community_is_told(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    with time_machine.travel(shift.starts_at - timedelta(hours=11), tick=False):
        for reason in ("", "  "):
            refused(Reason.WITHDRAWAL_NEEDS_REASON, withdraw_claim, claim, by=cast.member, reason=reason)
        withdraw_claim(claim, by=cast.member, reason="孩子发烧")
    for secretary in (cast.secretary, cast.second_secretary):
        notice = secretary.user.notices.get()
        assert (notice.kind, notice.params["reason"]) == (Notice.Kind.LATE_WITHDRAWAL, "孩子发烧")
    assert not cast.other_secretary.user.notices.exists()


def test_a_late_withdrawal_is_told_to_the_community_of_a_compound_too(cast):
    claim = claim_shift(ShiftFactory(task=TaskFactory(publisher=cast.compound)), by=cast.member)
    with time_machine.travel(claim.starts_at - timedelta(hours=11), tick=False):
        withdraw_claim(claim, by=cast.member, reason="孩子发烧")
    told = [
        who
        for who, person in vars(cast).items()
        if isinstance(person, Actor) and person.user.notices.filter(kind=Notice.Kind.LATE_WITHDRAWAL).exists()
    ]
    assert told == ["secretary", "second_secretary", "branch"]


def test_a_late_withdrawal_is_nothing_for_who_may_not_see_claims(cast):
    claim = claim_shift(ShiftFactory(task=TaskFactory(publisher=cast.city)), by=cast.member)
    with time_machine.travel(claim.starts_at - timedelta(hours=11), tick=False):
        withdraw_claim(claim, by=cast.member, reason="孩子发烧")
    assert cast.city_officer.user.notices.count() == 1
    assert not cast.inspector.user.notices.exists()


def test_withdrawing_after_the_start_is_refused(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    with time_machine.travel(shift.starts_at, tick=False):
        refused(Reason.BEGUN, withdraw_claim, claim, by=cast.member, reason="孩子发烧")


@pytest.mark.parametrize(
    ("before_start", "after_claim", "late"),
    [
        (timedelta(hours=12), timedelta(days=1), False),
        (timedelta(hours=12) - timedelta(seconds=1), timedelta(days=1), True),
        (timedelta(minutes=30), timedelta(minutes=10), False),
        (timedelta(minutes=30), timedelta(minutes=10, seconds=1), True),
    ],
)
def test_late_is_within_twelve_hours_and_not_within_ten_minutes_of_the_claim(before_start, after_claim, late):
    now = timezone.now()
    claim = Claim(shift=Shift(starts_at=now + before_start), claimed_at=now - after_claim)
    assert is_late(claim, now) is late
