"""What a resident is told of the own wish, says about it, and keeps in an account."""

from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import CLOCK
from accounts.models import Organization
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_step import step
from tasks.models import Claim, Wish
from tasks.queries.wish_tracking import goes_with, steps_told
from tasks.refusals import Reason
from tasks.templatetags.wish_words import step_words, words_of_another
from tasks.views.wish_tracking import NUMBERS_REMEMBERED
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, UserFactory, WishFactory
from vanguard.lib.masking import mask_name

pytestmark = pytest.mark.django_db
FOR_STAFF = "他今天没空，别告诉老人"
Status = Wish.Status


def tracked(wish):
    """The page, and a browser in which number and phone have been proved."""
    client = Client()
    client.post(reverse("wish_track"), {"number": wish.number, "phone": wish.contact.phone})
    return client, reverse("wish_tracked", args=[wish.number])


def page_of(wish):
    client, address = tracked(wish)
    return screen(client.get(address))


def taken(cast, *, status="CLAIMED", claim="HELD", **fields):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=20)
    ClaimFactory(shift=shift, member=cast.member.member, status=claim, **fields)
    return WishFactory(community=cast.community, task=shift.task, status=status)


# --- steps and words ------------------------------------------------------------------------


def test_every_step_is_told_with_the_words_written_for_the_resident_and_no_others(cast):
    wish = WishFactory(community=cast.community)
    task = TaskFactory(publisher=cast.community)
    steps = [
        (Status.ASKED_BACK, "在几楼？", {}),
        (Status.NEW, "三楼", {}),
        (Status.ACCEPTED, FOR_STAFF, {}),
        (Status.PUBLISHED, FOR_STAFF, {"task": task}),
        (Status.CLAIMED, FOR_STAFF, {}),
        (Status.PUBLISHED, FOR_STAFF, {}),
        (Status.CLAIMED, FOR_STAFF, {}),
        (Status.FULFILLED, FOR_STAFF, {}),
        (Status.DONE, "很亮", {}),
        (Status.REOPENED, "又坏了", {}),
        (Status.DECLINED, "请打物业电话", {}),
    ]
    for to, why, fields in steps:
        step(wish, to, by=cast.secretary, why=why, **fields)
    told = steps_told(wish)
    assert [one.status for one in told] == [to for to, _why, _fields in steps]
    assert [one.words for one in told if one.words] == ["在几楼？", "三楼", "很亮", "又坏了", "请打物业电话"]
    page = page_of(wish)
    for one in told:
        assert step_words(one) in page
        assert one.words in page
    assert step_words(told[3]) != step_words(told[5]), "handed back is told in other words than published"
    assert FOR_STAFF not in page
    assert cast.secretary.user.name not in page


def test_a_wish_that_nobody_moved_has_its_state_and_its_answer(cast):
    wish = WishFactory(community=cast.community, status="DECLINED", answer="请打物业电话")
    assert [(told.status, told.words) for told in steps_told(wish)] == [("DECLINED", "请打物业电话")]
    assert "请打物业电话" in page_of(wish)


@pytest.mark.parametrize("status", Status.values)
def test_every_state_can_be_said_to_its_resident_and_to_another(cast, status):
    wish = WishFactory(community=cast.community, status=status, task=TaskFactory(publisher=cast.community))
    (told,) = steps_told(wish)
    assert step_words(told) in page_of(wish)
    assert words_of_another(told)


def test_of_a_fulfilled_wish_it_is_asked_and_not_said_that_it_is_confirmed(cast):
    page = page_of(taken(cast, status="FULFILLED"))
    assert 'name="done" value="yes"' in page
    assert 'name="done" value="no"' in page


# --- who helps ------------------------------------------------------------------------------


@pytest.mark.parametrize("claim", ["HELD", "ATTENDED", "PROPOSED", "CONFIRMED"])
def test_who_helps_is_told_by_a_masked_name_alone(cast, claim):
    page = page_of(taken(cast, claim=claim))
    assert "张*明" in page
    assert "张小明" not in page
    assert cast.member.user.phone not in page


@pytest.mark.parametrize("claim", ["WAITING", "OFFERED", "ABSENT", "EXCUSED", "WITHDRAWN", "CANCELLED"])
def test_who_does_not_help_is_not_told(cast, claim):
    assert "张*明" not in page_of(taken(cast, claim=claim))


@pytest.mark.parametrize("status", ["PUBLISHED", "DECLINED", "ACCEPTED"])
def test_nobody_is_told_before_the_claim_or_when_it_is_declined(cast, status):
    assert "张*明" not in page_of(taken(cast, status=status))


def test_the_agreed_time_is_told_once_there_is_one(cast):
    wish = taken(cast)
    claim = Claim.objects.get()
    starts = timezone.localtime(claim.starts_at)
    assert f"{starts:%H:%M}–" in page_of(wish)
    Claim.objects.update(starts_at=None, ends_at=None)
    assert f"{starts:%H:%M}–" not in page_of(wish)


def test_of_many_the_page_names_ten_at_the_same_cost(cast):
    wish = taken(cast)
    client, address = tracked(wish)
    one = queries_of(client, address)
    for _ in range(12):
        ClaimFactory(shift=Claim.objects.first().shift)
    assert queries_of(client, address) == one
    assert screen(client.get(address)).count('<div class="line"><span class="grow">张') == 10


# --- an earlier wish ------------------------------------------------------------------------


def test_a_merged_wish_says_how_the_earlier_one_stands_and_nothing_else_of_it(cast):
    earlier = WishFactory(
        community=cast.community,
        text="路灯坏了三天，我住3幢201。",
        edited_text="东门的路灯坏了。",
        contact__name="赵老师",
        contact__phone="10066666666",
    )
    wish = WishFactory(community=cast.community)
    step(wish, Status.MERGED, by=cast.secretary, why=earlier.number, merged_into=earlier)
    step(earlier, Status.ASKED_BACK, by=cast.secretary, why="哪一盏？", answer="哪一盏？")
    step(earlier, Status.NEW, by=CLOCK, why="我家门口3幢")
    step(earlier, Status.DECLINED, by=cast.secretary, why="请打供电局", answer="请打供电局")
    page = page_of(wish)
    for told in steps_told(earlier):
        assert words_of_another(told) in page
    texts = (earlier.text, earlier.edited_text, earlier.number)
    for theirs in (*texts, "赵老师", "10066666666", "哪一盏", "我家门口", "供电局"):
        assert theirs not in page


@pytest.mark.parametrize("with_records", [True, False])
def test_nor_does_it_say_what_the_other_resident_said_at_the_end(cast, with_records):
    earlier = taken(cast, status="FULFILLED" if with_records else "DONE")
    last = {"resident_words": "小伙子很细心", "rating": "GOOD"}
    if with_records:
        step(earlier, Status.DONE, by=CLOCK, why="小伙子很细心", **last)
    else:
        Wish.objects.filter(pk=earlier.pk).update(**last, answer="请等周六")
    wish = WishFactory(community=cast.community, status="MERGED", merged_into=earlier)
    page = page_of(wish)
    assert words_of_another(steps_told(earlier)[-1]) in page
    helper = mask_name(cast.member.user.name)
    for theirs in ("小伙子很细心", "请等周六", str(Wish.Rating.GOOD.label), helper, earlier.task.title):
        assert theirs not in page


def test_the_earlier_one_of_an_earlier_one_is_followed(cast):
    first = WishFactory(community=cast.community, status="ACCEPTED")
    second = WishFactory(community=cast.community, status="MERGED", merged_into=first)
    third = WishFactory(community=cast.community, status="MERGED", merged_into=second)
    assert goes_with(third) == first
    assert goes_with(first) is None
    Wish.objects.filter(pk=first.pk).update(status="MERGED", merged_into=third)  # a ring, which ought not to be
    assert goes_with(Wish.objects.get(pk=third.pk))


# --- asked back -----------------------------------------------------------------------------


@pytest.fixture
def asked_back(cast):
    return WishFactory(community=cast.community, status="ASKED_BACK", answer="在几楼？")


def test_a_question_is_answered_on_the_page(asked_back):
    client, address = tracked(asked_back)
    assert "在几楼？" in screen(client.get(address))
    reply = reverse("wish_reply", args=[asked_back.number])
    assert "三楼，没有电梯" in screen(client.post(reply, {"words": "三楼，没有电梯"}, follow=True))
    asked_back.refresh_from_db()
    assert asked_back.status == Status.NEW
    late = screen(client.post(reply, {"words": "四楼"}, follow=True))
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=asked_back.get_status_display()) in late
    assert steps_told(asked_back)[-1].words == "三楼，没有电梯"


@pytest.mark.parametrize("words", ["", " \u3000", "长" * 301])
def test_an_answer_without_usable_words_is_said_and_kept(asked_back, words):
    client, _address = tracked(asked_back)
    page = screen(client.post(reverse("wish_reply", args=[asked_back.number]), {"words": words}))
    assert 'class="errorlist' in page
    assert words.strip() in page
    asked_back.refresh_from_db()
    assert asked_back.status == Status.ASKED_BACK


def test_a_stranger_answers_neither_a_question_nor_for_the_resident(cast, asked_back):
    fulfilled = taken(cast, status="FULFILLED")
    for stranger in (Client(), browser_of(cast.secretary), browser_of(cast.member)):
        assert stranger.post(reverse("wish_reply", args=[asked_back.number]), {"words": "三楼"}).status_code == 404
        assert stranger.post(reverse("wish_outcome", args=[fulfilled.number]), {"done": "yes"}).status_code == 404
    fulfilled.refresh_from_db()
    assert fulfilled.status == Status.FULFILLED


# --- the last word --------------------------------------------------------------------------


def test_how_it_was_is_asked_once_and_not_done_after_all_can_be_said_later(cast):
    wish = taken(cast, status="FULFILLED")
    client, address = tracked(wish)
    answer = reverse("wish_outcome", args=[wish.number])
    client.post(answer, {"done": "yes", "rating": "GOOD", "words": "小伙子很细心"})
    wish.refresh_from_db()
    assert (wish.status, wish.rating, wish.resident_words) == ("DONE", "GOOD", "小伙子很细心")
    page = screen(client.get(address))
    assert 'value="yes"' not in page
    assert "小伙子很细心" in page
    assert "第二天又坏了" in screen(client.post(answer, {"done": "no", "words": "第二天又坏了"}, follow=True))
    wish.refresh_from_db()
    assert (wish.status, wish.rating) == ("REOPENED", "")


def test_a_rating_that_does_not_exist_changes_nothing(cast):
    wish = taken(cast, status="FULFILLED")
    client, _address = tracked(wish)
    page = screen(client.post(reverse("wish_outcome", args=[wish.number]), {"done": "yes", "rating": "SUPER"}))
    assert 'class="errorlist' in page
    wish.refresh_from_db()
    assert wish.status == Status.FULFILLED


# --- an account -----------------------------------------------------------------------------


@pytest.fixture
def resident(db):
    return UserFactory()


def signed_in(user):
    client = Client()
    client.force_login(user)
    return client


def test_a_wish_is_taken_into_the_account_with_number_and_phone(cast, resident):
    wish, client = WishFactory(community=cast.community), signed_in(resident)
    keep = reverse("wish_keep", args=[wish.number])
    assert client.post(keep).status_code == 404, "before number and phone are proved"
    address = client.post(reverse("wish_track"), {"number": wish.number, "phone": wish.contact.phone}).headers[
        "Location"
    ]
    assert keep in screen(client.get(address))
    assert keep not in screen(client.post(keep, follow=True))
    assert wish.text in screen(signed_in(resident).get(reverse("my_wishes")))
    assert wish.text in screen(signed_in(resident).get(address)), "now without number and phone"


def test_what_another_account_has_stays_there(cast, resident):
    wish = WishFactory(community=cast.community, sender=UserFactory())
    client, address = tracked(wish)
    client.force_login(resident)
    assert reverse("wish_keep", args=[wish.number]) not in screen(client.get(address))
    page = screen(client.post(reverse("wish_keep", args=[wish.number]), follow=True))
    assert sentence(Reason.KEPT_ELSEWHERE) in page
    assert not Wish.objects.filter(sender=resident).exists()


def test_who_is_not_signed_in_is_offered_no_account(cast):
    wish = WishFactory(community=cast.community)
    client, address = tracked(wish)
    assert reverse("wish_keep", args=[wish.number]) not in screen(client.get(address))


def test_a_hat_makes_no_difference_to_ones_own_wishes(cast):
    wish = WishFactory(community=cast.community, sender=cast.other_secretary.user)
    client = browser_of(cast.other_secretary)
    assert wish.text in screen(client.get(reverse("my_wishes")))
    assert wish.text in screen(client.get(reverse("wish_tracked", args=[wish.number])))


def test_my_wishes_are_the_newest_first_and_nobody_elses_at_the_same_cost(cast, resident):
    WishFactory(community=cast.community, text="别人的心愿", sender=cast.member.user)
    client, address = signed_in(resident), reverse("my_wishes")
    assert reverse("communities") in screen(client.get(address))
    WishFactory(community=cast.community, text="第一个心愿", sender=resident)
    one = queries_of(client, address)
    for n in range(2, 32):
        WishFactory(community=cast.community, text=f"第 {n} 个心愿", sender=resident)
    assert queries_of(client, address) == one
    page = screen(client.get(address))
    assert page.index("第 31 个心愿") < page.index("第 30 个心愿")
    assert "第一个心愿" not in page
    assert "别人的心愿" not in page
    assert "第一个心愿" in screen(client.get(f"{address}?page=2"))


# --- the browser ----------------------------------------------------------------------------


def test_a_browser_remembers_the_last_numbers_and_each_once(cast):
    client, first = Client(), WishFactory(community=cast.community)
    for wish in [first, *(WishFactory(community=cast.community) for _ in range(NUMBERS_REMEMBERED - 1)), first]:
        client.post(reverse("wish_track"), {"number": wish.number, "phone": wish.contact.phone})
    numbers = client.session["tracked"]
    assert len(numbers) == len(set(numbers)) == NUMBERS_REMEMBERED
    assert numbers[-1] == first.number


@pytest.mark.parametrize(
    "write",
    [
        str.lower,
        lambda number: f" {number[:5]} {number[5:]} ",
        lambda number: "".join(chr(ord(sign) + 0xFEE0) for sign in number),
    ],
    ids=["small", "spaces", "full width"],
)
def test_a_number_is_read_as_people_copy_it(cast, write):
    wish = WishFactory(community=cast.community)
    typed = {"number": write(wish.number), "phone": wish.contact.phone}
    assert Client().post(reverse("wish_track"), typed).headers["Location"] == reverse(
        "wish_tracked", args=[wish.number]
    )


def test_an_address_may_bring_the_number_and_the_phone_is_still_asked_for(cast):
    wish = WishFactory(community=cast.community)
    page = screen(Client().get(reverse("wish_track", query={"number": wish.number})))
    assert f'value="{wish.number}"' in page
    assert wish.text not in page
    assert b"<script>" not in Client().get(reverse("wish_track"), {"number": '"><script>'}).content


def test_the_page_of_a_merged_communitys_wish_gives_the_telephone_of_where_it_is_now(cast):
    wish = WishFactory(community=cast.community)
    Organization.objects.filter(pk=cast.other_community.pk).update(phone="000-0000002")
    Organization.objects.filter(pk=cast.community.pk).update(
        closed_on=timezone.localdate() - timedelta(days=1), merged_into=cast.other_community
    )
    assert "000-0000002" in page_of(wish)
