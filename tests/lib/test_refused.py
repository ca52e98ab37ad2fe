from django.db.models import TextChoices
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from vanguard.lib.refused import Refused


class Why(TextChoices):
    FULL = "FULL", "“%(task)s” is full."
    YES = "YES", _("Yes")


def test_the_details_fill_the_sentence():
    assert Refused(Why.FULL, task="灯笼").sentence == "“灯笼” is full."


def test_what_people_typed_is_never_read_as_a_placeholder():
    assert Refused(Why.FULL, task="100%(x)s %s %d").sentence == "“100%(x)s %s %d” is full."


def test_it_is_said_in_the_language_of_who_reads():
    refused = Refused(Why.YES)
    with translation.override("en"):
        assert refused.sentence == "Yes"
    with translation.override("zh-hans"):
        assert refused.sentence == "是"


def test_it_shows_its_sentence_when_printed():
    assert str(Refused(Why.FULL, task="灯笼")) == "“灯笼” is full."
