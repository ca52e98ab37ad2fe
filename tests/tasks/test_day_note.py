"""Who else came, a note and photos of the day: bounded numbers, kept by the staff and seen by nobody else."""

from uuid import uuid4

import pytest
from django.core.exceptions import PermissionDenied

from accounts.refusals import Reason as AccountsReason
from tasks.actions.day_note import keep_photos, remove_day_photo, write_day_note
from tasks.actions.photo import keep_with_form
from tasks.models import Attendance, Claim, DayNote, DayPhoto, Shift
from tasks.queries.day import note_seen
from tasks.refusals import Reason
from tests.factories import WishFactory
from tests.photos import jpeg
from tests.tasks.day_world import HOUR, place_in, shift_of_today
from tests.tasks.refusing import refused

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    return tmp_path


@pytest.fixture
def shift(cast) -> Shift:
    return shift_of_today(cast.community, task__companions_at_most=2)


def note(shift, by, **changed):
    people = {name: changed.pop(name, 0) for name in DayNote.PEOPLE}
    said = {"note": "", "companions": {}, "seen": note_seen(shift), **changed}
    return write_day_note(shift, people=people, **said, by=by)


def test_numbers_and_words_are_kept_and_can_be_written_anew(cast, shift):
    note(shift, cast.secretary, family=3, note="下雨")
    noted = note(shift, cast.second_secretary, family=4, retired=1, residents=999, note="下雨，改在室内 𠮷")
    assert DayNote.objects.get() == noted
    assert (noted.family, noted.retired, noted.residents, noted.note) == (4, 1, 999, "下雨，改在室内 𠮷")


def test_nobody_overwrites_what_a_colleague_has_noted_meanwhile(cast, shift):
    claim, opened = place_in(shift, cast, companions=2), note_seen(shift)
    note(shift, cast.second_secretary, family=12, companions={claim.pk: 1})
    for said in ({"family": 0}, {"family": 12, "companions": {claim.pk: 2}}):
        refused(AccountsReason.STATE_CHANGED, note, shift, cast.secretary, seen=opened, **said)
    assert (DayNote.objects.get().family, Attendance.objects.get().companions_came) == (12, 1)
    note(shift, cast.secretary, seen=opened, family=12, companions={claim.pk: 1})  # the same once more is no other


@pytest.mark.parametrize("changed", [{"family": 1000}, {"retired": -1}])
def test_more_than_can_be_counted_is_refused(cast, shift, changed):
    refused(Reason.PEOPLE_CAME, note, shift, cast.secretary, **changed)


def test_companions_who_came_stand_with_the_place_and_leave_its_tick_alone(cast, shift):
    claim, gone = place_in(shift, cast, companions=2), place_in(shift, cast, status=Claim.Status.WITHDRAWN)
    elsewhere = place_in(shift_of_today(cast.community), cast)
    Attendance.objects.create(claim=claim, signed_in_at=shift.starts_at)
    note(shift, cast.secretary, companions={claim.pk: 1, gone.pk: 2, elsewhere.pk: 3})
    attendance = Attendance.objects.get()
    assert (attendance.claim, attendance.companions_came, attendance.says) == (claim, 1, "ATTENDED")
    refused(Reason.COMPANIONS_CAME, note, shift, cast.secretary, companions={claim.pk: 21})


def test_photos_are_added_up_to_nine_and_none_twice(cast, shift, monkeypatch):
    monkeypatch.setattr(DayPhoto, "AT_MOST", 2)
    note(shift, cast.secretary, photos=[jpeg("red")])
    note(shift, cast.secretary, photos=[jpeg("red"), jpeg("blue")])
    assert DayPhoto.objects.filter(shift=shift).count() == 2
    refused(Reason.TOO_MANY_PHOTOS, note, shift, cast.secretary, photos=[jpeg("green")])


def test_photos_of_a_refused_form_come_with_the_next(cast, shift):
    form = uuid4()
    keep_with_form(DayPhoto, form, [jpeg()])
    note(shift, cast.secretary, sent_once=form)
    assert DayPhoto.objects.get().shift == shift


def test_there_are_no_photos_where_a_minors_wish_is_served(cast, shift, media):
    WishFactory(community=cast.community, task=shift.task, status="CLAIMED", for_minor=True)
    refused(Reason.NO_PHOTOS_OF_MINORS, note, shift, cast.secretary, photos=[jpeg()])
    refused(Reason.NO_PHOTOS_OF_MINORS, keep_photos, shift, uuid4(), [jpeg()])
    assert note(shift, cast.secretary, family=1).family == 1
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_a_photo_is_removed_with_its_file_by_who_keeps_the_list(cast, shift, django_capture_on_commit_callbacks, media):
    note(shift, cast.secretary, photos=[jpeg()])
    photo = DayPhoto.objects.get()
    with pytest.raises(PermissionDenied):
        remove_day_photo(photo, by=cast.other_secretary)
    with django_capture_on_commit_callbacks(execute=True):
        remove_day_photo(photo, by=cast.secretary)
    assert not [path for path in media.rglob("*") if path.is_file()]


def test_photos_are_for_the_staff_of_that_place(cast, shift):
    note(shift, cast.secretary, photos=[jpeg()])
    for who in ("secretary", "second_secretary", "city_officer"):
        assert DayPhoto.objects.visible_to(getattr(cast, who)).exists()
    for who in ("member", "other_secretary", "branch", "street_officer", "unit_officer", "inspector"):
        assert not DayPhoto.objects.visible_to(getattr(cast, who)).exists()


def test_only_on_its_day_and_by_who_keeps_the_list(cast, shift):
    refused(Reason.DAY_TO_COME, note, shift_of_today(cast.community, begun=-HOUR), cast.secretary)
    refused(Reason.CALLED_OFF, note, shift_of_today(cast.community, status="CANCELLED"), cast.secretary)
    for who in ("other_secretary", "branch", "city_officer", "member"):
        with pytest.raises(PermissionDenied):
            note(shift, getattr(cast, who))
