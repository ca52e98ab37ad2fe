"""The pages of what helper groups do: joining, leading, offering, being asked, coming, and what a resident reads of it."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member
from tasks.actions.group_dissolving import dissolve_group
from tasks.actions.group_project import set_offered
from tasks.models import GroupMembership, GroupProject, GroupRequest, HelperGroup, Task, Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import GroupProjectFactory, GroupRequestFactory, HelperGroupFactory, MemberFactory, WishFactory

pytestmark = pytest.mark.django_db
Status = GroupRequest.Status


@pytest.fixture
def neighbour(cast) -> Member:
    return MemberFactory(community=cast.community, user__name="赵大山")


@pytest.fixture
def group(cast, neighbour) -> HelperGroup:
    return HelperGroupFactory(
        community=cast.community, name="和睦帮帮团", leader=cast.member.member, members=[neighbour]
    )


@pytest.fixture
def project(group) -> GroupProject:
    return GroupProjectFactory(group=group, title="上门修灯")


@pytest.fixture
def asked(project) -> GroupRequest:
    return GroupRequestFactory(project=project)


@pytest.fixture
def outsider(cast) -> Member:
    return MemberFactory(community=cast.compound, user__name="欧阳晓雯")


def read(actor, name: str, *args) -> str:
    return screen(browser_of(actor).get(reverse(name, args=args)))


def send(actor, page: str, *args, **sent) -> str:
    return screen(browser_of(actor).post(reverse(page, args=args), sent, follow=True))


# --- a group, as who does not belong to it sees it ----------------------------------------------


def test_a_neighbour_sees_what_it_is_and_does_and_nobodys_name(cast, group, project, outsider):
    page = read(member_actor(outsider), "group", group.pk)
    for shown in ("和睦帮帮团", "上门修灯", "张*明", reverse("group_join", args=[group.pk])):
        assert shown in page
    for hidden in ("张小明", "赵大山", "赵*山", reverse("group_invite", args=[group.pk])):
        assert hidden not in page


def test_joining_from_asking_to_the_yes(cast, group, outsider):
    send(member_actor(outsider), "group_join", group.pk, words="会修电器")
    row = group.memberships.get(member=outsider)
    assert reverse("group_join_back", args=[group.pk]) in read(member_actor(outsider), "group", group.pk)
    page = read(cast.member, "group", group.pk)
    assert "欧*雯" in page
    assert "欧阳晓雯" not in page
    assert "会修电器" in page
    page = send(cast.member, "group_asker", group.pk, row.pk, answer="no", words="")
    assert sentence(Reason.REASON_MISSING) in page
    page = send(cast.member, "group_asker", group.pk, row.pk, answer="no", words="字" * 201)
    assert "字" * 201 in page, "nothing that was typed is lost"
    send(cast.secretary, "group_asker", group.pk, row.pk, answer="yes")
    assert group.memberships.get(member=outsider).status == GroupMembership.Status.AGREED


def test_words_that_are_too_many_are_kept_and_nothing_is_asked(group, outsider):
    page = send(member_actor(outsider), "group_join", group.pk, words="😀" * 201)
    assert "😀" * 201 in page
    assert not group.memberships.filter(member=outsider).exists()


def test_a_group_that_takes_in_only_who_is_invited_offers_no_form(group, outsider):
    HelperGroup.objects.update(can_be_asked=False)
    assert reverse("group_join", args=[group.pk]) not in read(member_actor(outsider), "group", group.pk)


@pytest.mark.parametrize("who", ["member", "secretary"])
def test_leader_and_community_say_what_it_is_but_only_the_community_renames_it(cast, group, neighbour, who):
    assert browser_of(member_actor(neighbour)).get(reverse("group_change", args=[group.pk])).status_code == 403
    said = {"name": "改了名", "kind": "REPAIR", "introduction": "周末上门。", "can_be_asked": "on"}
    send(getattr(cast, who), "group_change", group.pk, **said)
    group.refresh_from_db()
    assert (group.kind, group.introduction) == ("REPAIR", "周末上门。")
    assert group.name == ("改了名" if who == "secretary" else "和睦帮帮团")
    page = send(cast.secretary, "group_change", group.pk, **said | {"introduction": "字" * 301})
    assert "字" * 301 in page


def test_the_leader_asks_for_the_end_and_the_community_dissolves_it(cast, group, neighbour):
    send(cast.member, "group_dissolve", group.pk, reason="人都搬走了。")
    assert "人都搬走了。" in read(cast.secretary, "group", group.pk)
    assert reverse("group_keep", args=[group.pk]) in read(cast.member, "group", group.pk)
    assert reverse("group_keep", args=[group.pk]) not in read(cast.secretary, "group", group.pk)
    send(cast.secretary, "group_dissolve", group.pk, reason="人都搬走了。")
    for actor in (cast.member, member_actor(neighbour), cast.secretary):
        page = read(actor, "group", group.pk)
        assert "人都搬走了。" in page
        assert reverse("group_dissolve", args=[group.pk]) not in page
    assert "赵大山" in read(cast.secretary, "group", group.pk), "its history stays"


def test_a_leader_who_moved_away_is_shown_to_the_community(cast, group):
    Member.objects.filter(pk=group.leader_id).update(home=cast.other_community)
    assert 'class="say warning"' in read(cast.secretary, "group", group.pk)


# --- projects --------------------------------------------------------------------------------------


def test_a_project_is_offered_changed_and_taken_back(cast, group, neighbour):
    said = {
        "title": "理发",
        "what": "上门理发。",
        "for_whom": "老人",
        "category": "ELDERLY",
        "minutes": "40",
        "people": "1",
    }
    page = send(cast.member, "group_project_new", group.pk, **said | {"minutes": "99999"})
    assert "99999" in page
    send(cast.member, "group_project_new", group.pk, **said)
    project = group.projects.get()
    send(cast.secretary, "group_project_change", project.pk, **said | {"title": "上门理发"})
    send(cast.member, "group_project_offer", project.pk, offered="no")
    assert "上门理发" in read(cast.member, "group", group.pk)
    assert "上门理发" not in read(member_actor(neighbour), "group", group.pk)
    url = reverse("group_project_change", args=[project.pk])
    assert browser_of(member_actor(neighbour)).get(url).status_code == 403


def test_residents_read_what_groups_do_and_no_name(cast, project):
    client = Client()
    assert reverse("community_groups", args=["330001"]) in screen(client.get(reverse("community", args=["330001"])))
    page = screen(client.get(reverse("community_groups", args=["330001"])))
    assert "上门修灯" in page
    assert "和睦帮帮团" in page
    for hidden in ("张小明", "张*明", "赵大山", cast.member.user.phone):
        assert hidden not in page
    dissolve_group(project.group, reason="人都搬走了。", by=cast.secretary)
    page = screen(client.get(reverse("community_groups", args=["330001"])))
    assert "上门修灯" not in page
    assert 'class="empty"' in page
    assert client.get(reverse("group_wish", args=["330001", project.pk])).status_code == 404


def test_what_is_no_longer_offered_is_said_so_and_nothing_typed_is_lost(cast, project):
    set_offered(project, offered=False, by=cast.secretary)
    said = {
        "text": "灯不亮了，请帮忙看看。",
        "category": "REPAIR",
        "name": "李奶奶",
        "phone": "10088888888",
        "consent": "on",
    }
    form = {**said, "sent_once": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}
    page = screen(Client().post(reverse("group_wish", args=["330001", project.pk]), form))
    assert sentence(Reason.PROJECT_NOT_OFFERED) in page
    assert said["text"] in page
    assert not Wish.objects.exists()


# --- a request, from the resident's form to the task -------------------------------------------------


def test_from_a_residents_form_to_the_groups_task(cast, project, neighbour):
    client, url = Client(), reverse("group_wish", args=["330001", project.pk])
    assert screen(client.get(url)).count("selected") >= 1, "its category is chosen"
    said = {"text": "灯不亮了，请帮忙看看。", "category": "REPAIR", "name": "李奶奶", "phone": "10088888888"}
    page = screen(client.post(url, said))
    assert "灯不亮了，请帮忙看看。" in page
    form = {**said, "consent": "on", "sent_once": "3fa85f64-5717-4562-b3fc-2c963f66afa6"}
    tracked = client.post(url, form).headers["Location"]
    wish = Wish.objects.get()
    assert "和睦帮帮团" in screen(client.get(tracked))
    page = read(cast.secretary, "wish", wish.pk)
    assert reverse("wish_group", args=[wish.pk]) in page
    passed_on = {"project": project.pk, "words": "李奶奶家灯不亮了"}
    page = send(cast.secretary, "wish_group", wish.pk, **passed_on)
    assert "李奶奶家灯不亮了" in page
    send(cast.secretary, "wish_group", wish.pk, **passed_on | {"words": "灯不亮了"})
    request = wish.group_requests.get()
    page = read(cast.member, "group_request", request.pk)
    assert "李奶奶" not in page
    day = timezone.localdate() + timedelta(days=3)
    yes = {"day": day.isoformat(), "starts": "09:00", "ends": "11:00", "member": [neighbour.pk], "words": "带梯子"}
    page = send(cast.member, "group_request_accept", request.pk, **yes | {"member": []})
    assert sentence(Reason.NOBODY_COMES) in page
    assert "带梯子" in page
    send(cast.member, "group_request_accept", request.pk, **yes)
    assert "李奶奶" in send(cast.member, "group_request_contact", request.pk)
    publish = {
        "title": "和睦帮帮团 · 上门修灯",
        "content": "上门修灯",
        "place": "荷风雅苑",
        "served": "独居老人",
        "flag_value": "1",
        "contact_name": "陈书记",
        "contact_phone": "0571-1234",
    }
    assert 'class="errorlist' in send(cast.secretary, "group_request_publish", request.pk, **publish)
    assert not Task.objects.exists()
    send(cast.secretary, "group_request_publish", request.pk, **publish, volunteering="on")
    task = Task.objects.get()
    assert (task.shifts.get().taken, Wish.objects.get().status) == (1, Wish.Status.CLAIMED)
    page = screen(client.get(tracked))
    assert "赵*山" in page
    assert "赵大山" not in page


@pytest.mark.parametrize("wrong", [{"starts": "11:00", "ends": "09:00"}, {"day": "2020-01-01"}, {"member": ["x" * 30]}])
def test_a_refused_yes_keeps_what_was_typed(cast, asked, neighbour, wrong):
    day = timezone.localdate() + timedelta(days=3)
    yes = {"day": day.isoformat(), "starts": "09:00", "ends": "11:00", "member": [neighbour.pk], "words": "带梯子"}
    page = send(cast.member, "group_request_accept", asked.pk, **yes | wrong)
    assert "带梯子" in page
    assert 'class="errorlist' in page
    asked.refresh_from_db()
    assert asked.status == Status.ASKED


def test_no_back_and_off_ask_for_a_reason(cast, asked, neighbour):
    assert 'class="errorlist' in send(cast.member, "group_request_decline", asked.pk, reason=" ")
    send(cast.member, "group_request_decline", asked.pk, reason="电工不在")
    asked.refresh_from_db()
    assert (asked.status, asked.answer) == (Status.DECLINED, "电工不在")
    assert "电工不在" in read(cast.secretary, "group_request", asked.pk)
    other = GroupRequestFactory(project=asked.project)
    send(cast.secretary, "group_request_off", other.pk, reason="已经修好")
    other.refresh_from_db()
    assert other.status == Status.WITHDRAWN
    refused = send(cast.secretary, "group_request_again", other.pk, reason="再来")
    assert 'class="errorlist' in refused
    assert "再来" in refused


def test_the_community_asks_a_group_itself_from_its_page(cast, project):
    url = reverse("group_project_ask", args=[project.pk])
    assert url in read(cast.secretary, "group", project.group.pk)
    assert url not in read(cast.member, "group", project.group.pk)
    page = send(cast.secretary, "group_project_ask", project.pk, words="字" * 501)
    assert "字" * 501 in page
    send(cast.secretary, "group_project_ask", project.pk, words="广场的灯", wished_when="周末")
    assert GroupRequest.objects.get().status == Status.ASKED
    for actor in (cast.member, cast.secretary):
        assert reverse("group_requests") in read(actor, "groups")
    assert "上门修灯" in read(cast.member, "group_requests")
    assert "上门修灯" not in read(cast.secretary, "group_requests"), "it waits for the group"
    assert reverse("group_requests") in read(cast.secretary, "home")


def test_lists_cost_the_same_for_one_and_for_thirty(cast, project):
    GroupRequestFactory(project=project)
    public = reverse("community_groups", args=["330001"])
    pages = [(browser_of(cast.secretary), reverse("group_requests") + "?status=all"), (Client(), public)]
    one = [queries_of(client, url) for client, url in pages]
    group_page = browser_of(cast.secretary), reverse("group", args=[project.group.pk])
    of_group = queries_of(*group_page)
    for _ in range(30):
        more = GroupProjectFactory(group=project.group)
        GroupRequestFactory(project=more)
    assert [queries_of(client, url) for client, url in pages] == one
    assert queries_of(*group_page) == of_group
    assert "1 / 2" in screen(pages[0][0].get(pages[0][1]))


def test_an_ordinary_wish_can_be_passed_on_and_one_that_is_over_cannot(cast, project):
    wish, over = (WishFactory(community=cast.community, status=status) for status in ("NEW", "DECLINED"))
    assert reverse("wish_group", args=[wish.pk]) in read(cast.secretary, "wish", wish.pk)
    assert reverse("wish_group", args=[over.pk]) not in read(cast.secretary, "wish", over.pk)
