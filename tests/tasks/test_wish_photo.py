"""Photos of wishes: kept with what they belong to, never for a minor, seen only by those for whom they are."""

import os
from datetime import timedelta
from pathlib import Path
from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from PIL import Image

from accounts.access import Actor
from accounts.models import Organization
from tasks.actions import wish_photo
from tasks.actions.wish import send_wish
from tasks.actions.wish_photo import drop_photos, keep_photos, storing_photos
from tasks.jobs import sweep_photos
from tasks.models import Wish, WishContact, WishPhoto
from tasks.refusals import Reason
from tests.browsing import browser_of, screen, sentence
from tests.factories import ClaimFactory, ShiftFactory, TaskFactory, UserFactory, WishFactory
from tests.photos import PLACED, jpeg, upload
from vanguard.lib.photographs import PhotoFault
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
RESIDENT = Actor()
RED, GREEN, BLUE, BLACK = (jpeg(colour) for colour in ("red", "green", "blue", "black"))


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def form(cast):
    return reverse("wish_new", args=[cast.community.code])


def said(**changed):
    return {
        "text": "厨房的灯不亮了。",
        "category": "REPAIR",
        "name": "李奶奶",
        "phone": "13800000001",
        "consent": "on",
        "sent_once": str(uuid4()),
        **changed,
    }


def send(community, **changed):
    words = {"category": "REPAIR", "text": "灯不亮。", "name": "李奶奶", "phone": "10088888888", **changed}
    return send_wish(community, **words, by=RESIDENT)


def files(media: Path) -> int:
    return sum(path.is_file() for path in media.rglob("*"))


def with_photo(wish, **owner):
    with storing_photos() as store:
        store([RED], wish=wish, **owner)
    return WishPhoto.objects.latest("pk")


# --- coming with a wish ---------------------------------------------------------------------


def test_they_come_with_the_wish_as_nothing_but_pictures(form, media):
    Client().post(form, said(photos=[upload(RED), upload(GREEN)]))
    photos = Wish.objects.get().photos.all()
    assert len(photos) == files(media) == 2
    for photo in photos:
        assert PLACED not in photo.file.read()
        assert "厨房" not in photo.file.name
        assert Image.open(photo.file).format == "JPEG"


def test_a_double_tap_is_one_wish_with_its_photos_once(form, media):
    client, typed = Client(), said()
    for _ in range(2):
        client.post(form, {**typed, "photos": [upload(RED), upload(GREEN)]})
    assert Wish.objects.get().photos.count() == files(media) == 2


def test_sent_again_with_one_more_it_is_the_same_wish_with_one_more(form, media):
    client, typed = Client(), said()
    client.post(form, {**typed, "photos": [upload(RED)]})
    client.post(form, {**typed, "photos": [upload(RED), upload(GREEN)]})
    assert Wish.objects.get().photos.count() == files(media) == 2
    page = screen(client.post(form, {**typed, "photos": [upload(BLUE), upload(BLACK)]}))
    assert sentence(Reason.TOO_MANY_PHOTOS, most=3, kept=2) in page
    assert Wish.objects.get().photos.count() == 2


def test_a_refused_form_keeps_its_photos_until_it_is_sent_again(form, media):
    client, typed = Client(), said(phone="12345")
    page = screen(client.post(form, {**typed, "photos": [upload(RED), upload(GREEN)]}))
    assert 'name="without_kept"' in page
    assert files(media) == 2
    client.post(form, {**typed, "phone": "13800000001", "photos": [upload(BLUE)]})
    assert Wish.objects.get().photos.count() == files(media) == 3
    assert not WishPhoto.objects.filter(wish=None).exists()


def test_what_the_action_refuses_keeps_its_photos_too(cast, form, settings, media):
    settings.WISHES_A_DAY = 0
    typed = said()
    assert 'name="without_kept"' in screen(Client().post(form, {**typed, "photos": [upload()]}))
    settings.WISHES_A_DAY = 1
    Client().post(form, typed)
    assert Wish.objects.get().photos.count() == files(media) == 1


def test_a_refused_form_tapped_twice_keeps_them_once(form, media):
    for _ in range(2):
        typed = said(phone="", sent_once="7d3b8a4e-0000-4000-8000-000000000001", photos=[upload(RED), upload(GREEN)])
        screen(Client().post(form, typed))
    assert WishPhoto.objects.count() == files(media) == 2


def test_kept_photos_can_be_left_out(form, media, django_capture_on_commit_callbacks):
    client, typed = Client(), said(phone="")
    client.post(form, {**typed, "photos": [upload(RED)]})
    with django_capture_on_commit_callbacks(execute=True):
        client.post(form, {**typed, "phone": "13800000001", "without_kept": "on", "photos": [upload(BLUE)]})
    assert Wish.objects.get().photos.count() == files(media) == 1


def test_too_many_with_the_kept_ones_are_refused_and_the_kept_ones_stay(form, media, settings):
    client, typed = Client(), said(phone="")
    client.post(form, {**typed, "photos": [upload(RED), upload(GREEN)]})
    response = client.post(form, {**typed, "phone": "13800000001", "photos": [upload(BLUE), upload(BLACK)]})
    assert sentence(Reason.TOO_MANY_PHOTOS, most=3, kept=2) in screen(response)
    assert not Wish.objects.exists()
    assert files(media) == 2


def test_nobody_gets_the_photos_of_anothers_form(cast, form):
    Client().post(form, said(phone="", photos=[upload()]))
    Client().post(form, said())
    assert not Wish.objects.get().photos.exists()


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        pytest.param(b"\xff\xd8\xff" + b"0" * 20_000_000, PhotoFault.TOO_BIG, id="20 MB"),
        pytest.param(b"\x00\x00\x00\x18ftypheic\x00\x00\x00\x00mif1heic", PhotoFault.HEIC, id="HEIC"),
        pytest.param(b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>", PhotoFault.NOT_A_PHOTO, id="SVG"),
        pytest.param(b"", None, id="empty"),
    ],
)
def test_what_is_no_photo_is_said_and_the_words_stay(form, media, content, fault):
    page = screen(Client().post(form, said(photos=[upload(RED), upload(content, "picture.jpg")])))
    assert page.count('class="errorlist') == 1
    if fault:
        assert str(fault.label).partition("%")[0] in page
    assert "厨房的灯不亮了。" in page
    assert not Wish.objects.exists()
    assert files(media) == 0


def test_of_a_file_that_is_two_things_only_the_picture_stays(form, media):
    Client().post(form, said(photos=[upload(RED + b"<script>alert(1)</script>PK\x03\x04")]))
    content = Wish.objects.get().photos.get().file.read()
    assert b"script" not in content
    assert b"PK\x03\x04" not in content


# --- minors ---------------------------------------------------------------------------------


def test_a_minors_wish_takes_none_and_keeps_none(form, media):
    typed = said(for_minor="on")
    page = screen(Client().post(form, {**typed, "photos": [upload()]}))
    assert page.count(sentence(Reason.NO_PHOTOS_OF_MINORS)) == 1
    assert (Wish.objects.count(), files(media)) == (0, 0)
    assert Client().post(form, typed).status_code == 302
    assert Wish.objects.get().for_minor


def test_said_to_be_a_minors_afterwards_the_kept_ones_go(form, media, django_capture_on_commit_callbacks):
    typed = said(phone="")
    Client().post(form, {**typed, "photos": [upload()]})
    assert files(media) == 1
    with django_capture_on_commit_callbacks(execute=True):
        page = screen(Client().post(form, {**typed, "phone": "13800000001", "for_minor": "on"}))
    assert sentence(Reason.NO_PHOTOS_OF_MINORS) in page
    assert (WishPhoto.objects.count(), files(media)) == (0, 0)
    assert Client().post(form, {**typed, "phone": "13800000001", "for_minor": "on"}).status_code == 302


def test_staff_writes_down_no_photo_of_a_minor_either(cast, media):
    with pytest.raises(Refused) as refused:
        send_wish(
            cast.community,
            category="SCHOOL",
            text="想要一本字典。",
            name="李奶奶",
            phone="",
            channel="PHONE",
            for_minor=True,
            photos=[RED],
            by=cast.secretary,
        )
    assert refused.value.reason == Reason.NO_PHOTOS_OF_MINORS
    assert files(media) == 0


def test_staff_drops_them_once_a_wish_turns_out_to_be_a_minors(cast, media, django_capture_on_commit_callbacks):
    wish, other = send(cast.community, photos=[RED, GREEN]), send(cast.community, text="水管漏了。", photos=[BLUE])
    with pytest.raises(PermissionDenied):
        drop_photos(wish, by=cast.other_secretary)
    with django_capture_on_commit_callbacks(execute=True):
        drop_photos(wish, by=cast.secretary)
        assert files(media) == 3, "a transaction that fails keeps them"
    assert not wish.photos.exists()
    assert other.photos.count() == files(media) == 1


def test_sent_again_after_staff_has_seen_that_it_is_a_minors_it_takes_none(form, media):
    typed = said()
    Client().post(form, typed)
    Wish.objects.update(for_minor=True)
    page = screen(Client().post(form, {**typed, "photos": [upload()]}))
    assert page.count(sentence(Reason.NO_PHOTOS_OF_MINORS)) == 1
    assert (WishPhoto.objects.count(), files(media)) == (0, 0)


# --- files and rows -------------------------------------------------------------------------


def test_a_wish_that_fails_leaves_no_file(cast, media, monkeypatch):
    def fails(*args, **kwargs):
        assert files(media) == 0
        wish_photo.store_with_kept(*args, **kwargs)
        assert files(media) == 2
        raise RuntimeError("no power")

    monkeypatch.setattr("tasks.actions.wish.store_with_kept", fails)
    with pytest.raises(RuntimeError):
        send(cast.community, photos=[RED, GREEN])
    assert (Wish.objects.count(), WishContact.objects.count(), WishPhoto.objects.count(), files(media)) == (0, 0, 0, 0)


def age(photo, **delta):
    WishPhoto.objects.filter(pk=photo.pk).update(created_at=timezone.now() - timedelta(**delta))


def test_photos_of_a_form_that_is_never_sent_go_after_a_day(cast, media, django_capture_on_commit_callbacks):
    kept = with_photo(WishFactory(community=cast.community))
    age(kept, days=9)
    for hours in (23, 25):
        form = uuid4()
        keep_photos(form, [RED])
        age(WishPhoto.objects.get(form=form), hours=hours)
    for _ in range(2):
        with django_capture_on_commit_callbacks(execute=True):
            sweep_photos()
    assert WishPhoto.objects.filter(form=None).get() == kept
    assert WishPhoto.objects.count() == files(media) == 2


def test_files_that_nobody_names_go_after_a_day(cast, media):
    named = with_photo(WishFactory(community=cast.community))
    new, old = (default_storage.save(f"wishes/aa/{name}.jpg", ContentFile(RED)) for name in ("new", "old"))
    yesterday = (timezone.now() - timedelta(hours=25)).timestamp()
    for name in (old, named.file.name):
        os.utime(media / name, (yesterday, yesterday))
    sweep_photos()
    assert [default_storage.exists(name) for name in (named.file.name, new, old)] == [True, True, False]


def test_the_sweep_has_nothing_to_do_where_nothing_was_ever_sent(media):
    sweep_photos()
    assert files(media) == 0


# --- who sees them --------------------------------------------------------------------------


def seen_by(client, photo):
    return client.get(reverse("wish_photo", args=[photo.pk])).status_code


def test_they_are_served_as_a_picture_that_nobody_keeps(cast):
    photo = with_photo(WishFactory(community=cast.community))
    response = browser_of(cast.secretary).get(reverse("wish_photo", args=[photo.pk]))
    assert b"".join(response.streaming_content) == RED
    assert response.headers["Content-Type"] == "image/jpeg"
    assert response.headers["Cache-Control"] == "private, no-store"
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Content-Disposition"].startswith("inline")


def test_the_resident_sees_them_in_the_browser_that_sent_them_and_with_number_and_phone(form):
    sender, other = Client(), Client()
    sender.post(form, said(photos=[upload()]))
    wish = Wish.objects.get()
    photo = wish.photos.get()
    assert (seen_by(sender, photo), seen_by(other, photo)) == (200, 404)
    assert reverse("wish_photo", args=[photo.pk]) in screen(sender.get(reverse("wish_tracked", args=[wish.number])))
    other.post(reverse("wish_track"), {"number": wish.number, "phone": "13800000001"})
    assert seen_by(other, photo) == 200


def test_the_senders_account_sees_them_and_another_does_not(cast):
    mine, theirs = UserFactory(), UserFactory()
    photo = with_photo(WishFactory(community=cast.community, sender=mine))
    for user, status in ((mine, 200), (theirs, 404)):
        client = Client()
        client.force_login(user)
        assert seen_by(client, photo) == status


@pytest.mark.parametrize(
    "who", ["other_secretary", "branch", "street_officer", "city_officer", "unit_officer", "member"]
)
def test_who_does_not_handle_the_wish_does_not_see_them(cast, who):
    assert seen_by(browser_of(getattr(cast, who)), with_photo(WishFactory(community=cast.community))) == 404


def in_hand(cast, member, status="HELD"):
    shift = ShiftFactory(task=TaskFactory(publisher=cast.community), by_agreement=True)
    claim = ClaimFactory(shift=shift, member=member.member, status=status)
    return WishFactory(community=cast.community, task=shift.task, status="CLAIMED"), claim


def test_the_member_sees_them_while_the_wish_is_in_hand(cast):
    wish, _ = in_hand(cast, cast.member)
    photo = with_photo(wish)
    assert (seen_by(browser_of(cast.member), photo), seen_by(browser_of(cast.other_member), photo)) == (200, 404)
    Wish.objects.update(status="DONE")
    assert seen_by(browser_of(cast.member), photo) == 404


def test_a_member_who_gave_it_back_does_not_see_them(cast):
    wish, _ = in_hand(cast, cast.member, status="WITHDRAWN")
    assert seen_by(browser_of(cast.member), with_photo(wish)) == 404


def test_what_was_done_is_seen_by_its_own_member_afterwards_too(cast):
    wish, claim = in_hand(cast, cast.member, status="CONFIRMED")
    Wish.objects.update(status="DONE")
    needed, done = with_photo(wish), with_photo(wish, claim=claim)
    client = browser_of(cast.member)
    assert (seen_by(client, needed), seen_by(client, done)) == (404, 200)
    assert seen_by(browser_of(cast.other_member), done) == 404
    assert seen_by(browser_of(cast.secretary), done) == 200


def test_photos_that_wait_under_a_form_are_shown_to_nobody(cast, form):
    client = Client()
    client.post(form, said(phone="", photos=[upload()]))
    photo = WishPhoto.objects.get()
    for someone in (client, browser_of(cast.secretary), browser_of(cast.member)):
        assert seen_by(someone, photo) == 404


def test_a_photo_whose_file_is_gone_is_not_found(cast):
    photo = with_photo(WishFactory(community=cast.community))
    default_storage.delete(photo.file.name)
    assert seen_by(browser_of(cast.secretary), photo) == 404


def test_no_address_leads_to_the_files_themselves(cast, media):
    photo = with_photo(WishFactory(community=cast.community))
    client = browser_of(cast.secretary)
    for address in (f"/{photo.file.name}", f"/media/{photo.file.name}", f"/static/{photo.file.name}"):
        assert client.get(address).status_code == 404


def test_a_wish_of_a_closed_community_leaves_no_photo(cast, media):
    Organization.objects.filter(pk=cast.community.pk).update(closed_on="2026-01-01")
    cast.community.refresh_from_db()
    with pytest.raises(Refused):
        send(cast.community, photos=[RED])
    assert files(media) == 0
