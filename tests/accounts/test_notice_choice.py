"""What people want to be told of, in the app and by mail, and the hours in which nothing is mailed."""

from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core import mail
from django.db import IntegrityError, connection, transaction
from django.db.models import QuerySet
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.actions.notice import mail_next_notice, notify
from accounts.actions.notice_choice import choose_notices
from accounts.jobs import relay_notices
from accounts.models import Notice, Role, Topic, User
from accounts.models.notice_topic import ALWAYS_TOLD, KINDS, REACHES, topics_for
from tests.accounts.test_notice import unreachable
from tests.factories import UserFactory
from tests.storm import ROUNDS, at_once, meet, reasons

Kind, Mail = Notice.Kind, Notice.Mail
CHINA = ZoneInfo("Asia/Shanghai")
FREE = sorted(set(Kind) - ALWAYS_TOLD)


@pytest.fixture
def user(db):
    return UserFactory(email="a@example.com")


def choose(user, *, shown=(), app=(), on_mail=(), quiet=(None, None)):
    choose_notices(user, shown=shown, app=app, mail=on_mail, quiet_from=quiet[0], quiet_until=quiet[1])
    user.refresh_from_db()


def tell(user, kind=Kind.CLAIM_CONFIRMED):
    notify([user], kind, task="修灯", flags=1, time=timezone.now())


def told(user):
    """How many are new in the app, how many stand in the inbox, how many are to be mailed."""
    notices = user.notices.all()
    return notices.unread().count(), notices.count(), notices.filter(mail=Mail.WAITING).count()


# --- topics --------------------------------------------------------------------------------


def test_every_kind_belongs_to_one_topic():
    assert sorted(kind for kinds in KINDS.values() for kind in kinds) == sorted(Kind)
    assert list(KINDS) == list(Topic)


def test_everybody_has_few_topics_and_every_topic_reaches_somebody():
    roles = ["MEMBER", *Role]
    assert all(REACHES[topic] <= set(roles) for topic in REACHES)
    assert set().union(*(topics_for({role}) for role in roles)) == set(Topic)
    assert max(len(topics_for({role})) for role in roles) <= 13
    assert topics_for(set()) == [Topic.ASKED, Topic.MYSELF], "a resident's"


# --- on and off ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("app", "by_mail", "expected"),
    [(True, True, (1, 1, 1)), (True, False, (1, 1, 0)), (False, True, (0, 1, 1)), (False, False, (0, 0, 0))],
)
def test_each_kind_is_on_or_off_each_way(user, app, by_mail, expected):
    kind = Kind.CLAIM_CONFIRMED
    choose(user, shown=[kind], app=[kind] if app else [], on_mail=[kind] if by_mail else [])
    tell(user)
    assert told(user) == expected
    tell(user, Kind.CLAIM_MADE)
    assert told(user) == tuple(n + 1 for n in expected), "another kind is as it was"


def test_without_an_address_what_is_off_in_the_app_is_not_written(db):
    user = UserFactory()
    choose(user, shown=[Kind.CLAIM_CONFIRMED], on_mail=[Kind.CLAIM_CONFIRMED])
    tell(user)
    assert told(user) == (0, 0, 0)


def test_what_needs_an_answer_or_was_decided_is_always_told_in_the_app(user):
    choose(user, shown=list(Kind))
    assert user.app_off == FREE
    assert user.mail_off == sorted(Kind)
    tell(user, Kind.SHIFT_MOVED)
    assert told(user) == (1, 1, 0)


def test_what_was_off_before_it_became_such_a_kind_is_told(user):
    User.objects.update(app_off=list(Kind), mail_off=["GONE_SINCE"])
    user.refresh_from_db()
    tell(user, Kind.SHIFT_MOVED)
    tell(user, Kind.CLAIM_MADE)
    assert told(user) == (1, 2, 2)


def test_switched_on_again_it_comes_again_and_only_the_difference_is_kept(user):
    choose(user, shown=list(Kind))
    choose(user, shown=list(Kind), app=list(Kind), on_mail=list(Kind))
    assert (user.app_off, user.mail_off) == ([], [])
    tell(user)
    assert told(user) == (1, 1, 1)


def test_what_the_page_has_not_shown_stays(user):
    choose(user, shown=[Kind.CLAIM_MADE, Kind.UNIT_NEWS])
    choose(user, shown=[Kind.CLAIM_MADE], app=[Kind.CLAIM_MADE], on_mail=[Kind.CLAIM_MADE, Kind.UNIT_NEWS])
    assert (user.app_off, user.mail_off) == ([Kind.UNIT_NEWS], [Kind.UNIT_NEWS])


def test_one_persons_choice_is_not_anothers(user):
    other = UserFactory(email="b@example.com")
    choose(user, shown=[Kind.CLAIM_CONFIRMED])
    notify([user, other], Kind.CLAIM_CONFIRMED, task="修灯", flags=1)
    assert (told(user), told(other)) == ((0, 0, 0), (1, 1, 1))


def test_mail_that_waits_is_not_sent_once_it_is_off(user):
    tell(user)
    tell(user, Kind.CLAIM_MADE)
    choose(user, shown=[Kind.CLAIM_MADE])
    relay_notices()
    assert len(mail.outbox) == 1
    assert sorted(user.notices.values_list("kind", "mail")) == [("CLAIM_CONFIRMED", "SENT"), ("CLAIM_MADE", "NONE")]


def test_telling_costs_the_same_for_one_and_for_thirty_whoever_has_chosen_what(db):
    people = [UserFactory(email="a@example.com", app_off=[Kind.CLAIM_CONFIRMED] if n % 2 else []) for n in range(30)]
    costs = []
    for told_now in (people[:1], people):
        with CaptureQueriesContext(connection) as queries:
            notify(told_now, Kind.CLAIM_CONFIRMED, task="修灯", flags=1)
        costs.append(len(queries))
    assert costs == [1, 1]
    assert Notice.objects.unread().count() == 16


TWO = ["CLAIM_CONFIRMED", "CLAIM_MADE"]


@pytest.mark.django_db(transaction=True)
def test_two_pages_saved_at_once_both_hold():
    user = UserFactory()
    for _ in ROUNDS:
        User.objects.update(app_off=[], mail_off=[])
        assert not reasons(at_once(*(lambda kind=kind: choose_notices_of(user, [kind]) for kind in TWO)))
        user.refresh_from_db()
        assert user.app_off == user.mail_off == TWO


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets one transaction write at a time")
@pytest.mark.django_db(transaction=True)
def test_without_the_lock_one_of_the_two_is_lost(monkeypatch):
    user, wait, really_save = UserFactory(), meet(2), User.save
    monkeypatch.setattr(QuerySet, "select_for_update", lambda rows, **how: rows)
    monkeypatch.setattr(User, "save", lambda user, **fields: (wait(), really_save(user, **fields)))
    assert not reasons(at_once(*(lambda kind=kind: choose_notices_of(user, [kind]) for kind in TWO)))
    user.refresh_from_db()
    assert len(user.app_off) == 1


def choose_notices_of(user, kinds):
    choose_notices(user, shown=kinds, app=[], mail=[], quiet_from=None, quiet_until=None)


# --- quiet hours ---------------------------------------------------------------------------

NIGHT, NOON = (time(22), time(7)), (time(12), time(14, 30))


def at(words):
    return datetime.fromisoformat(words).replace(tzinfo=CHINA)


@pytest.mark.parametrize(
    ("hours", "now", "until"),
    [
        (NIGHT, "2026-11-28T21:59:59", None),
        (NIGHT, "2026-11-28T22:00:00", "2026-11-29T07:00"),
        (NIGHT, "2026-11-28T23:59:59.999999", "2026-11-29T07:00"),
        (NIGHT, "2026-11-29T00:00:00", "2026-11-29T07:00"),
        (NIGHT, "2026-11-29T06:59:59.999999", "2026-11-29T07:00"),
        (NIGHT, "2026-11-29T07:00:00", None),
        (NIGHT, "2026-12-31T23:30:00", "2027-01-01T07:00"),
        (NIGHT, "2027-01-01T00:30:00", "2027-01-01T07:00"),
        (NIGHT, "2028-02-28T22:30:00", "2028-02-29T07:00"),
        (NOON, "2026-11-28T11:59:59", None),
        (NOON, "2026-11-28T12:00:00", "2026-11-28T14:30"),
        (NOON, "2026-11-28T14:29:59", "2026-11-28T14:30"),
        (NOON, "2026-11-28T14:30:00", None),
        ((time(22), time(0)), "2026-12-31T23:00:00", "2027-01-01T00:00"),
        ((time(0), time(6)), "2027-01-01T00:00:00", "2027-01-01T06:00"),
        ((time(8), time(7, 59)), "2026-11-28T07:59:30", None),
        ((time(8), time(7, 59)), "2026-11-28T08:00:00", "2026-11-29T07:59"),
        ((None, None), "2026-11-28T23:00:00", None),
    ],
)
def test_when_quiet_hours_end(hours, now, until):
    user = User(quiet_from=hours[0], quiet_until=hours[1])
    for zone in (CHINA, ZoneInfo("UTC")):
        assert user.quiet_ends_at(at(now).astimezone(zone)) == (at(until) if until else None)


def test_in_quiet_hours_nothing_is_mailed_and_all_of_it_once_when_they_end(user):
    choose(user, quiet=NIGHT)
    other = UserFactory(email="b@example.com")
    with time_machine.travel(at("2026-12-31T23:50:00"), tick=False):
        for _ in range(3):
            tell(user)
        tell(other)
        relay_notices()
    assert [message.to for message in mail.outbox] == [["b@example.com"]]
    assert user.notices.unread().count() == 3, "the app shows them at once"
    assert set(user.notices.values_list("mail_due_at", "mail_tries")) == {(at("2027-01-01T07:00"), 0)}
    for moment, sent in (("06:59:59", 1), ("07:00:00", 4), ("07:00:01", 4)):
        with time_machine.travel(at(f"2027-01-01T{moment}"), tick=False):
            relay_notices()
        assert len(mail.outbox) == sent


def test_one_step_moves_all_that_is_due_to_one_person(user):
    choose(user, quiet=NIGHT)
    with time_machine.travel(at("2026-11-28T23:00:00"), tick=False):
        for _ in range(5):
            tell(user)
        assert mail_next_notice() is True
        assert mail_next_notice() is False


def test_a_second_try_waits_for_the_end_too(user, monkeypatch):
    choose(user, quiet=NIGHT)
    with time_machine.travel(at("2026-11-28T21:59:00"), tick=False), monkeypatch.context() as patch:
        tell(user)
        patch.setattr("django.core.mail.message.EmailMessage.send", unreachable)
        relay_notices()
    with time_machine.travel(at("2026-11-28T22:05:00"), tick=False):
        relay_notices()
    assert not mail.outbox
    with time_machine.travel(at("2026-11-29T07:00:00"), tick=False):
        relay_notices()
    assert len(mail.outbox) == 1


def test_what_a_dead_relay_left_behind_waits_for_the_end_too(user):
    choose(user, quiet=NIGHT)
    tell(user)
    now = at("2026-11-28T22:30:00")
    Notice.objects.update(mail=Mail.SENDING, mail_tries=1, mail_due_at=now - timedelta(minutes=1))
    with time_machine.travel(now, tick=False):
        relay_notices()
    assert not mail.outbox
    with time_machine.travel(at("2026-11-29T07:00:00"), tick=False):
        relay_notices()
    assert len(mail.outbox) == 1


def test_quiet_hours_taken_back_let_go_what_waited_for_them(user):
    choose(user, quiet=NIGHT)
    with time_machine.travel(at("2026-11-28T23:00:00"), tick=False):
        tell(user)
        relay_notices()
        choose(user)
        relay_notices()
    assert len(mail.outbox) == 1


@pytest.mark.parametrize("hours", [(time(22), None), (None, time(7)), (time(22), time(22))])
def test_the_database_keeps_both_ends_or_none(user, hours):
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.filter(pk=user.pk).update(quiet_from=hours[0], quiet_until=hours[1])
