"""The benchmark of what fits, small: it measures what it says, on whatever database the suite runs."""

from random import Random

import pytest

from accounts.models import Member, Skill
from bench import city, fits
from tasks.models import FitOffer
from vanguard.lib.week import WHOLE_WEEK

pytestmark = pytest.mark.django_db


def test_both_figures_are_of_the_city_as_it_is_filled(cast, monkeypatch):
    monkeypatch.setattr(fits, "SHIFTS", 6)
    monkeypatch.setattr(fits, "PLACES_TAKEN", 2)
    monkeypatch.setattr(fits, "CAPACITY", 2)
    monkeypatch.setattr(city, "MEMBERS", 2)
    Member.objects.update(free_at=WHOLE_WEEK, told_what_fits=True)
    skills = [Skill.objects.create(name="电工")]
    fits.publish(skills, Random(1))
    fits.take_places(list(Member.objects.all()), Random(1))
    one, everybody = fits.of_one_member(), fits.of_all()
    assert "6 open shifts" in one["name"]
    assert one["shifts that fit"] >= 4
    assert everybody["ok"]
    assert everybody["offers"] == FitOffer.objects.count() == 6, "three for each of two members"
