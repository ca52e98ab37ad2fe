"""The pages of helper groups: the community founds and invites, members answer, nobody reads a list that is not theirs."""

import pytest
from django.urls import reverse
from django.utils.translation import gettext

from accounts.models import Member
from tasks.actions.group_claim import claim_for_group
from tasks.models import GroupMembership, HelperGroup
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.conftest import member_actor
from tests.factories import GroupClaimFactory, HelperGroupFactory, MemberFactory, ShiftFactory, TaskFactory

pytestmark = pytest.mark.django_db
Status = GroupMembership.Status


@pytest.fixture
def group(cast) -> HelperGroup:
    neighbour = MemberFactory(community=cast.community, user__name="赵大山")
    return HelperGroupFactory(
        community=cast.community, name="和睦帮帮团", leader=cast.member.member, members=[neighbour]
    )


@pytest.fixture
def invited(cast, group) -> Member:
    member = MemberFactory(community=cast.community, user__name="欧阳晓雯", number="0000009999")
    group.memberships.create(member=member)
    return member


def read(actor, name: str, *args) -> str:
    return screen(browser_of(actor).get(reverse(name, args=args)))


def send(actor, page: str, *args, **sent) -> str:
    return screen(browser_of(actor).post(reverse(page, args=args), sent, follow=True))


def said(group, member) -> str:
    return group.memberships.get(member=member).status


# --- the list, and a group ---------------------------------------------------------------------


def test_a_member_reads_the_groups_of_their_community_their_own_first(cast, group, invited):
    HelperGroupFactory(community=cast.community, name="一号睦邻社", leader__user__name="欧阳震华")
    HelperGroupFactory(community=cast.community, name="拾光睦邻社")
    HelperGroupFactory(community=cast.other_community, name="枕溪帮帮团")
    page = read(cast.member, "groups")
    assert page.index(group.page) < page.index("一号睦邻社")
    assert "枕溪帮帮团" not in page
    assert "欧阳震华" not in page, "who leads a group that is not theirs is masked"
    page = read(cast.secretary, "groups")
    assert "拾光睦邻社" in page
    assert "枕溪帮帮团" not in page
    assert reverse("group_new") in page
    assert reverse("group_new") not in read(member_actor(invited), "groups")


def test_without_a_group_it_says_who_founds_them(cast):
    assert 'class="empty"' in read(cast.member, "groups")
    assert 'class="empty"' in read(cast.secretary, "groups")


def test_me_and_the_secretarys_home_lead_there(cast):
    assert reverse("groups") in read(cast.member, "me")
    assert reverse("groups") in read(cast.secretary, "home")
    assert reverse("groups") not in read(cast.branch, "home")


def test_who_has_not_said_yes_reads_no_name_but_the_leaders_and_their_own(cast, group, invited):
    page = read(member_actor(invited), "group", group.pk)
    assert "赵大山" not in page
    assert str(cast.member.member) in page
    assert "赵*山" in page
    assert "欧阳晓雯" in page


def test_members_read_each_others_names_but_no_phone_and_no_strangers_name(cast, group, invited):
    neighbour = group.memberships.get(member__user__name="赵大山").member
    page = read(cast.member, "group", group.pk)
    assert "赵大山" in page
    assert "欧*雯" in page
    for private in ("欧阳晓雯", neighbour.user.phone, invited.user.phone, invited.number):
        assert private not in page
    page = read(cast.secretary, "group", group.pk)
    assert "欧阳晓雯" in page
    assert invited.user.phone not in page


def test_who_moved_away_is_shown_as_such(cast, group):
    marked = gettext("lives elsewhere now: no places can be claimed for them")
    Member.objects.filter(user__name="赵大山").update(home=cast.other_community)
    assert (
        read(cast.secretary, "group", group.pk).count(marked) == read(cast.member, "group", group.pk).count(marked) == 1
    )


def test_a_leader_who_has_not_agreed_is_shown_as_such_and_is_offered_nothing(cast, group):
    group.memberships.filter(member=cast.member.member).update(status=Status.INVITED)
    page = read(cast.member, "group", group.pk)
    assert reverse("group_invite", args=[group.pk]) not in page
    neighbour = member_actor(group.memberships.get(member__user__name="赵大山").member)
    for page in (read(neighbour, "group", group.pk), read(neighbour, "groups")):
        assert "张*明" in page
        assert "张小明" not in page
    assert browser_of(cast.member).get(reverse("group_invite", args=[group.pk])).status_code == 403


def test_the_groups_places_to_come_stand_on_its_page(cast, group):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    living = GroupClaimFactory(shift=shift, group=group)
    over = GroupClaimFactory(shift=ShiftFactory(task=shift.task), group=group, status="WITHDRAWN")
    page = read(cast.member, "group", group.pk)
    assert living.page in page
    assert over.page not in page
    assert living.page in read(cast.secretary, "group", group.pk)


def test_who_has_not_agreed_to_belong_does_not_read_who_comes(cast, group, invited):
    neighbour = group.memberships.get(member__user__name="赵大山").member
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    claim = claim_for_group(group, shift, members={neighbour.pk: 0}, by=cast.member)
    client = browser_of(member_actor(invited))
    assert claim.page not in screen(client.get(group.page))
    assert client.get(claim.page).status_code == 404
    group.memberships.filter(member=invited).update(status=Status.AGREED)
    assert "赵大山" in screen(client.get(claim.page))
    group.memberships.filter(member=invited).update(status=Status.LEFT)
    assert client.get(claim.page).status_code == 404


# --- an invitation -------------------------------------------------------------------------------


@pytest.mark.parametrize(("answer", "status"), [("yes", Status.AGREED), ("no", Status.DECLINED), ("", Status.DECLINED)])
def test_an_invited_member_answers_on_the_groups_page(cast, group, invited, answer, status):
    actor = member_actor(invited)
    assert reverse("group_answer", args=[group.pk]) in read(actor, "group", group.pk)
    send(actor, "group_answer", group.pk, answer=answer)
    assert said(group, invited) == status


def test_who_agreed_leaves_and_the_leader_is_told_why_not(cast, group, invited):
    group.memberships.filter(member=invited).update(status=Status.AGREED)
    actor = member_actor(invited)
    assert reverse("group_leave", args=[group.pk]) in read(actor, "group", group.pk)
    send(actor, "group_leave", group.pk)
    assert said(group, invited) == Status.LEFT
    assert reverse("group_leave", args=[group.pk]) not in read(cast.member, "group", group.pk)
    assert sentence(Reason.LEADER_STAYS) in send(cast.member, "group_leave", group.pk)


# --- founding and inviting from the community's list -------------------------------------------------


def test_the_secretary_founds_a_group_and_everything_chosen_stays_through_searches(cast):
    leader, other = cast.member.member, MemberFactory(community=cast.community, user__name="赵大山")
    client, url = browser_of(cast.secretary), reverse("group_new")
    chosen = {"name": "和睦帮帮团", "leader": leader.pk, "member": [other.pk]}
    page = screen(client.post(url, chosen | {"find": "1", "q": "没有这个人"}))
    assert page.count('" checked') == 3, "two ticked, one leads"
    assert "和睦帮帮团" in page
    assert "没有这个人" in page
    assert not HelperGroup.objects.exists()
    page = screen(client.post(url, chosen | {"found": "1"}, follow=True))
    group = HelperGroup.objects.get()
    assert (group.leader, group.memberships.count()) == (leader, 2)
    assert "和睦帮帮团" in page


@pytest.mark.parametrize(
    ("wrong", "why"),
    [
        ({"leader": ""}, Reason.LEADER_MISSING),
        ({"leader": "x" * 30}, Reason.LEADER_MISSING),
        ({"name": "和睦帮帮团"}, Reason.GROUP_NAME_TAKEN),
        ({"name": "团" * 31}, None),
        ({"name": " "}, None),
    ],
)
def test_a_refused_founding_keeps_what_was_typed(cast, group, wrong, why):
    sent = {
        "name": "拾光睦邻社",
        "leader": cast.member.member.pk,
        "member": [cast.member.member.pk, "abc"],
        "found": "1",
    }
    page = send(cast.secretary, "group_new", **(sent | wrong))
    assert 'class="errorlist' in page
    assert (sent | wrong)["name"].strip() in page
    assert not why or sentence(why) in page
    assert HelperGroup.objects.count() == 1


def test_members_of_the_neighbours_are_neither_found_nor_founded_with(cast):
    page = send(cast.secretary, "group_new", find="1", q="王芳")
    assert 'class="empty"' in page
    page = send(cast.secretary, "group_new", found="1", name="帮帮团", leader=cast.other_member.member.pk)
    assert sentence(Reason.LEADER_MISSING) in page


def test_the_list_is_paged_and_costs_the_same_for_one_and_for_thirty(cast, group):
    client, url = browser_of(cast.secretary), reverse("group_invite", args=[group.pk])
    MemberFactory(community=cast.community)
    one = queries_of(client, url)
    MemberFactory.create_batch(31, community=cast.community)
    assert queries_of(client, url) == one
    page = screen(client.post(url, {"page": "2"}))
    assert "2 / 2" in page
    assert page.count('name="member"') == 2


def test_groups_and_a_groups_page_cost_the_same_for_one_and_for_thirty(cast, group):
    client, urls = browser_of(cast.member), [reverse("groups"), reverse("group", args=[group.pk])]
    one = [queries_of(client, url) for url in urls]
    people = MemberFactory.create_batch(29, community=cast.community)
    for member in people:
        group.memberships.create(member=member, status=Status.AGREED)
        HelperGroupFactory(community=cast.community, leader=cast.member.member)
    assert [queries_of(client, url) for url in urls] == one


def test_the_secretary_invites_those_ticked(cast, group):
    newcomers = MemberFactory.create_batch(2, community=cast.community)
    send(cast.secretary, "group_invite", group.pk, member=[member.pk for member in newcomers], invite="1")
    assert [said(group, member) for member in newcomers] == [Status.INVITED] * 2
    assert sentence(Reason.NOBODY_NAMED) in send(cast.secretary, "group_invite", group.pk, invite="1")


# --- inviting by number ------------------------------------------------------------------------------


def test_a_leader_sees_the_masked_name_first_and_then_invites(cast, group):
    newcomer = MemberFactory(community=cast.community, user__name="欧阳晓雯")
    page = send(cast.member, "group_invite", group.pk, who=newcomer.user.phone)
    assert "欧*雯" in page
    assert "欧阳晓雯" not in page
    assert not group.memberships.filter(member=newcomer).exists()
    page = send(cast.member, "group_invite", group.pk, who=newcomer.user.phone, sure="yes")
    assert "欧阳晓雯" not in page
    assert said(group, newcomer) == Status.INVITED


@pytest.mark.parametrize("typed", ["0000000002", "000", "张", "😀" * 5, ""])
def test_a_number_from_elsewhere_says_no_more_than_any_other(cast, group, typed):
    page = send(cast.member, "group_invite", group.pk, who=typed)
    assert 'class="errorlist' in page
    assert "王" not in page
    assert typed in page


def test_who_is_in_the_group_already_is_said_so(cast, group, invited):
    page = send(cast.member, "group_invite", group.pk, who=invited.number, sure="yes")
    assert sentence(Reason.IN_THE_GROUP_ALREADY, name="欧*雯") in page
    assert invited.number in page


def test_numbers_cannot_be_tried_one_after_the_other(cast, group, settings):
    settings.ACCOUNT_RATE_LIMITS = {"member_sought": "2/h/key"}
    newcomer = MemberFactory(community=cast.community, user__name="欧阳晓雯")
    for _ in range(2):
        assert "欧*雯" in send(cast.member, "group_invite", group.pk, who=newcomer.number)
    assert "欧*雯" not in send(cast.member, "group_invite", group.pk, who=newcomer.number)


def test_a_member_who_does_not_lead_invites_nobody(cast, group):
    neighbour = member_actor(group.memberships.get(member__user__name="赵大山").member)
    assert browser_of(neighbour).post(reverse("group_invite", args=[group.pk]), {"who": "1"}).status_code == 403


# --- who leads, and who is out -------------------------------------------------------------------------


@pytest.mark.parametrize("who", ["secretary", "member"])
def test_another_leader_is_asked_of_those_who_agreed_and_leads_with_a_yes(cast, group, invited, who):
    neighbour, asking = group.memberships.get(member__user__name="赵大山").member, getattr(cast, who)
    for wrong in (invited.pk, "", "abc", group.leader_id):
        send(asking, "group_leader", group.pk, leader=wrong)
        group.refresh_from_db()
        assert group.next_leader is None
    send(asking, "group_leader", group.pk, leader=neighbour.pk)
    page = read(asking, "group", group.pk)
    assert reverse("group_lead_back", args=[group.pk]) in page
    assert reverse("group_leader", args=[group.pk]) not in page.replace("leader/back/", "")
    assert reverse("group_lead_answer", args=[group.pk]) not in page
    assert reverse("group_lead_answer", args=[group.pk]) in read(member_actor(neighbour), "group", group.pk)
    group.refresh_from_db()
    assert group.leader == cast.member.member, "until the yes nothing changes"
    send(member_actor(neighbour), "group_lead_answer", group.pk, answer="yes")
    group.refresh_from_db()
    assert (group.leader, group.next_leader) == (neighbour, None)


def test_while_nobody_else_has_agreed_there_is_no_leader_to_choose(cast, group):
    url, neighbour = reverse("group_leader", args=[group.pk]), group.memberships.get(member__user__name="赵大山").member
    assert url in read(cast.secretary, "group", group.pk)
    assert url in read(cast.member, "group", group.pk)
    assert url not in read(member_actor(neighbour), "group", group.pk)
    group.memberships.exclude(member=group.leader).update(status=Status.INVITED)
    assert url not in read(cast.secretary, "group", group.pk)


def test_the_secretary_takes_somebody_out(cast, group, invited):
    row = group.memberships.get(member=invited)
    assert reverse("group_take_out", args=[group.pk, row.pk]) in read(cast.secretary, "group", group.pk)
    send(cast.secretary, "group_take_out", group.pk, row.pk)
    assert said(group, invited) == Status.LEFT
    assert "欧阳晓雯" not in read(cast.secretary, "group", group.pk)
    other = HelperGroupFactory(community=cast.community)
    url = reverse("group_take_out", args=[other.pk, row.pk])
    assert browser_of(cast.secretary).post(url).status_code == 404
