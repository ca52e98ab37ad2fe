"""Lines that may be one person twice: merged with their history, or told apart for good."""

from datetime import date

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actions.roster_duplicate import merge_entries, tell_apart
from accounts.actions.roster_entry import remove_entry
from accounts.models import DistinctEntries, Record, Roster, RosterEntry
from accounts.queries.roster_duplicate import also_listed_elsewhere, namesakes, shared_phones
from accounts.refusals import Reason
from tests.accounts.rosters import entry
from tests.browsing import browser_of, queries_of, screen
from tests.factories import MemberFactory, OrganizationFactory, UnitFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db


@pytest.fixture
def pair(cast):
    """张三 twice on one roster."""
    return entry(cast.unit, "张三", "13800000001"), entry(cast.unit, "张三", "13800000002")


@pytest.fixture
def across(cast):
    """One phone on the rosters of two units."""
    return entry(cast.unit, "李四", "13800000009"), entry(cast.other_unit, "李思", "13800000009")


def refused(act, *args, **kwargs):
    with pytest.raises(Refused) as refusal:
        act(*args, **kwargs)
    return refusal.value.reason


def fresh(line):
    return RosterEntry.objects.get(pk=line.pk)


# --- finding --------------------------------------------------------------------------------


def test_the_same_name_on_one_roster_is_found(cast, pair):
    entry(cast.unit, "李四", "13800000003")
    entry(cast.other_unit, "李四", "13800000004")
    assert namesakes(cast.unit) == ["张三"]
    assert namesakes(cast.other_unit) == []


def test_the_same_phone_on_two_rosters_of_the_city_is_found(cast, across):
    entry(UnitFactory(parent=OrganizationFactory()), "王五", "13800000008")
    entry(cast.unit, "王五", "13800000008")
    assert shared_phones(cast.city) == ["13800000009"]
    assert list(also_listed_elsewhere(cast.unit)) == [across[0]]
    assert list(also_listed_elsewhere(cast.other_unit)) == [across[1]]


def test_lines_that_were_taken_off_are_no_longer_alike(cast, pair, across):
    remove_entry(pair[0], by=cast.unit_officer)
    remove_entry(across[0], by=cast.unit_officer)
    assert namesakes(cast.unit) == shared_phones(cast.city) == []
    assert not also_listed_elsewhere(cast.other_unit)


# --- merging --------------------------------------------------------------------------------


def test_of_a_merged_pair_one_stays_and_the_other_points_to_it(cast, pair):
    kept, other = pair
    merge_entries(kept, other, by=cast.unit_officer)
    assert fresh(kept).removed_on is None
    assert (fresh(other).removed_on, fresh(other).merged_into) == (timezone.localdate(), kept)
    assert namesakes(cast.unit) == []
    assert Roster.objects.get(unit=cast.unit).version == 1
    verbs = Record.objects.filter(user=cast.unit_officer.user).values_list("subject_id", "verb")
    assert set(verbs) == {(kept.pk, "merged"), (other.pk, "merged away")}


@pytest.mark.parametrize("linked", [[0], [1], [0, 1]])
def test_the_member_ends_up_at_the_kept_line(cast, across, linked):
    kept, other = across
    member = MemberFactory()
    RosterEntry.objects.filter(pk__in=[across[n].pk for n in linked]).update(member=member)
    merge_entries(fresh(kept), fresh(other), by=cast.city_officer)
    assert (fresh(kept).member, fresh(other).member) == (member, None)


def test_lines_of_two_members_are_two_people(cast, pair):
    for line in pair:
        RosterEntry.objects.filter(pk=line.pk).update(member=MemberFactory())
    assert refused(merge_entries, *pair, by=cast.unit_officer) == Reason.TWO_MEMBERS
    assert not Roster.objects.exists()


def test_merged_twice_it_is_merged_once(cast, pair):
    kept, other = pair
    merge_entries(kept, other, by=cast.unit_officer)
    assert refused(merge_entries, fresh(kept), fresh(other), by=cast.unit_officer) == Reason.NOT_ON_ROSTER
    assert refused(merge_entries, fresh(other), fresh(kept), by=cast.unit_officer) == Reason.NOT_ON_ROSTER
    assert Roster.objects.get().version == 1


def test_only_lines_that_are_alike_are_merged(cast, pair):
    stranger = entry(cast.unit, "李四", "13800000003")
    namesake = entry(cast.other_unit, "张三", "13800000004")
    for one, other in [(pair[0], stranger), (pair[0], pair[0]), (pair[0], namesake)]:
        assert refused(merge_entries, one, other, by=cast.city_officer) == Reason.NOT_ALIKE
        assert refused(tell_apart, one, other, by=cast.city_officer) == Reason.NOT_ALIKE


def test_the_city_merges_across_units_and_both_rosters_change(cast, across):
    kept, other = across
    merge_entries(kept, other, by=cast.city_officer)
    assert fresh(other).merged_into == kept
    assert set(Roster.objects.values_list("unit", "version")) == {(cast.unit.pk, 1), (cast.other_unit.pk, 1)}


@pytest.mark.parametrize("role", ["unit_officer", "other_unit_officer", "inspector", "secretary", "member"])
def test_a_unit_does_not_settle_what_concerns_another(cast, across, role):
    for act in (merge_entries, tell_apart):
        with pytest.raises(PermissionDenied):
            act(*across, by=getattr(cast, role))
    assert not DistinctEntries.objects.exists()


# --- telling apart --------------------------------------------------------------------------


def test_two_people_are_never_asked_about_again(cast, pair, across):
    tell_apart(pair[1], pair[0], by=cast.unit_officer)
    tell_apart(pair[0], pair[1], by=cast.unit_officer)
    assert namesakes(cast.unit) == []
    tell_apart(*across, by=cast.city_officer)
    assert shared_phones(cast.city) == []
    assert not also_listed_elsewhere(cast.unit)
    assert not also_listed_elsewhere(cast.other_unit)
    assert DistinctEntries.objects.count() == 2
    assert Record.objects.filter(verb="told apart").count() == 4
    assert not Roster.objects.exists(), "the rosters themselves have not changed"


def test_a_third_of_the_name_is_asked_about(cast, pair):
    tell_apart(*pair, by=cast.unit_officer)
    third = entry(cast.unit, "张三", "13800000003")
    page = browser_of(cast.unit_officer).get(reverse("roster_duplicates"))
    assert page.context["pairs"] == [(pair[0], third), (pair[1], third)]


def test_a_third_unit_with_the_phone_is_asked_about(cast, across):
    tell_apart(*across, by=cast.city_officer)
    third = entry(UnitFactory(parent=cast.city), "李四", "13800000009")
    assert list(also_listed_elsewhere(cast.unit)) == [across[0]]
    assert browser_of(cast.city_officer).get(reverse("roster_duplicates")).context["pairs"] == [
        (across[0], third),
        (across[1], third),
    ]


# --- pages ----------------------------------------------------------------------------------


def merge_url(kept, other):
    return reverse("roster_merge", args=[kept.pk, other.pk])


def test_the_officer_keeps_one_of_two(cast, pair):
    client = browser_of(cast.unit_officer)
    page = screen(client.get(reverse("roster_duplicates")))
    assert merge_url(*pair) in page
    assert merge_url(*reversed(pair)) in page
    client.post(merge_url(pair[1], pair[0]))
    assert fresh(pair[0]).merged_into == pair[1]
    page = screen(client.get(reverse("roster_duplicates")))
    assert merge_url(*pair) not in page
    assert pair[0].phone in page, "what was merged is still to be read"


def test_the_officer_says_they_are_two(cast, pair):
    client = browser_of(cast.unit_officer)
    client.post(reverse("roster_distinct", args=[pair[0].pk, pair[1].pk]))
    assert client.get(reverse("roster_duplicates")).context["pairs"] == []


def test_a_refusal_is_said_on_the_page(cast, pair):
    client = browser_of(cast.unit_officer)
    for line in pair:
        RosterEntry.objects.filter(pk=line.pk).update(member=MemberFactory())
    assert str(Reason.TWO_MEMBERS.label) in screen(client.post(merge_url(*pair), follow=True))
    stranger = entry(cast.unit, "李四", "13800000003")
    response = client.post(reverse("roster_distinct", args=[pair[0].pk, stranger.pk]), follow=True)
    assert str(Reason.NOT_ALIKE.label) in screen(response)


def test_a_unit_learns_that_another_lists_the_phone_and_nothing_more(cast, across):
    page = screen(browser_of(cast.unit_officer).get(reverse("roster_duplicates")))
    assert reverse("roster_entry", args=[across[0].pk]) in page
    assert "李思" not in page
    assert cast.other_unit.name not in page


def test_a_line_merged_into_another_units_does_not_say_which(cast, across):
    merge_entries(*across, by=cast.city_officer)
    page = screen(browser_of(cast.other_unit_officer).get(reverse("roster_duplicates")))
    assert "李思" in page
    assert "李四" not in page
    assert cast.unit.name not in page


def test_the_city_sees_both_lines(cast, across):
    client = browser_of(cast.city_officer)
    page = screen(client.get(reverse("roster_duplicates")))
    assert all(words in page for words in ("李四", "李思", cast.unit.name, cast.other_unit.name))
    client.post(merge_url(*across))
    assert fresh(across[1]).merged_into == across[0]


def test_the_city_sees_that_phones_are_alike_and_the_unit_sees_which(cast, across):
    RosterEntry.objects.filter(pk__in=[line.pk for line in across]).update(community=cast.community, address="7-707")
    entry(cast.unit, "李四", "13800000077", address="8-808")
    city, unit = browser_of(cast.city_officer), browser_of(cast.unit_officer)
    page = screen(city.get(reverse("roster_duplicates")))
    assert page.count("138****") >= 4
    assert cast.community.name in page
    assert not [words for words in (across[0].phone, "7-707") if words in page]
    page = screen(unit.get(reverse("roster_duplicates")))
    assert all(words in page for words in (across[0].phone, "7-707", "13800000077", "8-808"))
    merge_entries(*across, by=cast.city_officer)
    page = screen(city.get(reverse("roster_duplicates")))
    assert "138****" in page
    assert across[0].phone not in page


def test_another_units_line_is_not_found(cast, pair, across):
    client = browser_of(cast.unit_officer)
    assert client.post(merge_url(*across)).status_code == 404
    assert client.post(merge_url(*reversed(across))).status_code == 404
    assert client.post(reverse("roster_distinct", args=[across[0].pk, across[1].pk])).status_code == 404


@pytest.mark.parametrize("role", ["unit_officer", "city_officer"])
def test_the_page_costs_the_same_for_one_pair_and_for_thirty(cast, role):
    client, url = browser_of(getattr(cast, role)), reverse("roster_duplicates")

    def add(n):
        kept = entry(cast.unit, f"张{n}", f"1380000{n:04d}")
        entry(cast.unit, f"张{n}", f"1390000{n:04d}", removed_on=date(2026, 1, 1), merged_into=kept)
        entry(cast.unit, f"张{n}", f"1370000{n:04d}")
        entry(cast.other_unit, f"李{n}", f"1380000{n:04d}")

    add(0)
    one = queries_of(client, url)
    for n in range(1, 40):
        add(n)
    assert queries_of(client, url) == one
    assert len(client.get(url).context["pairs"]) == 30
