"""What a member can do and when: their own to say, changed without anybody's review."""

import pytest
from django.urls import reverse

from accounts.models import Interest, Member, Skill
from accounts.models.interest import INTEREST_BITS
from tests.browsing import browser_of, screen
from vanguard.lib import week
from vanguard.lib.bits import chosen_in

pytestmark = pytest.mark.django_db
URL = reverse("my_help")


def said(member):
    member = Member.objects.get(pk=member.pk)
    return (
        sorted(member.skills.values_list("name", flat=True)),
        chosen_in(member.interests, INTEREST_BITS),
        chosen_in(member.free_at, week.BITS),
        member.told_what_fits,
    )


def test_it_is_saved_changed_and_taken_back(cast):
    electric, law = Skill.objects.create(name="电工"), Skill.objects.create(name="法律")
    client, member = browser_of(cast.member), cast.member.member
    everything = {
        "skills": [electric.pk, law.pk],
        "interests": ["REPAIR", "COMMUNITY_ACTIVITY"],
        "free_times": ["SUN_EVENING", "MON_MORNING"],
        "told_what_fits": "on",
    }
    client.post(URL, everything)
    assert said(member) == (["法律", "电工"], ["COMMUNITY_ACTIVITY", "REPAIR"], ["MON_MORNING", "SUN_EVENING"], True)
    page = screen(client.get(URL))
    assert page.count("checked") == 7
    client.post(URL, {"skills": [law.pk], "free_times": list(week.BITS)})
    assert said(member) == (["法律"], [], list(week.BITS), False)
    client.post(URL, {})
    assert said(member) == ([], [], [], False)


@pytest.mark.parametrize(
    "sent",
    [{"skills": ["0"]}, {"skills": ["x"]}, {"free_times": ["SOMETIMES"]}, {"interests": ["PARADE"]}],
)
def test_a_forged_choice_is_refused_and_what_else_was_ticked_stays(cast, sent):
    Skill.objects.create(name="电工")
    page = screen(browser_of(cast.member).post(URL, {"free_times": ["SAT_MORNING"], "told_what_fits": "on", **sent}))
    assert 'class="errorlist"' in page
    assert page.count("checked") == (1 if "free_times" in sent else 2)
    assert said(cast.member.member) == ([], [], [], False)


def test_every_part_of_the_week_has_its_box_and_says_which(cast):
    page = screen(browser_of(cast.member).get(URL))
    assert page.count('name="free_times"') == 21
    names = [words for _code, words in week.parts()]
    assert len({*names}) == 21
    assert all(f'<span class="visually-hidden">{name}</span>' in page for name in names)


def test_a_city_without_a_list_of_skills_asks_for_none(cast):
    page = screen(browser_of(cast.member).get(URL))
    assert 'name="skills"' not in page
    assert 'name="free_times"' in page


def test_who_is_no_member_has_no_such_page(cast):
    assert browser_of(cast.secretary).get(URL).status_code == 404


@pytest.mark.parametrize("reader", ["secretary", "branch", "city_officer", "unit_officer", "other_member"])
def test_nobody_else_sees_what_one_likes_and_when_one_is_free(cast, reader):
    """What is seen of members: the list of members, the unit's member page and the own pages of others."""
    member = cast.member.member
    browser_of(cast.member).post(URL, {"interests": ["REPAIR"], "free_times": ["SUN_EVENING"]})
    interest, part = str(Interest.REPAIR.label), dict(week.parts())["SUN_EVENING"]
    for page in (reverse("members"), reverse("me"), reverse("unit_member", args=[member.number])):
        response = browser_of(getattr(cast, reader)).get(page)
        assert interest not in response.content.decode()
        assert part not in response.content.decode()


def test_the_administrator_does_not_see_it_either(cast, admin_client):
    browser_of(cast.member).post(URL, {"interests": ["REPAIR"], "free_times": ["SUN_EVENING"]})
    page = screen(admin_client.get(reverse("admin:accounts_member_change", args=[cast.member.member.pk])))
    assert not any(name in page for name in ("free_at", "interests", "told_what_fits"))
