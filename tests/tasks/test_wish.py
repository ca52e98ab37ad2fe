"""What a resident asks for, what the community answers, and what the resident says at the end."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.access import Actor
from accounts.models import Notice, Organization, Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish import reveal_contact, send_wish
from tasks.actions.wish_reply import keep_wish, reply_to_question, say_outcome
from tasks.actions.wish_triage import accept_wish, decline_wish
from tasks.models import Wish, WishContact
from tasks.queries.wish import wish_by_number, wishes_to_handle
from tasks.queries.wish_tracking import steps_told
from tasks.refusals import Reason
from tests.factories import CompoundFactory, TaskFactory, UserFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
RESIDENT = Actor()


def send(community, **changed):
    said = {"category": "REPAIR", "text": "厨房的灯不亮了。", "name": "李奶奶", "phone": "10088888888", **changed}
    return send_wish(community, **{"by": RESIDENT, **said})


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
    assert [step.status for step in steps_told(wish)] == ["NEW"]


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


STAFF_ENTRY = {"channel": Wish.Channel.STEWARD, "phone": "", "other_way": "住楼下的女儿"}


def test_staff_writes_down_what_came_another_way_without_a_phone_and_without_a_limit(cast, settings):
    settings.WISHES_A_DAY = 0
    wish = send(cast.community, **STAFF_ENTRY, hardship=True, by=cast.secretary)
    assert (wish.channel, wish.sender, wish.hardship) == ("STEWARD", None, True)
    assert (wish.contact.phone, wish.contact.other_way) == ("", "住楼下的女儿")
    assert wish_by_number(wish.number, "") is None


@pytest.mark.parametrize(
    "who", ["member", "branch", "other_secretary", "city_officer", "street_officer", "unit_officer"]
)
def test_only_the_communitys_staff_writes_down_for_others(cast, who):
    with pytest.raises(PermissionDenied):
        send(cast.community, **STAFF_ENTRY, by=getattr(cast, who))
    assert not Wish.objects.exists()


def test_online_it_needs_a_phone(cast):
    refused(Reason.PHONE_MISSING, send, cast.community, phone="")


def test_whoever_sends_it_while_signed_in_has_it_in_the_account(cast):
    assert send(cast.community, by=cast.member).sender == cast.member.user


def test_for_somebody_else_needs_their_consent_and_keeps_who_it_is(cast):
    other = {"for_whom": Wish.ForWhom.OTHER, "for_name": "王爷爷", "for_phone": "10077777777"}
    refused(Reason.CONSENT_MISSING, send, cast.community, **other)
    contact = send(cast.community, **other, for_consent=True).contact
    assert (contact.for_name, contact.for_phone, contact.for_consent) == ("王爷爷", "10077777777", True)


@pytest.mark.parametrize("for_whom", ["SELF", "EVERYONE"])
def test_somebody_whom_it_is_not_for_is_not_named(cast, for_whom):
    for named in ({"for_name": "王爷爷"}, {"for_phone": "10077777777"}):
        refused(Reason.NAMED_ANOTHER, send, cast.community, for_whom=for_whom, **named)


def test_the_compound_has_to_be_one_of_the_community_and_in_use(cast):
    assert send(cast.community, compound=cast.compound).compound == cast.compound
    for elsewhere in (CompoundFactory(parent=cast.other_community), cast.street):
        refused(Reason.FOREIGN_COMPOUND, send, cast.community, compound=elsewhere)
    Organization.objects.filter(pk=cast.compound.pk).update(closed_on="2026-01-01")
    cast.compound.refresh_from_db()
    refused(Reason.FOREIGN_COMPOUND, send, cast.community, compound=cast.compound)


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
    assert [step.status for step in steps_told(accepted)] == ["ACCEPTED"]
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
    say_outcome(wish, done=done, words="灯还是不亮", by=RESIDENT)
    wish.refresh_from_db()
    assert wish.status == status
    assert (wish in wishes_to_handle(cast.secretary)) is (not done)


@pytest.mark.parametrize("status", ["NEW", "ACCEPTED", "DECLINED"])
def test_there_is_no_last_word_before_it_is_fulfilled(cast, status):
    wish = WishFactory(community=cast.community, status=status)
    refused(AccountsReason.NOT_ALLOWED_NOW, say_outcome, wish, done=True, words="", by=RESIDENT)


def fulfilled(cast, **fields):
    return WishFactory(
        community=cast.community, task=TaskFactory(publisher=cast.community), **{"status": "FULFILLED", **fields}
    )


def test_how_it_was_is_kept_with_done_and_a_later_no_takes_its_place(cast):
    wish = fulfilled(cast)
    say_outcome(wish, done=True, words="很亮", rating="GOOD", by=RESIDENT)
    wish.refresh_from_db()
    assert (wish.status, wish.rating, wish.resident_words) == ("DONE", "GOOD", "很亮")
    say_outcome(wish, done=False, words="又坏了", rating="GOOD", by=RESIDENT)
    wish.refresh_from_db()
    assert (wish.status, wish.rating, wish.resident_words) == ("REOPENED", "", "又坏了")


@pytest.mark.parametrize("status", ["FULFILLED", "DONE"])
def test_of_a_no_the_communitys_secretaries_are_told_and_nobody_else(cast, status):
    wish = fulfilled(cast, status=status)
    say_outcome(wish, done=False, words="", by=RESIDENT)
    told = Notice.objects.filter(kind=Notice.Kind.WISH_REOPENED)
    assert {notice.user for notice in told} == {cast.secretary.user, cast.second_secretary.user}
    assert {notice.link for notice in told} == {f"/wishes/{wish.pk}/"}
    assert wish.task.title in told[0].text


def test_of_a_yes_nobody_is_told_and_who_wrote_down_the_no_knows_it(cast):
    say_outcome(fulfilled(cast), done=True, words="", by=RESIDENT)
    assert not Notice.objects.filter(kind=Notice.Kind.WISH_REOPENED).exists()
    say_outcome(fulfilled(cast), done=False, words="", by=cast.secretary)
    assert Notice.objects.get(kind=Notice.Kind.WISH_REOPENED).user == cast.second_secretary.user


def test_a_question_is_answered_and_the_wish_is_new_again(cast):
    wish = WishFactory(community=cast.community, status="ASKED_BACK", answer="几楼？")
    refused(Reason.REPLY_MISSING, reply_to_question, wish, words=" \u3000\n", by=RESIDENT)
    reply_to_question(wish, words="三楼", by=RESIDENT)
    assert wish in wishes_to_handle(cast.secretary)
    assert [(told.status, told.words) for told in steps_told(wish)] == [("NEW", "三楼")]
    refused(AccountsReason.NOT_ALLOWED_NOW, reply_to_question, wish, words="四楼", by=RESIDENT)


def test_a_wish_is_taken_into_one_account_and_stays_there(cast):
    wish, other = WishFactory(community=cast.community), UserFactory()
    for _ in range(2):
        keep_wish(wish, by=cast.member)
    assert Record.objects.get(verb="linked").user == cast.member.user
    refused(Reason.KEPT_ELSEWHERE, keep_wish, wish, by=Actor(user=other))
    wish.refresh_from_db()
    assert wish.sender == cast.member.user
    with pytest.raises(PermissionDenied):
        keep_wish(wish, by=RESIDENT)


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
