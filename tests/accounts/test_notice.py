"""Notices: a row first, read once, mailed once, whatever the mail server does."""

import smtplib
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.actions import notice as notice_actions
from accounts.actions.notice import GIVE_UP_AFTER, mail_next_notice, notify
from accounts.jobs import beat, relay_notices
from accounts.models import Beat, Notice
from tests.browsing import browser_of, queries_of, screen
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
Kind, Mail = Notice.Kind, Notice.Mail


def tell(user, **changed):
    notify([user], Kind.CHECK_IN_APPROVED, community="荷风社区", **changed)
    return user.notices.first()


def relay_until_nothing_waits():
    while mail_next_notice():
        pass


def unreachable(*args, **kwargs):
    raise ConnectionRefusedError("no mail server")


def test_it_is_in_the_inbox_at_once_and_mailed_only_to_who_has_an_address():
    without, with_address = tell(UserFactory()), tell(UserFactory(email="a@example.com"))
    assert (without.mail, with_address.mail) == (Mail.NONE, Mail.WAITING)
    relay_notices()
    assert [message.to for message in mail.outbox] == [["a@example.com"]]
    assert "荷风社区" in mail.outbox[0].body


def test_the_same_person_named_twice_is_told_once():
    user = UserFactory()
    notify([user, user], Kind.CHECK_IN_APPROVED, community="荷风社区")
    assert user.notices.count() == 1


def test_who_can_no_longer_log_in_is_not_told():
    user = UserFactory(is_active=False)
    notify([user], Kind.CHECK_IN_APPROVED, community="荷风社区")
    assert not user.notices.exists()


def test_what_may_be_sent_once_is_sent_once():
    first, second = UserFactory(), UserFactory()
    for _ in range(2):
        notify([first, second], Kind.CHECK_IN_APPROVED, once="check-in:1", community="荷风社区")
    assert first.notices.count() == second.notices.count() == 1


def test_the_mail_is_in_the_readers_language():
    tell(UserFactory(email="a@example.com", language="en"))
    relay_notices()
    assert mail.outbox[0].body == "荷风社区 has approved your check-in.\n"


def test_a_second_relay_mails_nothing_more():
    tell(UserFactory(email="a@example.com"))
    relay_notices()
    relay_notices()
    assert len(mail.outbox) == 1
    assert Notice.objects.get().mail == Mail.SENT


def test_two_relays_that_saw_the_same_row_mail_it_once(monkeypatch):
    tell(UserFactory(email="a@example.com"))
    really_mail = notice_actions._mail

    def another_relay_comes_in_between(notice, *, tries):
        monkeypatch.setattr(notice_actions, "_mail", really_mail)
        relay_until_nothing_waits()
        really_mail(notice, tries=tries)

    monkeypatch.setattr(notice_actions, "_mail", another_relay_comes_in_between)
    relay_until_nothing_waits()
    assert len(mail.outbox) == 1


def test_a_relay_that_comes_late_does_not_mail(monkeypatch):
    notice = tell(UserFactory(email="a@example.com"))
    first = Notice.objects.filter(pk=notice.pk)
    real_update = type(first).update

    def taken_by_another(rows, **fields):
        monkeypatch.setattr(type(first), "update", real_update)
        real_update(Notice.objects.filter(pk=notice.pk), mail=Mail.SENDING, mail_tries=1)
        return rows.update(**fields)

    monkeypatch.setattr(type(first), "update", taken_by_another)
    assert mail_next_notice() is True
    assert not mail.outbox


def test_a_failing_mail_server_is_tried_again_later(monkeypatch):
    tell(UserFactory(email="a@example.com"))
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.message.EmailMessage.send", unreachable)
        relay_notices()
    waiting = Notice.objects.get()
    assert (waiting.mail, waiting.mail_tries) == (Mail.WAITING, 1)
    relay_notices()
    assert not mail.outbox, "it waits before it tries again"
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        relay_notices()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    "failure", [smtplib.SMTPServerDisconnected("gone"), TimeoutError(), ValueError("Invalid address")]
)
def test_a_mail_that_always_fails_is_given_up_and_stands_in_nobodys_way(monkeypatch, failure):
    def fail(message, *args, **kwargs):
        if message.to == ["bad@example.com"]:
            raise failure
        return really_send(message)

    really_send = EmailMessage.send
    bad = tell(UserFactory(email="bad@example.com"))
    tell(UserFactory(email="good@example.com"))
    monkeypatch.setattr(EmailMessage, "send", fail)
    now = timezone.now()
    for hour in range(GIVE_UP_AFTER + 3):
        with time_machine.travel(now + timedelta(hours=hour, minutes=1)):
            relay_notices()
    bad.refresh_from_db()
    assert (bad.mail, bad.mail_tries) == (Mail.FAILED, GIVE_UP_AFTER)
    assert [message.to for message in mail.outbox] == [["good@example.com"]]


def killed(*args, **kwargs):
    raise SystemExit


def test_a_row_that_a_dead_relay_left_behind_is_taken_again_after_a_while(monkeypatch):
    tell(UserFactory(email="a@example.com"))
    with monkeypatch.context() as patch:
        patch.setattr("django.core.mail.message.EmailMessage.send", killed)
        with pytest.raises(SystemExit):
            mail_next_notice()
    assert Notice.objects.get().mail == Mail.SENDING
    relay_notices()
    assert not mail.outbox
    with time_machine.travel(timezone.now() + timedelta(minutes=11)):
        relay_notices()
        relay_notices()
    assert len(mail.outbox) == 1


def test_the_unread_count_goes_down_by_what_is_opened(cast):
    for _ in range(3):
        tell(cast.member.user, link=reverse("claims"))
    client = browser_of(cast.member)
    assert '<span class="count">3</span>' in screen(client.get(reverse("home")))
    response = client.post(reverse("notice_open", args=[cast.member.user.notices.first().pk]))
    assert response.headers["Location"] == reverse("claims")
    assert '<span class="count">2</span>' in screen(client.get(reverse("home")))
    client.post(reverse("notices_read"))
    assert 'class="count"' not in screen(client.get(reverse("home")))
    assert cast.member.user.notices.count() == 3


def test_reading_all_leaves_other_peoples_unread(cast):
    tell(cast.member.user)
    tell(cast.other_member.user)
    browser_of(cast.member).post(reverse("notices_read"))
    assert cast.other_member.user.notices.unread().count() == 1


def test_opened_twice_the_first_time_stands(cast):
    notice = tell(cast.member.user)
    client = browser_of(cast.member)
    client.post(reverse("notice_open", args=[notice.pk]))
    first = Notice.objects.get().read_at
    client.post(reverse("notice_open", args=[notice.pk]))
    assert Notice.objects.get().read_at == first


def test_somebody_elses_notice_is_not_found(cast):
    notice = tell(cast.other_member.user)
    assert browser_of(cast.member).post(reverse("notice_open", args=[notice.pk])).status_code == 404
    notice.refresh_from_db()
    assert notice.read_at is None


def test_every_kind_can_be_said_with_what_its_sender_gives(cast):
    """A sentence with a placeholder that nobody fills would break the whole inbox."""
    names = "community group reason task flags name place year scope unit source organization file old new number days words"
    names += " post n project what flags"
    everything = dict.fromkeys(names.split(), "甲")
    for kind in Kind:
        notify(
            [cast.member.user], kind, **everything, time=timezone.now(), until=timezone.now(), day=timezone.localdate()
        )
    page = screen(browser_of(cast.member).get(reverse("notices")))
    assert page.count("甲") >= len(Kind)
    assert "%(" not in page


def test_what_people_wrote_is_shown_as_text(cast):
    notify(
        [cast.member.user], Kind.CHECK_IN_RETURNED, community="荷风社区", reason="<script>alert(1)</script> 100%(x)s"
    )
    response = browser_of(cast.member).get(reverse("notices"))
    assert b"<script>alert" not in response.content
    assert "100%(x)s" in screen(response)


def test_the_inbox_costs_the_same_for_one_and_for_thirty(cast):
    client, url = browser_of(cast.member), reverse("notices")
    tell(cast.member.user)
    one = queries_of(client, url)
    for _ in range(29):
        tell(cast.member.user)
    assert queries_of(client, url) == one


def test_the_beat_writes_one_row_a_period():
    with time_machine.travel("2026-11-24T08:00:01+08:00", tick=False):
        beat()
        beat()
    assert Beat.objects.filter(job="beat").count() == 1


def test_who_has_done_it_is_not_told_and_nobody_is_told_twice(cast):
    told, did = cast.other_member.user, cast.member.user
    notify([told, did, told], Notice.Kind.CLAIM_CONFIRMED, but=did, task="修灯", flags=1)
    assert list(Notice.objects.values_list("user", flat=True)) == [told.pk]
