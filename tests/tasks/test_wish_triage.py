"""What the community's staff does with a wish before it is published: every step, from every state, by everybody."""

import pytest
from django.core.exceptions import PermissionDenied

from accounts.models import Record
from accounts.refusals import Reason as AccountsReason
from tasks.actions.wish_facts import edit_text, mark_wish, verify_wish
from tasks.actions.wish_reply import write_down_outcome, write_down_reply
from tasks.actions.wish_triage import ask_back, decline_wish, merge_wish
from tasks.models import AnswerTemplate, Wish, WishPhoto
from tasks.queries.wish import history_of, wishes_of, wishes_to_handle
from tasks.queries.wish_desk import moves_open
from tasks.refusals import Reason
from tests.factories import TaskFactory, WishFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
S = Wish.Status
WORDS = "请问是哪一盏灯？"


@pytest.fixture
def wish_in(cast):
    """A wish of the community in any state."""
    task = TaskFactory(publisher=cast.community)

    def made(status: str = "NEW", **fields) -> Wish:
        return WishFactory(community=cast.community, status=status, task=task, **fields)

    return made


def refused(why, act, wish, **said):
    before = Record.objects.count(), Wish.objects.filter(pk=wish.pk).values().get()
    with pytest.raises(Refused) as caught:
        act(wish, **said)
    assert caught.value.reason == why
    assert caught.value.sentence
    assert (Record.objects.count(), Wish.objects.filter(pk=wish.pk).values().get()) == before


MOVES = {
    "ask": (lambda wish, by: ask_back(wish, question=WORDS, by=by), {"NEW"}),
    "reply": (lambda wish, by: write_down_reply(wish, words="楼道的灯", by=by), {"ASKED_BACK"}),
    "decline": (lambda wish, by: decline_wish(wish, reason="请打物业电话", by=by), {"NEW", "REOPENED"}),
    "verify": (lambda wish, by: verify_wish(wish, how="DOOR", by=by), {"NEW", "ASKED_BACK", "ACCEPTED", "REOPENED"}),
    "text": (
        lambda wish, by: edit_text(wish, text="一盏灯不亮了。", by=by),
        {"NEW", "ASKED_BACK", "ACCEPTED", "PUBLISHED", "CLAIMED", "FULFILLED", "REOPENED"},
    ),
    "outcome": (
        lambda wish, by: write_down_outcome(wish, done=False, words="还是不亮", rating="POOR", by=by),
        {"FULFILLED", "DONE"},
    ),
    "mark": (lambda wish, by: mark_wish(wish, hardship=True, for_minor=False, by=by), set(S.values)),
}


@pytest.mark.parametrize("status", S.values)
@pytest.mark.parametrize("name", MOVES)
def test_each_move_is_possible_in_its_states_and_refused_in_all_others(cast, wish_in, name, status):
    move, states = MOVES[name]
    wish = wish_in(status)
    assert (name in moves_open(wish)) == (status in states)
    if status not in states:
        refused(AccountsReason.NOT_ALLOWED_NOW, move, wish, by=cast.secretary)
        return
    move(wish, cast.secretary)
    stored = Wish.objects.get(pk=wish.pk)
    assert (stored.status, stored.edited_text, stored.verified, stored.hardship) == (
        wish.status,
        wish.edited_text,
        wish.verified,
        wish.hardship,
    )
    done = history_of(wish).get()
    assert (done.user, done.appointment) == (cast.secretary.user, cast.secretary.appointment)


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer", "street_officer"])
@pytest.mark.parametrize("name", MOVES)
def test_nobody_else_makes_a_move(cast, wish_in, name, who):
    move, states = MOVES[name]
    wish = wish_in(min(states))
    with pytest.raises(PermissionDenied):
        move(wish, getattr(cast, who))
    assert not Record.objects.exists()


@pytest.mark.parametrize("name", ["verify", "text", "ask", "decline", "reply"])
def test_who_was_faster_is_not_overruled(cast, wish_in, name):
    move, states = MOVES[name]
    stale = wish_in(min(states))
    Wish.objects.filter(pk=stale.pk).update(status="PUBLISHED" if name != "text" else "DONE")
    refused(AccountsReason.STATE_CHANGED, move, stale, by=cast.secretary)


# --- asking back ----------------------------------------------------------------------------


def test_a_question_and_its_reply_lead_back_to_the_queue(cast, wish_in):
    wish = wish_in()
    ask_back(wish, question=WORDS, by=cast.secretary)
    assert wish.answer == WORDS
    assert wish not in wishes_to_handle(cast.secretary)
    write_down_reply(wish, words="楼道的灯 𠮷", by=cast.second_secretary)
    assert wish in wishes_to_handle(cast.secretary)
    assert [(record.new_status, record.reason.text) for record in history_of(wish)] == [
        ("ASKED_BACK", WORDS),
        ("NEW", "楼道的灯 𠮷"),
    ]


@pytest.mark.parametrize("empty", ["", " \n", "\u3000"])
def test_without_words_nothing_is_asked_and_nothing_replied(cast, wish_in, empty):
    refused(Reason.QUESTION_MISSING, ask_back, wish_in(), question=empty, by=cast.secretary)
    refused(Reason.ANSWER_MISSING, write_down_reply, wish_in("ASKED_BACK"), words=empty, by=cast.secretary)


def test_words_are_kept_for_next_time_once(cast, wish_in):
    for _ in range(2):
        ask_back(wish_in(), question=f" {WORDS} ", keep=True, by=cast.secretary)
    decline_wish(wish_in(), reason=WORDS, keep=True, by=cast.secretary)
    kept = AnswerTemplate.objects.values_list("organization", "purpose", "text")
    assert set(kept) == {(cast.community.pk, "ASK_BACK", WORDS), (cast.community.pk, "DECLINE", WORDS)}


# --- facts ----------------------------------------------------------------------------------


def test_the_door_may_follow_the_telephone_but_the_same_twice_is_refused(cast, wish_in):
    wish = wish_in()
    verify_wish(wish, how="PHONE", by=cast.secretary)
    refused(Reason.VERIFIED_ALREADY, verify_wish, wish, how="PHONE", by=cast.secretary)
    verify_wish(wish, how="DOOR", by=cast.secretary)
    assert [record.reason.text for record in history_of(wish)] == [str(how.label) for how in Wish.Verified]


def test_the_text_for_publishing_stands_beside_the_residents_own(cast, wish_in):
    wish = wish_in(text="李奶奶家\n的灯坏了")
    edit_text(wish, text=" 一位老人家的灯坏了 ", by=cast.secretary)
    wish.refresh_from_db()
    assert (wish.text, wish.edited_text) == ("李奶奶家\n的灯坏了", "一位老人家的灯坏了")
    assert wish.current_text == "一位老人家的灯坏了"


@pytest.mark.parametrize("back", ["", "  ", "李奶奶家\r\n的灯坏了"])
def test_nothing_or_the_residents_own_words_take_an_edited_text_back(cast, wish_in, back):
    wish = wish_in(text="李奶奶家\n的灯坏了", edited_text="一位老人家的灯坏了")
    edit_text(wish, text=back, by=cast.secretary)
    wish.refresh_from_db()
    assert wish.edited_text == ""


def test_saving_the_same_text_again_writes_nothing(cast, wish_in):
    wish = wish_in(edited_text="一位老人家的灯\n坏了")
    edit_text(wish, text="一位老人家的灯\r\n坏了", by=cast.secretary)
    assert not Record.objects.exists()


def test_a_childs_wish_loses_its_photos_and_others_keep_theirs(cast, wish_in):
    child, other = wish_in(), wish_in()
    for wish in (child, other):
        WishPhoto.objects.create(wish=wish, file="wishes/00/picture.jpg")
    mark_wish(other, hardship=True, for_minor=False, by=cast.secretary)
    mark_wish(child, hardship=False, for_minor=True, by=cast.secretary)
    assert [photo.wish for photo in WishPhoto.objects.all()] == [other]


def test_marking_what_is_marked_writes_nothing(cast, wish_in):
    mark_wish(wish_in(hardship=True), hardship=True, for_minor=False, by=cast.secretary)
    assert not Record.objects.exists()


# --- the order of the queue -----------------------------------------------------------------


def test_hardship_goes_first_then_what_has_waited_longest(cast, wish_in):
    late, early, hard = wish_in(), wish_in(), wish_in(hardship=True)
    for wish, day in ((late, 3), (early, 1), (hard, 5)):
        Wish.objects.filter(pk=wish.pk).update(since=f"2026-11-0{day}T00:00Z")
    assert list(wishes_to_handle(cast.secretary)) == [hard, early, late]
    assert list(wishes_of(cast.secretary, "NEW")) == [hard, early, late]
    assert list(wishes_of(cast.secretary)) == [hard, early, late], "newest sent first"


# --- merging --------------------------------------------------------------------------------


@pytest.mark.parametrize("status", S.values)
def test_only_a_new_wish_is_merged(cast, wish_in, status):
    earlier, wish = wish_in(), wish_in(status)
    if status != "NEW":
        refused(AccountsReason.NOT_ALLOWED_NOW, merge_wish, wish, into=earlier, by=cast.secretary)
        return
    merge_wish(wish, into=earlier, by=cast.secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.merged_into) == (S.MERGED, earlier)
    assert history_of(wish).get().reason.text == earlier.number


@pytest.mark.parametrize("status", S.values)
def test_it_is_merged_into_one_that_goes_on(cast, wish_in, status):
    earlier, wish = wish_in(status), wish_in()
    if status in ("DECLINED", "MERGED"):
        refused(Reason.MERGED_INTO_AN_ENDED, merge_wish, wish, into=earlier, by=cast.secretary)
        return
    merge_wish(wish, into=earlier, by=cast.secretary)
    earlier.refresh_from_db()
    assert earlier.status == status


def test_not_into_itself_a_later_one_or_a_neighbours(cast, wish_in):
    neighbours = WishFactory(community=cast.other_community)
    wish = wish_in()
    later = wish_in()
    refused(Reason.MERGED_INTO_ITSELF, merge_wish, wish, into=wish, by=cast.secretary)
    refused(Reason.MERGED_INTO_A_LATER, merge_wish, wish, into=later, by=cast.secretary)
    refused(Reason.MERGED_ELSEWHERE, merge_wish, wish, into=neighbours, by=cast.secretary)


def test_what_was_declined_a_moment_ago_takes_none(cast, wish_in):
    earlier, wish = wish_in(), wish_in()
    decline_wish(Wish.objects.get(pk=earlier.pk), reason="请打物业电话", by=cast.second_secretary)
    refused(Reason.MERGED_INTO_AN_ENDED, merge_wish, wish, into=earlier, by=cast.secretary)


def test_what_was_merged_into_it_goes_along(cast, wish_in):
    first, second, third = wish_in(), wish_in(), wish_in()
    merge_wish(third, into=second, by=cast.secretary)
    merge_wish(second, into=first, by=cast.secretary)
    third.refresh_from_db()
    assert third.merged_into == first


@pytest.mark.parametrize("who", ["member", "branch", "other_secretary", "city_officer"])
def test_nobody_else_merges(cast, wish_in, who):
    earlier, wish = wish_in(), wish_in()
    with pytest.raises(PermissionDenied):
        merge_wish(wish, into=earlier, by=getattr(cast, who))
    wish.refresh_from_db()
    assert wish.status == S.NEW


# --- what the resident says on the telephone in the end ----------------------------------------


@pytest.mark.parametrize(("done", "status", "rating"), [(True, "DONE", "GOOD"), (False, "REOPENED", "")])
def test_the_residents_word_is_written_down(cast, wish_in, done, status, rating):
    wish = wish_in("FULFILLED")
    write_down_outcome(wish, done=done, words="灯亮了 🙏", rating=rating, by=cast.secretary)
    wish.refresh_from_db()
    assert (wish.status, wish.resident_words, wish.rating) == (status, "灯亮了 🙏", rating)
    assert history_of(wish).get().user == cast.secretary.user


def test_done_is_not_said_twice(cast, wish_in):
    wish = wish_in("FULFILLED")
    write_down_outcome(wish, done=True, words="", rating="", by=cast.secretary)
    refused(AccountsReason.NOT_ALLOWED_NOW, write_down_outcome, wish, done=True, words="", rating="", by=cast.secretary)
