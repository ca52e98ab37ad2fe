"""How often a visitor may send and try: what stops machines must not cost a village its words."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from tasks.actions.wish import send_wish
from tasks.models import Wish, WishPhoto
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import WishFactory
from tests.photos import upload

pytestmark = pytest.mark.django_db
PHONE = "10088888888"
NEIGHBOUR, VILLAGE = {"REMOTE_ADDR": "192.0.2.1"}, {"REMOTE_ADDR": "192.0.2.2"}


@pytest.fixture
def form(cast):
    return reverse("wish_new", args=[cast.community.code])


def said(**changed):
    return {
        "text": f"灯不亮了 {uuid4()}",
        "category": "REPAIR",
        "name": "李奶奶",
        "phone": PHONE,
        "consent": "on",
        "sent_once": str(uuid4()),
        **changed,
    }


def words(response):
    return response.content.decode()


# --- sending --------------------------------------------------------------------------------


def test_one_phone_sends_so_many_a_day_and_is_told_to_call(form, settings):
    settings.WISHES_A_DAY = 2
    typed = said()
    for sent in (typed, said()):
        assert Client().post(form, sent).status_code == 302
    late = said()
    page = screen(Client().post(form, late))
    assert sentence(Reason.TOO_MANY_WISHES, n=2) in page
    assert late["text"] in page
    assert Wish.objects.count() == 2
    assert Client().post(form, said(phone="10077777777")).status_code == 302
    assert Client().post(form, typed).status_code == 302, "the same form again is no new wish"


def test_a_day_later_the_phone_sends_again_and_what_staff_wrote_down_does_not_count(cast, form, settings):
    settings.WISHES_A_DAY = 1
    entry = {"category": "REPAIR", "text": "灯", "name": "李奶奶", "phone": PHONE, "channel": "PHONE"}
    for text in ("灯不亮", "水管漏"):
        send_wish(cast.community, **{**entry, "text": text}, by=cast.secretary)
    assert Client().post(form, said()).status_code == 302
    assert Client().post(form, said()).status_code == 200
    yesterday = Wish.objects.latest("pk").created_at.replace(year=2025)
    Wish.objects.update(created_at=yesterday)
    assert Client().post(form, said()).status_code == 302


def test_over_the_limit_of_an_address_the_words_come_back_and_the_next_address_sends(form, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_sent": "2/h/ip"}
    for _ in range(2):
        assert Client(**VILLAGE).post(form, said()).status_code == 302
    typed = said()
    response = Client(**VILLAGE).post(form, {**typed, "photos": [upload()]})
    assert response.status_code == 429
    assert typed["text"] in words(response)
    assert typed["sent_once"] in words(response)
    assert Wish.objects.count() == 2
    assert not WishPhoto.objects.exists()
    assert Client(**NEIGHBOUR).post(form, typed).status_code == 302


def test_looking_at_the_form_is_not_counted(form, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_sent": "1/h/ip"}
    for _ in range(3):
        screen(Client().get(form))
    assert Client().post(form, said()).status_code == 302


def test_the_limits_are_those_of_the_settings(settings):
    assert settings.ACCOUNT_RATE_LIMITS == {
        "wish_sent": "60/h/ip",
        "wish_not_found": "30/h/ip,20/h/key",
        "member_sought": "60/h/key",
        "calendar_read": "60/h/key",
        "dossier_not_found": "30/h/ip",
    }


# --- following ------------------------------------------------------------------------------


def track(client, number, phone=PHONE):
    return client.post(reverse("wish_track"), {"number": number, "phone": phone})


def test_wrong_tries_are_limited_by_address_whatever_phone_they_name(cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_not_found": "2/h/ip,20/h/key"}
    wish = WishFactory(community=cast.community)
    guesser = Client(**VILLAGE)
    for phone in ("10000000001", "10000000002"):
        assert track(guesser, wish.number, phone).status_code == 200
    stopped = track(guesser, wish.number, "10000000003")
    assert stopped.status_code == 429
    assert wish.number in words(stopped)
    assert track(guesser, wish.number).status_code == 429, "else guessing would go on"
    assert track(Client(**NEIGHBOUR), wish.number).status_code == 302


def test_wrong_tries_are_limited_by_number_whatever_address_they_come_from(cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_not_found": "30/h/ip,2/h/key"}
    wish, another = WishFactory(community=cast.community), WishFactory(community=cast.community)
    own = Client(REMOTE_ADDR="192.0.2.9")
    assert track(own, wish.number).status_code == 302
    for address in ("192.0.2.3", "192.0.2.4"):
        assert track(Client(REMOTE_ADDR=address), wish.number, "10077777777").status_code == 200
    assert track(Client(REMOTE_ADDR="192.0.2.5"), wish.number.lower()).status_code == 429
    assert track(own, wish.number).status_code == 302, "who has proved it before is not held up by others"
    assert track(Client(REMOTE_ADDR="192.0.2.5"), another.number).status_code == 302, (
        "nobody is shut out by their phone"
    )


def test_a_browser_that_forgets_needs_number_and_phone_again(cast):
    wish, client = WishFactory(community=cast.community), Client()
    tracked = track(client, wish.number).headers["Location"]
    page = client.get(tracked)
    assert "no-store" in page.headers["Cache-Control"]
    client.post(reverse("wish_forget"))
    assert client.get(tracked).status_code == 404


def test_right_tries_are_not_counted(cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_not_found": "1/h/ip,1/h/key"}
    wish = WishFactory(community=cast.community)
    for _ in range(3):
        assert track(Client(), wish.number).status_code == 302


def test_wrong_number_and_wrong_phone_count_alike(cast, settings):
    settings.ACCOUNT_RATE_LIMITS = {"wish_not_found": "1/h/ip"}
    wish = WishFactory(community=cast.community)
    for address, typed in (("192.0.2.6", ("2222222222", PHONE)), ("192.0.2.7", (wish.number, "10077777777"))):
        client = Client(REMOTE_ADDR=address)
        assert [track(client, *typed).status_code for _ in range(2)] == [200, 429]


# --- what is too large ----------------------------------------------------------------------


def test_a_body_beyond_all_measure_is_refused_unread_in_plain_words(form, settings):
    settings.BODY_AT_MOST = 2000
    response = Client().post(form, said(photos=[upload(b"0" * 4000)]))
    assert response.status_code == 413
    assert 'href="/"' in words(response)
    assert not Wish.objects.exists()
    assert Client().post(form, said()).status_code == 302


def test_for_somebody_logged_in_too(cast, form, settings):
    settings.BODY_AT_MOST = 10
    assert browser_of(cast.secretary).post(form, said()).status_code == 413
