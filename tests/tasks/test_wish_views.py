"""The resident's pages, without an account, with whatever people type; and the community's queue."""

from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.actions.move import move
from accounts.models import Organization, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_triage import accept_wish
from tasks.forms.wish import CALL_INSTEAD
from tasks.models import Wish
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import CompoundFactory, TaskFactory, WishFactory

pytestmark = pytest.mark.django_db
ODD_WORDS = [
    "龘䶮𠮷㐂，请帮忙",
    "灯坏了 🙏👨‍👩‍👧‍👦 ‮倒写‬",
    "<script>alert(1)</script><img src=x onerror=alert(1)>",
    "'; DROP TABLE tasks_wish; --",
    "{{ 7|add:7 }} {% now 'Y' %} %(name)s %s",
    "第一行\n第二行\r\n第三行",
    "字" * 500,
]


@pytest.fixture
def form(cast):
    return reverse("wish_new", args=[cast.community.code])


def said(**changed):
    return {
        "text": "厨房的灯不亮了，想请人帮忙看看。",
        "category": "REPAIR",
        "name": "李奶奶",
        "phone": "138 0000 0001",
        "place": "3 幢",
        "wanted_when": "周末",
        "consent": "on",
        "sent_once": str(uuid4()),
        **changed,
    }


def test_a_wish_is_sent_and_followed_without_an_account(cast, form):
    client = Client()
    page = screen(client.post(form, said(), follow=True))
    wish = Wish.objects.get()
    assert wish.number in page
    assert wish.text in page
    assert (wish.community, wish.contact.phone, wish.sender) == (cast.community, "13800000001", None)


@pytest.mark.parametrize("words", ODD_WORDS)
def test_whatever_is_written_is_kept_and_shown_as_text(cast, form, words):
    client = Client()
    client.post(form, said(text=words, name="𠮷龘"))
    wish = Wish.objects.get()
    assert wish.text.split() == words.split()
    for response in (
        client.get(reverse("wish_tracked", args=[wish.number])),
        browser_of(cast.secretary).get(reverse("wish", args=[wish.pk])),
    ):
        page = screen(response)
        assert all(line in page for line in words.splitlines())
        assert b"<script>alert" not in response.content
        assert b"<img src=x" not in response.content
    assert screen(browser_of(cast.secretary).get(reverse("wish_queue")))


def test_for_whom_where_and_when_are_kept(cast, form):
    other = {"for_whom": "OTHER", "for_name": "王爷爷", "for_phone": "138 0000 0002", "for_consent": "on"}
    Client().post(form, said(**other, compound=str(cast.compound.pk), place="3 幢"))
    wish = Wish.objects.get()
    assert (wish.for_whom, wish.compound, wish.place, wish.channel) == ("OTHER", cast.compound, "3 幢", "ONLINE")
    contact = wish.contact
    assert (contact.for_name, contact.for_phone, contact.for_consent) == ("王爷爷", "13800000002", True)


def test_a_form_that_does_not_say_for_whom_is_for_oneself(form):
    Client().post(form, said())
    assert Wish.objects.get().for_whom == Wish.ForWhom.SELF


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"for_whom": "OTHER", "for_name": "王爷爷"}, "for_whom"),
        ({"for_whom": "SELF", "for_name": "王爷爷"}, "for_name"),
        ({"for_whom": "EVERYONE", "for_phone": "13800000002"}, "for_phone"),
        ({"for_whom": "OTHER", "for_consent": "on", "for_phone": "0571-88880001"}, "for_phone"),
        ({"for_whom": "NOBODY"}, "text"),
        ({"compound": "999999"}, "place"),
        ({"place": "处" * 81}, "place"),
    ],
)
def test_what_is_wrong_about_for_whom_or_where_is_said_with_that_part_open(form, changed, field):
    typed = said(**changed)
    page = screen(Client().post(form, typed))
    assert page.count('class="errorlist') == 1
    assert typed[field] in page
    if {"compound", "place"} & set(changed):
        assert "<details open>" in page
    assert not Wish.objects.exists()


def test_a_compound_of_the_neighbours_is_not_offered_and_not_taken(cast, form):
    foreign = CompoundFactory(parent=cast.other_community, name="枕溪花园")
    page = screen(Client().get(form))
    assert cast.compound.name in page
    assert "枕溪花园" not in page
    assert 'class="errorlist' in screen(Client().post(form, said(compound=str(foreign.pk))))
    assert not Wish.objects.exists()


def test_a_community_without_compounds_does_not_ask_for_one(cast):
    elsewhere = reverse("wish_new", args=[cast.other_community.code])
    assert 'name="compound"' not in screen(Client().get(elsewhere))
    assert Client().post(elsewhere, said()).status_code == 302


def test_what_is_optional_is_folded_away_until_something_stands_there(form):
    assert "<details>" in screen(Client().get(form))
    assert "<details open>" in screen(Client().post(form, said(text="")))


@pytest.mark.parametrize(("phone", "said_of_it"), [("0571-88880001", "landline"), ("+44 20 7946 0000", "abroad")])
def test_who_has_no_mobile_phone_is_told_to_call(form, phone, said_of_it):
    page = screen(Client().post(form, said(phone=phone)))
    assert str(CALL_INSTEAD[said_of_it]) in page
    assert phone in page


def test_who_fell_into_the_trap_gets_out_with_everything_typed(form):
    client, typed = Client(), said(website="https://spam.example")
    page = screen(client.post(form, typed))
    assert "spam.example" not in page, "sent again as it stands, it would be caught again"
    assert client.post(form, {**typed, "website": ""}).status_code == 302
    assert Wish.objects.get().text == typed["text"]


def test_a_draft_is_restored_into_an_empty_form_alone_and_forgotten_once_it_is_sent(cast, form):
    client = Client()
    assert "data-draft-typed" not in screen(client.get(form))
    assert "data-draft-typed" in screen(client.post(form, said(text="")))
    sent = screen(client.post(form, said(), follow=True))
    key = f"wish-{cast.community.code}"
    assert f'data-draft="{key}"' in screen(client.get(form))
    assert f'data-draft-sent="{key}"' in sent
    page = screen(client.get(reverse("wish_tracked", args=[Wish.objects.get().number])))
    assert "data-draft-sent" not in page, "a draft begun since is not this wish's"
    assert "wish_draft.js" not in page


@pytest.mark.parametrize("post", [False, True])
def test_a_closed_community_says_so_with_the_way_on_and_gives_back_what_was_typed(cast, form, post):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on="2026-01-01")
    typed = said()
    response = Client().post(form, typed) if post else Client().get(form)
    page = response.content.decode()
    assert response.status_code == 410
    assert sentence(Reason.COMMUNITY_CLOSED) in page
    assert reverse("communities") in page
    assert (typed["text"] in page) is post
    assert not Wish.objects.exists()


def test_a_community_that_never_was_is_not_found(cast):
    assert Client().get(reverse("wish_new", args=["999999"])).status_code == 404
    assert Client().get(reverse("wish_new", args=[cast.unit.code])).status_code == 404


@pytest.mark.parametrize(
    "wrong",
    [
        {"text": ""},
        {"text": " \n\u3000"},
        {"text": "长" * 10_000},
        {"phone": "12345"},
        {"phone": ""},
        {"phone": "1380000000x"},
        {"phone": "9" * 5000},
        {"category": "WEAPONS"},
        {"name": ""},
        {"name": "名" * 41},
        {"consent": ""},
        {"text": "灯\u0000坏了"},
        {"place": "处" * 81},
        {"sent_once": "not-a-form"},
        {"sent_once": ""},
        {"website": "https://spam.example"},
    ],
    ids=lambda wrong: next(f"{k}-{v[:8]!a}" for k, v in wrong.items()),
)
def test_what_is_wrong_is_said_and_nothing_typed_is_lost(form, wrong):
    typed = said(**wrong)
    page = screen(Client().post(form, typed))
    assert page.count('class="errorlist') == 1
    for field in ("text", "name", "phone", "place", "wanted_when"):
        assert typed[field].strip() in page, field
    assert not Wish.objects.exists()


def test_too_many_words_are_counted_for_the_writer(form):
    page = screen(Client().post(form, said(text="长" * 10_000)))
    assert "10000" in page
    assert "500" in page
    assert 'maxlength="500"' not in page, "the browser would cut what is pasted, without a word"


def test_an_empty_post_says_every_field(form):
    assert screen(Client().post(form, {"csrfmiddlewaretoken": "x"})).count('class="errorlist') >= 5
    assert not Wish.objects.exists()


def test_a_double_tap_is_one_wish(form):
    client, typed = Client(), said()
    first, second = client.post(form, typed), client.post(form, typed)
    assert first.headers["Location"] == second.headers["Location"]
    assert Wish.objects.count() == 1


def test_going_back_and_writing_another_wish_makes_another(form):
    client, typed = Client(), said()
    client.post(form, typed)
    client.post(form, {**typed, "text": "水管也漏了。"})
    assert set(Wish.objects.values_list("text", flat=True)) == {typed["text"], "水管也漏了。"}


def test_every_form_is_another(form):
    def hidden():
        return Client().get(form).content.decode().split('name="sent_once" value="')[1].split('"')[0]

    assert hidden() != hidden()


def test_another_browser_needs_number_and_phone(form):
    Client().post(form, said())
    wish = Wish.objects.get()
    other = Client()
    assert other.get(reverse("wish_tracked", args=[wish.number])).status_code == 404
    for typed in ({"number": wish.number, "phone": "13800000002"}, {"number": "2222222222", "phone": "13800000001"}):
        page = screen(other.post(reverse("wish_track"), typed))
        assert 'class="errorlist' in page
        assert f'value="{typed["number"]}"' in page
        assert wish.text not in page
    response = other.post(reverse("wish_track"), {"number": wish.number.lower(), "phone": "+86 138-0000-0001"})
    assert response.headers["Location"] == reverse("wish_tracked", args=[wish.number])
    assert wish.text in screen(other.get(response.headers["Location"]))


def test_wrong_number_and_wrong_phone_are_told_alike(form):
    Client().post(form, said())
    wish = Wish.objects.get()

    def complaint(**typed):
        page = screen(Client().post(reverse("wish_track"), typed))
        return page.split('class="errorlist')[1].split("</ul>")[0]

    assert complaint(number=wish.number, phone="13800000002") == complaint(number="2222222222", phone="13800000001")


@pytest.mark.parametrize("number", ["2222222222", "１２３", "x" * 3000, "%00", "'"])
def test_a_number_that_does_not_exist_is_not_found(db, number):
    assert Client().get(f"/track/{number}/").status_code in (400, 404)


def fulfilled(cast, client, form):
    client.post(form, said())
    task = TaskFactory(publisher=cast.community)
    Wish.objects.update(status="FULFILLED", task=task)
    return Wish.objects.get()


@pytest.mark.parametrize(("done", "status"), [("yes", "DONE"), ("no", "REOPENED")])
def test_the_resident_says_whether_it_was_done(cast, form, done, status):
    client = Client()
    wish = fulfilled(cast, client, form)
    page = screen(client.post(reverse("wish_outcome", args=[wish.number]), {"done": done, "words": ""}, follow=True))
    wish.refresh_from_db()
    assert wish.status == status
    assert wish.number in page


def test_an_answer_that_is_too_long_is_said_and_kept(cast, form):
    client = Client()
    wish = fulfilled(cast, client, form)
    words = "还是不亮" * 100
    page = screen(client.post(reverse("wish_outcome", args=[wish.number]), {"done": "no", "words": words}))
    assert 'class="errorlist' in page
    assert words in page
    wish.refresh_from_db()
    assert wish.status == Wish.Status.FULFILLED


def test_answering_too_early_or_with_nonsense_changes_nothing(cast, form):
    client = Client()
    client.post(form, said())
    wish = Wish.objects.get()
    answer = reverse("wish_outcome", args=[wish.number])
    assert client.post(answer, {"done": "maybe"}).status_code == 404
    assert client.post(answer, {}).status_code == 404
    page = screen(client.post(answer, {"done": "yes"}, follow=True))
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display()) in page
    wish.refresh_from_db()
    assert wish.status == Wish.Status.NEW


def test_accepting_leads_back_to_the_queue_and_the_second_tap_says_that_it_is_done(cast):
    wish = WishFactory(community=cast.community)
    client, accept = browser_of(cast.secretary), reverse("wish_accept", args=[wish.pk])
    assert client.post(accept).headers["Location"] == reverse("wish_queue")
    wish.refresh_from_db()
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display()) in screen(
        client.post(accept, follow=True)
    )


@pytest.mark.parametrize("reason", ["", "  ", "长" * 301])
def test_declining_without_usable_words_is_said_and_kept(cast, reason):
    wish = WishFactory(community=cast.community)
    page = screen(browser_of(cast.secretary).post(reverse("wish_decline", args=[wish.pk]), {"reason": reason}))
    assert 'class="errorlist' in page
    assert reason.strip() in page
    wish.refresh_from_db()
    assert wish.status == Wish.Status.NEW


def test_declining_what_was_accepted_meanwhile_says_so_and_keeps_the_words(cast):
    wish = WishFactory(community=cast.community)
    accept_wish(wish, by=cast.second_secretary)
    page = screen(browser_of(cast.secretary).post(reverse("wish_decline", args=[wish.pk]), {"reason": "请打物业电话"}))
    assert sentence(AccountsReason.NOT_ALLOWED_NOW, state=wish.get_status_display()) in page
    assert "请打物业电话" in page


def test_faster_by_a_moment_is_said_too(cast, monkeypatch):
    wish = WishFactory(community=cast.community)

    def decline_first(theirs, *, by):
        move(Wish.objects.get(pk=wish.pk), Wish.Status.DECLINED, by=by)
        accept_wish(theirs, by=by)

    monkeypatch.setattr("tasks.views.wish_triage.accept_wish", decline_first)
    page = screen(browser_of(cast.secretary).post(reverse("wish_accept", args=[wish.pk]), follow=True))
    assert sentence(AccountsReason.STATE_CHANGED) in page


def test_the_resident_reads_the_words_of_the_refusal_and_not_who_wrote_them(cast, form):
    client = Client()
    client.post(form, said())
    wish = Wish.objects.get()
    browser_of(cast.secretary).post(reverse("wish_decline", args=[wish.pk]), {"reason": "请打物业电话"})
    page = screen(client.get(reverse("wish_tracked", args=[wish.number])))
    assert "请打物业电话" in page
    assert cast.secretary.user.name not in page


def test_opening_a_wish_records_that_its_contact_was_seen_and_the_queue_does_not_show_it(cast):
    wish = WishFactory(community=cast.community)
    client = browser_of(cast.secretary)
    page = screen(client.get(reverse("wish_queue")))
    assert wish.contact.phone not in page
    assert wish.contact.name not in page
    assert not Record.objects.filter(verb="revealed").exists()
    assert wish.contact.phone in screen(client.get(reverse("wish", args=[wish.pk])))
    assert Record.objects.get(verb="revealed").user == cast.secretary.user


@pytest.mark.parametrize("status", ["", "all", *Wish.Status.values, "nonsense", "%27"])
def test_the_queue_answers_for_every_state(cast, status):
    task = TaskFactory(publisher=cast.community, status="CANCELLED")
    for state in Wish.Status.values:
        WishFactory(community=cast.community, status=state, task=task)
    page = screen(browser_of(cast.secretary).get(reverse("wish_queue"), {"status": status}))
    assert page.count('href="/wishes/') >= 1


@pytest.mark.parametrize("status", ["", "all"])
def test_the_queue_costs_the_same_for_one_and_for_thirty(cast, status):
    client, url = browser_of(cast.secretary), f"{reverse('wish_queue')}?status={status}"
    task = TaskFactory(publisher=cast.community, status="CANCELLED")
    WishFactory(community=cast.community, status="PUBLISHED", task=task)
    one = queries_of(client, url)
    for _ in range(29):
        WishFactory(community=cast.community, status="PUBLISHED", task=task)
    assert queries_of(client, url) == one
