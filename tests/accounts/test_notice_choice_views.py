"""The page on which people say what they want to be told of."""

from datetime import time

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import translation

from accounts.actions.notice import notify
from accounts.forms.notice_choice import KindRow
from accounts.models import Appointment, Notice, Role, User
from accounts.models.notice_topic import ALWAYS_TOLD, KINDS, Topic, topics_for
from tests.browsing import browser_of, screen
from tests.factories import AppointmentFactory, UserFactory

pytestmark = pytest.mark.django_db
Kind = Notice.Kind
URL = reverse("notice_settings")


def as_shown(roles=("MEMBER",), **changed):
    """What a browser sends that changes nothing."""
    kinds = [kind for topic in topics_for(set(roles)) for kind in KINDS[topic]]
    ticked = [kind for kind in kinds if kind not in ALWAYS_TOLD]
    return {"shown": kinds, "app": ticked, "mail": [*kinds], "quiet_from": "", "quiet_until": "", **changed}


def chosen(actor):
    user = User.objects.get(pk=actor.user.pk)
    return user.app_off, user.mail_off, user.quiet_from, user.quiet_until


def test_saved_as_it_is_shown_nothing_changes(cast):
    client = browser_of(cast.member)
    client.get(URL)
    response = client.post(URL, as_shown())
    assert response.headers["Location"] == URL
    assert chosen(cast.member) == ([], [], None, None)
    assert "已保存" in screen(client.get(URL))


def test_each_box_is_saved_and_shown_again(cast):
    client, sent = browser_of(cast.member), as_shown()
    sent["app"] = [kind for kind in sent["app"] if kind != Kind.CLAIM_MADE]
    sent["mail"] = [kind for kind in sent["mail"] if kind != Kind.SHIFT_MOVED]
    before = screen(client.get(URL)).count(" checked")
    client.post(URL, {**sent, "quiet_from": "22:00", "quiet_until": "07:30"})
    assert chosen(cast.member) == ([Kind.CLAIM_MADE], [Kind.SHIFT_MOVED], time(22), time(7, 30))
    page = screen(client.get(URL))
    assert page.count(" checked") == before - 2
    assert 'value="22:00"' in page
    assert 'value="07:30"' in page
    assert chosen(cast.other_member) == ([], [], None, None)


def test_a_switch_sets_all_of_its_topic_and_keeps_the_other_boxes(cast):
    client = browser_of(cast.member)
    sent = as_shown(switch="PLACES-app-off")
    sent["mail"].remove(Kind.SHIFT_TOMORROW)
    assert client.post(URL, sent).headers["Location"] == f"{URL}#PLACES"
    assert chosen(cast.member)[:2] == ([Kind.CLAIM_MADE, Kind.TASK_CHANGED], [Kind.SHIFT_TOMORROW])
    assert 'value="PLACES-app-on"' in screen(client.get(URL))
    client.post(URL, as_shown(switch="STEWARD-mail-off"))
    assert chosen(cast.member)[:2] == ([], sorted(KINDS[Topic.STEWARD]))
    client.post(URL, as_shown(mail=[], switch="TOMORROW-mail-on"))
    assert Kind.SHIFT_TOMORROW not in chosen(cast.member)[1]


@pytest.mark.parametrize(
    ("changed", "is_refused"),
    [
        ({"quiet_from": "22:00"}, True),
        ({"quiet_until": "07:00"}, True),
        ({"quiet_from": "22:00", "quiet_until": "22:00"}, True),
        ({"quiet_from": "22:00:10", "quiet_until": "22:00:50"}, True),
        ({"quiet_from": "25:00", "quiet_until": "07:00"}, True),
        ({"quiet_from": "十点", "quiet_until": "07:00"}, True),
        ({"quiet_from": "1" * 10_000, "quiet_until": "07:00"}, True),
        ({"app": ["NO_SUCH_KIND"]}, True),
        ({"mail": ["红旗"]}, True),
        ({"shown": ["' OR 1=1"]}, True),
        ({"switch": "PLACES-app"}, True),
        ({"switch": "PLACES-app-maybe"}, True),
        ({"switch": "NOWHERE-app-off"}, True),
        ({"app": [Kind.SHIFT_MOVED], "shown": []}, False),
    ],
)
def test_a_malformed_form_changes_nothing_and_says_so(cast, changed, is_refused):
    User.objects.filter(pk=cast.member.user.pk).update(mail_off=[Kind.CLAIM_MADE])
    response = browser_of(cast.member).post(URL, as_shown(**changed))
    assert response.status_code == (200 if is_refused else 302)
    assert ("errorlist" in response.content.decode()) is is_refused
    assert chosen(cast.member) == ([], [Kind.CLAIM_MADE], None, None)


def test_an_empty_form_switches_nothing_off(cast):
    browser_of(cast.member).post(URL, {})
    assert chosen(cast.member) == ([], [], None, None)


def test_a_refused_form_keeps_what_was_ticked_and_typed(cast):
    sent = as_shown(quiet_from="22:00")
    sent["app"].remove(Kind.CLAIM_MADE)
    page = screen(browser_of(cast.member).post(URL, sent))
    assert 'name="app" value="CLAIM_MADE">' in page
    assert 'name="app" value="TASK_CHANGED" checked>' in page
    assert 'value="22:00"' in page


def test_what_is_always_told_has_no_box_in_the_app_and_stays_on(cast):
    client = browser_of(cast.member)
    page = screen(client.get(URL))
    for kind in (Kind.SHIFT_MOVED, Kind.CHECK_IN_RETURNED):
        assert f'name="app" value="{kind}"' not in page
        assert f'name="mail" value="{kind}"' in page
    client.post(URL, as_shown(app=[], mail=[]))
    assert not set(chosen(cast.member)[0]) & ALWAYS_TOLD
    assert Kind.SHIFT_MOVED in chosen(cast.member)[1]


@pytest.mark.parametrize(
    ("who", "sees", "sees_not"),
    [
        ("member", {"PLACES", "STEWARD", "ASKED"}, {"DESK", "UNIT", "HOSTING", "CHASING"}),
        ("secretary", {"DESK", "HOSTING", "POSTS", "MYSELF"}, {"PLACES", "UNIT", "CHASING"}),
        ("unit_officer", {"UNIT", "REPORTS"}, {"PLACES", "DESK"}),
        ("street_officer", {"CHASING"}, {"DESK", "UNIT"}),
        ("inspector", {"MYSELF", "ASKED"}, {"REPORTS", "SHIFTS"}),
    ],
)
def test_each_sees_the_topics_that_can_reach_them(cast, who, sees, sees_not):
    page = screen(browser_of(getattr(cast, who)).get(URL))
    assert all(f'id="{topic}"' in page for topic in sees)
    assert not any(f'id="{topic}"' in page for topic in sees_not)


def test_whoever_has_two_hats_says_it_for_both_at_once(cast):
    AppointmentFactory(user=cast.member.user, organization=cast.community, role=Role.SECRETARY)
    page = screen(browser_of(cast.member).get(URL))
    assert 'id="PLACES"' in page
    assert 'id="DESK"' in page


def test_what_was_chosen_under_a_hat_that_is_gone_stays(cast):
    client = browser_of(cast.secretary)
    client.post(URL, as_shown([Role.SECRETARY], switch="DESK-mail-off"))
    Appointment.objects.filter(pk=cast.secretary.appointment.pk).delete()
    client.post(URL, as_shown([]))
    assert chosen(cast.secretary)[1] == sorted(KINDS[Topic.DESK])


def test_who_has_no_address_reads_that_mail_needs_one(cast):
    client, words = browser_of(cast.member), "say warning"
    assert words in screen(client.get(URL))
    User.objects.filter(pk=cast.member.user.pk).update(email="zhang@example.org")
    assert words not in screen(client.get(URL))


def test_the_page_is_found_from_the_inbox_and_from_me_and_asks_to_log_in(cast):
    client = browser_of(cast.member)
    for name in ("notices", "me"):
        assert f'href="{URL}"' in screen(client.get(reverse(name)))
    assert Client().post(URL, as_shown()).headers["Location"].startswith(reverse("account_login"))


def test_a_kind_off_in_the_app_shows_no_count_and_its_mail_can_be_read_again(cast):
    User.objects.filter(pk=cast.member.user.pk).update(email="zhang@example.org")
    client, sent = browser_of(cast.member), as_shown()
    sent["app"].remove(Kind.CLAIM_CONFIRMED)
    client.post(URL, sent)
    notify([User.objects.get(pk=cast.member.user.pk)], Kind.CLAIM_CONFIRMED, task="修灯", flags=1)
    page = screen(client.get(reverse("notices")))
    assert 'class="count"' not in page
    assert "修灯" in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_message_is_named_without_its_gaps(language):
    with translation.override(language):
        for kind in Kind:
            said = KindRow(kind, True, True).sentence
            assert said.strip("… ")
            assert not {"%", "(", "……"} & {said, *said}
            assert "……" not in said


def test_the_page_costs_no_query_a_topic(cast, django_assert_max_num_queries):
    client = browser_of(cast.member)
    client.get(URL)
    with django_assert_max_num_queries(6, connection=connection):
        client.get(URL)


def test_a_residents_page(cast):
    client = Client()
    client.force_login(UserFactory())
    page = screen(client.get(URL))
    assert page.count('class="toggle ') + page.count("toggle-always") == 4
