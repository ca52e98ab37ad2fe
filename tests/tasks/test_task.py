"""Publishing and calling off (domain rule 2)."""

from datetime import timedelta

import pytest
from django.core.exceptions import PermissionDenied
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.actions.task import CAPACITY_AT_MOST, ShiftTime, cancel_task, publish_task
from tasks.actions.time import end_shifts
from tasks.models import BoundaryLine, Claim, Shift, Task, Wish, YearRule
from tasks.queries.wish import wishes_to_handle
from tasks.refusals import Reason
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


def morning(days: int = 2, capacity: int = 7, **changed) -> ShiftTime:
    starts_at = timezone.now() + timedelta(days=days)
    return ShiftTime(**{"starts_at": starts_at, "ends_at": starts_at + 2 * HOUR, "capacity": capacity, **changed})


def publish(actor, **changed) -> Task:
    asked = {
        "audience": actor.organization,
        "shifts": [morning()],
        "title": "社区疫情防控工作",
        "content": "在社区办公室值班。",
        "place": "社区办公室",
        "contact_name": "王书记",
        "contact_phone": "000-0000001",
        "served": "社区居民",
    }
    return publish_task(by=actor, **{**asked, **changed})


def test_two_half_days_of_seven_are_one_task_with_two_shifts(cast):
    shifts = [morning(), morning(starts_at=morning().starts_at + 4 * HOUR, ends_at=morning().starts_at + 8 * HOUR)]
    task = publish(cast.secretary, shifts=shifts)
    assert (task.status, task.publisher) == (Task.Status.OPEN, cast.community)
    assert [shift.capacity for shift in task.shifts.all()] == [7, 7]


def test_one_that_opens_later_is_scheduled(cast):
    assert publish(cast.secretary, opens_at=timezone.now() + HOUR).status == Task.Status.SCHEDULED


@pytest.mark.parametrize("who", ["member", "street_officer", "unit_officer", "inspector"])
def test_who_may_not_publish(cast, who):
    actor = getattr(cast, who)
    with pytest.raises(PermissionDenied):
        publish(actor, audience=cast.community)
    assert not Task.objects.exists()


@pytest.mark.parametrize(
    ("who", "audience", "may"),
    [
        ("secretary", "community", True),
        ("secretary", "street", True),
        ("secretary", "city", True),
        ("secretary", "other_community", False),
        ("secretary", "compound", False),
        ("secretary", "unit", False),
        ("branch", "compound", True),
        ("branch", "community", False),
        ("city_officer", "city", True),
        ("city_officer", "community", False),
    ],
)
def test_to_whom_each_may_publish(cast, who, audience, may):
    actor, audience = getattr(cast, who), getattr(cast, audience)
    if may:
        assert publish(actor, audience=audience).audience == audience
    else:
        assert refused(Reason.FOREIGN_AUDIENCE, publish, actor, audience=audience).details == {"audience": audience}


@pytest.mark.parametrize(("who", "most"), [("secretary", 3), ("branch", 3), ("city_officer", 5)])
def test_the_flag_value_stays_within_the_years_limit(cast, who, most):
    actor = getattr(cast, who)
    for value in (1, most):
        assert publish(actor, flag_value=value).flag_value == value
    for value in (-1, 0, most + 1, 10**6):
        assert refused(Reason.FLAG_VALUE, publish, actor, flag_value=value).details == {"most": most}


def test_the_limit_is_the_citys_own_rule(cast):
    YearRule.objects.create(city=cast.city, year=timezone.localdate().year, community_value_at_most=2)
    refused(Reason.FLAG_VALUE, publish, cast.secretary, flag_value=3)


@pytest.mark.parametrize(
    ("why", "shifts"),
    [
        (Reason.NO_SHIFT, list),
        (Reason.SHIFT_BACKWARDS, lambda: [morning(ends_at=morning().starts_at - HOUR)]),
        (Reason.SHIFT_PAST, lambda: [morning(days=-1)]),
        (Reason.SHIFT_PAST, lambda: [morning(), morning(days=0)]),
        (Reason.SHIFT_TOO_FAR, lambda: [morning(days=367)]),
        (Reason.CAPACITY, lambda: [morning(capacity=0)]),
        (Reason.CAPACITY, lambda: [morning(capacity=-7)]),
        (Reason.CAPACITY, lambda: [morning(capacity=CAPACITY_AT_MOST + 1)]),
        (Reason.SHIFTS_OVERLAP, lambda: [morning(), morning()]),
        (
            Reason.SHIFTS_OVERLAP,
            lambda: [morning(), morning(starts_at=morning().starts_at + HOUR, ends_at=morning().starts_at + 3 * HOUR)],
        ),
    ],
)
def test_shifts_that_cannot_be(cast, why, shifts):
    refused(why, publish, cast.secretary, shifts=shifts())


def test_a_shift_of_no_length_is_refused(cast):
    start = morning().starts_at
    refused(Reason.SHIFT_BACKWARDS, publish, cast.secretary, shifts=[ShiftTime(start, start, 7)])


def test_shifts_may_meet_and_come_in_any_order(cast):
    first = morning()
    second = ShiftTime(first.ends_at, first.ends_at + HOUR, 7)
    assert publish(cast.secretary, shifts=[second, first]).shifts.count() == 2


def test_a_task_that_opens_when_its_shifts_have_begun_is_refused(cast):
    refused(Reason.OPENS_TOO_LATE, publish, cast.secretary, opens_at=timezone.now() + timedelta(days=2, minutes=1))


@pytest.mark.parametrize("words", ["", "  "])
def test_work_on_the_boundary_list_needs_a_justification(cast, words):
    line = BoundaryLine.objects.create(code="census", name="摸排统计")
    caught = refused(Reason.JUSTIFICATION_MISSING, publish, cast.secretary, boundary_line=line, justification=words)
    assert "摸排统计" in caught.sentence
    assert publish(cast.secretary, boundary_line=line, justification="老人不会用手机").boundary_line == line


@pytest.mark.parametrize(
    ("status", "ready"), [("ACCEPTED", True), ("REOPENED", True), ("NEW", True), ("ASKED_BACK", False)]
)
def test_a_wish_that_waits_for_the_community_is_published_once(cast, status, ready):
    wish = WishFactory(community=cast.community, status=status)
    if not ready:
        refused(Reason.WISH_NOT_READY, publish, cast.secretary, wishes=[wish])
        return
    task = publish(cast.secretary, wishes=[wish])
    wish.refresh_from_db()
    assert (wish.status, wish.task) == (Wish.Status.PUBLISHED, task)
    refused(Reason.WISH_NOT_READY, publish, cast.secretary, wishes=[wish])


def test_two_who_publish_the_same_wish_publish_one_task(cast):
    wish = WishFactory(community=cast.community, status="ACCEPTED")
    stale = Wish.objects.get(pk=wish.pk)
    publish(cast.secretary, wishes=[wish])
    refused(AccountsReason.STATE_CHANGED, publish, cast.second_secretary, wishes=[stale])


def test_two_who_publish_a_called_off_wish_again_publish_one_task(cast):
    cancelled = TaskFactory(publisher=cast.community, status="CANCELLED")
    wish = WishFactory(community=cast.community, status="PUBLISHED", task=cancelled)
    stale = Wish.objects.select_related("task").get(pk=wish.pk)
    task = publish(cast.secretary, wishes=[wish])
    refused(AccountsReason.STATE_CHANGED, publish, cast.second_secretary, wishes=[stale])
    wish.refresh_from_db()
    assert wish.task == task


@pytest.mark.parametrize("words", ["李奶奶", "10088888888"])
def test_a_text_that_says_who_asked_is_not_published(cast, words):
    wish = WishFactory(community=cast.community, status="ACCEPTED")
    told = refused(Reason.NAMES_RESIDENT, publish, cast.secretary, wishes=[wish], content=f"去{words}家修灯。")
    assert words in told.sentence
    wish.refresh_from_db()
    assert (wish.status, Task.objects.count()) == ("ACCEPTED", 0)


def test_a_neighbours_wish_is_not_published(cast):
    with pytest.raises(PermissionDenied):
        publish(cast.secretary, wishes=[WishFactory(community=cast.other_community, status="ACCEPTED")])
    assert not Task.objects.exists()


def test_calling_off_frees_every_place_and_tells_who_had_one(cast):
    task = publish(cast.secretary, shifts=[morning(2), morning(3)])
    for shift in task.shifts.all():
        ClaimFactory(shift=shift, member=cast.member.member)
    ClaimFactory(shift=task.shifts.first(), status="WITHDRAWN", member=cast.other_member.member)
    wish = WishFactory(community=cast.community, status="CLAIMED", task=task)
    cancel_task(task, reason="下雨", by=cast.secretary)
    assert set(task.shifts.values_list("status", "taken")) == {("CANCELLED", 0)}
    assert sorted(Claim.objects.values_list("status", flat=True)) == ["CANCELLED", "CANCELLED", "WITHDRAWN"]
    assert cast.member.user.notices.get().params == {"task": task.title, "reason": "下雨"}
    assert not cast.other_member.user.notices.exists()
    wish.refresh_from_db()
    assert wish.status == Wish.Status.PUBLISHED


def test_calling_off_twice_is_refused(cast):
    task = publish(cast.secretary)
    cancel_task(task, reason="下雨", by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, cancel_task, task, reason="下雨", by=cast.second_secretary)


@pytest.mark.parametrize("reason", ["", " "])
def test_calling_off_is_refused_without_a_reason(cast, reason):
    refused(Reason.REASON_MISSING, cancel_task, publish(cast.secretary), reason=reason, by=cast.secretary)


@pytest.mark.parametrize("who", ["member", "other_secretary", "branch", "city_officer", "street_officer"])
def test_only_the_publishers_staff_call_off(cast, who):
    task = publish(cast.secretary)
    with pytest.raises(PermissionDenied):
        cancel_task(task, reason="下雨", by=getattr(cast, who))
    task.refresh_from_db()
    assert task.status == Task.Status.OPEN


@pytest.mark.parametrize("clock_has_run", [True, False])
def test_what_was_served_before_the_calling_off_still_counts(cast, clock_has_run):
    task = TaskFactory(publisher=cast.community)
    over = ShiftFactory(task=task, starts_at=timezone.now() - 3 * HOUR)
    coming = ShiftFactory(task=task)
    served, held = ClaimFactory(shift=over), ClaimFactory(shift=coming, member=MemberFactory(community=cast.community))
    wish = WishFactory(community=cast.community, status="CLAIMED", task=task)
    if clock_has_run:
        end_shifts()
    cancel_task(task, reason="下雨", by=cast.secretary)
    for row in (served, held, wish):
        row.refresh_from_db()
    assert (served.status, held.status) == (Claim.Status.HELD, Claim.Status.CANCELLED)
    assert wish.status == Wish.Status.CLAIMED, "somebody has served it: confirmation decides"
    assert not served.member.user.notices.exists()


@pytest.mark.parametrize("status", ["CANCELLED", "CLOSED"])
def test_a_wish_whose_task_came_to_nothing_is_handled_and_published_again(cast, status):
    """Nobody claimed it, or it was called off: a wish must not fall out of everybody's sight."""
    wish = WishFactory(
        community=cast.community, status="PUBLISHED", task=TaskFactory(publisher=cast.community, status=status)
    )
    assert list(wishes_to_handle(cast.secretary)) == [wish]
    task = publish(cast.secretary, wishes=[wish])
    wish.refresh_from_db()
    assert wish.task == task
    assert not wishes_to_handle(cast.secretary)


def by_agreement(cast, **changed) -> Shift:
    """A wish's shift: begun when it was published, open until its last day."""
    task = TaskFactory(publisher=cast.community)
    now = timezone.now()
    return ShiftFactory(task=task, by_agreement=True, starts_at=now - HOUR, ends_at=now + timedelta(days=9), **changed)


def test_of_a_wish_called_off_what_was_reported_fulfilled_still_counts(cast):
    shift, now = by_agreement(cast, capacity=2), timezone.now()
    agreed = {"starts_at": now - 3 * HOUR, "ends_at": now - HOUR}
    served = ClaimFactory(shift=shift, member=cast.member.member, reported_at=now, **agreed)
    held = ClaimFactory(shift=shift, starts_at=None, ends_at=None)
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    cancel_task(shift.task, reason="不需要了", by=cast.secretary)
    for row in (shift, served, held, wish):
        row.refresh_from_db()
    assert (shift.status, served.status, held.status) == ("ENDED", "HELD", "CANCELLED")
    assert wish.status == Wish.Status.FULFILLED, "nobody else is still to report: the resident is asked"
    assert shift in Shift.objects.awaiting_confirmation(now)
    assert held.member.user.notices.count() == 1
    assert not served.member.user.notices.exists()


def test_of_a_wish_called_off_a_claim_without_a_report_is_cancelled(cast):
    shift = by_agreement(cast, capacity=1)
    claim = ClaimFactory(shift=shift, starts_at=None, ends_at=None)
    wish = WishFactory(community=cast.community, status="CLAIMED", task=shift.task)
    cancel_task(shift.task, reason="不需要了", by=cast.secretary)
    for row in (shift, claim, wish):
        row.refresh_from_db()
    assert (shift.status, shift.taken, claim.status) == ("CANCELLED", 0, "CANCELLED")
    assert wish.status == Wish.Status.PUBLISHED
