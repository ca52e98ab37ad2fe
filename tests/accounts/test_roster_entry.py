"""Single lines of a roster: added, mended, taken off, each a change that imports notice."""

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone

from accounts.actions.roster_entry import add_entry, change_entry, remove_entry
from accounts.models import Organization, Record, Roster, RosterEntry
from accounts.refusals import Reason
from tests.accounts.rosters import entry
from tests.browsing import browser_of, queries_of, screen, sentence
from tests.factories import CommunityFactory, CompoundFactory, MemberFactory, OrganizationFactory, StreetFactory
from vanguard.lib.refused import Refused

pytestmark = pytest.mark.django_db
LINE = {"name": "张三", "phone": "13800000001", "community": None, "compound": None, "address": "3 幢 301"}


def typed(cast, **changed):
    return {
        "name": "张 三",
        "phone": "１38 0000 0001",
        "community": cast.community.pk,
        "compound": cast.compound.pk,
        "address": "3幢301",
        **changed,
    }


def version(unit):
    return Roster.objects.get(unit=unit).version


def test_a_line_is_added_changed_and_taken_off_each_time_raising_the_version(cast):
    line = add_entry(cast.unit, **LINE, by=cast.unit_officer)
    assert (version(cast.unit), line.address_key) == (1, "3-301")
    change_entry(line, **{**LINE, "address": "4-401", "community": cast.community}, by=cast.unit_officer)
    line.refresh_from_db()
    assert (version(cast.unit), line.address_key, line.community) == (2, "4-401", cast.community)
    remove_entry(line, by=cast.unit_officer)
    line.refresh_from_db()
    assert (version(cast.unit), line.removed_on) == (3, timezone.localdate())
    verbs = Record.objects.filter(subject_id=line.pk, user=cast.unit_officer.user).order_by("pk")
    assert list(verbs.values_list("verb", flat=True)) == ["listed", "mended", "taken off"]


def test_a_new_line_is_linked_to_the_member_it_names(cast):
    member = MemberFactory(unit=cast.unit, community=cast.community, user__name="张三", user__phone="13800000001")
    assert RosterEntry.objects.get(pk=add_entry(cast.unit, **LINE, by=cast.unit_officer).pk).member == member


@pytest.mark.parametrize("words", ["name and phone", "name", "phone", "neither"])
def test_a_changed_line_follows_its_words_to_another_member(cast, words):
    old = MemberFactory(unit=cast.unit, community=cast.community, user__name="李四", user__phone="13800000002")
    new = MemberFactory(unit=cast.unit, community=cast.community, user__name="张三", user__phone="13800000001")
    line = entry(cast.unit, "李四", "13800000002", member=old)
    changed, linked = {
        "name and phone": ({}, new),
        "name": ({"phone": "13800000002"}, old),
        "phone": ({"name": "李四"}, old),
        "neither": ({"name": "何人", "phone": "13800000009"}, None),
    }[words]
    change_entry(line, **{**LINE, **changed}, by=cast.unit_officer)
    line.refresh_from_db()
    assert line.member == linked


def test_a_line_that_is_changed_lets_other_lines_keep_their_members(cast):
    """Who was married and changed the number at once: the line is the officer's to mend, and nobody touched it."""
    member = MemberFactory(unit=cast.unit)
    kept = entry(cast.unit, "旧名", "13800000007", member=member)
    change_entry(entry(cast.unit, "李四", "13800000002"), **LINE, by=cast.unit_officer)
    kept.refresh_from_db()
    assert kept.member == member


def test_a_phone_stands_on_a_roster_once_and_the_refusal_says_whose_it_is(cast):
    entry(cast.unit, "李四", "13800000001")
    other = entry(cast.unit, "王五", "13800000002")
    entry(cast.other_unit, "赵六", "13800000003")
    for act in (
        lambda: add_entry(cast.unit, **LINE, by=cast.unit_officer),
        lambda: change_entry(other, **LINE, by=cast.unit_officer),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == Reason.PHONE_ON_ROSTER
        assert "李四" in refused.value.sentence
    assert not Roster.objects.exists()
    add_entry(cast.unit, **{**LINE, "phone": "13800000003"}, by=cast.unit_officer)


def test_a_compound_of_another_community_is_refused_whoever_asks(cast):
    line = entry(cast.unit, "李四", "13800000002")
    foreign = {**LINE, "community": cast.other_community, "compound": cast.compound}
    for act in (
        lambda: add_entry(cast.unit, **foreign, by=cast.unit_officer),
        lambda: change_entry(line, **foreign, by=cast.unit_officer),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == Reason.FOREIGN_COMPOUND
    assert not Roster.objects.exists()
    change_entry(line, **{**foreign, "community": None}, by=cast.unit_officer)
    line.refresh_from_db()
    assert line.community == cast.community, "the compound says its community"


def test_a_phone_whose_line_was_taken_off_is_free_again(cast):
    remove_entry(entry(cast.unit, "李四", "13800000001"), by=cast.unit_officer)
    assert add_entry(cast.unit, **LINE, by=cast.unit_officer)


def test_what_was_taken_off_can_be_neither_changed_nor_taken_off_again(cast):
    line = entry(cast.unit, "李四", "13800000001")
    stale = RosterEntry.objects.get(pk=line.pk)
    remove_entry(line, by=cast.unit_officer)
    before = version(cast.unit)
    for act in (
        lambda: remove_entry(stale, by=cast.unit_officer),
        lambda: change_entry(stale, **LINE, by=cast.unit_officer),
    ):
        with pytest.raises(Refused) as refused:
            act()
        assert refused.value.reason == Reason.NOT_ON_ROSTER
    assert version(cast.unit) == before


@pytest.mark.parametrize("role", ["other_unit_officer", "city_officer", "secretary", "member"])
def test_others_touch_no_line(cast, role):
    line, by = entry(cast.unit, "李四", "13800000001"), getattr(cast, role)
    for act in (
        lambda: add_entry(cast.unit, **LINE, by=by),
        lambda: change_entry(line, **LINE, by=by),
        lambda: remove_entry(line, by=by),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not Roster.objects.exists()


# --- pages ----------------------------------------------------------------------------------


def test_the_officer_adds_a_line_and_what_was_typed_is_evened(cast):
    client = browser_of(cast.unit_officer)
    response = client.post(reverse("roster_entry_new"), typed(cast))
    line = RosterEntry.objects.get()
    assert response.headers["Location"] == reverse("roster_entry", args=[line.pk])
    assert (line.name, line.phone, line.community, line.compound) == (
        "张三",
        "13800000001",
        cast.community,
        cast.compound,
    )
    assert "张三" in screen(client.get(response.headers["Location"]))


def test_the_compound_says_its_community(cast):
    browser_of(cast.unit_officer).post(reverse("roster_entry_new"), typed(cast, community=""))
    assert RosterEntry.objects.get().community == cast.community


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": "张3"}, "name"),
        ({"name": ""}, "name"),
        ({"phone": "123"}, "phone"),
        ({"address": "3" * 61}, "address"),
        ({"community": "0"}, "community"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field(cast, changed, field):
    response = browser_of(cast.unit_officer).post(reverse("roster_entry_new"), typed(cast, **changed))
    assert list(response.context["form"].errors) == [field]
    assert not RosterEntry.objects.exists()


def test_places_of_another_community_and_of_another_city_are_not_taken(cast):
    foreign = CommunityFactory(parent=StreetFactory(parent=OrganizationFactory()))
    compound = CompoundFactory(parent=cast.other_community)
    client = browser_of(cast.unit_officer)
    response = client.post(reverse("roster_entry_new"), typed(cast, community=foreign.pk, compound=""))
    assert list(response.context["form"].errors) == ["community"]
    response = client.post(reverse("roster_entry_new"), typed(cast, compound=compound.pk))
    assert list(response.context["form"].errors) == ["compound"]


def test_a_phone_that_stands_there_already_is_said_beside_the_phone(cast):
    entry(cast.unit, "李四", "13800000001")
    page = screen(browser_of(cast.unit_officer).post(reverse("roster_entry_new"), typed(cast)))
    assert sentence(Reason.PHONE_ON_ROSTER, name="李四") in page


def test_a_line_is_changed_and_taken_off_on_its_page(cast):
    line = entry(cast.unit, "李四", "13800000002")
    client, url = browser_of(cast.unit_officer), reverse("roster_entry", args=[line.pk])
    assert client.post(url, typed(cast)).status_code == 302
    line.refresh_from_db()
    assert line.name == "张三"
    client.post(reverse("roster_entry_remove", args=[line.pk]))
    assert client.get(url).status_code == 404
    assert client.post(reverse("roster_entry_remove", args=[line.pk])).status_code == 404


def test_a_line_whose_community_is_closed_keeps_it_when_its_name_is_mended(cast):
    community, other = CommunityFactory(parent=cast.street), CompoundFactory(parent=cast.community)
    compound = CompoundFactory(parent=community)
    closed = Organization.objects.filter(pk__in=[community.pk, compound.pk, other.pk])
    closed.update(closed_on=timezone.localdate())
    line = entry(cast.unit, "李四", "13800000002", community=community, compound=compound, address="5-505")
    client, url = browser_of(cast.unit_officer), reverse("roster_entry", args=[line.pk])
    form = client.get(url).context["form"]
    offered = {choice.pk for name in ("community", "compound") for choice in form.fields[name].queryset}
    assert {community.pk, compound.pk} <= offered
    assert other.pk not in offered
    sent = {**form.initial, "name": "李思"}
    assert client.post(url, sent).status_code == 302
    line.refresh_from_db()
    assert (line.name, line.community, line.compound) == ("李思", community, compound)
    response = client.post(reverse("roster_entry_new"), typed(cast, community=community.pk, compound=""))
    assert list(response.context["form"].errors) == ["community"]


def test_what_was_merged_into_a_line_stands_on_its_page(cast):
    line = entry(cast.unit, "李四", "13800000002")
    entry(cast.unit, "李四", "13800000003", removed_on=timezone.localdate(), merged_into=line)
    assert "13800000003" in screen(browser_of(cast.unit_officer).get(reverse("roster_entry", args=[line.pk])))


def test_the_page_costs_the_same_for_one_community_and_for_thirty(cast):
    client, url = browser_of(cast.unit_officer), reverse("roster_entry_new")
    one = queries_of(client, url)
    for _ in range(30):
        CompoundFactory(parent=CommunityFactory(parent=cast.street))
    assert queries_of(client, url) == one
