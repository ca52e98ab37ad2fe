"""Two taps at the same moment, on each database: one wish, and its photos once."""

from functools import partial
from uuid import uuid4

import pytest
from django.conf import settings
from django.core.files.storage import default_storage

from accounts.access import Actor
from tasks.actions.wish import send_wish
from tasks.models import Wish, WishContact, WishPhoto
from tests.photos import jpeg
from tests.storm import ROUNDS, at_once, reasons

pytestmark = pytest.mark.django_db(transaction=True)
SAID = {"category": "REPAIR", "text": "灯不亮。", "name": "李奶奶", "phone": "10088888888", "by": Actor()}


@pytest.mark.parametrize("round", ROUNDS)
def test_two_taps_at_once_are_one_wish_with_its_photos_once(cast, round, settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    form, photos = uuid4(), [jpeg("red"), jpeg("green")]
    tap = partial(send_wish, cast.community, **SAID, photos=photos, sent_once=form)
    outcomes = at_once(tap, tap, tap)
    assert reasons(outcomes) == []
    assert len({wish.number for wish in outcomes}) == Wish.objects.count() == WishContact.objects.count() == 1
    assert WishPhoto.objects.count() == sum(path.is_file() for path in tmp_path.rglob("*")) == 2
    assert all(default_storage.exists(photo.file.name) for photo in WishPhoto.objects.all())


def test_control_without_the_forms_number_each_tap_is_a_wish(cast):
    tap = partial(send_wish, cast.community, **SAID)
    assert reasons(at_once(tap, tap)) == []
    assert Wish.objects.count() == 2 <= settings.WISHES_A_DAY
