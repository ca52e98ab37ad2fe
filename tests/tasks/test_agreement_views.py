"""The claimer's pages: what comes next, the resident's contact on demand alone, a time, a report, and back again."""

import io
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse
from PIL import Image

from accounts.access import Actor
from accounts.models import Record
from tasks.actions.agreement import agree_time, note_contact, report_fulfilled
from tasks.actions.claim import claim_shift, withdraw_claim
from tasks.models import Claim, Shift, Wish, WishPhoto
from tasks.refusals import Reason
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import ClaimFactory, CompoundFactory, MemberFactory, ShiftFactory, TaskFactory, WishFactory
from vanguard.lib.refused import Refused
from vanguard.lib.saying import day_words, moment_words

pytestmark = pytest.mark.django_db
NOON = datetime(2026, 12, 10, 12, tzinfo=ZoneInfo("Asia/Shanghai"))
LAST = NOON + timedelta(days=14, hours=12)
HOUR = timedelta(hours=1)
SECRETS = ("李奶奶", "10088888888", "微信：lnn1950", "李小宝", "10077777777", "8幢2单元303", "周末下午")


@pytest.fixture(autouse=True)
def clock():
    with time_machine.travel(NOON, tick=False) as traveller:
        yield traveller


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path


@pytest.fixture
def shift(cast) -> Shift:
    task = TaskFactory(publisher=cast.community, title="修厨房的灯")
    return ShiftFactory(task=task, by_agreement=True, starts_at=NOON, ends_at=LAST, capacity=2)


@pytest.fixture
def wish(cast, shift) -> Wish:
    return WishFactory(
        community=cast.community,
        compound=CompoundFactory(parent=cast.community, name="听松新村"),
        status="PUBLISHED",
        task=shift.task,
        place="8幢2单元303",
        wanted_when="周末下午",
        contact__other_way="微信：lnn1950",
        contact__for_name="李小宝",
        contact__for_phone="10077777777",
    )


@pytest.fixture
def claim(cast, wish, shift) -> Claim:
    return claim_shift(shift, by=cast.member)


def url(name: str, claim: Claim) -> str:
    return reverse(name, args=[claim.pk])


def get(actor, name: str, claim: Claim) -> str:
    return screen(browser_of(actor).get(url(name, claim)))


def post(actor, name: str, claim: Claim, **said):
    return browser_of(actor).post(url(name, claim), said, follow=True)


def jpeg(name: str = "灯.jpg") -> SimpleUploadedFile:
    written = io.BytesIO()
    Image.new("RGB", (40, 30), "red").save(written, "JPEG")
    return SimpleUploadedFile(name, written.getvalue(), content_type="image/jpeg")


def test_one_tap_leads_to_the_page_that_says_what_comes_next(cast, wish, shift):
    response = browser_of(cast.member).post(reverse("shift_claim", args=[shift.pk]), follow=True)
    claim = Claim.objects.get()
    assert url("claim", claim) in screen(response)
    assert url("claim_withdraw", claim) not in screen(response), "it is handed back from there"
    said = get(cast.member, "claim", claim)
    assert url("claim_contact", claim) in said
    assert not any(secret in said for secret in SECRETS)


def test_the_contact_is_shown_on_demand_alone_and_never_kept(cast, claim):
    client = browser_of(cast.member)
    assert client.get(url("claim_contact", claim)).status_code == 405
    response = client.post(url("claim_contact", claim))
    said = screen(response)
    assert all(secret in said for secret in (*SECRETS, "听松新村", 'href="tel:10077777777"', 'href="tel:10088888888"'))
    assert said.index("李小宝") < said.index("李奶奶"), "whom it is for comes first"
    assert "no-store" in response.headers["Cache-Control"]
    assert Record.objects.filter(verb="revealed", user=cast.member.user).count() == 1


def test_once_it_is_closed_the_contact_is_a_sentence(cast, claim, wish):
    Wish.objects.filter(pk=wish.pk).update(status="DONE")
    assert url("claim_contact", claim) not in get(cast.member, "claim", claim)
    said = screen(post(cast.member, "claim_contact", claim))
    assert sentence(Reason.CONTACT_CLOSED) in said
    assert not any(secret in said for secret in SECRETS)
    assert not Record.objects.filter(verb="revealed").exists()


def test_no_other_page_of_the_claimer_says_who_asked(cast, claim, clock):
    agree_time(claim, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.member)
    clock.shift(3 * HOUR)
    pages = [url(name, claim) for name in ("claim", "claim_agree", "claim_report", "claim_withdraw")]
    for page in [*pages, reverse("claims"), reverse("home"), reverse("task", args=[claim.shift.task_id])]:
        said = screen(browser_of(cast.member).get(page))
        assert not any(secret in said for secret in SECRETS), page


@pytest.mark.parametrize("name", ["claim_contact", "claim_contacted", "claim_agree", "claim_report", "claim_withdraw"])
def test_somebody_elses_claim_is_not_found(cast, claim, name):
    member = MemberFactory(community=cast.community)
    stranger = Actor(user=member.user, member=member)
    assert post(stranger, name, claim).status_code == 404
    assert browser_of(stranger).get(url("claim", claim)).status_code == 404


@pytest.mark.parametrize("name", ["claim_contacted", "claim_agree", "claim_report"])
def test_where_the_hours_are_fixed_there_is_no_such_page(cast, name):
    claim = claim_shift(ShiftFactory(task=TaskFactory(publisher=cast.community)), by=cast.member)
    assert post(cast.member, name, claim).status_code == 404


def test_a_place_with_fixed_hours_has_its_page_too_and_no_contact(cast):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community))
    WishFactory(community=cast.community, status="PUBLISHED", task=shift.task)
    claim = claim_shift(shift, by=cast.member)
    said = get(cast.member, "claim", claim)
    assert url("claim_withdraw", claim) in said
    assert url("claim_agree", claim) not in said
    assert url("claim_contact", claim) not in said
    assert "10088888888" not in screen(post(cast.member, "claim_contact", claim))


def test_contact_noted_the_next_is_a_time(cast, claim):
    said = screen(post(cast.member, "claim_contacted", claim))
    assert f'class="button main" role="button" href="{url("claim_agree", claim)}"' in said


WHEN = {"day": "2026-12-11", "starts": "14:00", "length": "90"}


def test_a_time_is_agreed_with_three_fields(cast, claim):
    post(cast.member, "claim_agree", claim, **WHEN)
    claim.refresh_from_db()
    assert claim.starts_at == NOON + 26 * HOUR
    assert claim.ends_at == NOON + 27.5 * HOUR
    said = get(cast.member, "claim_agree", claim)
    assert 'value="2026-12-11"' in said
    assert 'value="14:00"' in said
    assert '<option value="90" selected>' in said


def test_the_time_of_who_comes_along_is_offered(cast, claim, shift):
    member = MemberFactory(user__name="王芳芳", community=cast.community)
    mate = Actor(user=member.user, member=member)
    other = claim_shift(shift, by=mate)
    agree_time(other, starts_at=NOON + 26 * HOUR, ends_at=NOON + 28 * HOUR, by=mate)
    said = get(cast.member, "claim_agree", claim)
    assert "王芳芳" in said
    assert 'value="2026-12-11"' in said
    assert '<option value="120" selected>' in said
    assert "王芳芳" in get(cast.member, "claim", claim)
    withdraw_claim(claim, by=cast.member)
    assert "王芳芳" not in get(cast.member, "claim", claim), "who has no place there any more sees nobody in it"


@pytest.mark.parametrize(
    "changed",
    [
        {"day": ""},
        {"starts": ""},
        {"length": "721"},
        {"length": ""},
        {"day": "9999-12-31", "starts": "23:59"},
        {"day": "0001-01-01"},
        {"day": "2026-13-01"},
        {"starts": "25:00"},
        {"day": "明天"},
    ],
)
def test_half_a_time_and_an_impossible_one_are_said_beside_the_field(cast, claim, changed):
    assert 'class="errorlist' in screen(post(cast.member, "claim_agree", claim, **{**WHEN, **changed}))
    assert Claim.objects.get(pk=claim.pk).starts_at is None


def test_a_time_that_passed_can_be_reported_or_agreed_anew_until_the_last_day(cast, claim, clock):
    agree_time(claim, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.member)
    for moment, anew in ((NOON, True), (NOON + 5 * HOUR, True), (LAST, False)):
        clock.move_to(moment)
        said = get(cast.member, "claim", claim)
        assert (url("claim_agree", claim) in said) is anew
        assert url("claim_report", claim) in said


def test_what_the_action_refuses_is_a_sentence_and_nothing_typed_is_lost(cast, claim):
    said = screen(post(cast.member, "claim_agree", claim, **{**WHEN, "day": "2026-12-26"}))
    assert sentence(Reason.AFTER_THE_LAST_DAY, day=day_words(LAST.date() - timedelta(days=1))) in said
    assert 'value="2026-12-26"' in said
    other = ShiftFactory(task=TaskFactory(publisher=cast.community, title="反诈宣传"), starts_at=NOON + 25 * HOUR)
    claim_shift(other, by=cast.member)
    clash = sentence(Reason.OVERLAP, task="反诈宣传", time=moment_words(other.starts_at))
    assert clash in screen(post(cast.member, "claim_agree", claim, **WHEN))


TODAY = {"day": "2026-12-10", "starts": "10:00", "length": "60", "words": "灯换好了"}


def test_it_is_reported_with_words_a_time_and_a_photo(cast, claim, wish):
    said = screen(post(cast.member, "claim_report", claim, **TODAY, photos=jpeg()))
    claim.refresh_from_db()
    assert (claim.report, claim.starts_at, claim.ends_at) == ("灯换好了", NOON - 2 * HOUR, NOON - HOUR)
    photo = WishPhoto.objects.get()
    assert (photo.wish, photo.claim) == (wish, claim)
    assert reverse("wish_photo", args=[photo.pk]) in said
    assert reverse("wish_photo", args=[photo.pk]) in screen(
        browser_of(cast.secretary).get(reverse("confirm_shift", args=[claim.shift_id]))
    )
    assert reverse("wish_photo", args=[photo.pk]) not in screen(
        browser_of(cast.city_officer).get(reverse("confirm_shift", args=[claim.shift_id]))
    )


def test_of_a_minors_wish_no_photo_is_asked_for_and_none_is_kept(cast, claim, wish, tmp_path):
    Wish.objects.filter(pk=wish.pk).update(for_minor=True)
    assert 'type="file"' not in get(cast.member, "claim_report", claim)
    post(cast.member, "claim_report", claim, **TODAY, photos=jpeg())
    assert Claim.objects.get(pk=claim.pk).reported_at
    assert not WishPhoto.objects.exists()


@pytest.mark.parametrize(
    ("for_minor", "n", "why"), [(True, 1, Reason.NO_PHOTOS_OF_MINORS), (False, 2, Reason.PHOTO_NOT_TAKEN)]
)
def test_a_photo_that_is_not_taken_leaves_neither_report_nor_file(cast, claim, wish, tmp_path, for_minor, n, why):
    Wish.objects.filter(pk=wish.pk).update(for_minor=for_minor)
    times = {"starts_at": NOON - HOUR, "ends_at": NOON}
    with pytest.raises(Refused) as caught:
        report_fulfilled(claim, words="好了", photos=[jpeg().read()] * n, **times, by=cast.member)
    assert caught.value.reason == why
    assert Claim.objects.get(pk=claim.pk).reported_at is None
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


def test_a_refused_report_keeps_no_file_either(cast, claim, tmp_path):
    said = {**TODAY, "day": "2026-12-09"}
    refused = sentence(Reason.BEFORE_THE_CLAIM, day=day_words(NOON.date()))
    assert refused in screen(post(cast.member, "claim_report", claim, **said, photos=jpeg()))
    assert not [file for file in tmp_path.rglob("*") if file.is_file()]


@pytest.mark.parametrize(
    "changed", [{"words": ""}, {"words": "长" * 301}, {"day": ""}, {"day": "", "starts": ""}, {"photos": "no file"}]
)
def test_a_report_that_lacks_something_says_what(cast, claim, changed):
    if "photos" in changed:
        changed = {"photos": SimpleUploadedFile("灯.jpg", b"<svg onload=alert(1)>", content_type="image/jpeg")}
    assert 'class="errorlist' in screen(post(cast.member, "claim_report", claim, **{**TODAY, **changed}))
    assert Claim.objects.get(pk=claim.pk).reported_at is None


def test_at_an_agreed_time_words_are_enough_and_another_time_is_possible(cast, claim, clock):
    agree_time(claim, starts_at=NOON + HOUR, ends_at=NOON + 2 * HOUR, by=cast.member)
    assert sentence(Reason.TIME_TO_COME, time=moment_words(NOON + HOUR)) in screen(
        post(cast.member, "claim_report", claim, words="好了", day="", starts="", length="60")
    )
    assert 'class="errorlist' in screen(post(cast.member, "claim_report", claim, words="好了", day="2026-12-10"))
    clock.shift(3 * HOUR)
    post(cast.member, "claim_report", claim, words="好了", day="", starts="", length="60")
    claim.refresh_from_db()
    assert (claim.starts_at, claim.ends_at) == (NOON + HOUR, NOON + 2 * HOUR)


def test_what_is_written_in_a_report_is_text(cast, claim):
    post(cast.member, "claim_report", claim, **{**TODAY, "words": "<script>alert('好了')</script>"})
    for actor, address in ((cast.member, url("claim", claim)), (cast.secretary, f"/confirm/{claim.shift_id}/")):
        raw = browser_of(actor).get(address).content.decode()
        assert "&lt;script&gt;" in raw
        assert "<script>alert" not in raw


def test_the_communitys_staff_writes_it_down_and_goes_on_to_confirm(cast, claim):
    assert cast.member.member.user.name in get(cast.secretary, "claim_report", claim)
    response = browser_of(cast.secretary).post(url("claim_report", claim), TODAY)
    assert response.headers["Location"] == reverse("confirm_shift", args=[claim.shift_id])
    assert Claim.objects.get(pk=claim.pk).reported_at


@pytest.mark.parametrize(("who", "status"), [("city_officer", 403), ("other_secretary", 404), ("branch", 403)])
def test_other_staff_writes_nothing_down(cast, claim, who, status):
    assert post(getattr(cast, who), "claim_report", claim, **TODAY).status_code == status
    assert Claim.objects.get(pk=claim.pk).reported_at is None


def test_it_is_handed_back_at_once_and_later_with_a_reason(cast, claim, shift, clock):
    clock.shift(11 * timedelta(minutes=1))
    assert 'class="errorlist' in screen(post(cast.member, "claim_withdraw", claim, reason=""))
    post(cast.member, "claim_withdraw", claim, reason="出差了")
    assert Claim.objects.get(pk=claim.pk).withdraw_reason == "出差了"
    again = claim_shift(shift, by=cast.member)
    post(cast.member, "claim_withdraw", again, reason="")
    assert Claim.objects.get(pk=again.pk).status == Claim.Status.WITHDRAWN


def test_reported_it_is_handed_back_no_more(cast, claim):
    report_fulfilled(claim, words="好了", starts_at=NOON - HOUR, ends_at=NOON, by=cast.member)
    assert url("claim_withdraw", claim) not in get(cast.member, "claim", claim)
    assert sentence(Reason.REPORTED_ALREADY) in screen(post(cast.member, "claim_withdraw", claim, reason="不去了"))


def test_my_places_and_the_home_page_say_what_comes_next(cast, claim):
    for act in (lambda: None, lambda: note_contact(claim, by=cast.member)):
        act()
        for page in ("claims", "home"):
            said = screen(browser_of(cast.member).get(reverse(page)))
            assert url("claim", claim) in said
            assert day_words(LAST.date() - timedelta(days=1)) in said
    withdraw_claim(claim, by=cast.member)
    assert url("claim", claim) in screen(browser_of(cast.member).get(reverse("claims"))), "under what was so far"


def test_the_task_page_offers_the_place_until_the_last_day_and_leads_to_ones_own(cast, wish, shift, clock):
    address = reverse("task", args=[shift.task_id])
    clock.shift(timedelta(days=3))
    assert reverse("shift_claim", args=[shift.pk]) in screen(browser_of(cast.member).get(address))
    claim = claim_shift(shift, by=cast.member)
    said = screen(browser_of(cast.member).get(address))
    assert url("claim", claim) in said
    assert url("claim_withdraw", claim) not in said
    withdraw_claim(claim, by=cast.member)
    clock.move_to(LAST)
    assert reverse("shift_claim", args=[shift.pk]) not in screen(browser_of(cast.member).get(address))


def test_the_places_cost_the_same_for_one_and_for_thirty(cast):
    client, member = browser_of(cast.member), cast.member.member

    def one_more() -> None:
        """One to come without a time, and one that was served."""
        for times in ({}, {"starts_at": NOON - HOUR, "ends_at": NOON, "reported_at": NOON, "status": "CONFIRMED"}):
            place = ShiftFactory(by_agreement=True, starts_at=NOON, ends_at=LAST)
            ClaimFactory(shift=place, member=member, **{"starts_at": None, "ends_at": None, **times})

    one_more()
    one = queries_of(client, reverse("claims"))
    for _ in range(12):
        one_more()
    assert queries_of(client, reverse("claims")) == one


def test_staff_reads_until_when_it_is_open_and_what_was_agreed(cast, claim):
    client = browser_of(cast.secretary)
    until = day_words(LAST.date() - timedelta(days=1))
    assert until in screen(client.get(reverse("task_list")))
    agree_time(claim, starts_at=NOON + 26 * HOUR, ends_at=NOON + 27 * HOUR, by=cast.member)
    said = screen(client.get(reverse("task", args=[claim.shift.task_id])))
    assert until in said
    assert "14:00–15:00" in said
    assert reverse("confirm_shift", args=[claim.shift_id]) in said


def test_where_there_is_no_wish_no_photo_is_kept_and_the_sentence_says_so(cast, claim, wish, tmp_path):
    Wish.objects.filter(pk=wish.pk).update(task=None, status="ACCEPTED")
    times = {"starts_at": NOON - HOUR, "ends_at": NOON}
    with pytest.raises(Refused) as caught:
        report_fulfilled(claim, words="好了", photos=[jpeg().read()], **times, by=cast.member)
    assert caught.value.reason == Reason.NO_WISH_TO_SHOW
    assert Claim.objects.get(pk=claim.pk).reported_at is None
