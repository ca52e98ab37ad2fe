"""What a member can do and when: their own to say, changed without anybody's review."""

import pytest
from django.urls import reverse

from accounts.models import FreeTime, Skill
from tests.browsing import browser_of, screen

pytestmark = pytest.mark.django_db
URL = reverse("my_help")


def said(member):
    return (
        sorted(member.skills.values_list("name", flat=True)),
        sorted(member.free_times.values_list("part", flat=True)),
    )


def test_it_is_saved_changed_and_taken_back(cast):
    electric, law = Skill.objects.create(name="电工"), Skill.objects.create(name="法律")
    client, member = browser_of(cast.member), cast.member.member
    client.post(URL, {"skills": [electric.pk, law.pk], "free_times": ["WEEKEND_MORNING", "WEEKDAY_EVENING"]})
    assert said(member) == (["法律", "电工"], ["WEEKDAY_EVENING", "WEEKEND_MORNING"])
    page = screen(client.get(URL))
    assert page.count("checked") == 4
    client.post(URL, {"skills": [law.pk], "free_times": ["WEEKEND_MORNING"]})
    assert said(member) == (["法律"], ["WEEKEND_MORNING"])
    client.post(URL, {})
    assert said(member) == ([], [])


@pytest.mark.parametrize("sent", [{"skills": ["0"]}, {"skills": ["x"]}, {"free_times": ["SOMETIMES"]}])
def test_a_forged_choice_is_refused(cast, sent):
    Skill.objects.create(name="电工")
    FreeTime.objects.create(member=cast.member.member, part="WEEKEND_MORNING")
    assert 'class="errorlist"' in screen(browser_of(cast.member).post(URL, sent))
    assert said(cast.member.member) == ([], ["WEEKEND_MORNING"])


def test_a_city_without_a_list_of_skills_asks_for_none(cast):
    page = screen(browser_of(cast.member).get(URL))
    assert 'name="skills"' not in page
    assert 'name="free_times"' in page


def test_who_is_no_member_has_no_such_page(cast):
    assert browser_of(cast.secretary).get(URL).status_code == 404
