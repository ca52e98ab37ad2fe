"""What a helper group offers: kept by its leader and its community, seen by who lives there, with nobody's name."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from tasks.actions.group_dissolving import dissolve_group
from tasks.actions.group_project import change_project, offer_project, set_offered
from tasks.models import GroupProject, HelperGroup
from tasks.refusals import Reason
from tests.conftest import member_actor
from tests.factories import GroupProjectFactory, HelperGroupFactory, MemberFactory
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db
Status = GroupProject.Status
SAID = {
    "title": "上门修灯",
    "what": "修灯、换插座。",
    "for_whom": "独居老人",
    "category": "REPAIR",
    "minutes": 90,
    "people": 2,
}


@pytest.fixture
def group(cast) -> HelperGroup:
    return HelperGroupFactory(community=cast.community, leader=cast.member.member)


@pytest.mark.parametrize("who", ["member", "secretary"])
def test_leader_and_community_keep_it(cast, group, who):
    by = getattr(cast, who)
    project = offer_project(group, **SAID | {"title": " 上门修灯 "}, by=by)
    assert (project.title, project.status) == ("上门修灯", Status.OFFERED)
    change_project(project, minutes=45, by=by)
    for _ in range(2):
        set_offered(project, offered=False, by=by)
    project.refresh_from_db()
    assert (project.minutes, project.status) == (45, Status.WITHDRAWN)
    set_offered(project, offered=True, by=by)
    assert list(GroupProject.objects.in_public(cast.community)) == [project]


def test_nobody_else_keeps_it(cast, group):
    neighbour = member_actor(MemberFactory(community=cast.community))
    refused(Reason.NOT_THE_LEADER, offer_project, group, **SAID, by=neighbour)
    for who in (cast.other_secretary, cast.branch, cast.city_officer):
        with pytest.raises(PermissionDenied):
            offer_project(group, **SAID, by=who)


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"title": " \u3000"}, Reason.PROJECT_EMPTY),
        ({"what": ""}, Reason.PROJECT_EMPTY),
        ({"for_whom": ""}, Reason.PROJECT_EMPTY),
        ({"minutes": 0}, Reason.PROJECT_NUMBERS),
        ({"minutes": 24 * 60 + 1}, Reason.PROJECT_NUMBERS),
        ({"people": 0}, Reason.PROJECT_NUMBERS),
        ({"people": 51}, Reason.PROJECT_NUMBERS),
    ],
)
def test_bad_input_offers_nothing(cast, group, wrong, why):
    refused(why, offer_project, group, **SAID | wrong, by=cast.member)
    project = GroupProjectFactory(group=group)
    refused(why, change_project, project, **SAID | wrong, by=cast.member)


def test_a_name_stands_for_one_project_of_a_group(cast, group):
    offer_project(group, **SAID, by=cast.member)
    refused(Reason.PROJECT_THERE_ALREADY, offer_project, group, **SAID, by=cast.secretary)
    offer_project(HelperGroupFactory(community=cast.community), **SAID, by=cast.secretary)
    for field, value in (("title", ""), ("minutes", 0), ("people", 51)):
        with pytest.raises(IntegrityError), transaction.atomic():
            GroupProject.objects.update(**{field: value})


def test_only_what_is_offered_there_is_public(cast, group):
    offered = GroupProjectFactory(group=group)
    GroupProjectFactory(group=group, status=Status.WITHDRAWN)
    GroupProjectFactory(group__community=cast.other_community)
    dissolved = GroupProjectFactory(group__community=cast.community)
    dissolve_group(dissolved.group, reason="人都搬走了。", by=cast.secretary)
    assert list(GroupProject.objects.in_public(cast.community)) == [offered]
    assert GroupProject.objects.visible_to(cast.member).count() == 2
    assert GroupProject.objects.visible_to(cast.other_member).count() == 1
