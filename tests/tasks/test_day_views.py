"""The day list and its pages: by script and without, for whom, and everything a browser could send besides."""

import json
from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tasks.actions.attendance import take_ticks
from tasks.models import Attendance, Claim, DayNote, DayPhoto, Mark, Shift, Tick
from tasks.queries.sign_in import code_of
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import MemberFactory
from tests.photos import upload
from tests.tasks.day_world import HOUR, place_in, says, shift_of_today, tap
from vanguard.lib.saying import moment_words

pytestmark = pytest.mark.django_db
NOW_ON_A_PHONE = 1_790_000_000_000


@pytest.fixture
def shift(cast) -> Shift:
    return shift_of_today(cast.community, capacity=40, task__companions_at_most=2, task__sign_in=True)


@pytest.fixture
def claim(cast, shift) -> Claim:
    return place_in(shift, cast, companions=2)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)


def page(name: str, shift: Shift, *more) -> str:
    return reverse(name, args=[shift.pk, *more])


def who(actor) -> str:
    return f"{actor.user.pk}-{actor.appointment.pk}"


def tick(claim, mark="ATTENDED", *, age=0, key=None, **changed):
    return {
        "key": str(key or uuid4()),
        "claim": str(claim.pk),
        "mark": mark,
        "at": NOW_ON_A_PHONE - age * 1000,
        **changed,
    }


def send(actor, shift, ticks, **changed):
    body = {"who": who(actor), "sent": NOW_ON_A_PHONE, "ticks": ticks, **changed}
    return browser_of(actor).post(page("day_ticks", shift), json.dumps(body), content_type="application/json")


# --- the page -------------------------------------------------------------------------------


def test_the_list_names_who_comes_in_full_with_boxes_for_paper(cast, shift, claim):
    shown = screen(browser_of(cast.secretary).get(page("day", shift)))
    assert str(claim.member) in shown
    assert f'name="mark-{claim.pk}"' in shown
    assert "☐" in shown
    assert f'data-who="{who(cast.secretary)}"' in shown


def test_before_its_time_it_can_be_printed_and_not_ticked(cast):
    shift = shift_of_today(cast.community, begun=-3 * HOUR)
    claim = place_in(shift, cast)
    shown = screen(browser_of(cast.secretary).get(page("day", shift)))
    assert str(claim.member) in shown
    assert f"mark-{claim.pk}" not in shown


def test_phones_are_for_the_communitys_own_staff_and_of_who_lives_there(cast):
    shift = shift_of_today(cast.compound)
    near, far = place_in(shift, cast).member, place_in(shift, cast, member=cast.other_member.member).member
    shown = screen(browser_of(cast.secretary).get(page("day", shift)))
    assert near.user.phone in shown
    assert far.user.phone not in shown
    assert near.user.phone not in screen(browser_of(cast.branch).get(page("day", shift)))


def test_the_own_place_and_what_is_confirmed_have_nothing_to_tick(cast, shift):
    own = place_in(shift, cast, member=MemberFactory(user=cast.secretary.user, community=cast.community))
    done = place_in(shift, cast, status=Claim.Status.CONFIRMED)
    shown = screen(browser_of(cast.secretary).get(page("day", shift)))
    for claim in (own, done):
        assert f"mark-{claim.pk}" not in shown


def test_by_agreement_there_is_no_day_and_one_is_led_on(cast):
    shift = shift_of_today(cast.community, by_agreement=True)
    for name in ("day", "day_note"):
        answer = browser_of(cast.secretary).get(page(name, shift))
        assert answer.headers["Location"] == reverse("confirm_shift", args=[shift.pk])


def test_it_costs_the_same_for_one_name_and_for_thirty(cast, shift, claim):
    client, url = browser_of(cast.secretary), page("day", shift)
    one = queries_of(client, url)
    for _ in range(29):
        place_in(shift, cast)
    assert queries_of(client, url) == one


def test_a_very_long_list_is_in_pages_and_a_form_leads_back_to_its_own(cast, shift, claim, monkeypatch):
    monkeypatch.setattr("tasks.views.day.NAMES_A_PAGE", 1)
    place_in(shift, cast)
    client, url = browser_of(cast.secretary), page("day", shift) + "?page=2"
    assert screen(client.get(url)).count("data-claim=") == 1
    assert client.post(url, {"sent_once": str(uuid4())}).headers["Location"] == url


# --- without script -------------------------------------------------------------------------


def choose(actor, shift, **typed):
    return screen(browser_of(actor).post(page("day", shift), {"sent_once": str(uuid4()), **typed}, follow=True))


def test_what_was_changed_is_ticked_and_what_was_not_overrules_nobody(cast, shift, claim):
    other = place_in(shift, cast)
    take_ticks(shift, [tap(other, "EXCUSED")], by=cast.second_secretary)
    typed = {f"mark-{c.pk}": m for c, m in ((claim, "ABSENT"), (other, "NONE"))}
    choose(cast.secretary, shift, **typed, **{f"was-{claim.pk}": "NONE", f"was-{other.pk}": "NONE"})
    assert (says(claim), says(other)) == ("ABSENT", "EXCUSED")


def test_the_same_form_twice_is_once(cast, shift, claim):
    form = str(uuid4())
    for _ in range(2):
        choose(cast.secretary, shift, sent_once=form, **{f"mark-{claim.pk}": "ABSENT", f"was-{claim.pk}": "NONE"})
    assert Tick.objects.count() == 1


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"sent_once": "x"},
        {"mark-": "ABSENT"},
        {"mark-x": "ABSENT"},
        {"mark-" + "9" * 40: "ABSENT"},
        {"mark-1": "CONFIRMED"},
        {"mark-1\u0000": "ABSENT"},
        {"mark-²": "ABSENT"},
    ],
    ids=lambda typed: ascii(next(iter(typed), ""))[:12],
)
def test_garbage_ticks_nothing(cast, shift, claim, typed):
    choose(cast.secretary, shift, **typed)
    assert not Tick.objects.exists()


def test_what_was_confirmed_meanwhile_is_said(cast, shift, claim):
    Claim.objects.update(status=Claim.Status.CONFIRMED)
    said = choose(cast.secretary, shift, **{f"mark-{claim.pk}": "ABSENT", f"was-{claim.pk}": "NONE"})
    assert sentence(Reason.CONFIRMED_MEANWHILE, name=claim.member) in said


# --- what a phone sends ---------------------------------------------------------------------


def test_a_batch_is_answered_key_by_key(cast, shift, claim):
    gone = place_in(shift, cast, status=Claim.Status.WITHDRAWN)
    kept, left_out = tick(claim, "EXCUSED"), tick(gone)
    answer = send(cast.secretary, shift, [kept, left_out]).json()
    assert answer == {
        "kept": [kept["key"]],
        "refused": {left_out["key"]: sentence(Reason.NO_PLACE_ANY_MORE, name=gone.member)},
        "marks": {str(claim.pk): "EXCUSED"},
    }


def test_the_phones_clock_may_be_wrong_what_counts_is_how_long_ago(cast, shift, claim):
    send(cast.secretary, shift, [tick(claim, "ABSENT", age=60)])
    fast = {"sent": NOW_ON_A_PHONE + 10**11}
    answer = send(cast.second_secretary, shift, [tick(claim, "ATTENDED", age=-(10**8) + 600)], **fast).json()
    assert answer["marks"] == {str(claim.pk): "ABSENT"}, "it was tapped ten minutes before"
    ticked = Tick.objects.get(mark="ATTENDED")
    assert timedelta(minutes=9) < timezone.now() - ticked.at < timedelta(minutes=11)


def test_a_tick_that_lay_on_the_phone_comes_after_a_later_one_and_does_not_count(cast, shift, claim):
    send(cast.second_secretary, shift, [tick(claim, "ATTENDED")])
    send(cast.secretary, shift, [tick(claim, "ABSENT", age=300)])
    assert says(claim) == "ATTENDED"


@pytest.mark.parametrize("hat", ["0-0", "", "secretary", "𠮷" * 500])
def test_what_somebody_else_ticked_on_this_phone_is_not_taken(cast, shift, claim, hat):
    answer = send(cast.secretary, shift, [tick(claim)], who=hat)
    assert answer.status_code == 409
    assert answer.json()["sentence"]
    assert send(cast.second_secretary, shift, [tick(claim)], who=who(cast.secretary)).status_code == 409
    assert not Tick.objects.exists()


def test_who_is_no_longer_logged_in_is_led_to_the_log_in(cast, shift, claim):
    answer = Client().post(page("day_ticks", shift), "{}", content_type="application/json")
    assert answer.status_code == 302


def test_what_is_refused_as_a_whole_is_refused_for_each(cast):
    shift = shift_of_today(cast.community, status="CANCELLED")
    sent = tick(place_in(shift, cast))
    answer = send(cast.secretary, shift, [sent]).json()
    assert answer["refused"] == {sent["key"]: sentence(Reason.CALLED_OFF)}


@pytest.mark.parametrize(
    "change",
    [
        {"key": "x"},
        {"key": None},
        {"claim": "x"},
        {"claim": "-1"},
        {"claim": "9" * 40},
        {"claim": None},
        {"mark": "CONFIRMED"},
        {"mark": ["ABSENT"]},
        {"at": "now"},
        {"at": True},
        {"at": -1},
        {"at": 10**15},
        {"at": 1.5},
    ],
    ids=str,
)
def test_a_malformed_tick_is_refused_with_a_sentence(cast, shift, claim, change):
    answer = send(cast.secretary, shift, [tick(claim) | change])
    assert answer.status_code == 400
    assert answer.json()["sentence"]
    assert not Tick.objects.exists()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"null",
        b"7",
        b'{"who": "1", "sent": 1, "ticks": 7}',
        b'{"who": "1", "sent": 1, "ticks": [7]}',
        b"\xff\xfe",
        b"[" * 60_000,
        b" " * 70_000,
        b" " * 3_000_000,
    ],
    ids=lambda body: ascii(body[:20]) + str(len(body)),
)
def test_a_malformed_or_huge_batch_is_refused_with_a_sentence(cast, shift, body):
    answer = browser_of(cast.secretary).post(page("day_ticks", shift), body, content_type="application/json")
    assert answer.status_code == 400
    assert answer.json()["sentence"]


def test_too_many_ticks_at_once_are_refused(cast, shift, claim):
    assert send(cast.secretary, shift, [tick(claim) for _ in range(201)]).status_code == 400
    assert send(cast.secretary, shift, []).json() == {"kept": [], "refused": {}, "marks": {}}


# --- who stands there -----------------------------------------------------------------------


def test_first_the_masked_name_then_the_place(cast, shift):
    member, client = cast.member.member, browser_of(cast.secretary)
    asked = screen(client.post(page("day_join", shift), {"who": member.user.phone}))
    assert "张*明" in asked
    assert "张小明" not in asked
    assert not Claim.objects.exists()
    added = screen(client.post(page("day_join", shift), {"who": member.user.phone, "sure": "yes"}, follow=True))
    assert "张小明" in added
    assert says(Claim.objects.get()) == "ATTENDED"


@pytest.mark.parametrize("typed", ["", "10099999999", "张小明", "7000000000000000000000000000", "1\u0000"])
def test_who_is_not_found_is_not_hinted_at(cast, shift, typed):
    shown = screen(browser_of(cast.secretary).post(page("day_join", shift), {"who": typed, "sure": "yes"}))
    assert "errorlist" in shown
    assert not Claim.objects.exists()


def test_nobody_looks_through_the_numbers(cast, shift, settings):
    settings.ACCOUNT_RATE_LIMITS = {**settings.ACCOUNT_RATE_LIMITS, "member_sought": "1/h/key"}
    client = browser_of(cast.secretary)
    client.post(page("day_join", shift), {"who": "1"})
    found = client.post(page("day_join", shift), {"who": cast.member.member.number, "sure": "yes"})
    assert found.status_code == 302
    assert not Claim.objects.exists()


def test_a_refusal_stands_in_the_form_and_what_was_typed_stays(cast, shift, claim):
    number = claim.member.number
    shown = screen(browser_of(cast.secretary).post(page("day_join", shift), {"who": number, "sure": "yes"}))
    assert sentence(Reason.HAS_A_PLACE, name=claim.member) in shown
    assert f'value="{number}"' in shown


def test_outside_its_time_no_number_is_looked_up(cast):
    shift = shift_of_today(cast.community, begun=-3 * HOUR)
    for typed in ({"who": cast.member.member.number}, {"who": cast.member.member.number, "sure": "yes"}):
        assert "张" not in screen(browser_of(cast.secretary).post(page("day_join", shift), typed))
    assert not Claim.objects.exists()


# --- who else came --------------------------------------------------------------------------


def noted(**changed):
    return {"family": 2, "retired": 1, "residents": 0, "note": "下雨", "sent_once": str(uuid4()), **changed}


def test_numbers_companions_a_note_and_photos_are_kept(cast, shift, claim):
    client, url = browser_of(cast.secretary), page("day_note", shift)
    assert f'name="companions-{claim.pk}" value="2"' in screen(client.get(url))
    client.post(url, noted(**{f"companions-{claim.pk}": 1}, photos=[upload()]))
    assert (DayNote.objects.get().people, Attendance.objects.get().companions_came) == (3, 1)
    shown = screen(client.get(url))
    assert DayPhoto.objects.get().address in shown
    assert "下雨" in shown


@pytest.mark.parametrize("changed", [{"family": -1}, {"retired": 1000}, {"residents": "viele"}, {"note": "字" * 501}])
def test_what_is_refused_keeps_what_was_typed_and_its_photo(cast, shift, claim, changed):
    client, url = browser_of(cast.secretary), page("day_note", shift)
    typed = noted(**{f"companions-{claim.pk}": 1}, **changed)
    shown = screen(client.post(url, {**typed, "photos": [upload()]}))
    assert "errorlist" in shown
    assert str(next(iter(changed.values()))) in shown
    assert not DayNote.objects.exists()
    client.post(url, {**noted(**{f"companions-{claim.pk}": 1}), "sent_once": typed["sent_once"]})
    assert DayPhoto.objects.get().shift == shift


def test_who_was_slower_reads_what_stands_there_and_sends_theirs_once_more(cast, shift):
    url = page("day_note", shift)
    browser_of(cast.second_secretary).post(url, noted(family=12, note="改在室内"))
    client, typed = browser_of(cast.secretary), noted(family=0)
    answer = client.post(url, typed)
    assert "改在室内" in screen(answer)
    assert DayNote.objects.get().family == 12
    client.post(url, {**typed, "seen": answer.context["form"]["seen"].value()})
    assert DayNote.objects.get().family == 0


def test_a_photo_is_seen_by_the_staff_and_removed_by_them(cast, shift):
    client = browser_of(cast.secretary)
    client.post(page("day_note", shift), noted(photos=[upload()]))
    photo = DayPhoto.objects.get()
    assert client.get(photo.address).headers["Content-Type"] == "image/jpeg"
    assert browser_of(cast.member).get(photo.address).status_code == 403
    client.post(reverse("day_photo_remove", args=[photo.pk]))
    assert not DayPhoto.objects.exists()


# --- the code -------------------------------------------------------------------------------


def test_the_code_is_shown_on_the_day_and_the_page_comes_again_by_itself(cast, shift):
    client, url = browser_of(cast.secretary), page("day_code", shift)
    answer = client.get(url)
    assert "data:image/svg+xml" in screen(answer)
    assert 20 <= int(answer.headers["Refresh"]) <= 61
    with time_machine.travel(shift.starts_at - 2 * HOUR):
        early = client.get(url)
        assert "Refresh" not in early.headers
        assert "data:image/svg+xml" not in screen(early)


def test_where_sign_in_is_off_there_is_no_code(cast):
    shift = shift_of_today(cast.community)
    assert "data:image/svg+xml" not in screen(browser_of(cast.secretary).get(page("day_code", shift)))
    assert page("day_code", shift) not in screen(browser_of(cast.secretary).get(page("day", shift)))


def test_who_scans_it_logs_in_first_and_then_signs_in_and_out(cast, shift):
    place_in(shift, cast, member=cast.member.member)
    url = page("sign_in", shift, code_of(shift, timezone.now()))
    assert url in Client().get(url).headers["Location"].replace("%7E", "~")
    client = browser_of(cast.member)
    for do in ("in", "out"):
        assert f'value="{do}"' in screen(client.get(url))
        answer = client.post(url, {"do": do}, follow=True)
        assert screen(answer)
    attendance = Attendance.objects.get()
    assert attendance.signed_in_at <= attendance.signed_out_at


def test_a_code_that_does_not_count_says_nothing_of_the_shift(cast, shift):
    place_in(shift, cast, member=cast.member.member)
    with time_machine.travel(timezone.now() - 3 * timedelta(minutes=1)):
        old = code_of(shift, timezone.now())
    for code, reason in ((old, Reason.CODE_EXPIRED), ("x", Reason.CODE_FORGED)):
        for answer in (
            browser_of(cast.member).get(page("sign_in", shift, code)),
            browser_of(cast.member).post(page("sign_in", shift, code), {"do": "in"}),
        ):
            assert answer.status_code == 410
            assert sentence(reason) in answer.content.decode()
            assert shift.task.title not in answer.content.decode()
    assert not Attendance.objects.exists()


def test_who_has_no_place_or_comes_too_early_reads_why(cast, shift):
    shown = screen(browser_of(cast.member).get(page("sign_in", shift, code_of(shift, timezone.now()))))
    assert sentence(Reason.NO_PLACE_HERE) in shown
    early = shift_of_today(cast.community, begun=-5 * HOUR, task__sign_in=True)
    place_in(early, cast, member=cast.member.member)
    url = page("sign_in", early, code_of(early, timezone.now()))
    shown = screen(browser_of(cast.member).post(url, {"do": "in"}))
    assert sentence(Reason.SIGN_IN_TO_COME, time=moment_words(early.starts_at - timedelta(minutes=30))) in shown


# --- the ways to it -------------------------------------------------------------------------


def test_the_task_and_the_home_page_lead_to_it(cast, shift):
    client = browser_of(cast.secretary)
    assert page("day", shift) in screen(client.get(reverse("task", args=[shift.task_id])))
    with time_machine.travel(shift.starts_at + HOUR):
        assert page("day", shift) in screen(client.get(reverse("home")))
    assert says(place_in(shift, cast)) == Mark.NONE
