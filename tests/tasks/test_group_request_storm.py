"""At the same moment: two secretaries publish what a group has accepted, and a group is dissolved while it is asked or accepts."""

from datetime import timedelta
from functools import partial

import pytest
from django.utils import timezone

from accounts.refusals import Reason as AccountsReason
from tasks.actions.group_dissolving import dissolve_group
from tasks.actions.group_request import accept_request, ask_group
from tasks.actions.group_request_publishing import publish_request
from tasks.models import Claim, GroupRequest, Task
from tests.factories import GroupProjectFactory, GroupRequestFactory, HelperGroupFactory, MemberFactory
from tests.storm import ROUNDS, at_once, reasons
from tests.tasks.test_group_request_publishing import FIELDS

pytestmark = pytest.mark.django_db(transaction=True)


def asked_of(cast):
    """A group of two neighbours and the cast's member, who leads it, and what it is asked for."""
    neighbours = MemberFactory.create_batch(2, community=cast.community)
    group = HelperGroupFactory(community=cast.community, leader=cast.member.member, members=neighbours)
    return GroupRequestFactory(project=GroupProjectFactory(group=group)), neighbours


def hours():
    starts_at = timezone.now() + timedelta(days=3)
    return {"starts_at": starts_at, "ends_at": starts_at + timedelta(hours=2)}


def test_one_task_comes_of_it(cast):
    for n, _round in enumerate(ROUNDS, start=1):
        request, neighbours = asked_of(cast)
        accept_request(request, **hours(), people=neighbours, by=cast.member)
        read = [GroupRequest.objects.with_all().get(pk=request.pk) for _ in range(2)]
        actors = (cast.secretary, cast.second_secretary)
        outcomes = at_once(*(partial(publish_request, r, by=by, **FIELDS) for r, by in zip(read, actors, strict=True)))
        assert reasons(outcomes) in ([AccountsReason.NOT_ALLOWED_NOW], [AccountsReason.STATE_CHANGED])
        assert Task.objects.count() == n
        assert Claim.objects.filter(member__in=neighbours).count() == 2


def test_a_dissolved_group_is_left_with_nothing_that_it_is_asked_for(cast):
    for _ in ROUNDS:
        request, neighbours = asked_of(cast)
        outcomes = at_once(
            partial(dissolve_group, request.group, reason="人都搬走了。", by=cast.secretary),
            partial(accept_request, request, **hours(), people=neighbours, by=cast.member),
            partial(ask_group, request.project, words="再修一盏灯。", by=cast.second_secretary),
        )
        reasons(outcomes)
        assert not GroupRequest.objects.living().filter(group=request.group).exists()
