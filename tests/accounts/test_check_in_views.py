"""The pages of check-in: for who comes from the poster, and for the community that decides."""

import pytest
from django.test import Client
from django.urls import reverse

from accounts.access import Actor
from accounts.actions.check_in import approve_check_in, return_check_in
from accounts.models import CheckIn, Member
from accounts.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import CommunityFactory, MemberFactory, OrganizationFactory, UnitFactory, UserFactory

pytestmark = pytest.mark.django_db


def page_of(community):
    return reverse("check_in_at", args=[community.code])


def details(cast, **changed):
    return {"unit": cast.unit.pk, "compound": cast.compound.pk, "address": "3 幢 301", "consent": "on", **changed}


def newcomer():
    return Actor(user=UserFactory())


def waiting_check_in(cast, **changed):
    fields = {"member": MemberFactory(), "community": cast.community, "unit": cast.unit, "address": "3-301"}
    return CheckIn.objects.create(**{**fields, **changed})


def test_a_visitor_is_shown_how_to_begin_and_comes_back_here(cast):
    page = screen(Client().get(page_of(cast.community)))
    assert f"{reverse('account_signup')}?next={page_of(cast.community)}" in page


def test_from_sign_up_to_a_check_in(cast):
    client = Client()
    signed_up = client.post(
        f"{reverse('account_signup')}?next={page_of(cast.community)}",
        {
            "name": "韩梅梅",
            "phone": "100 7777 7777",
            "password1": "a-long-unusual-word-9",
            "next": page_of(cast.community),
        },
    )
    assert signed_up.headers.get("Location") == page_of(cast.community), signed_up.content.decode()
    assert client.post(page_of(cast.community), details(cast)).headers["Location"] == reverse("check_in")
    check_in = CheckIn.objects.get(member__user__phone="10077777777")
    assert (check_in.status, check_in.compound, check_in.unit) == ("SUBMITTED", cast.compound, cast.unit)
    assert cast.community.name in screen(client.get(reverse("check_in")))


@pytest.mark.parametrize(
    "left_out",
    [
        {"unit": ""},
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


def test_where_one_lives_already_it_is_refused_with_a_sentence(cast):
    page = screen(browser_of(cast.member).post(page_of(cast.community), details(cast)))
    assert sentence(Reason.ALREADY_CHECKED_IN, community=cast.community) in page


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
