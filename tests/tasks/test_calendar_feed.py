"""A member's places in their own calendar: read back by a calendar's parser, and compared with the database."""

from datetime import timedelta

import icalendar
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.access import Actor
from accounts.models import Record, User
from tasks.actions.agreement import agree_time
from tasks.actions.calendar_address import close_calendar_address, renew_calendar_address
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.actions.new_hours import confirm_new_hours
from tasks.actions.shift_change import cancel_shift, change_shift
from tasks.actions.task import cancel_task
from tasks.actions.task_change import change_task
from tasks.actions.task_offer import ShiftTime
from tasks.actions.waiting import accept_offer, join_waiting_list
from tasks.models import CalendarAddress, Claim, Shift, Task
from tasks.models.calendar_address import SIGNER, new_key
from tasks.queries.shift_change import shift_seen
from tasks.queries.task_change import words_seen
from tests.browsing import browser_of, queries_of, screen
from tests.factories import ClaimFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from tests.tasks.places import neighbour

pytestmark = pytest.mark.django_db

HOUR = timedelta(hours=1)


@pytest.fixture
def shift(cast) -> Shift:
    task = TaskFactory(publisher=cast.community)
    starts_at = (timezone.now() + timedelta(days=2)).replace(microsecond=0)
    ShiftFactory(task=task, starts_at=starts_at + timedelta(days=9))  # so that the first can be called off alone
    return ShiftFactory(task=task, starts_at=starts_at)


@pytest.fixture
def address(cast) -> CalendarAddress:
    return renew_calendar_address(by=cast.member)


def read(path: str) -> list[icalendar.Event]:
    """As a calendar reads it: nobody is logged in."""
    response = Client().get(path)
    assert response.status_code == 200
    return list(icalendar.Calendar.from_ical(response.content).walk("VEVENT"))


def only(address: CalendarAddress) -> icalendar.Event:
    [event] = read(address.path)
    return event


def move_by(shift: Shift, later: timedelta, by: Actor) -> None:
    shift = Shift.objects.get(pk=shift.pk)
    time = ShiftTime(shift.starts_at + later, shift.ends_at + later, shift.capacity)
    change_shift(shift, time=time, seen=shift_seen(shift), by=by)


def assert_agrees(event: icalendar.Event, claim: Claim, status: str) -> None:
    claim = Claim.objects.select_related("shift__task").get(pk=claim.pk)
    task = claim.shift.task
    assert event["uid"] == f"claim-{claim.pk}@testserver"
    assert event.decoded("dtstart") == (claim.starts_at or claim.shift.starts_at).replace(microsecond=0)
    assert event.decoded("dtend") == (claim.ends_at or claim.shift.ends_at).replace(microsecond=0)
    assert str(event["summary"]).endswith(task.title)
    assert (event["location"], event["status"]) == (task.place, status)
    assert event["contact"] == f"{task.contact_name} {task.contact_phone}"
    assert event["url"] == f"http://testserver{claim.page}"


# --- what it tells --------------------------------------------------------------------------


def test_a_place_is_followed_from_claim_through_a_move_to_the_end(cast, shift, address):
    assert read(address.path) == []
    claim = claim_shift(shift, by=cast.member)
    claimed = only(address)
    assert_agrees(claimed, claim, "CONFIRMED")

    move_by(shift, 3 * HOUR, cast.secretary)
    moved = only(address)
    assert_agrees(moved, claim, "CONFIRMED")
    assert moved.decoded("dtstart") == claimed.decoded("dtstart") + 3 * HOUR

    cancel_shift(shift, reason="下雨", by=cast.secretary)
    cancelled = only(address)
    assert_agrees(cancelled, claim, "CANCELLED")

    versions = [claimed, moved, cancelled]
    assert len({event["uid"] for event in versions}) == 1
    sequences = [event["sequence"] for event in versions]
    assert sequences == sorted(set(sequences))
    changed = [event.decoded("last-modified") for event in versions]
    assert changed == sorted(changed)


def test_a_place_given_back_is_struck_out_and_one_taken_again_is_another(cast, shift, address):
    first = claim_shift(shift, by=cast.member)
    before = only(address)["sequence"]
    withdraw_claim(first, by=cast.member)
    assert_agrees(only(address), first, "CANCELLED")
    assert only(address)["sequence"] > before
    second = claim_shift(shift, by=cast.member)
    given_back, taken = read(address.path)
    assert_agrees(given_back, first, "CANCELLED")
    assert_agrees(taken, second, "CONFIRMED")


def test_a_whole_task_called_off_is_struck_out(cast, shift, address):
    claim = claim_shift(shift, by=cast.member)
    cancel_task(shift.task, reason="下雨", by=cast.secretary)
    assert_agrees(only(address), claim, "CANCELLED")


def test_another_place_to_meet_arrives_as_a_later_version(cast, shift, address):
    claim = claim_shift(shift, by=cast.member)
    before = only(address)["sequence"]
    task = Task.objects.get(pk=shift.task_id)
    change_task(task, words={"place": "枕溪花园北门"}, seen=words_seen(task), by=cast.secretary)
    assert_agrees(only(address), claim, "CONFIRMED")
    assert only(address)["location"] == "枕溪花园北门"
    assert only(address)["sequence"] > before


def test_who_is_asked_about_new_hours_finds_them_tentative_until_the_answer(cast, shift, address):
    claim = claim_shift(shift, by=cast.member)
    other = claim_shift(
        ShiftFactory(task=TaskFactory(publisher=cast.community), starts_at=shift.starts_at + 5 * HOUR), by=cast.member
    )
    move_by(shift, 5 * HOUR, cast.secretary)
    events = {event["uid"]: event for event in read(address.path)}
    assert_agrees(events[f"claim-{claim.pk}@testserver"], claim, "TENTATIVE")
    withdraw_claim(other, by=cast.member)
    confirm_new_hours(Claim.objects.get(pk=claim.pk), by=cast.member)
    events = {event["uid"]: event for event in read(address.path)}
    assert_agrees(events[f"claim-{claim.pk}@testserver"], claim, "CONFIRMED")


def test_who_only_waits_has_nothing_in_the_calendar_not_even_struck_out(cast, address):
    full = ShiftFactory(task=TaskFactory(publisher=cast.community), capacity=1)
    ClaimFactory(shift=full)
    waiting = join_waiting_list(full, by=cast.member)
    assert read(address.path) == []
    withdraw_claim(waiting, by=cast.member)
    assert read(address.path) == []


def test_an_offer_is_tentative_until_it_is_accepted_or_over(cast, shift, address):
    claim = ClaimFactory(shift=shift, member=cast.member.member, status="OFFERED")
    assert_agrees(only(address), claim, "TENTATIVE")
    Claim.objects.filter(pk=claim.pk).update(offer_until=timezone.now())
    assert_agrees(only(address), claim, "CANCELLED")
    Claim.objects.filter(pk=claim.pk).update(offer_until=timezone.now() + HOUR)
    accept_offer(Claim.objects.get(pk=claim.pk), by=cast.member)
    assert_agrees(only(address), claim, "CONFIRMED")


def test_by_agreement_it_stands_there_once_a_time_is_agreed_and_with_each_new_one(cast, address):
    wish = ShiftFactory(
        task=TaskFactory(publisher=cast.community, category="MICRO_WISH"),
        by_agreement=True,
        starts_at=timezone.now(),
        ends_at=timezone.now() + timedelta(days=20),
    )
    claim = claim_shift(wish, by=cast.member)
    assert read(address.path) == []
    sequences = []
    for days in (1, 2):
        starts_at = timezone.now() + timedelta(days=days)
        agree_time(claim, starts_at=starts_at, ends_at=starts_at + HOUR, by=cast.member)
        assert_agrees(only(address), claim, "CONFIRMED")
        sequences.append(only(address)["sequence"])
    assert sequences[0] < sequences[1]
    withdraw_claim(claim, by=cast.member, reason="出差")
    assert_agrees(only(address), claim, "CANCELLED")


@pytest.mark.parametrize(("days", "stays"), [(59, True), (61, False)])
@pytest.mark.parametrize("status", ["CONFIRMED", "CANCELLED"])
def test_what_is_over_stays_for_sixty_days(cast, address, days, stays, status):
    shift = ShiftFactory(
        task=TaskFactory(publisher=cast.community), starts_at=timezone.now() - timedelta(days=days, hours=2)
    )
    claim = ClaimFactory(shift=shift, member=cast.member.member, status=status)
    if stays:
        assert_agrees(only(address), claim, status)
    else:
        assert read(address.path) == []


def test_it_tells_nothing_of_a_resident_and_nothing_of_others(cast, shift, address):
    WishFactory(
        community=cast.community,
        task=shift.task,
        status="CLAIMED",
        text="腿不好，想请人陪着去医院。",
        contact__name="李奶奶",
        contact__phone="10088887777",
    )
    claim_shift(shift, by=cast.member)
    mate = neighbour(cast, user__name="赵六六")
    claim_shift(shift, by=mate)
    raw = Client().get(address.path).content.decode().replace("\r\n ", "")
    for secret in ("李奶奶", "10088887777", "腿不好", "赵六六", cast.member.user.name, cast.member.user.phone):
        assert secret not in raw
    assert shift.task.title in raw


def test_it_is_in_the_members_own_language(cast, shift, address):
    claim = claim_shift(shift, by=cast.member)
    withdraw_claim(claim, by=cast.member)
    User.objects.filter(pk=cast.member.user.pk).update(language="en")
    assert only(address)["summary"] == f"Cancelled: {shift.task.title}"


def test_it_costs_the_same_for_one_place_and_for_thirty(cast, shift, address):
    claim_shift(shift, by=cast.member)
    one = queries_of(Client(), address.path)
    for days in range(30):
        later = ShiftFactory(
            task=TaskFactory(publisher=cast.community), starts_at=shift.starts_at + timedelta(days=days, hours=5)
        )
        ClaimFactory(shift=later, member=cast.member.member)
    assert queries_of(Client(), address.path) == one == 3


# --- the address ----------------------------------------------------------------------------


def test_it_is_never_kept_on_the_way_nor_found_by_a_search_engine(address):
    response = Client().get(address.path)
    assert response.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert "private" in response.headers["Cache-Control"]
    assert "noindex" in response.headers["X-Robots-Tag"]
    assert Client().head(address.path).status_code == 200
    assert Client().post(address.path).status_code == 405


def test_replaced_or_switched_off_it_opens_nothing_at_once(cast, address):
    old = address.path
    new = renew_calendar_address(by=cast.member).path
    assert Client().get(old).status_code == 404
    assert Client().get(new).status_code == 200
    close_calendar_address(by=cast.member)
    assert Client().get(new).status_code == 404
    close_calendar_address(by=cast.member)
    assert list(Record.objects.order_by("pk").values_list("verb", flat=True)) == [
        "calendar opened",
        "calendar opened",
        "calendar closed",
    ]


def test_who_can_log_in_no_more_has_no_calendar(cast, address):
    User.objects.filter(pk=cast.member.user.pk).update(is_active=False)
    assert Client().get(address.path).status_code == 404


@pytest.mark.parametrize(
    "secret",
    [
        "1",
        "~",
        "nonsense",
        "密",
        "a" * 3000,
        new_key(),
        SIGNER.sign(new_key()),
    ],
)
def test_what_no_member_was_given_opens_nothing(address, secret):
    assert Client().get(f"/calendar/{secret}.ics").status_code == 404


def test_the_key_without_the_signature_and_the_signature_of_another_open_nothing(cast, address):
    other = renew_calendar_address(by=cast.other_member)
    forged = SIGNER.sep.join([address.key, SIGNER.sign(other.key).rpartition(SIGNER.sep)[2]])
    for secret in (address.key, forged):
        assert Client().get(reverse("calendar_feed", args=[secret])).status_code == 404


def test_it_shows_its_own_members_places_alone(cast, shift, address):
    claim_shift(shift, by=neighbour(cast))
    assert read(address.path) == []


def test_who_reads_it_too_often_waits_and_the_others_do_not(cast, address, settings):
    settings.ACCOUNT_RATE_LIMITS = {"calendar_read": "2/h/key"}
    other = renew_calendar_address(by=cast.other_member)
    answers = [Client().get(address.path) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 200, 429]
    assert answers[2].headers["Retry-After"]
    assert Client().get(other.path).status_code == 200


def test_a_member_makes_replaces_and_switches_off_the_address_on_its_page(cast):
    browser, page = browser_of(cast.member), reverse("calendar_address")
    assert page in screen(browser.get(reverse("me")))
    assert "webcal:" not in screen(browser.get(page))
    shown = screen(browser.post(reverse("calendar_address_renew"), follow=True))
    path = CalendarAddress.objects.get().path
    assert f"http://testserver{path}" in shown
    assert f"webcal://testserver{path}" in shown
    shown = screen(browser.post(reverse("calendar_address_renew"), follow=True))
    assert path not in shown
    assert CalendarAddress.objects.get().path in shown
    browser.post(reverse("calendar_address_close"))
    assert not CalendarAddress.objects.exists()


@pytest.mark.parametrize("who", ["secretary", "city_officer", "unit_officer"])
def test_only_members_have_one(cast, who):
    browser = browser_of(getattr(cast, who))
    assert browser.get(reverse("calendar_address")).status_code == 403
    assert browser.post(reverse("calendar_address_renew")).status_code == 403
    assert not CalendarAddress.objects.exists()


# --- a single shift -------------------------------------------------------------------------


def file_of(actor: Actor, shift: Shift) -> int:
    return browser_of(actor).get(reverse("shift_calendar", args=[shift.pk])).status_code


def test_who_has_a_place_has_the_shift_as_a_file(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    browser = browser_of(cast.member)
    link = reverse("shift_calendar", args=[shift.pk])
    assert link in screen(browser.get(claim.page))
    response = browser.get(link)
    assert f"shift-{shift.pk}.ics" in response.headers["Content-Disposition"]
    [event] = icalendar.Calendar.from_ical(response.content).walk("VEVENT")
    assert_agrees(event, claim, "CONFIRMED")


def test_nobody_else_has_it(cast, shift):
    claim = claim_shift(shift, by=cast.member)
    assert file_of(neighbour(cast), shift) == 404
    assert file_of(cast.other_member, shift) == 404
    withdraw_claim(claim, by=cast.member)
    assert file_of(cast.member, shift) == 404
    assert reverse("shift_calendar", args=[shift.pk]) not in screen(browser_of(cast.member).get(claim.page))


def test_there_is_none_of_what_one_waits_for_or_has_not_agreed_on(cast):
    now = timezone.now()
    for changed in ({"status": "WAITING"}, {"starts_at": None, "ends_at": None}):
        shift = ShiftFactory(task=TaskFactory(publisher=cast.community), by_agreement=True, starts_at=now)
        claim = ClaimFactory(shift=shift, member=cast.member.member, **changed)
        assert file_of(cast.member, shift) == 404
        assert reverse("shift_calendar", args=[shift.pk]) not in screen(browser_of(cast.member).get(claim.page))


def test_a_member_who_is_new_has_an_empty_calendar():
    member = MemberFactory()
    assert read(renew_calendar_address(by=Actor(user=member.user, member=member)).path) == []
