"""Three clear: each line agrees, differs in named details, has not checked in, or is not on the roster."""

from datetime import date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import CheckIn, Member, Organization, RosterEntry, UnitMembership, User
from accounts.queries.coverage import communities_coverage, together, units_coverage
from accounts.queries.matching import Asked, Line, Lines, counts_of
from accounts.queries.three_clear import Detail, Match, Progress, of_homes, of_units
from tests.factories import (
    CommunityFactory,
    CompoundFactory,
    MemberFactory,
    OrganizationFactory,
    StreetFactory,
    UnitFactory,
    UserFactory,
)
from tests.rosters import list_member, list_stranger

pytestmark = pytest.mark.django_db


def line_of(side, member: Member) -> Line:
    [line] = [line for line in Lines(side) if line.member_id == member.pk]
    return line


def states(side) -> dict[str, str]:
    return {line.name: line.state for line in Lines(side)}


def live_at(member: Member, **fields) -> None:
    member.check_ins.filter(status=CheckIn.Status.APPROVED).update(**fields)


def end_check_in(member: Member) -> None:
    live_at(member, status=CheckIn.Status.ENDED, ended_on=timezone.localdate())
    Member.objects.filter(pk=member.pk).update(home=None)


# --- states -------------------------------------------------------------------------------


def test_who_stands_on_the_roster_as_checked_in_agrees(cast):
    list_member(cast.unit, cast.member.member, community=cast.community, compound=cast.compound, address_key="1-101")
    live_at(cast.member.member, address_key="1-101")
    for side in (of_units(cast.unit), of_homes(cast.community)):
        line = line_of(side, cast.member.member)
        assert (line.state, line.differences) == (Match.AGREES, [])
        assert (line.unit, line.community, line.compound) == ("青澜市财政局", "荷风社区", "荷风雅苑一期")


@pytest.mark.parametrize(
    ("detail", "listed", "roster", "own"),
    [
        (Detail.NAME, {"name": "张晓明"}, "张晓明", "张小明"),
        (Detail.PHONE, {"phone": "10077777777"}, "10077777777", None),
        (Detail.UNIT, {"unit": "other_unit"}, "青澜市教育局", "青澜市财政局"),
        (Detail.COMMUNITY, {"community": "other_community"}, "枕溪社区", "荷风社区"),
        (Detail.ADDRESS, {"compound": "other_compound"}, "枕溪花园", "荷风雅苑一期 1-101"),
        (Detail.ADDRESS, {"address": "2幢202", "address_key": "2-202"}, "2幢202", "荷风雅苑一期 1-101"),
    ],
)
def test_each_detail_that_differs_is_named_with_both_sides(cast, detail, listed, roster, own):
    cast.other_compound = CompoundFactory(parent=cast.other_community, name="枕溪花园")
    live_at(cast.member.member, address_key="1-101")
    places = {name: getattr(cast, value) for name, value in listed.items() if hasattr(cast, value)}
    fields = {"unit": cast.unit, **listed, **places}
    list_member(fields.pop("unit"), cast.member.member, **fields)
    line = line_of(of_homes(cast.community), cast.member.member)
    assert line.state == Match.DIFFERS
    assert line.differences == [(detail, roster, own or cast.member.user.phone)]
    counts = counts_of(of_homes(cast.community))
    assert (counts.differs, getattr(counts, detail.lower())) == (1, 1)
    assert [found.member_id for found in Lines(of_homes(cast.community), Asked(detail=detail))] == [line.member_id]


def test_what_the_roster_does_not_say_is_not_compared(cast):
    live_at(cast.member.member, address_key="1-101")
    list_member(cast.unit, cast.member.member, address="枕溪花园")
    assert line_of(of_units(cast.unit), cast.member.member).state == Match.AGREES


def test_an_address_that_the_check_in_does_not_say_is_not_compared(cast):
    CheckIn.objects.filter(member=cast.member.member).update(address="老槐树旁", address_key="")
    list_member(cast.unit, cast.member.member, address="3-301", address_key="3-301")
    assert line_of(of_units(cast.unit), cast.member.member).state == Match.AGREES


def test_a_compound_the_check_in_lacks_differs(cast):
    live_at(cast.member.member, compound=None)
    list_member(cast.unit, cast.member.member, compound=cast.compound)
    assert [d.detail for d in line_of(of_units(cast.unit), cast.member.member).differences] == [Detail.ADDRESS]


def test_several_details_may_differ_at_once(cast):
    list_member(cast.unit, cast.member.member, name="张", phone="10077777777", community=cast.other_community)
    line = line_of(of_units(cast.unit), cast.member.member)
    assert [d.detail for d in line.differences] == [Detail.NAME, Detail.PHONE, Detail.COMMUNITY]
    assert counts_of(of_units(cast.unit)).differs == 1


def test_a_member_whose_account_has_no_phone_differs(cast):
    list_member(cast.unit, cast.member.member)
    User.objects.filter(pk=cast.member.user.pk).update(phone=None)
    assert [d.own for d in line_of(of_units(cast.unit), cast.member.member).differences] == [""]


def test_who_is_checked_in_and_on_no_roster_is_told(cast):
    assert states(of_units(cast.unit)) == {"张小明": Match.NOT_ON_ROSTER}
    assert states(of_homes(cast.community)) == {"张小明": Match.NOT_ON_ROSTER}


def test_a_line_without_a_member_has_not_checked_in(cast):
    list_member(cast.unit, cast.member.member)
    list_stranger(cast.unit, "赵六")
    assert states(of_units(cast.unit)) == {"张小明": Match.AGREES, "赵六": Match.NOT_CHECKED_IN}


def test_a_member_of_the_unit_without_check_in_has_not_checked_in_whatever_the_roster_says(cast):
    listed, unlisted = (MemberFactory(unit=cast.unit, user__name=name) for name in ("甲", "乙"))
    list_member(cast.unit, listed)
    list_member(cast.unit, cast.member.member)
    assert states(of_units(cast.unit)) == {
        "张小明": Match.AGREES,
        "甲": Match.NOT_CHECKED_IN,
        "乙": Match.NOT_CHECKED_IN,
    }
    assert unlisted.number in {line.number for line in Lines(of_units(cast.unit))}


def test_who_moved_away_and_awaits_the_next_approval_has_not_checked_in(cast):
    list_member(cast.unit, cast.member.member, community=cast.community)
    end_check_in(cast.member.member)
    CheckIn.objects.create(member=cast.member.member, community=cast.other_community, unit=cast.unit, address="1-1")
    line = line_of(of_units(cast.unit), cast.member.member)
    assert (line.state, line.progress) == (Match.NOT_CHECKED_IN, Progress.SUBMITTED)
    assert line.community == "荷风社区", "where the roster has them until then"
    assert states(of_homes(cast.community)) == {"张小明": Match.NOT_CHECKED_IN}
    assert "张小明" not in states(of_homes(cast.other_community))


def test_a_move_shows_in_the_new_community_against_the_old_roster(cast):
    list_member(cast.unit, cast.member.member, community=cast.community)
    live_at(cast.member.member, community=cast.other_community, compound=None)
    assert [d.own for d in line_of(of_homes(cast.other_community), cast.member.member).differences] == ["枕溪社区"]
    assert "张小明" not in states(of_homes(cast.community))


def test_a_removed_line_is_history(cast):
    list_member(cast.unit, cast.member.member, removed_on=date(2026, 1, 1))
    list_stranger(cast.unit, "赵六", removed_on=date(2026, 1, 1))
    assert states(of_units(cast.unit)) == {"张小明": Match.NOT_ON_ROSTER}


def test_a_pending_check_in_is_no_check_in(cast):
    newcomer = MemberFactory(unit=cast.unit, user__name="新来")
    list_member(cast.unit, newcomer)
    CheckIn.objects.create(member=newcomer, community=cast.community, unit=cast.unit, address="1-1")
    assert states(of_units(cast.unit))["新来"] == Match.NOT_CHECKED_IN


# --- how far one has come who has not checked in -------------------------------------------


@pytest.mark.parametrize(
    ("status", "progress"),
    [
        (None, Progress.ACCOUNT),
        (CheckIn.Status.SUBMITTED, Progress.SUBMITTED),
        (CheckIn.Status.RETURNED, Progress.RETURNED),
        (CheckIn.Status.ENDED, Progress.ACCOUNT),
        (CheckIn.Status.APPROVED, Progress.APPROVED),
    ],
)
def test_a_line_without_a_member_finds_the_account_with_its_name_and_phone(cast, status, progress):
    user = UserFactory(name="李四")
    list_stranger(cast.unit, "李四", phone=user.phone)
    if status:
        CheckIn.objects.create(
            member=MemberFactory(user=user),
            community=cast.community,
            address="1-1",
            status=status,
            approved_on=date(2026, 1, 1),
        )
    [line] = [line for line in Lines(of_units(cast.unit)) if line.name == "李四"]
    assert (line.state, line.progress, line.account_id) == (Match.NOT_CHECKED_IN, progress, user.pk)


@pytest.mark.parametrize("changed", [{"name": "李五"}, {"phone": "10066666666"}, {"is_active": False}])
def test_another_name_or_phone_or_a_closed_account_is_nobody(cast, changed):
    user = UserFactory(name="李四")
    list_stranger(cast.unit, "李四", phone=user.phone)
    User.objects.filter(pk=user.pk).update(**changed)
    [line] = [line for line in Lines(of_units(cast.unit)) if line.name == "李四"]
    assert (line.progress, line.account_id) == (Progress.NO_ACCOUNT, None)


# --- retired, moved, listed twice ----------------------------------------------------------


def test_a_retired_member_needs_no_unit(cast):
    retired = MemberFactory(community=cast.community, user__name="周老", retired_on=date(2026, 1, 1))
    assert line_of(of_homes(cast.community), retired).state == Match.AGREES
    list_member(cast.unit, retired)
    for side in (of_units(cast.unit), of_homes(cast.community)):
        assert (line_of(side, retired).state, line_of(side, retired).retired) == (Match.AGREES, 1)


def test_who_retires_next_year_still_needs_one(cast):
    soon = MemberFactory(community=cast.community, retired_on=timezone.localdate() + timedelta(days=1))
    assert line_of(of_homes(cast.community), soon).state == Match.NOT_ON_ROSTER


def test_a_retired_member_whom_a_unit_still_answers_for_belongs_on_its_roster(cast):
    retired = MemberFactory(unit=cast.unit, community=cast.community, retired_on=date(2026, 1, 1))
    assert line_of(of_units(cast.unit), retired).state == Match.NOT_ON_ROSTER


def test_who_has_left_the_unit_differs_there_and_the_unit_sees_nothing_else(cast):
    list_member(cast.unit, cast.member.member, name="张晓明", phone="10077777777")
    UnitMembership.objects.filter(member=cast.member.member).update(unit=cast.other_unit)
    former, new = of_units(cast.unit), of_units(cast.other_unit)
    line = line_of(former, cast.member.member)
    assert line.differences == [(Detail.UNIT, "青澜市财政局", "青澜市教育局")]
    assert (line.name, line.phone, line.community) == ("张晓明", "10077777777", None)
    assert not list(Lines(former, Asked(search=cast.member.user.phone)))
    assert not list(Lines(former, Asked(search="张小明")))
    assert line_of(new, cast.member.member).state == Match.NOT_ON_ROSTER
    at_home = line_of(of_homes(cast.community), cast.member.member)
    assert [d.detail for d in at_home.differences] == [Detail.NAME, Detail.PHONE, Detail.UNIT]


def test_a_member_without_a_unit_differs_from_the_roster_that_has_them(cast):
    list_member(cast.unit, cast.member.member)
    UnitMembership.objects.filter(member=cast.member.member).update(ends_on=timezone.localdate())
    for side in (of_units(cast.unit), of_homes(cast.community)):
        assert line_of(side, cast.member.member).differences == [(Detail.UNIT, "青澜市财政局", "")]


def test_a_unit_that_lists_a_retired_member_without_one_reads_nothing_of_them(cast):
    retired = MemberFactory(community=cast.community, retired_on=date(2020, 1, 1), user__name="周退")
    line = list_member(cast.unit, retired, phone="10077777777", community=cast.other_community, address_key="9-999")
    live_at(retired, compound=cast.compound, address_key="1-101")
    seen = line_of(of_units(cast.unit), retired)
    assert (seen.state, seen.differences) == (Match.AGREES, [])
    assert (seen.name, seen.phone, seen.community, seen.compound) == (line.name, line.phone, None, None)
    assert not list(Lines(of_units(cast.unit), Asked(search=retired.user.phone)))
    counts = counts_of(of_units(cast.unit))
    assert (counts.agrees, counts.phone, counts.community, counts.address) == (1, 0, 0, 0)
    at_home = line_of(of_homes(cast.community), retired)
    assert [d.detail for d in at_home.differences] == [Detail.PHONE, Detail.COMMUNITY, Detail.ADDRESS]


def test_of_who_belongs_elsewhere_and_has_not_checked_in_the_unit_sees_its_own_words(cast):
    line = list_member(cast.unit, cast.member.member, phone="10077777777", community=cast.other_community)
    UnitMembership.objects.filter(member=cast.member.member).update(unit=cast.other_unit)
    end_check_in(cast.member.member)
    seen = line_of(of_units(cast.unit), cast.member.member)
    assert (seen.state, seen.phone, seen.community) == (Match.NOT_CHECKED_IN, line.phone, "枕溪社区")
    assert not list(Lines(of_units(cast.unit), Asked(search=cast.member.user.phone)))


def test_two_rosters_with_one_person_are_two_lines_of_units_and_one_of_the_community(cast):
    list_member(cast.other_unit, cast.member.member)
    list_member(cast.unit, cast.member.member)
    assert line_of(of_units(cast.unit), cast.member.member).state == Match.AGREES
    assert line_of(of_units(cast.other_unit), cast.member.member).state == Match.DIFFERS
    assert line_of(of_homes(cast.community), cast.member.member).state == Match.AGREES


def test_a_membership_changes_hands_at_midnight_in_shanghai(cast):
    list_member(cast.unit, cast.member.member)
    UnitMembership.objects.filter(member=cast.member.member).update(ends_on=date(2027, 1, 1))
    UnitMembership.objects.create(member=cast.member.member, unit=cast.other_unit, starts_on=date(2027, 1, 1))
    for moment, state, new in [
        (datetime(2026, 12, 31, 23, 59), Match.AGREES, []),
        (datetime(2027, 1, 1, 0, 0), Match.DIFFERS, ["张小明"]),
    ]:
        with time_machine.travel(moment.replace(tzinfo=ZoneInfo("Asia/Shanghai")), tick=False):
            assert line_of(of_units(cast.unit), cast.member.member).state == state
            found = [line.name for line in Lines(of_units(cast.other_unit)) if line.name == "张小明"]
            assert found == new


def test_of_two_memberships_that_overlap_the_later_decides(cast):
    list_member(cast.unit, cast.member.member)
    UnitMembership.objects.filter(member=cast.member.member).update(ends_on=date(2099, 1, 1))
    UnitMembership.objects.create(member=cast.member.member, unit=cast.other_unit, starts_on=date(2021, 1, 1))
    assert line_of(of_units(cast.unit), cast.member.member).state == Match.DIFFERS
    assert counts_of(of_units(cast.unit)).lines == 1


# --- communities --------------------------------------------------------------------------


def test_a_community_has_who_lives_there_and_whom_a_roster_expects_there(cast):
    list_stranger(cast.unit, "赵六", community=cast.community)
    list_stranger(cast.unit, "钱七", community=cast.other_community)
    list_stranger(cast.unit, "孙八")
    assert states(of_homes(cast.community)) == {"张小明": Match.NOT_ON_ROSTER, "赵六": Match.NOT_CHECKED_IN}
    assert set(states(of_homes(cast.street))) == {"张小明", "赵六", "王芳", "钱七"}


def test_a_community_does_not_expect_whom_another_has_checked_in(cast):
    list_member(cast.other_unit, cast.other_member.member, community=cast.community)
    assert "王芳" not in states(of_homes(cast.community))


def test_another_city_is_another_side(cast):
    elsewhere = OrganizationFactory()
    MemberFactory(
        unit=UnitFactory(parent=elsewhere), community=CommunityFactory(parent=StreetFactory(parent=elsewhere))
    )
    assert counts_of(of_homes(cast.city)).lines == counts_of(of_units(cast.city)).lines == 2


# --- filters, search, order, pages ---------------------------------------------------------


@pytest.fixture
def roster(cast) -> SimpleNamespace:
    """One line of each state in 财政局, by name: 丁 differs, 丙 is absent, 乙 agrees, 张小明 is not listed."""
    for name, changed in (("丁", {"phone": "10077777777"}), ("乙", {})):
        member = MemberFactory(unit=cast.unit, community=cast.other_community, user__name=name)
        list_member(cast.unit, member, **changed)
    list_stranger(cast.unit, "丙", phone="10055555555", community=cast.community)
    return cast


def names(side, **asked) -> list[str]:
    return [line.name for line in Lines(side, Asked(**asked))]


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ({}, "丁丙乙张小明"),
        ({"show": "DIFFERS"}, "丁"),
        ({"show": "AGREES"}, "乙"),
        ({"show": "NOT_CHECKED_IN"}, "丙"),
        ({"show": "NOT_ON_ROSTER"}, "张小明"),
        ({"show": "CHECKED_IN"}, "丁乙张小明"),
        ({"show": "nonsense' OR 1=1 --"}, "丁丙乙张小明"),
        ({"detail": "PHONE"}, "丁"),
        ({"detail": "NAME"}, ""),
        ({"detail": "PHONE' OR 1=1"}, "丁丙乙张小明"),
        ({"search": "小明"}, "张小明"),
        ({"search": " 小明　"}, "张小明"),
        ({"search": "10055555555"}, "丙"),
        ({"search": "１００５５５５５５５５"}, "丙"),
        ({"search": "1005555555"}, ""),
        ({"search": "10077777777"}, "丁"),
        ({"search": "0000000001"}, "张小明"),
        ({"search": "%"}, ""),
        ({"search": "_"}, ""),
        ({"search": "!"}, ""),
        ({"search": "' OR 1=1 --"}, ""),
        ({"search": '"\\'}, ""),
        ({"search": "小明", "show": "AGREES"}, ""),
    ],
)
def test_filters_and_search(roster, asked, found):
    lines = Lines(of_units(roster.unit), Asked(**asked))
    assert sorted("".join(line.name for line in lines)) == sorted(found)
    assert lines.count() == len(list(lines))


def test_a_wildcard_in_a_name_is_found_as_it_is_written(cast):
    list_stranger(cast.unit, "A_b%c!")
    assert names(of_units(cast.unit), search="a_B%C!") == ["A_b%c!"]


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("name", ["丁", "丙", "乙", "张小明"]),
        ("state", ["丙", "丁", "张小明", "乙"]),
        ("name; DROP TABLE accounts_user", ["丁", "丙", "乙", "张小明"]),
        ("", ["丁", "丙", "乙", "张小明"]),
    ],
)
def test_order(roster, sort, order):
    assert names(of_units(roster.unit), sort=sort) == order


@pytest.mark.parametrize(("sort", "column"), [("unit", "unit"), ("community", "community")])
def test_order_by_place(roster, sort, column):
    lines = [getattr(line, column) for line in Lines(of_homes(roster.city), Asked(sort=sort))]
    assert lines == sorted(lines)
    assert len(set(lines)) == 2


def test_slices_together_make_the_whole(roster):
    lines = Lines(of_units(roster.unit))
    assert [*lines[0:3], *lines[3:6]] == lines[0:] == list(lines)
    assert lines[9:12] == []


def test_the_counts_are_the_lengths_of_the_lists(roster):
    side = of_units(roster.unit)
    counts = counts_of(side)
    assert (counts.lines, counts.checked_in, counts.phone) == (4, 3, 1)
    for state in Match:
        assert Lines(side, Asked(show=state)).count() == getattr(counts, state.lower()) == 1
    assert counts_of(side, "张").lines == 1


@pytest.mark.parametrize("show", ["", "CHECKED_IN", *Match.values, "nonsense"])
@pytest.mark.parametrize("detail", ["", *Detail.values, "nonsense"])
def test_what_the_counts_say_a_filter_leaves_is_what_it_leaves(roster, show, detail):
    side, asked = of_units(roster.unit), Asked(show=show, detail=detail)
    left = counts_of(side).left_by(asked)
    assert left in (None, len(list(Lines(side, asked))))
    assert left is not None or (detail in Detail.values and show in ("CHECKED_IN", *Match.values))


# --- coverage -----------------------------------------------------------------------------


def figures(groups) -> dict[str, tuple[int, ...]]:
    return {
        part.name: (part.lines, part.checked_in, part.agrees, part.differs, part.not_checked_in, part.not_on_roster)
        for group in groups
        for part in group.parts
    }


def test_coverage_by_unit_and_by_community(roster):
    UnitFactory(parent=roster.city, name="白鹭镇", category=Organization.Category.TOWNSHIP_ORGAN)
    units = units_coverage(roster.city)
    assert [group.name for group in units] == [
        str(Organization.Category(c).label) for c in ("CITY_ORGAN", "TOWNSHIP_ORGAN")
    ]
    assert figures(units) == {
        "青澜市财政局": (4, 3, 1, 1, 1, 1),
        "青澜市教育局": (1, 1, 0, 0, 0, 1),
        "白鹭镇": (0, 0, 0, 0, 0, 0),
    }
    [street] = communities_coverage(roster.city)
    assert figures([street]) == {"荷风社区": (2, 1, 0, 0, 1, 1), "枕溪社区": (3, 3, 1, 1, 0, 1)}
    assert (street.total.lines, street.total.checked_in, street.total.agrees) == (5, 4, 1)
    assert together("", units).lines == 5


def test_coverage_is_the_same_as_the_list_behind_it(roster):
    for groups, side in ((units_coverage(roster.city), of_units), (communities_coverage(roster.city), of_homes)):
        for part in (part for group in groups for part in group.parts):
            counts = counts_of(side(Organization.objects.get(code=part.code)))
            assert counts[:5] == part[3:]


def test_a_closed_place_stands_there_only_while_it_has_lines(cast):
    list_member(cast.unit, cast.member.member)
    Organization.objects.filter(kind="WORK_UNIT").update(closed_on=date(2026, 1, 1))
    UnitMembership.objects.filter(unit=cast.other_unit).delete()
    assert set(figures(units_coverage(cast.city))) == {"青澜市财政局"}


def test_a_street_covers_its_own_communities(cast):
    CommunityFactory(parent=StreetFactory(parent=cast.city, name="竹汀街道"), name="听松社区")
    assert set(figures(communities_coverage(cast.street))) == {"荷风社区", "枕溪社区"}
    assert [group.name for group in communities_coverage(cast.city)] == ["望澜街道", "竹汀街道"]


def test_as_many_queries_for_one_as_for_three_hundred(cast):
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            Lines(of_homes(cast.city)).count()
            Lines(of_homes(cast.city), Asked(sort="state"))[0:30]
            Lines(of_units(cast.unit))[270:300]
            counts_of(of_units(cast.unit), "张")
            units_coverage(cast.city)
            communities_coverage(cast.city)
        return len(captured)

    one = queries()
    users = User.objects.bulk_create(User(username=f"m{n}", name=f"张{n}", phone=f"100900{n:05d}") for n in range(300))
    members = Member.objects.bulk_create(
        Member(user=user, number=f"8{n:09d}", home=cast.community) for n, user in enumerate(users)
    )
    CheckIn.objects.bulk_create(
        CheckIn(member=m, community=cast.community, unit=cast.unit, status="APPROVED", approved_on=date(2026, 1, 1))
        for m in members
    )
    UnitMembership.objects.bulk_create(
        UnitMembership(member=m, unit=cast.unit, starts_on=date(2020, 1, 1)) for m in members
    )
    RosterEntry.objects.bulk_create(
        RosterEntry(unit=cast.unit, member=m, name=m.user.name, phone=m.user.phone) for m in members
    )
    assert queries() == one == 6
    assert counts_of(of_units(cast.unit)).agrees == 300
