"""Wishes that come by telephone, in a group or at the door, written down one after the other."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse

from accounts.models import Record
from tasks.actions.wish_entry import enter_wish
from tasks.models import Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import CompoundFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


def heard(**changed):
    return {
        "channel": "WECHAT",
        "text": "群里说：3 幢楼道的灯不亮了。",
        "category": "PUBLIC",
        "name": "李奶奶",
        "phone": "13800000001",
        "for_whom": "SELF",
        "consent": "on",
        "sent_once": str(uuid4()),
        **changed,
    }


def enter(cast, *, follow=True, **changed):
    return browser_of(cast.secretary).post(reverse("wish_enter"), heard(**changed), follow=follow)


def test_it_is_written_down_with_its_channel_and_by_whom(cast):
    page = screen(enter(cast, compound=cast.compound.pk, place="3 幢", hardship="on"))
    wish = Wish.objects.get()
    assert (wish.channel, wish.compound, wish.place, wish.hardship) == ("WECHAT", cast.compound, "3 幢", True)
    assert (wish.community, wish.status, wish.sender) == (cast.community, "NEW", None)
    assert wish.contact.phone == "13800000001"
    assert Record.objects.get(verb="sent").appointment == cast.secretary.appointment
    assert wish.number in page
    assert wish.text in page


def test_the_next_one_keeps_the_channel_and_the_tick_and_nothing_else(cast):
    client = browser_of(cast.secretary)
    typed = heard(channel="STEWARD", accept="on")
    page = screen(client.post(reverse("wish_enter"), typed, follow=True))
    assert '<option value="STEWARD" selected>' in page
    assert page.count(" checked") == 1
    assert 'value="李奶奶"' not in page
    assert typed["sent_once"] not in page
    assert 'value="13800000001"' not in page


@pytest.mark.parametrize(("accept", "status"), [("on", "ACCEPTED"), ("", "NEW")])
def test_it_may_be_accepted_at_once_and_a_double_tap_is_one_wish(cast, accept, status):
    client, typed = browser_of(cast.secretary), heard(accept=accept)
    for _ in range(2):
        screen(client.post(reverse("wish_enter"), typed, follow=True))
    assert Wish.objects.get().status == status
    assert Record.objects.filter(verb="moved").count() == (status == "ACCEPTED")


@pytest.mark.parametrize("way", [{"other_way": "隔壁王阿姨转告"}, {"for_whom": "EVERYONE"}, {"phone": "13800000002"}])
def test_without_a_phone_there_is_another_way_or_it_is_for_everyone(cast, way):
    enter(cast, **{"phone": "", **way})
    assert Wish.objects.get().contact.phone == way.get("phone", "")


def test_somebody_has_to_be_asked_in_the_end(cast):
    page = screen(enter(cast, phone=""))
    assert sentence(Reason.NO_WAY_TO_REACH) in page
    assert "群里说：3 幢楼道的灯不亮了。" in page
    assert not Wish.objects.exists()


def test_who_is_named_is_not_dropped_without_a_word(cast):
    page = screen(enter(cast, for_whom="SELF", for_name="王爷爷"))
    assert sentence(Reason.NAMED_ANOTHER) in page
    assert "王爷爷" in page
    assert not Wish.objects.exists()


def test_for_somebody_else_that_person_agrees(cast):
    other = {"for_whom": "OTHER", "for_name": "王爷爷", "for_phone": "13800000003"}
    assert sentence(Reason.CONSENT_MISSING) in screen(enter(cast, **other))
    screen(enter(cast, **other, for_consent="on"))
    contact = Wish.objects.get().contact
    assert (contact.for_name, contact.for_phone, contact.for_consent) == ("王爷爷", "13800000003", True)


@pytest.mark.parametrize(
    "wrong",
    [
        {"channel": "ONLINE"},
        {"channel": ""},
        {"text": "\u3000\n"},
        {"text": "长" * 501},
        {"text": "灯\u0000"},
        {"category": "WEAPONS"},
        {"name": ""},
        {"phone": "0571-1234567"},
        {"consent": ""},
        {"sent_once": "x"},
        {"compound": "999999"},
        {"compound": "x" * 300},
    ],
    ids=lambda wrong: next(f"{k}-{v[:8]!a}" for k, v in wrong.items()),
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(cast, wrong):
    typed = heard(**wrong)
    page = screen(enter(cast, **wrong))
    assert page.count('class="errorlist') == 1
    assert typed["text"].strip("\u3000\n\u0000") in page
    assert typed["name"] in page
    assert not Wish.objects.exists()


@pytest.mark.parametrize("words", ["龘䶮𠮷㐂 🙏👨‍👩‍👧‍👦 ‮倒写‬", "<script>alert(1)</script>", "%(number)s {{ 7 }} %s"])
def test_whatever_was_said_is_kept_and_shown_as_text(cast, words):
    response = enter(cast, text=words, name="𠮷龘")
    assert Wish.objects.get().text == words
    assert words in screen(response)
    assert b"<script>alert" not in response.content


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer", "street_officer"])
def test_only_the_communitys_own_staff_writes_down(cast, who):
    said = {"channel": "PHONE", "category": "PUBLIC", "text": "灯坏了", "name": "李奶奶", "phone": "13800000001"}
    with pytest.raises(PermissionDenied):
        enter_wish(cast.community, accept=False, by=getattr(cast, who), **said)
    assert not Wish.objects.exists()


def test_a_neighbours_compound_is_no_choice(cast):
    foreign = CompoundFactory(parent=cast.other_community)
    assert 'class="errorlist' in screen(enter(cast, compound=foreign.pk))
    said = {"channel": "PHONE", "category": "PUBLIC", "text": "灯坏了", "name": "李奶奶", "phone": "13800000001"}
    with pytest.raises(Refused) as caught:
        enter_wish(cast.community, accept=False, by=cast.secretary, compound=foreign, **said)
    assert caught.value.reason == Reason.FOREIGN_COMPOUND
