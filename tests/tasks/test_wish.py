"""What a resident asks for, what the community answers, and what the resident says at the end."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.access import Actor
from accounts.models import Organization, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish import answer_whether_done, reveal_contact, send_wish
from tasks.actions.wish_triage import accept_wish, decline_wish
from tasks.models import Wish, WishContact
from tasks.queries.wish import steps_of, wish_by_number, wishes_to_handle
from tasks.refusals import Reason
from tests.factories import TaskFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
RESIDENT = Actor()


def send(community, **changed):
    said = {"category": "REPAIR", "text": "厨房的灯不亮了。", "name": "李奶奶", "phone": "10088888888", **changed}
    return send_wish(community, **said, by=RESIDENT)


def refused(why, ask, *args, **kwargs):
    before = Wish.objects.count(), Record.objects.count()
    with pytest.raises(Refused) as caught:
        ask(*args, **kwargs)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Wish.objects.count(), Record.objects.count()) == before


def test_it_is_written_with_its_contact_apart_and_a_number_to_follow(cast):
    wish = send(cast.community)
    assert wish.status == Wish.Status.NEW
    assert wish.contact.phone == "10088888888"
    assert len(wish.number) == 10
    assert [step.status for step in steps_of(wish)] == ["NEW"]


def test_the_same_form_sent_twice_is_one_wish(cast):
    form = uuid4()
    assert send(cast.community, sent_once=form) == send(cast.community, sent_once=form)
    assert Wish.objects.count() == WishContact.objects.count() == Record.objects.count() == 1


@pytest.mark.parametrize("changed", [{"text": "水管也漏了。"}, {"phone": "10088888887"}])
def test_other_words_from_the_same_form_are_another_wish(cast, changed):
    form = uuid4()
    first = send(cast.community, sent_once=form)
    second = send(cast.community, sent_once=form, **changed)
    assert first != second
    assert Wish.objects.count() == WishContact.objects.count() == 2


def test_nobody_is_shown_anothers_wish_by_naming_its_form(cast):
    form = uuid4()
    theirs = send(cast.community, sent_once=form)
    assert send(cast.other_community, sent_once=form) != theirs


def test_a_closed_community_takes_none(cast):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on="2026-01-01")
    cast.community.refresh_from_db()
    refused(Reason.COMMUNITY_CLOSED, send, cast.community)


def test_numbers_cannot_be_counted_up():
    numbers = {WishFactory().number for _ in range(50)}
    assert len(numbers) == 50
    assert len({number[:4] for number in numbers}) > 40
    assert not set("".join(numbers)) & set("0O1IL")


@pytest.mark.parametrize("typed", ["{}", " {} ", "lower"])
def test_it_is_found_with_number_and_phone(cast, typed):
    wish = send(cast.community)
    number = wish.number.lower() if typed == "lower" else typed.format(wish.number)
    assert wish_by_number(number, "10088888888") == wish


def test_it_is_not_found_with_either_alone(cast):
    wish = send(cast.community)
    other = send(cast.community, phone="10077777777")
    assert wish_by_number(wish.number, other.contact.phone) is None
    assert wish_by_number("2222222222", "10088888888") is None


def test_accepting_and_declining_are_written_down(cast):
    accepted, declined = WishFactory(community=cast.community), WishFactory(community=cast.community)
    accept_wish(accepted, by=cast.secretary)
    decline_wish(declined, reason="请打物业电话", by=cast.secretary)
    assert [step.status for step in steps_of(accepted)] == ["ACCEPTED"]
    declined.refresh_from_db()
    assert (declined.status, declined.answer) == (Wish.Status.DECLINED, "请打物业电话")


def test_twice_and_from_the_wrong_state_are_refused(cast):
    wish = WishFactory(community=cast.community)
    stale = Wish.objects.get(pk=wish.pk)
    accept_wish(wish, by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, accept_wish, wish, by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, decline_wish, wish, reason="太晚了", by=cast.secretary)
    refused(AccountsReason.STATE_CHANGED, decline_wish, stale, reason="太晚了", by=cast.second_secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.answer) == (Wish.Status.ACCEPTED, "")


@pytest.mark.parametrize("reason", ["", " ", "\u3000\n"])
def test_declining_is_refused_without_words(cast, reason):
    refused(
        Reason.REASON_MISSING, decline_wish, WishFactory(community=cast.community), reason=reason, by=cast.secretary
    )


@pytest.mark.parametrize(
    "who", ["member", "branch", "other_secretary", "city_officer", "street_officer", "unit_officer"]
)
def test_only_the_communitys_staff_decide_and_look(cast, who):
    wish, actor = WishFactory(community=cast.community), getattr(cast, who)
    for act in (
        lambda: accept_wish(wish, by=actor),
        lambda: decline_wish(wish, reason="不行", by=actor),
        lambda: reveal_contact(wish, by=actor),
    ):
        with pytest.raises(PermissionDenied):
            act()
    wish.refresh_from_db()
    assert wish.status == Wish.Status.NEW
    assert not Record.objects.filter(verb="revealed").exists()


def test_every_look_at_the_contact_is_recorded(cast):
    wish = WishFactory(community=cast.community)
    for actor in (cast.secretary, cast.second_secretary):
        assert reveal_contact(wish, by=actor).phone == "10088888888"
    looks = Record.objects.filter(verb="revealed", subject_id=wish.pk)
    assert {look.user for look in looks} == {cast.secretary.user, cast.second_secretary.user}


@pytest.mark.parametrize(("done", "status"), [(True, "DONE"), (False, "REOPENED")])
def test_the_resident_has_the_last_word(cast, done, status):
    wish = WishFactory(community=cast.community, status="FULFILLED", task=TaskFactory(publisher=cast.community))
    answer_whether_done(wish, done=done, words="灯还是不亮", by=RESIDENT)
    wish.refresh_from_db()
    assert wish.status == status
    assert (wish in wishes_to_handle(cast.secretary)) is (not done)


@pytest.mark.parametrize("status", ["NEW", "ACCEPTED", "DECLINED"])
def test_there_is_no_last_word_before_it_is_fulfilled(cast, status):
    wish = WishFactory(community=cast.community, status=status)
    refused(AccountsReason.NOT_ALLOWED_NOW, answer_whether_done, wish, done=True, words="", by=RESIDENT)


def test_what_the_community_has_to_handle(cast):
    cancelled, open_ = (TaskFactory(publisher=cast.community, status=status) for status in ("CANCELLED", "OPEN"))
    expected = [
        WishFactory(community=cast.community),
        WishFactory(community=cast.community, status="ACCEPTED"),
        WishFactory(community=cast.community, status="REOPENED"),
        WishFactory(community=cast.community, status="PUBLISHED", task=cancelled),
    ]
    WishFactory(community=cast.community, status="PUBLISHED", task=open_)
    WishFactory(community=cast.community, status="DECLINED")
    WishFactory(community=cast.other_community)
    assert list(wishes_to_handle(cast.secretary)) == expected
