"""The secretary's pages: the queue, one wish in every state, and what is sent from there."""

import pytest
from django.test import Client, override_settings
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext

from accounts.actions.community import merge_community
from accounts.admin.record import VERBS
from accounts.models import Notice, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_facts import edit_text, mark_wish, verify_wish
from tasks.actions.wish_reply import keep_wish
from tasks.models import AnswerTemplate, Wish, WishPhoto
from tasks.queries.wish import history_of
from tasks.refusals import Reason
from tasks.templatetags.wish_desk import WITHOUT_A_STEP, deed, doer
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, WishFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk(cast):
    return browser_of(cast.secretary)


@pytest.fixture
def wish_in(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    ClaimFactory(shift=shift, member=cast.member.member, status="CONFIRMED")

    def made(status: str = "NEW", **fields) -> Wish:
        return WishFactory(community=cast.community, status=status, task=shift.task, **fields)

    return made


def post(client, name, wish, **sent):
    return client.post(reverse(name, args=[wish.pk]), sent, follow=True)


# --- the queue ------------------------------------------------------------------------------


def test_the_queue_shows_what_staff_has_to_know_and_no_contact(desk, wish_in):
    wish = wish_in(channel="STEWARD", verified="DOOR", hardship=True, edited_text="一位老人家的灯坏了")
    page = screen(desk.get(reverse("wish_queue")))
    hardship = f'class="state info">{gettext("Hardship")}'
    for words in ("一位老人家的灯坏了", wish.get_channel_display(), wish.get_category_display(), hardship):
        assert words in page
    assert wish.contact.phone not in page


def test_only_accepted_wishes_are_ticked_to_be_published_together(desk, wish_in):
    accepted, new = wish_in("ACCEPTED"), wish_in()
    page = screen(desk.get(reverse("wish_queue")))
    assert f'name="wish" value="{accepted.pk}"' in page
    assert f'name="wish" value="{new.pk}"' not in page


@pytest.mark.parametrize("status", ["", "NEW", "all"])
def test_the_queue_costs_the_same_with_all_its_marks(desk, wish_in, status):
    url = f"{reverse('wish_queue')}?status={status}"
    wish_in(hardship=True, channel="PHONE", verified="PHONE")
    one = queries_of(desk, url)
    for n in range(29):
        wish_in("NEW" if n % 2 else "ACCEPTED", hardship=bool(n % 3))
    assert queries_of(desk, url) == one


# --- the page of one wish -------------------------------------------------------------------


@pytest.mark.parametrize("status", Wish.Status.values)
def test_every_state_has_its_page_at_the_same_cost_whatever_has_happened(desk, cast, wish_in, status):
    wish = wish_in(status, resident_words="灯亮了，谢谢 🙏", edited_text="一位老人家的灯坏了", compound=cast.compound)
    url = reverse("wish", args=[wish.pk])
    page = screen(desk.get(url))
    for words in ("一位老人家的灯坏了", wish.text, wish.contact.phone, wish.number, cast.compound.name):
        assert words in page
    one = queries_of(desk, url)
    for _ in range(3):
        post(desk, "wish_mark", wish, hardship="on")
        post(desk, "wish_mark", wish)
    assert queries_of(desk, url) == one


def test_all_contact_is_shown_to_staff_and_each_look_recorded(desk, wish_in):
    contact = {"other_way": "隔壁王阿姨转告", "for_name": "王爷爷", "for_phone": "10066666666", "for_consent": True}
    wish = wish_in(for_whom="OTHER", **{f"contact__{name}": value for name, value in contact.items()})
    page = screen(desk.get(reverse("wish", args=[wish.pk])))
    for words in ("隔壁王阿姨转告", "王爷爷", "tel:10066666666", f"tel:{wish.contact.phone}"):
        assert words in page
    assert Record.objects.filter(verb="revealed", subject_id=wish.pk).count() == 1


def test_without_a_phone_there_is_nothing_to_dial(desk, wish_in):
    page = screen(desk.get(reverse("wish", args=[wish_in(contact__phone="").pk])))
    assert 'href="tel:"' not in page


def test_what_has_happened_names_who_and_why(desk, cast, wish_in):
    wish = wish_in()
    post(desk, "wish_ask", wish, question="哪一盏灯？")
    post(browser_of(cast.second_secretary), "wish_reply_written", wish, words="楼道的灯")
    page = screen(desk.get(reverse("wish", args=[wish.pk])))
    for words in ("哪一盏灯？", "楼道的灯", str(cast.secretary.appointment), cast.second_secretary.user.name):
        assert words in page


# --- what is sent from there ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "sent", "status", "said"),
    [
        ("wish_ask", {"question": "哪一盏灯？"}, "NEW", {"status": "ASKED_BACK", "answer": "哪一盏灯？"}),
        ("wish_reply_written", {"words": "楼道的灯"}, "ASKED_BACK", {"status": "NEW"}),
        ("wish_decline", {"reason": "请打物业电话"}, "REOPENED", {"status": "DECLINED", "answer": "请打物业电话"}),
        ("wish_accept", {}, "NEW", {"status": "ACCEPTED"}),
        ("wish_verify", {"how": "DOOR"}, "ACCEPTED", {"verified": "DOOR"}),
        ("wish_text", {"text": "一位老人家的灯坏了"}, "NEW", {"edited_text": "一位老人家的灯坏了"}),
        ("wish_mark", {"hardship": "on", "for_minor": "on"}, "CLAIMED", {"hardship": True, "for_minor": True}),
        ("wish_outcome_written", {"done": "yes", "rating": "GOOD"}, "FULFILLED", {"status": "DONE", "rating": "GOOD"}),
        ("wish_outcome_written", {"done": "no", "words": "还不亮"}, "DONE", {"status": "REOPENED"}),
    ],
)
def test_what_is_sent_is_done_and_said(desk, wish_in, name, sent, status, said):
    wish = wish_in(status)
    assert 'class="say success"' in screen(post(desk, name, wish, **sent))
    assert Wish.objects.filter(pk=wish.pk).values(*said).get() == said


@pytest.mark.parametrize(
    ("name", "sent", "status"),
    [
        ("wish_ask", {"question": "问" * 301}, "NEW"),
        ("wish_ask", {"question": "哪一盏灯？"}, "CLAIMED"),
        ("wish_reply_written", {"words": "答" * 301}, "ASKED_BACK"),
        ("wish_reply_written", {"words": "楼道的灯"}, "NEW"),
        ("wish_decline", {"reason": "请打物业电话"}, "CLAIMED"),
        ("wish_text", {"text": "长" * 501}, "NEW"),
        ("wish_text", {"text": "一位老人家的灯坏了"}, "DONE"),
        ("wish_outcome_written", {"done": "no", "words": "答" * 301}, "FULFILLED"),
        ("wish_outcome_written", {"done": "no", "words": "还不亮"}, "ACCEPTED"),
        ("wish_thanks", {"words": "李奶奶谢谢你们"}, "DONE"),
    ],
)
def test_what_cannot_be_done_is_said_and_the_words_stay(desk, wish_in, name, sent, status):
    wish = wish_in(status, resident_words="谢谢")
    before = Wish.objects.filter(pk=wish.pk).values().get()
    page = screen(post(desk, name, wish, **sent))
    assert page.count('class="errorlist') == 1
    assert max(sent.values(), key=len) in page
    assert Wish.objects.filter(pk=wish.pk).values().get() == before


@pytest.mark.parametrize(
    ("name", "sent"),
    [("wish_verify", {}), ("wish_verify", {"how": "DREAM"}), ("wish_outcome_written", {"done": "maybe"})],
)
def test_nonsense_is_not_found(desk, wish_in, name, sent):
    assert post(desk, name, wish_in("FULFILLED"), **sent).status_code == 404


def test_verifying_twice_is_said_kindly(desk, wish_in):
    wish = wish_in()
    post(desk, "wish_verify", wish, how="PHONE")
    assert sentence(Reason.VERIFIED_ALREADY) in screen(post(desk, "wish_verify", wish, how="PHONE"))
    assert Record.objects.filter(verb="verified").count() == 1


def test_a_refusal_shows_the_wish_as_it_is_now(desk, wish_in):
    wish = wish_in("ACCEPTED")
    page = screen(post(desk, "wish_decline", wish, reason="请打物业电话"))
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display()) in page
    assert reverse("wish_publish", args=[wish.pk]) in page


def test_the_templates_to_choose_from_fill_the_field_they_are_for(desk, cast, wish_in):
    AnswerTemplate.objects.create(organization=cast.city, purpose="DECLINE", text="请打物业电话")
    page = screen(desk.get(reverse("wish", args=[wish_in().pk])))
    assert 'data-fills="decline_reason"' in page
    assert 'id="decline_reason"' in page
    assert "请打物业电话" in page
    assert "js/answer_template" in page
    ids = [piece.split('"')[0] for piece in page.split(' id="')[1:]]
    assert len(ids) == len(set(ids))


# --- the end --------------------------------------------------------------------------------


@override_settings(SITE_URL="https://weijia.example.org")
def test_the_words_to_ask_with_carry_the_address_to_answer_at(desk, wish_in):
    wish = wish_in("FULFILLED")
    page = screen(desk.get(reverse("wish", args=[wish.pk])))
    words = page.split("<textarea readonly")[1].split("</textarea>")[0]
    assert "https://weijia.example.org/track/" in words
    assert wish.number in words
    assert wish.contact.name not in words


def test_not_done_stands_on_top_with_the_residents_words(desk, wish_in):
    wish = wish_in("REOPENED", resident_words="灯还是不亮")
    page = screen(desk.get(reverse("wish", args=[wish.pk])))
    assert page.index("灯还是不亮") < page.index(wish.text)
    assert reverse("wish_publish", args=[wish.pk]) in page


def test_thanks_are_passed_on_shortened(desk, cast, wish_in):
    wish = wish_in("DONE", resident_words="小伙子真好，李奶奶谢谢你们")
    assert "小伙子真好" in screen(post(desk, "wish_thanks", wish, words="小伙子真好，谢谢你们"))
    assert Notice.objects.get(user=cast.member.user).params["words"] == "小伙子真好，谢谢你们"
    page = screen(desk.get(reverse("wish", args=[wish.pk])))
    assert reverse("wish_thanks", args=[wish.pk]) not in page


@pytest.mark.parametrize("status", Wish.Status.values)
def test_every_form_that_is_sent_carries_its_token(desk, cast, wish_in, status):
    AnswerTemplate.objects.create(organization=cast.community, purpose="DECLINE", text="请打物业电话")
    wish = wish_in(status, resident_words="谢谢")
    for url in (reverse("wish", args=[wish.pk]), reverse("wish_templates"), reverse("wish_enter")):
        page = screen(desk.get(url))
        assert page.count('method="post"') == page.count("csrfmiddlewaretoken")


@pytest.mark.parametrize(
    ("old", "new", "verb", "words"),
    [
        ("", "NEW", "sent", "Sent"),
        ("ASKED_BACK", "NEW", "moved", "The resident's reply"),
        ("NEW", "ACCEPTED", "moved", "Accepted"),
        ("DONE", "REOPENED", "moved", "The resident says: not done"),
        ("", "", "edited", "Text for publishing changed"),
        ("", "", "grown", "grown"),
    ],
)
def test_every_deed_has_its_words(old, new, verb, words):
    with translation.override("en"):
        assert deed(Record(old_status=old, new_status=new, verb=verb)) == words


def test_what_is_done_with_a_wish_is_said_in_words_and_in_no_code(cast):
    assert set(WITHOUT_A_STEP) <= set(VERBS)
    wish = WishFactory(community=cast.community)
    verify_wish(wish, how="DOOR", by=cast.secretary)
    edit_text(wish, text="一盏灯不亮了。", by=cast.secretary)
    mark_wish(wish, hardship=True, for_minor=False, by=cast.secretary)
    keep_wish(wish, by=cast.member)
    merge_community(cast.community, into=cast.other_community, by=cast.city_officer)
    done = {record.verb: deed(record) for record in history_of(wish)}
    assert set(done) == {"verified", "edited", "marked", "linked", "carried over"}
    assert not set(done) & set(done.values())


def test_who_did_it_is_a_person_with_a_hat_the_resident_or_the_clock(cast):
    by_staff = Record(user=cast.secretary.user, appointment=cast.secretary.appointment, new_status="ACCEPTED")
    assert doer(by_staff) == f"{cast.secretary.user.name} · {cast.secretary.appointment}"
    assert doer(Record(user=cast.member.user, new_status="CLAIMED")) == cast.member.user.name
    with translation.override("en"):
        assert doer(Record(new_status="DONE")) == "The resident"
        assert doer(Record(new_status="PUBLISHED")) == "The platform, by itself"


def test_photos_stand_on_the_page_for_staff(desk, wish_in):
    wish = wish_in()
    photo = WishPhoto.objects.create(wish=wish, file="wishes/00/picture.jpg")
    assert reverse("wish_photo", args=[photo.pk]) in screen(desk.get(reverse("wish", args=[wish.pk])))


def test_the_address_sent_to_a_resident_opens_with_the_number_filled_in(wish_in):
    wish = wish_in("FULFILLED")
    page = screen(Client().get(reverse("wish_track", query={"number": wish.number})))
    assert f'value="{wish.number}"' in page
    assert wish.text not in page
