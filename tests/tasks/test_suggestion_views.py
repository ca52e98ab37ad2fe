"""The pages of suggestions: a member's, a resident's by the door of wishes, and the desk; nothing typed is lost."""

import io
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse
from PIL import Image

from accounts.models import Appointment, Organization
from tasks.actions.suggestion_answer import decide_suggestion
from tasks.jobs import sweep_photos
from tasks.models import Suggestion, SuggestionPhoto, Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import MemberFactory, SuggestionFactory, UserFactory, WishFactory
from tests.photos import PLACED, upload

pytestmark = pytest.mark.django_db
LONG = "路灯太暗。\n" * 4000  # more than 20,000 characters
ODD_WORDS = [
    "龘䶮𠮷㐂 🙏👨‍👩‍👧‍👦 ‮倒写‬",
    "<script>alert(1)</script>",
    "{{ 7|add:7 }} %(name)s",
    "第一行\r\n第二行",
    "字" * 2000,
]


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def door(cast):
    return reverse("suggestion_send", args=[cast.community.code])


def said(**changed):
    return {"category": "SAFETY", "text": "东门的路灯太暗。", "sent_once": str(uuid4()), **changed}


def by_resident(**changed):
    return said(**{"name": "李奶奶", "phone": "138 0000 0001", "consent": "on", **changed})


NEW = "suggestion_new"


# --- a member -------------------------------------------------------------------------------


@pytest.mark.parametrize("words", ODD_WORDS)
def test_a_member_sends_whatever_is_written_and_reads_it_in_the_own_list(cast, words):
    client = browser_of(cast.member)
    page = screen(client.post(reverse(NEW), said(text=words), follow=True))
    suggestion = Suggestion.objects.get()
    assert suggestion.text == words.replace("\r\n", "\n").strip()
    assert suggestion.text[:3] in page
    assert suggestion.page in screen(client.get(reverse("my_suggestions")))


@pytest.mark.parametrize("words", [LONG, "字" * 2001, ""])
def test_too_long_or_empty_it_comes_back_whole_and_its_photos_are_kept(cast, words):
    client, typed = browser_of(cast.member), said(text=words)
    page = screen(client.post(reverse(NEW), {**typed, "photos": [upload()]}))
    assert words.strip() in page.replace("\r\n", "\n")
    assert typed["sent_once"] in page
    assert str(max(2000, len(words.strip()))) in page
    assert SuggestionPhoto.objects.get().suggestion is None
    client.post(reverse(NEW), {**typed, "text": "短一点。"})
    assert Suggestion.objects.get().photos.count() == 1


def test_without_a_check_in_the_words_stay_and_the_way_is_shown(cast):
    newcomer = MemberFactory(unit=cast.unit)
    client = Client()
    client.force_login(newcomer.user)
    page = screen(client.post(reverse(NEW), said(text="先写好的话")))
    assert sentence(Reason.NOT_CHECKED_IN) in page
    assert "先写好的话" in page
    assert reverse("communities") in page


def test_photos_come_as_nothing_but_pictures_and_go_to_nobody_else(cast, media):
    browser_of(cast.member).post(reverse(NEW), said(photos=[upload()]))
    photo = SuggestionPhoto.objects.get()
    assert PLACED not in photo.file.read()
    assert photo.file.name.startswith("suggestions/")
    seen = {
        who: browser_of(getattr(cast, who)).get(photo.address).status_code
        for who in ("member", "secretary", "other_member", "branch", "street_officer", "city_officer", "unit_officer")
    }
    assert {who for who, status in seen.items() if status == 200} == {"member", "secretary"}
    assert Client().get(photo.address).status_code == 404
    response = browser_of(cast.secretary).get(photo.address)
    assert Image.open(io.BytesIO(b"".join(response.streaming_content))).format == "JPEG"
    assert response.headers["Cache-Control"] == "private, no-store"


def test_more_photos_than_are_taken_are_refused_and_the_words_stay(cast):
    photos = [upload(name=f"{n}.jpg") for n in range(4)]
    assert "东门的路灯太暗。" in screen(browser_of(cast.member).post(reverse(NEW), said(photos=photos)))
    assert not SuggestionPhoto.objects.exists()


def test_photos_of_a_form_that_is_never_sent_go_with_a_file_that_nobody_names(cast, media, settings, monkeypatch):
    browser_of(cast.member).post(reverse(NEW), said(text="", photos=[upload()]))
    SuggestionPhoto.objects.update(created_at="2026-01-01T00:00Z")
    sweep_photos()
    assert not SuggestionPhoto.objects.exists()


# --- a resident -----------------------------------------------------------------------------


def test_a_resident_sends_by_the_door_of_wishes_and_follows_with_number_and_phone(cast, door):
    public = screen(Client().get(reverse("community", args=[cast.community.code])))
    assert door in public
    client = Client()
    page = screen(client.post(door, by_resident(photos=[upload()]), follow=True))
    suggestion = Suggestion.objects.get()
    assert suggestion.number in page
    assert client.get(suggestion.photos.get().address).status_code == 200
    assert not Wish.objects.exists()

    decide_suggestion(suggestion, "PARTLY", reason="先换东门的两盏。", by=cast.secretary)
    elsewhere, track = Client(), {"number": suggestion.number.lower(), "phone": "13800000001"}
    own = reverse("suggestion_tracked", args=[suggestion.number])
    assert elsewhere.get(own).status_code == 404
    assert "先换东门的两盏。" in screen(elsewhere.post(reverse("wish_track"), track, follow=True))
    assert Client().post(reverse("wish_track"), {**track, "phone": "13800000002"}).status_code == 200
    elsewhere.post(reverse("wish_forget"))
    assert elsewhere.get(own).status_code == 404


@pytest.mark.parametrize(
    "wrong", [{"text": LONG}, {"phone": "123"}, {"consent": ""}, {"website": "x"}, {"category": ""}]
)
def test_what_a_resident_typed_is_there_again(door, wrong):
    typed = by_resident(**wrong)
    page = screen(Client().post(door, typed))
    for name in ("text", "name", "phone", "sent_once"):
        assert typed[name].strip() in page.replace("\r\n", "\n")
    assert not Suggestion.objects.exists()


def test_wishes_and_suggestions_of_one_address_count_together(cast, door, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_sent": "1/h/ip"}
    assert Client().post(door, by_resident()).status_code == 302
    response = Client().post(door, by_resident(text="第二条"))
    assert response.status_code == 429
    assert "第二条" in response.content.decode()


def test_a_closed_community_gives_the_words_back(cast, door):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on="2026-01-01")
    response = Client().post(door, by_resident(text="写好的话"))
    assert response.status_code == 410
    assert sentence(Reason.NO_SUGGESTIONS_TAKEN) in response.content.decode()
    assert "写好的话" in response.content.decode()


def test_a_number_opens_its_own_kind_alone(cast):
    """A member's has no phone to follow it with, and a wish's number is no suggestion's."""
    member, wish = SuggestionFactory(community=cast.community), WishFactory(community=cast.community)
    client = Client()
    for number in (member.number, wish.number):
        assert client.get(reverse("suggestion_tracked", args=[number])).status_code == 404
    assert client.post(reverse("wish_track"), {"number": member.number, "phone": "10088888888"}).status_code == 200


def test_an_account_finds_what_was_sent_while_logged_in(cast, door):
    client = Client()
    client.force_login(UserFactory())
    client.post(door, by_resident())
    suggestion = Suggestion.objects.get()
    assert suggestion.page in screen(client.get(reverse("my_suggestions")))
    assert suggestion.text in screen(client.get(suggestion.page))


# --- the desk -------------------------------------------------------------------------------


@pytest.fixture
def sent(cast):
    return SuggestionFactory(community=cast.community, author=cast.member.member)


def answer(suggestion, **words):
    return reverse("suggestion_answer", args=[suggestion.pk]), {"to": "ADOPTED", "words": "列入本季度改造。", **words}


def test_the_secretary_answers_decides_and_tells_what_came_of_it(cast, sent):
    client = browser_of(cast.secretary)
    assert "张小明" in screen(client.get(sent.page))
    for to in ("ANSWERED", "ADOPTED"):
        url, typed = answer(sent, to=to)
        assert "列入本季度改造。" in screen(client.post(url, typed, follow=True))
    outcome = reverse("suggestion_outcome", args=[sent.pk])
    assert "全部换好。" in screen(client.post(outcome, {"words": "全部换好。"}, follow=True))
    assert "全部换好。" in screen(browser_of(cast.member).get(sent.page))


@pytest.mark.parametrize("wrong", [{"words": ""}, {"words": "字" * 501}, {"to": ""}, {"to": "NEW"}])
def test_a_refused_answer_keeps_what_was_typed(cast, sent, wrong):
    url, typed = answer(sent, **wrong)
    page = screen(browser_of(cast.secretary).post(url, typed))
    assert typed["words"] in page
    sent.refresh_from_db()
    assert sent.status == "NEW"


def test_the_slower_of_two_is_told_and_keeps_the_words(cast, sent):
    decide_suggestion(sent, "NOT_ADOPTED", reason="已有计划。", by=cast.second_secretary)
    url, typed = answer(sent)
    page = screen(browser_of(cast.secretary).post(url, typed))
    assert typed["words"] in page
    assert "已有计划。" in page


def test_who_wrote_it_finds_no_form_and_the_city_does_where_nobody_else_is(cast):
    author = MemberFactory(user=cast.secretary.user, community=cast.community)
    own = SuggestionFactory(community=cast.community, author=author)
    client = browser_of(cast.secretary)
    assert reverse("suggestion_answer", args=[own.pk]) not in screen(client.get(own.page))
    url, typed = answer(own)
    assert sentence(Reason.OWN_SUGGESTION) in screen(client.post(url, typed))
    city = browser_of(cast.city_officer)
    assert city.get(own.page).status_code == 404
    Appointment.objects.filter(pk=cast.second_secretary.appointment.pk).delete()
    assert reverse("suggestion_queue") in screen(city.get(reverse("city_figures")))
    assert city.post(url, typed).status_code == 302
    own.refresh_from_db()
    assert own.status == "ADOPTED"


def test_the_queue_is_the_longest_waiting_first_and_marks_the_late_with_their_days(cast):
    new = SuggestionFactory(community=cast.community, text="新来的")
    late = SuggestionFactory(community=cast.community, text="等久的", since="2026-01-05T04:00Z", author=None)
    SuggestionFactory(community=cast.other_community, text="隔壁的")
    SuggestionFactory(community=cast.community, text="已答复的", status="ANSWERED")
    client = browser_of(cast.secretary)
    page = screen(client.get(reverse("suggestion_queue")))
    assert 0 < page.index(late.text) < page.index(new.text)
    assert page.count('class="state late"') == 1
    assert "隔壁的" not in page
    assert "已答复的" not in page
    assert "李奶奶" not in page
    assert "已答复的" in screen(client.get(reverse("suggestion_queue"), {"status": "ANSWERED"}))
    home = screen(client.get(reverse("home")))
    assert reverse("suggestion_queue") in home


@pytest.mark.parametrize(("who", "url"), [("secretary", "suggestion_queue"), ("member", "my_suggestions")])
def test_a_list_costs_the_same_for_one_and_for_thirty(cast, who, url):
    client = browser_of(getattr(cast, who))
    SuggestionFactory(community=cast.community, author=cast.member.member)
    one = queries_of(client, reverse(url))
    for _ in range(29):
        SuggestionFactory(community=cast.community, author=cast.member.member)
    assert queries_of(client, reverse(url)) == one
