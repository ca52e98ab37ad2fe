"""Words that a community often says: its own and its city's, nobody else's."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.urls import reverse

from accounts.models import Record
from tasks.actions.answer_template import add_template, remove_template
from tasks.models import AnswerTemplate, Wish
from tasks.queries.answer_template import templates_for
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import OrganizationFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
WORDS = "请问您哪几天在家？"


def template(organization, text=WORDS, purpose="ASK_BACK"):
    return AnswerTemplate.objects.create(organization=organization, purpose=purpose, text=text)


def test_own_words_come_first_then_the_citys_and_nobody_elses(cast):
    city, own = template(cast.city, "市里的话"), template(cast.community)
    for elsewhere in (cast.other_community, cast.street, OrganizationFactory()):
        template(elsewhere)
    declining = template(cast.community, "请打物业电话", "DECLINE")
    assert list(templates_for(cast.community, "ASK_BACK")) == [own, city]
    assert list(templates_for(cast.community)) == [own, city, declining]


def test_what_is_there_is_not_kept_twice_be_it_the_citys(cast):
    template(cast.city)
    add_template(cast.community, purpose="DECLINE", text=WORDS, by=cast.secretary)
    for purpose in ("ASK_BACK", "DECLINE"):
        with pytest.raises(Refused) as caught:
            add_template(cast.community, purpose=purpose, text=f" {WORDS}\n", by=cast.secretary)
        assert caught.value.reason == Reason.WORDS_KEPT_ALREADY
    assert AnswerTemplate.objects.filter(organization=cast.community).count() == 1


def test_without_words_nothing_is_kept(cast):
    for empty in ("", " \n"):
        with pytest.raises(Refused) as caught:
            add_template(cast.community, purpose="DECLINE", text=empty, by=cast.secretary)
        assert caught.value.reason == Reason.TEMPLATE_MISSING
    with pytest.raises(IntegrityError):
        template(cast.community, "")


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer"])
def test_nobody_else_keeps_or_removes(cast, who):
    own, actor = template(cast.community), getattr(cast, who)
    for act in (
        lambda: add_template(cast.community, purpose="DECLINE", text="不行", by=actor),
        lambda: remove_template(own, by=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert AnswerTemplate.objects.get() == own


def test_removing_leaves_a_record_of_the_words(cast):
    remove_template(template(cast.community), by=cast.secretary)
    assert not AnswerTemplate.objects.exists()
    assert Record.objects.get(verb="removed").reason.text == WORDS


def test_the_page_adds_removes_and_keeps_the_citys(cast):
    city, client, url = template(cast.city, "市里的话"), browser_of(cast.secretary), reverse("wish_templates")
    assert WORDS in screen(client.post(url, {"purpose": "ASK_BACK", "text": WORDS}, follow=True))
    page = screen(client.post(url, {"purpose": "ASK_BACK", "text": WORDS}))
    assert sentence(Reason.WORDS_KEPT_ALREADY) in page
    own = AnswerTemplate.objects.get(organization=cast.community)
    assert reverse("wish_template_remove", args=[own.pk]) in page
    assert "市里的话" in page
    assert reverse("wish_template_remove", args=[city.pk]) not in page
    assert client.post(reverse("wish_template_remove", args=[city.pk])).status_code == 403
    client.post(reverse("wish_template_remove", args=[own.pk]))
    assert AnswerTemplate.objects.get() == city
    assert client.post(reverse("wish_template_remove", args=[own.pk])).status_code == 404


@pytest.mark.parametrize("wrong", [{"text": ""}, {"text": "长" * 301}, {"purpose": "PRAISE"}, {"text": "灯\u0000"}])
def test_what_cannot_be_kept_is_said_beside_the_field(cast, wrong):
    typed = {"purpose": "DECLINE", "text": WORDS, **wrong}
    assert 'class="errorlist' in screen(browser_of(cast.secretary).post(reverse("wish_templates"), typed))
    assert not AnswerTemplate.objects.exists()


def test_the_page_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.secretary), reverse("wish_templates")
    template(cast.community, "0")
    one = queries_of(client, url)
    for n in range(1, 30):
        template(cast.community if n % 2 else cast.city, str(n))
    assert queries_of(client, url) == one


# --- in the forms that answer a resident --------------------------------------------------------


@pytest.mark.parametrize(("typed", "said"), [("", WORDS), ("自己的话", "自己的话")])
def test_without_script_a_chosen_template_is_taken_where_nothing_is_typed(cast, typed, said):
    wish, chosen = WishFactory(community=cast.community), template(cast.city)
    ask = reverse("wish_ask", args=[wish.pk])
    browser_of(cast.secretary).post(ask, {"template": chosen.pk, "question": typed})
    wish.refresh_from_db()
    assert (wish.status, wish.answer) == (Wish.Status.ASKED_BACK, said)


def test_anothers_words_or_those_for_another_purpose_cannot_be_chosen(cast):
    wish, client = WishFactory(community=cast.community), browser_of(cast.secretary)
    for chosen in (template(cast.other_community), template(cast.community, "不行", "DECLINE")):
        page = screen(client.post(reverse("wish_ask", args=[wish.pk]), {"template": chosen.pk, "question": ""}))
        assert 'class="errorlist' in page
    wish.refresh_from_db()
    assert wish.status == Wish.Status.NEW


def test_a_tick_keeps_the_words_for_next_time(cast):
    wish, client = WishFactory(community=cast.community), browser_of(cast.secretary)
    client.post(reverse("wish_decline", args=[wish.pk]), {"reason": "请打物业电话", "keep": "on"})
    assert "请打物业电话" in screen(client.get(reverse("wish", args=[WishFactory(community=cast.community).pk])))
    assert AnswerTemplate.objects.get().purpose == "DECLINE"
