"""A task called off with waiting lists, offers and groups in it: nothing is left, and everybody is told."""

from datetime import timedelta

import pytest
from django.utils import timezone

from accounts.models import Notice
from tasks.actions.task import cancel_task
from tasks.models import Claim, HelperGroup
from tests.factories import ClaimFactory, GroupClaimFactory, MemberFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("status", ["HELD", "OFFERED", "WAITING"])
def test_places_offers_waiting_and_groups_are_cancelled_and_all_are_told(cast, status):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    together = GroupClaimFactory(shift=shift, status=status)
    living = [ClaimFactory(shift=shift, status=status, group_claim=group) for group in (None, together)]
    cancel_task(shift.task, reason="下雨", by=cast.secretary)
    together.refresh_from_db()
    shift.refresh_from_db()
    assert (together.status, shift.taken) == ("CANCELLED", 0)
    assert set(Claim.objects.values_list("status", flat=True)) == {"CANCELLED"}
    told = {notice.user_id for notice in Notice.objects.filter(kind=Notice.Kind.TASK_CANCELLED)}
    assert told == {*(claim.member.user_id for claim in living), together.leader.user_id}


def test_told_is_who_leads_the_group_by_now(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    together = GroupClaimFactory(shift=shift)
    ClaimFactory(shift=shift, group_claim=together)
    before, now = together.leader, MemberFactory()
    HelperGroup.objects.update(leader=now)
    cancel_task(shift.task, reason="下雨", by=cast.secretary)
    assert [member.user.notices.count() for member in (before, now)] == [0, 1]


def test_what_was_kept_for_a_group_is_let_go_and_what_ended_before_stays(cast):
    task = TaskFactory(publisher=cast.community)
    shift = ShiftFactory(task=task)
    over = ShiftFactory(task=task, starts_at=timezone.now() - timedelta(days=1))
    before = GroupClaimFactory(shift=over)
    came = ClaimFactory(shift=over, group_claim=before)
    kept = ClaimFactory(shift=shift, group_claim=GroupClaimFactory(shift=shift))
    Claim.objects.filter(pk=kept.pk).update(status="DECLINED", kept_until=timezone.now() + timedelta(hours=9))
    cancel_task(task, reason="下雨", by=cast.secretary)
    for row in (shift, kept, before, came):
        row.refresh_from_db()
    assert (kept.status, kept.kept_until, shift.taken) == ("DECLINED", None, 0)
    assert (before.status, came.status) == ("HELD", "HELD")
    assert not kept.member.user.notices.exists(), "who had declined counts on nothing"
