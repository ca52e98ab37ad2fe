"""The pages of check-in: for who comes from the poster, and for the community that decides."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.actions.approval import approve_check_in
from accounts.actions.check_in import return_check_in
from accounts.models import CheckIn, Member, RosterEntry, Skill, UnitMembership, UnitNews, User
from accounts.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import CommunityFactory, MemberFactory, OrganizationFactory, UnitFactory, UserFactory
from vanguard.lib import week
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


def page_of(community):
    return reverse("check_in_at", args=[community.code])


def details(cast, **changed):
    return {
        "name": "张明",
        "phone": "10012345678",
        "unit": cast.unit.pk,
        "compound": cast.compound.pk,
        "address": "3 幢 301",
        "consent": "on",
        **changed,
    }


def newcomer():
    """Somebody with an account whose phone the form repeats."""
    return Actor(user=UserFactory())


def waiting_check_in(cast, **changed):
    fields = {"member": MemberFactory(), "community": cast.community, "unit": cast.unit, "address": "3-301"}
    return CheckIn.objects.create(**{**fields, **changed})


def joining(cast, **changed):
    """What a visitor fills in: account and check-in on one form."""
    account = {"name": "韩 梅梅", "phone": "100 7777 ７７７７", "password1": "a-long-unusual-word-9"}
    return details(cast, **{**account, **changed})


def test_a_visitor_may_log_in_and_come_back_here(cast):
    page = screen(Client().get(page_of(cast.community)))
    assert f"{reverse('account_login')}?next={page_of(cast.community)}" in page


def test_one_form_makes_account_and_check_in(cast):
    skill = Skill.objects.create(name="电工")
    client = Client()
    sent = client.post(page_of(cast.community), joining(cast, skills=[skill.pk], free_times=["SAT_MORNING"]))
    assert sent.headers.get("Location") == reverse("check_in"), sent.content.decode()
    check_in = CheckIn.objects.get(member__user__phone="10077777777")
    assert (check_in.status, check_in.compound, check_in.unit) == ("SUBMITTED", cast.compound, cast.unit)
    assert (check_in.member.user.name, check_in.phone) == ("韩梅梅", "10077777777")
    assert list(check_in.member.skills.all()) == [skill]
    assert check_in.member.free_at == week.BITS["SAT_MORNING"]
    assert cast.community.name in screen(client.get(reverse("check_in"))), "who joins is logged in"


@pytest.mark.parametrize(
    "wrong",
    [
        {"name": ""},
        {"name": "张3"},
        {"phone": "12345"},
        {"phone": "10000000"},
        {"password1": "short"},
        {"address": ""},
        {"consent": ""},
        {"unit": "0"},
        {"free_times": ["SOMETIMES"]},
    ],
)
def test_a_wrong_answer_makes_neither_account_nor_check_in_and_keeps_the_rest(cast, wrong):
    before = User.objects.count()
    page = screen(Client().post(page_of(cast.community), joining(cast, **wrong)))
    assert 'class="errorlist"' in page
    assert wrong.get("address", "3 幢 301") in page
    assert (User.objects.count(), CheckIn.objects.filter(status="SUBMITTED").count()) == (before, 0)


def test_a_phone_with_an_account_is_told_to_log_in(cast):
    before = User.objects.count()
    page = screen(Client().post(page_of(cast.community), joining(cast, phone=cast.member.user.phone)))
    assert 'class="errorlist"' in page
    assert "3 幢 301" in page
    assert User.objects.count() == before


def test_what_the_community_cannot_take_leaves_no_account_behind(cast, monkeypatch):
    from accounts.views import check_in as views

    def refuse(*args, **kwargs):
        raise Refused(Reason.COMMUNITY_CLOSED)

    monkeypatch.setattr(views, "submit_check_in", refuse)
    page = screen(Client().post(page_of(cast.community), joining(cast)))
    assert sentence(Reason.COMMUNITY_CLOSED) in page
    assert not User.objects.filter(phone="10077777777").exists()


@pytest.mark.parametrize("name", ["龘䶮𠮷", "张 三", "阿依古丽·买买提", "阿依古丽•买买提", "欧阳　修"])
def test_rare_and_long_names_are_taken(cast, name):
    Client().post(page_of(cast.community), joining(cast, name=name))
    assert CheckIn.objects.filter(member__user__phone="10077777777").exists()


def test_a_form_without_a_unit_leaves_it_to_the_roster(cast):
    RosterEntry.objects.create(unit=cast.other_unit, name="韩梅梅", phone="10077777777")
    Client().post(page_of(cast.community), joining(cast, unit=""))
    check_in = CheckIn.objects.get(member__user__phone="10077777777")
    page = screen(browser_of(cast.secretary).get(reverse("check_in_queue")))
    assert cast.other_unit.name in page
    approve_check_in(check_in, by=cast.secretary)
    assert check_in.unit == cast.other_unit


@pytest.mark.parametrize(
    "left_out",
    [
        {"phone": ""},
        {"address": ""},
        {"address": "   "},
        {"consent": ""},
        {"address": "室" * 61},
        {"address": "a\u0000"},
    ],
)
def test_what_is_missing_is_said_and_the_rest_is_kept(cast, left_out):
    who = newcomer()
    page = screen(browser_of(who).post(page_of(cast.community), details(cast, **left_out)))
    assert 'class="errorlist"' in page
    assert f'value="{cast.compound.pk}" selected' in page
    assert left_out.get("address", "3 幢 301").strip() in page
    assert not CheckIn.objects.filter(member__user=who.user).exists()
    assert not Member.objects.filter(user=who.user).exists()


@pytest.mark.parametrize("field", ["unit", "compound"])
@pytest.mark.parametrize("value", ["0", "-1", "abc", "9" * 40, "１２"])
def test_a_forged_choice_is_refused(cast, field, value):
    page = screen(browser_of(newcomer()).post(page_of(cast.community), details(cast, **{field: value})))
    assert 'class="errorlist"' in page
    assert "3 幢 301" in page


def test_a_unit_of_another_city_and_a_compound_next_door_are_no_choices(cast):
    abroad = UnitFactory(parent=OrganizationFactory(name="别的市", code="BD"), name="别的局")
    client = browser_of(newcomer())
    page = screen(client.get(page_of(cast.other_community)))
    assert cast.compound.name not in page
    assert abroad.name not in page
    client.post(page_of(cast.other_community), details(cast))
    client.post(page_of(cast.community), details(cast, unit=abroad.pk))
    assert not CheckIn.objects.filter(address="3 幢 301").exists()


@pytest.mark.parametrize(
    "address", ["龘䶮𠮷苑 3-301", "3-301 🏠", "<script>alert(1)</script>", "'; DROP TABLE accounts_checkin;--"]
)
def test_any_address_is_kept_as_typed_and_shown_as_text(cast, address):
    who = newcomer()
    browser_of(who).post(page_of(cast.community), details(cast, address=address))
    assert CheckIn.objects.get(member__user=who.user).address == address
    response = browser_of(cast.secretary).get(reverse("check_in_queue"))
    assert address in screen(response)
    assert b"<script>alert" not in response.content


def test_a_second_one_is_refused_with_a_sentence_and_nothing_typed_is_lost(cast):
    client = browser_of(newcomer())
    client.post(page_of(cast.community), details(cast))
    page = screen(client.post(page_of(cast.community), details(cast, address="8 幢 808")))
    assert sentence(Reason.ALREADY_PENDING) in page
    assert "8 幢 808" in page
    assert CheckIn.objects.filter(address__in=["3 幢 301", "8 幢 808"]).count() == 1


def test_what_is_approved_already_is_refused_with_a_sentence(cast):
    same = {"name": cast.member.user.name, "phone": cast.member.user.phone, "address": "1-101"}
    page = screen(browser_of(cast.member).post(page_of(cast.community), details(cast, **same)))
    assert sentence(Reason.NOTHING_CHANGED, community=cast.community) in page


def test_a_double_tap_makes_one_check_in(cast):
    client = browser_of(newcomer())
    for _ in range(2):
        client.post(page_of(cast.community), details(cast))
    assert CheckIn.objects.filter(address="3 幢 301").count() == 1


def test_what_was_returned_comes_back_filled_in_and_is_sent_again(cast):
    who = newcomer()
    client = browser_of(who)
    client.post(page_of(cast.community), details(cast))
    check_in = CheckIn.objects.get(member__user=who.user)
    return_check_in(check_in, reason="请写单元", by=cast.secretary)
    assert "请写单元" in screen(client.get(reverse("check_in")))
    page = screen(client.get(page_of(cast.community)))
    assert "请写单元" in page
    assert 'value="3 幢 301"' in page
    client.post(page_of(cast.community), details(cast, address="3 幢 2 单元 301"))
    check_in.refresh_from_db()
    assert (check_in.status, check_in.address) == ("SUBMITTED", "3 幢 2 单元 301")
    assert CheckIn.objects.filter(member__user=who.user).count() == 1


def test_returned_by_one_community_it_can_be_sent_to_another(cast):
    who = newcomer()
    client = browser_of(who)
    client.post(page_of(cast.community), details(cast))
    return_check_in(CheckIn.objects.get(member__user=who.user), reason="你住隔壁", by=cast.secretary)
    client.post(page_of(cast.other_community), details(cast, compound=""))
    check_in = CheckIn.objects.get(member__user=who.user)
    assert (check_in.community, check_in.status) == (cast.other_community, "SUBMITTED")
    assert str(who.user) not in screen(browser_of(cast.secretary).get(reverse("check_in_queue")))
    approve_check_in(check_in, by=cast.other_secretary)


def test_the_queue_shows_what_waits_here_and_nothing_from_next_door(cast):
    here, there = waiting_check_in(cast), waiting_check_in(cast, community=cast.other_community)
    page = screen(browser_of(cast.secretary).get(reverse("check_in_queue")))
    assert str(here.member) in page
    assert str(there.member) not in page


def test_one_tap_approves_and_the_second_says_that_it_is_done(cast):
    check_in = waiting_check_in(cast)
    client = browser_of(cast.secretary)
    approve = reverse("check_in_approve", args=[check_in.pk])
    assert str(check_in.member) in screen(client.post(approve, follow=True))
    check_in.refresh_from_db()
    page = screen(client.post(approve, follow=True))
    assert sentence(Reason.NOT_ALLOWED_NOW, state=check_in.get_status_display()) in page
    assert check_in.status == "APPROVED"


def test_ones_own_check_in_is_refused_with_a_sentence(cast):
    own = waiting_check_in(cast, member=MemberFactory(user=cast.secretary.user))
    client = browser_of(cast.secretary)
    page = screen(client.post(reverse("check_in_approve", args=[own.pk]), follow=True))
    assert sentence(Reason.ONESELF) in page
    page = screen(client.post(reverse("check_in_return", args=[own.pk]), {"reason": "我自己的"}))
    assert sentence(Reason.ONESELF) in page
    assert "我自己的" in page


@pytest.mark.parametrize("reason", ["", "   ", "长" * 201])
def test_a_return_without_a_usable_reason_is_said_and_changes_nothing(cast, reason):
    check_in = waiting_check_in(cast)
    page = screen(browser_of(cast.secretary).post(reverse("check_in_return", args=[check_in.pk]), {"reason": reason}))
    assert 'class="errorlist"' in page
    assert reason.strip() in page
    check_in.refresh_from_db()
    assert check_in.status == "SUBMITTED"


def test_returning_what_was_approved_meanwhile_keeps_the_words(cast):
    check_in = waiting_check_in(cast)
    approve_check_in(check_in, by=cast.second_secretary)
    page = screen(
        browser_of(cast.secretary).post(reverse("check_in_return", args=[check_in.pk]), {"reason": "请写单元"})
    )
    assert sentence(Reason.NOT_ALLOWED_NOW, state=check_in.get_status_display()) in page
    assert "请写单元" in page


def test_the_queue_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.secretary), reverse("check_in_queue")
    waiting_check_in(cast)
    one = queries_of(client, url)
    for _ in range(29):
        waiting_check_in(cast)
    assert queries_of(client, url) == one


@pytest.mark.parametrize("who", ["secretary", "city_officer"])
def test_the_list_of_members_costs_the_same_for_one_and_for_thirty(cast, who):
    client, url = browser_of(getattr(cast, who)), reverse("members")
    one = queries_of(client, url)
    for _ in range(29):
        MemberFactory(unit=cast.unit, community=cast.community)
    assert queries_of(client, url) == one


def test_members_are_found_by_name_and_number_with_the_phone_for_their_community_alone(cast):
    client = browser_of(cast.secretary)
    for words in ("小明", "0000000001", cast.member.user.phone):
        page = screen(client.get(reverse("members"), {"q": words}))
        assert "张小明" in page
        assert cast.member.user.phone in page
        assert "1-101" not in page
    assert "张小明" not in screen(client.get(reverse("members"), {"q": "王芳%_'"}))


def test_a_second_city_keeps_its_members_to_itself(cast):
    stranger = MemberFactory(community=CommunityFactory())
    for who in (cast.secretary, cast.city_officer):
        assert str(stranger) not in screen(browser_of(who).get(reverse("members")))


# --- beside the roster, and many at once ------------------------------------------------------


def listed(check_in, **changed):
    user = check_in.member.user
    return RosterEntry.objects.create(unit=check_in.unit, **{"name": user.name, "phone": user.phone, **changed})


def test_each_is_shown_beside_its_line_with_what_differs(cast):
    agreeing, other_phone, unlisted = waiting_check_in(cast), waiting_check_in(cast), waiting_check_in(cast)
    listed(agreeing, community=cast.community)
    listed(other_phone, phone="10044444444")
    client, url = browser_of(cast.secretary), reverse("check_in_queue")
    assert "10044444444" in screen(client.get(url))
    for show, there in (("AGREES", agreeing), ("DIFFERS", other_phone), ("UNLISTED", unlisted)):
        page = screen(client.get(url, {"show": show}))
        shown = [row for row in (agreeing, other_phone, unlisted) if str(row.member) in page]
        assert shown == [there]


@pytest.mark.parametrize("show", ["", "NONSENSE", "'; --"])
def test_a_forged_filter_shows_everything(cast, show):
    check_in = waiting_check_in(cast)
    assert str(check_in.member) in screen(browser_of(cast.secretary).get(reverse("check_in_queue"), {"show": show}))


def test_all_that_agree_are_approved_after_a_look_at_their_names(cast):
    agreeing = [waiting_check_in(cast) for _ in range(3)]
    for check_in in agreeing:
        listed(check_in)
    differing = waiting_check_in(cast)
    client, url = browser_of(cast.secretary), reverse("check_ins_approve")
    page = screen(client.get(url))
    assert all(str(check_in.member) in page for check_in in agreeing)
    assert str(differing.member) not in page
    late = waiting_check_in(cast)
    listed(late)
    shown = [int(key) for key in re.findall(r'name="check_in" value="(\d+)"', page)]
    client.post(url, {"all": "AGREES", "check_in": [*shown, differing.pk]})
    late.refresh_from_db()
    assert late.status == "SUBMITTED", "who came after the look at the names was not looked at"
    states = CheckIn.objects.filter(pk__in=[row.pk for row in [*agreeing, differing]]).order_by("pk")
    assert [row.status for row in states] == ["APPROVED"] * 3 + ["SUBMITTED"]


def test_those_ticked_are_approved_and_what_is_foreign_is_not(cast):
    ticked, left, foreign = waiting_check_in(cast), waiting_check_in(cast), None
    foreign = waiting_check_in(cast, community=cast.other_community)
    client = browser_of(cast.secretary)
    client.post(reverse("check_ins_approve"), {"check_in": [ticked.pk, foreign.pk, "abc", "9" * 30]})
    states = {row.pk: row.status for row in CheckIn.objects.filter(pk__in=[ticked.pk, left.pk, foreign.pk])}
    assert states == {ticked.pk: "APPROVED", left.pk: "SUBMITTED", foreign.pk: "SUBMITTED"}


def test_those_ticked_are_returned_once_a_reason_is_given(cast):
    first, second = waiting_check_in(cast), waiting_check_in(cast)
    client, url = browser_of(cast.secretary), reverse("check_ins_return")
    asked = {"check_in": [first.pk, second.pk]}
    page = screen(client.post(url, asked))
    assert str(first.member) in page
    assert 'class="errorlist"' not in page, "nothing has been refused yet"
    assert 'class="errorlist"' in screen(client.post(url, {**asked, "reason": " "}))
    client.post(url, {**asked, "reason": "请写单元"})
    assert set(CheckIn.objects.filter(pk__in=[first.pk, second.pk]).values_list("status", "return_reason")) == {
        ("RETURNED", "请写单元")
    }


@pytest.mark.parametrize("page", ["check_ins_approve", "check_ins_return"])
def test_nothing_ticked_is_said(cast, page):
    said = screen(browser_of(cast.secretary).post(reverse(page), {"reason": "请写单元"}, follow=True))
    assert 'class="say warning"' in said


# --- what was approved ------------------------------------------------------------------------


def test_the_receipt_is_there_once_approved(cast):
    who = newcomer()
    client = browser_of(who)
    client.post(page_of(cast.community), details(cast))
    assert client.get(reverse("check_in_receipt")).status_code == 404
    approve_check_in(CheckIn.objects.get(member__user=who.user), by=cast.secretary)
    page = screen(client.get(reverse("check_in_receipt")))
    for word in (cast.community.name, cast.unit.name, "张明", "3 幢 301"):
        assert word in page


def test_a_change_begins_with_what_was_approved_and_shows_the_community_what_is_new(cast):
    client = browser_of(cast.member)
    page = screen(client.get(page_of(cast.community)))
    assert 'value="1-101"' in page
    same = {"name": cast.member.user.name, "phone": cast.member.user.phone, "address": "8-808"}
    client.post(page_of(cast.community), details(cast, **same))
    queue = screen(browser_of(cast.secretary).get(reverse("check_in_queue")))
    assert "8-808" in queue
    assert str(UnitNews.Detail.ADDRESS.label) in queue


def test_history_is_kept_and_shown_to_the_member(cast):
    client = browser_of(cast.member)
    client.post(page_of(cast.community), details(cast, name="张小明", phone=cast.member.user.phone, address="8-808"))
    approve_check_in(CheckIn.objects.get(address="8-808"), by=cast.secretary)
    page = screen(client.get(reverse("check_in")))
    assert page.index("8-808") < page.index("1-101")


def test_a_misspelt_name_is_mended_like_everything_else(cast):
    who = Actor(user=UserFactory(name="张小名", phone="10012345678"))
    RosterEntry.objects.create(unit=cast.unit, name="张小鸣", phone="10012345678")
    client = browser_of(who)
    client.post(page_of(cast.community), details(cast, name="张小名"))
    check_in = CheckIn.objects.get(member__user=who.user)
    return_check_in(check_in, reason="姓名与名册不一致", by=cast.secretary)
    assert 'value="张小名"' in screen(client.get(page_of(cast.community)))
    client.post(page_of(cast.community), details(cast, name="张 小鸣"))
    queue = screen(browser_of(cast.secretary).get(reverse("check_in_queue"), {"show": "AGREES"}))
    assert "张小鸣" in queue
    check_in.refresh_from_db()
    approve_check_in(check_in, by=cast.secretary)
    assert User.objects.get(pk=who.user.pk).name == "张小鸣"


def test_the_form_begins_with_what_is_true_today(cast):
    member = cast.member.member
    UnitMembership.objects.filter(member=member).delete()
    UnitMembership.objects.create(member=member, unit=cast.other_unit, starts_on="2026-01-01")
    CheckIn.objects.filter(member=member).update(retired=True)
    page = screen(browser_of(cast.member).get(page_of(cast.community)))
    assert f'value="{cast.other_unit.pk}" selected' in page
    assert "checked" not in page


def test_more_than_a_form_can_hold_are_approved_in_turns(cast, monkeypatch):
    from accounts.views import review as views

    monkeypatch.setattr(views, "AT_ONCE", 2)
    for _ in range(3):
        listed(waiting_check_in(cast))
    page = screen(browser_of(cast.secretary).get(reverse("check_ins_approve")))
    assert len(re.findall(r'name="check_in"', page)) == 2


def test_ones_own_among_those_returned_is_said(cast):
    own = waiting_check_in(cast, member=MemberFactory(user=cast.secretary.user))
    page = screen(
        browser_of(cast.secretary).post(
            reverse("check_ins_return"), {"check_in": [own.pk], "reason": "请写单元"}, follow=True
        )
    )
    assert 'class="say warning"' in page
    assert 'class="say success"' not in page
